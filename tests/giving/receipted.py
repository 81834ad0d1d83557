"""Givers and an issuer: acf may issue receipts, claire has said where she lives."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from accounts import organisations
from accounts.models import Organisation, User
from giving import givers, issuers
from giving.givers import Details
from giving.models import GiverAddress, ReceiptIssuer
from payments import proposals
from payments.models import Order
from tests.people import place, settled

HOME = Details(name="Claire Marie Martin", street="12 rue des Lilas", postcode="75020", city="Paris")


def facts(**changes: Any) -> issuers.Facts:
    said: dict[str, Any] = {
        "quality": ReceiptIssuer.Quality.GENERAL_INTEREST,
        "decreed_on": None,
        "articles": ["200", "978"],
        "signatory_name": "Léa Petit",
        "signatory_office": "trésorière",
    }
    return issuers.Facts(**(said | changes))


def allow(
    issuer: ReceiptIssuer, proposer: User, approver: User, *, since: date | None = date(2020, 1, 1)
) -> None:
    proposals.approve(
        issuers.propose(proposer, issuer, since=since, reason="Statutes and ruling read"), approver
    )


@pytest.fixture
def issuer(acf: Organisation, lea: User, odile: User, bruno: User) -> Organisation:
    """The charity, with leave to issue receipts."""
    allow(issuers.ask(acf, facts(), by=lea), odile, bruno)
    return acf


@pytest.fixture
def giver(claire: User) -> User:
    givers.keep(claire, HOME, rhythm=GiverAddress.Rhythm.EACH)
    return claire


def gift(giver: User, organisation: Organisation, amount: int = 20_00, **changes: Any) -> Order:
    """Given, and paid."""
    terms = {"kind": Order.Kind.GIFT, "channel": "site", "words": "", "note": ""} | changes
    return settled(place(giver, organisations.identity(organisation), amount, **terms))
