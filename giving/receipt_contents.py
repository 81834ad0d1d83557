"""What a receipt says: all that form 11580 of the tax office asks for, as it was on the day of its issue.

It is kept encrypted, and in French whoever reads it: the form is the tax office's. Amounts are cents.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from accounts import crypto
from accounts.models import Organisation, User
from giving import words_of_amounts
from giving.givers import Details
from giving.models import Receipt, ReceiptIssuer
from payments.models import Order

Quality = ReceiptIssuer.Quality
_QUALITIES: dict[str, str] = {
    Quality.GENERAL_INTEREST: "Œuvre ou organisme d’intérêt général",
    Quality.PUBLIC_UTILITY: "Association ou fondation reconnue d’utilité publique",
    Quality.ENDOWMENT: "Fonds de dotation",
    Quality.WORSHIP: "Association cultuelle ou de bienfaisance",
    Quality.TEACHING: "Établissement d’enseignement ou de recherche, public ou privé, d’intérêt général",
}
FORM = "Don manuel"
NATURE = "Numéraire"
MODE = "Autre : monnaie électronique"


class Forgotten(Exception):
    """Its six years are over."""


@dataclass(frozen=True, kw_only=True)
class Gift:
    """What somebody gave, and what of it was not given back."""

    order: Order
    organisation: Organisation
    amount: int
    given_on: date


def written(
    issuer: ReceiptIssuer, giver: Details, gifts: Sequence[Gift], *, number: str, issued_on: date
) -> bytes:
    """The content, encrypted."""
    amount = sum(gift.amount for gift in gifts)
    content = {
        "number": number,
        "issued_on": issued_on.isoformat(),
        "organisation": _organisation(issuer),
        "giver": asdict(giver),
        "amount": amount,
        "words": words_of_amounts.words(amount),
        "gifts": [
            {"reference": gift.order.reference, "on": gift.given_on.isoformat(), "amount": gift.amount}
            for gift in gifts
        ],
        "articles": sorted(issuer.articles),
        "form": FORM,
        "nature": NATURE,
        "mode": MODE,
        "signatory": {"name": issuer.signatory_name, "office": issuer.signatory_office},
    }
    return crypto.encrypt(json.dumps(content, ensure_ascii=False))


def opened(receipt: Receipt) -> dict[str, Any]:
    """:raises Forgotten: after six years"""
    if receipt.content is None:
        raise Forgotten
    content: dict[str, Any] = json.loads(crypto.decrypt(receipt.content))
    return content


def _organisation(issuer: ReceiptIssuer) -> dict[str, str]:
    about, account = issuer.organisation, issuer.organisation.account
    assert isinstance(account, User)
    return {
        "name": account.name,
        "street": about.street,
        "postcode": about.postcode,
        "city": about.city,
        "purpose": about.purpose,
        "quality": _QUALITIES[issuer.quality],
        "decreed_on": issuer.decreed_on.isoformat() if issuer.decreed_on else "",
        "siren": about.siren,
        "rna": about.rna,
    }
