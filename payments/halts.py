"""Money stands still when the books are broken: nothing is repaired by itself, and two of staff let it go on.

The database refuses (`migrations/sql/0032_guards.sql`); what was under way ends by itself, or waits for
its sweep as it would for a database that is away.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import IntegrityError, OperationalError, transaction
from django.db.models.functions import Now

from accounts import audit
from accounts.models import User
from payments import notices, proposals, self_check, standstill
from payments.models import Halt, Notification, Proposal

# What is late, or was not said: it wants somebody, and moves no money wrongly.
HARMLESS = {
    "no order is stuck",
    "no payout is stuck",
    "no request is stuck",
    "both sides of a payment were told",
}
_RULE = "money_stands_still"


def halt_for(breaches: Sequence[self_check.Breach]) -> Halt | None:
    """Let no money move when the books are broken, and tell staff; `None` if it moves, or stood still."""
    said = {breach.rule: breach.rows for breach in breaches if breach.rule not in HARMLESS}
    if not said or standstill.is_halted():
        return None
    try:
        with transaction.atomic():
            halted = Halt.objects.create(breaches=said)
            for person in User.objects.filter(is_staff=True, is_active=True):
                notices.tell(person, Notification.Kind.MONEY_HALTED)
            audit.record(None, "money.halted", about=halted, before=None, after=said)
    except IntegrityError as refusal:
        if "money_is_halted_once" not in str(refusal):
            raise
        return None  # Another check was quicker.
    return halted


@proposals.does(Proposal.Kind.RESUME)
def lift(proposal: Proposal, by: User) -> None:
    """Let money move again."""
    halted = Halt.objects.get(pk=proposal.about.partition(":")[2])
    Halt.objects.filter(pk=halted.pk).update(lifted_at=Now(), lifted_by=by, proposal=proposal)
    audit.record(by, "money.resumed", about=halted, before=None, after=None, reason=proposal.reason)


def is_refusal(problem: BaseException | None) -> bool:
    """Whether the database refused because money stands still."""
    diagnosis = getattr(problem.__cause__, "diag", None) if isinstance(problem, OperationalError) else None
    return getattr(diagnosis, "constraint_name", None) == _RULE
