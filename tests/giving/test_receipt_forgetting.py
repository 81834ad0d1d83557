"""Whoever leaves: where they live is forgotten, their receipts stay with who issued them, for six years."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Organisation, User
from giving import givers, receipt_contents, receipt_register, receipts
from giving.models import GiverAddress, Receipt
from payments import erasures, ledger, proposals
from payments.models import Erasure
from tests.giving.receipted import HOME, gift

YEAR = timezone.localdate().year


@pytest.fixture
def gone(issuer: Organisation, giver: User, odile: User, bruno: User) -> User:
    """Gave all they had, and left."""
    receipts.issue(gift(giver, issuer, 60_00), giver=giver)
    gift(giver, issuer, ledger.balance(ledger.wallet(giver)))
    proposals.approve(erasures.propose(odile, giver, reason="Asked for by letter"), bruno)
    Erasure.objects.update(due_at=timezone.now())
    erasures.finish_due()
    giver.refresh_from_db()
    return giver


@pytest.mark.django_db
class TestWhoeverLeft:
    def test_has_no_address_here(self, gone: User) -> None:
        assert not GiverAddress.objects.exists()
        with pytest.raises(IntegrityError, match="has left"), transaction.atomic():
            givers.keep(gone, HOME, rhythm=GiverAddress.Rhythm.EACH)

    def test_has_receipts_with_who_issued_them(self, gone: User, issuer: Organisation) -> None:
        (line,) = receipt_register.lines(issuer, year=YEAR)
        assert line.giver == "Claire Marie Martin"
        assert "12 rue des Lilas" in receipt_register.sheet(issuer, year=YEAR)

    def test_has_no_new_one(self, gone: User, issuer: Organisation) -> None:
        assert receipts.issue_due() == 0
        with pytest.raises(receipts.NoAddress):
            receipts.issue_for_year(issuer, giver=gone, year=YEAR)
        old = Receipt.objects.get()
        said = {"organisation": issuer, "year": YEAR, "number": 2, "giver": gone, "amount": 1,
                "given_on": old.given_on, "is_yearly": False, "content": b"x"}  # fmt: skip
        with pytest.raises(IntegrityError, match="has left"), transaction.atomic():
            Receipt.objects.create(**said)


@pytest.mark.django_db(transaction=True)
def test_after_six_years_the_number_stays_alone(
    issuer: Organisation, giver: User, as_owner: Callable[[str], None]
) -> None:
    receipts.issue(gift(giver, issuer), giver=giver)
    assert receipts.forget_due() == 0
    as_owner("ALTER TABLE giving_receipt DISABLE TRIGGER receipts_never_change")
    as_owner("UPDATE giving_receipt SET kept_until = now()")
    as_owner("ALTER TABLE giving_receipt ENABLE TRIGGER receipts_never_change")
    assert receipts.forget_due() == 1
    receipt = Receipt.objects.get()
    with pytest.raises(receipt_contents.Forgotten):
        receipt_contents.opened(receipt)
    assert f"{YEAR}-000001;" in receipt_register.sheet(issuer, year=YEAR)
    assert "Lilas" not in receipt_register.sheet(issuer, year=YEAR)
