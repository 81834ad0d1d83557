"""A loan repaid early takes a known device or a passkey beside the code, shown for that loan and amount."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth
from django.conf import settings
from django.test import Client
from django.utils import timezone

from accounts import devices
from accounts.models import Device, Organisation, SecretCode, User
from giving import repayments
from giving.models import Loan, RepaymentPart
from payments import ledger, proofs, strong
from tests.giving.lending import decided, lent, opened
from tests.people import CODE, agreed, known_device
from tests.people import load as load_wallet

pytestmark = pytest.mark.django_db
OWED = 200_00


@pytest.fixture
def running(acf: Organisation, claire: User, lea: User, with_code: Callable[[User], User]) -> Loan:
    """Claire has lent 200 euros; Léa acts for the organisation."""
    load_wallet(claire, 100_00)
    loan = opened(acf)
    lent(loan, with_code(claire), OWED)
    with_code(lea)
    User.objects.filter(pk=lea.pk).update(language="en")
    return decided(loan)


@pytest.fixture
def stranger(running: Loan, lea: User) -> Client:
    """Léa's browser, on a device that is not known."""
    client = Client()
    client.force_login(lea)
    return client


def address(loan: Loan) -> str:
    return f"/organisations/{loan.organisation.slug}/loans/{loan.slug}/repay/"


def repay(loan: Loan, lea: User, proof: proofs.Proof | None) -> None:
    repayments.repay_early(loan, by=lea, code=CODE, amount=OWED, proof=proof)


def is_repaid(lender: User) -> bool:
    return ledger.balance(ledger.wallet(lender)) == OWED and RepaymentPart.objects.exists()


class TestProof:
    def test_is_asked_for_before_the_code(self, running: Loan, claire: User, lea: User) -> None:
        with pytest.raises(strong.ProofNeeded):
            repayments.repay_early(running, by=lea, code="000000", amount=OWED)
        with pytest.raises(strong.ProofNeeded):
            repay(running, lea, None)
        assert not is_repaid(claire)
        assert SecretCode.objects.get(user=lea).tries == 0

    @pytest.mark.parametrize("has_passkey", [False, True])
    def test_repays_by_device_or_passkey(
        self, running: Loan, claire: User, lea: User, has_passkey: bool
    ) -> None:
        terms = proofs.of_repayment(running.pk, amount=OWED)
        passkey = Authenticator.objects.create(user=lea, type=Authenticator.Type.WEBAUTHN, data={})
        signed = proofs.by_passkey(terms, passkey.pk, at=timezone.now())
        repay(running, lea, signed if has_passkey else agreed(terms, lea))
        assert is_repaid(claire)

    def test_is_of_that_loan_and_amount(self, running: Loan, claire: User, lea: User) -> None:
        for terms in (
            proofs.of_repayment(running.pk, amount=OWED - 1),
            proofs.of_repayment(running.pk + 1, amount=OWED),
            f"payout|{running.pk}|{OWED}",
        ):
            with pytest.raises(strong.ProofRejected):
                repay(running, lea, agreed(terms, lea))
        assert not is_repaid(claire)

    def test_is_fresh_and_their_own(self, running: Loan, claire: User, lea: User) -> None:
        terms, device = proofs.of_repayment(running.pk, amount=OWED), known_device(lea)
        old = proofs.by_device(terms, device, at=timezone.now() - timedelta(minutes=6))
        for proof in (old, agreed(terms, claire), proofs.by_passkey(terms, 1, at=timezone.now())):
            with pytest.raises(strong.ProofRejected):
                repay(running, lea, proof)
        Device.objects.filter(pk=device.pk).update(removed_at=timezone.now())
        with pytest.raises(strong.ProofRejected):
            repay(running, lea, proofs.by_device(terms, device, at=timezone.now()))
        assert not is_repaid(claire)


class TestPage:
    def test_makes_an_unknown_device_known_first(self, running: Loan, stranger: Client, claire: User) -> None:
        page = stranger.get(address(running)).content.decode()
        assert "All of a loan is repaid at once" in page
        assert f"/settings/devices/this/?next={address(running)}" in page
        assert 'name="code"' not in page
        said = {"amount": str(OWED), "code": CODE}
        for sent in (said, said | {"passkey": "{}", "asked": "1.x:y"}):
            assert stranger.post(address(running), sent).status_code == 422
        assert not is_repaid(claire)

    def test_has_a_passkey_sign_what_it_says(
        self, running: Loan, stranger: Client, lea: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        Authenticator.objects.create(user=lea, type=Authenticator.Type.WEBAUTHN, data={})
        monkeypatch.setattr(auth, "get_credentials", lambda _user: [])  # It is none that a device made.
        page = stranger.get(address(running)).content.decode()
        assert 'data-passkey="passkey-options"' in page
        assert 'name="asked"' in page
        assert "Repay €200.00 with my passkey" in page

    def test_repays_on_a_known_device(self, running: Loan, stranger: Client, claire: User, lea: User) -> None:
        token = devices.register(lea, name="Firefox, Linux", at=timezone.now())
        stranger.cookies[settings.DEVICE_COOKIE_NAME] = token
        page = stranger.get(address(running)).content.decode()
        assert 'name="code"' in page
        assert "Repay €200.00" in page
        assert stranger.post(address(running), {"amount": OWED, "code": CODE}).status_code == 302
        assert is_repaid(claire)
