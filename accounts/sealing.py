"""What is kept of former members: sealed when they leave, opened with a reason, gone after five years.

No page reads it: `manage.py open_sealed` does, and the trail of staff's acts says who, when and why.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models.functions import Now

from accounts import audit, crypto
from accounts.archive import SealedRecord
from accounts.models import Dossier, IdentityLink, User


class NothingSealed(Exception):
    """They have not left, or it was long ago."""


class NotAllowed(Exception):
    """Whoever wants to open it is not of those who check identities."""


class NoReason(Exception):
    """It is opened for a reason, which is kept."""


def seal(user: User, *, more: Mapping[str, object]) -> SealedRecord:
    """Keep who they are, and what else is known of them, for whoever has to be told."""
    content = json.dumps(_known(user) | dict(more), cls=DjangoJSONEncoder, ensure_ascii=False)
    return SealedRecord.objects.create(user=user, content=crypto.encrypt(content))


def open_record(user: User, *, by: User, reason: str) -> dict[str, Any]:
    """Read it. That it was read is recorded first.

    :raises NothingSealed: if there is nothing, or nothing any more
    :raises NotAllowed: by who may not review identities
    :raises NoReason: without one
    """
    if not (by.is_active and by.is_staff and by.has_perm("accounts.review_dossier")):
        raise NotAllowed
    if not reason.strip():
        raise NoReason
    record = SealedRecord.objects.filter(pk=user.pk).first()
    if record is None:
        raise NothingSealed
    audit.record(by, "sealed.opened", about=user, before=None, after=None, reason=reason)
    known: dict[str, Any] = json.loads(crypto.decrypt(record.content))
    return known


def purge_due() -> int:
    """Forget those whose five years are over; return how many."""
    gone, _rows = SealedRecord.objects.filter(kept_until__lte=Now()).delete()
    return gone


def _known(user: User) -> dict[str, object]:
    links = IdentityLink.objects.filter(user=user).order_by("pk")
    return {
        "name": user.name,
        "phone": str(user.phone or ""),
        "email": user.email,
        "joined_at": user.joined_at,
        "tier": user.tier,
        "identities": list(
            links.values(
                "identity__network", "identity__external_id", "identity__handle", "linked_at", "unlinked_at"
            )
        ),
        "checks": list(Dossier.objects.filter(user=user).values("pk", "status", "decided_at")),
    }
