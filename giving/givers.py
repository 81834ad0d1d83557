"""Who a giver is to the tax office: name and address, asked for once, forgotten when they leave."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from django.db.models.functions import Now

from accounts import crypto
from accounts.models import User
from giving.models import GiverAddress
from payments.forgetting import Traces


@dataclass(frozen=True, kw_only=True)
class Details:
    """As it is written on the tax notice."""

    name: str
    street: str
    postcode: str
    city: str


def details(giver: User) -> Details | None:
    """What they said, if they did."""
    kept = GiverAddress.objects.filter(pk=giver.pk).first()
    return Details(**json.loads(crypto.decrypt(kept.content))) if kept else None


def rhythm(giver: User) -> GiverAddress.Rhythm | None:
    """How they want their receipts, if they said where they live."""
    kept = GiverAddress.objects.filter(pk=giver.pk).values_list("rhythm", flat=True).first()
    return GiverAddress.Rhythm(kept) if kept else None


def keep(giver: User, said: Details, *, rhythm: GiverAddress.Rhythm) -> None:
    """For their receipts from now on; what was issued stays as it is."""
    kept: dict[str, object] = {"rhythm": rhythm}
    if said != details(giver):
        content = crypto.encrypt(json.dumps(asdict(said), ensure_ascii=False))
        kept |= {"content": content, "changed_at": Now()}
    GiverAddress.objects.update_or_create(user=giver, defaults=kept)


def forget(traces: Traces) -> bool:
    """A step of an erasure. What is on receipts that were issued stays there, for its six years."""
    GiverAddress.objects.filter(pk=traces.user).delete()
    return False
