"""What staff did, and when they looked: each act is a row, chained to the one before, that nobody changes.

The chain is the database's (`migrations/sql/0030_audit.sql`): one writer at a time, each digest over the
digest before and the row. Record last in a transaction: the chain is locked until it ends.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.db import connection
from django.db.models import Model, QuerySet

from accounts import discretion
from accounts.models import AuditEntry, User

State = Mapping[str, object]

# The number of the first row that was changed, or whose one before is missing. Also a rule of `self_check`.
BROKEN = """
    SELECT e.number FROM accounts_auditentry e
    LEFT JOIN accounts_auditentry p ON p.number = e.number - 1
    WHERE e.previous <> coalesce(p.digest, '') OR e.digest <> audit_digest(e)
"""


def record(  # noqa: PLR0913  # each is a column
    staff: User | None, act: str, *, about: Model, before: State | None, after: State | None, reason: str = ""
) -> AuditEntry:
    """Add an act, in the caller's transaction: `proposal.approved`, `documents.opened`; states are JSON.

    :raises ValueError: for an act that `AuditEntry.Act` has no words for
    :raises discretion.Indiscreet: if the reason of staff names whom it is about: what is written here stays
    """
    if staff is not None:  # Our own reasons are fixed words, and a member may bear one of those as a name.
        discretion.check(reason, about=about)
    return AuditEntry.objects.create(
        staff=staff, act=AuditEntry.Act(act), about=name(about), before=before, after=after, reason=reason
    )


def of(row: Model) -> QuerySet[AuditEntry]:
    """What was done with the row, the newest first."""
    return AuditEntry.objects.filter(about=name(row)).select_related("staff").order_by("-number")


def name(row: Model) -> str:
    """What a row is called in the trail: `accounts.user:12`."""
    return f"{row._meta.label_lower}:{row.pk}"  # noqa: SLF001  # Django's documented name


def verify() -> int | None:
    """The number of the first row where the chain is broken; `None` if it is whole."""
    with connection.cursor() as cursor:
        cursor.execute(f"{BROKEN} ORDER BY e.number LIMIT 1")
        row = cursor.fetchone()
    return row[0] if row else None
