"""What tests ask people for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils import timezone
from uuid_utils.compat import uuid7

from accounts.models import Identity, User
from payments import requests
from payments.models import Request, Split


def ask(asker: User, payer: User | Identity, amount: int = 12_99, **changes: Any) -> Request:
    """A request by a post."""
    terms: dict[str, Any] = {
        "payer": payer if isinstance(payer, Identity) else payer.identities.get(),
        "amount": amount,
        "words": "@Smoneyfr #demander 12,99€ @claire_martin pour la pizza",
    }
    return requests.ask(asker, **(_post() | terms | changes))


def share(asker: User, payers: Sequence[Identity], amount: int = 60_00, **changes: Any) -> Split:
    """A bill that a post splits."""
    words = "@Smoneyfr #partager 60€ @claire_martin @bob pour la pizza"
    return requests.split(asker, **(_post() | {"payers": payers, "amount": amount, "words": words} | changes))


def _post() -> dict[str, Any]:
    return {"note": "pour la pizza", "channel": "x", "channel_id": uuid7().hex, "at": timezone.now()}
