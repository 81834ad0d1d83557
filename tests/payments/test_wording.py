"""Each notification has its words in both languages, and none of them leads anywhere."""

from __future__ import annotations

import pytest
from django.utils import timezone

from accounts import numbers, organisations
from accounts.models import Seat, User
from payments import wording
from payments.models import Chargeback, Notification, Order, Payout, Refund, Repayment
from tests.asking import ask
from tests.bodies import facts
from tests.people import bank_account, load, place

FUNDING_KINDS = {Notification.Kind.WALLET_LOADED, Notification.Kind.LOAD_REFUSED}


ABOUT_MEMBERS = {
    "ACCOUNT_CLOSED",
    "BANK_ACCOUNT_ADDED",
    "CAMPAIGN_STOPPED",
    "CALLBACK_PAUSED",
    "CODE_LOCKED",
    "IDENTITY_ACCEPTED",
    "IDENTITY_REFUSED",
    "LOAN_DEFAULTED",
    "LOAN_LATE",
    "LOAN_REPAID",
    "MONEY_HALTED",
    "POT_TO_CLOSE",
    "POT_RETURNED",
    "POT_STOPPED",
    "PRODUCT_STOPPED",
    "PURCHASE_DRAFT",
    "ORGANISATION_OPEN",
    "ORGANISATION_REFUSED",
    "SEAT_CHANGED",
    "SEAT_ENDED",
    "SEAT_OFFERED",
    "SEAT_TAKEN",
    "X_ALARM",
    "X_REVOKED",
}
PAYOUT_KINDS = {
    Notification.Kind.PAYOUT_REQUESTED,
    Notification.Kind.PAYOUT_WAITS,
    Notification.Kind.PAYOUT_ARRIVED,
    Notification.Kind.PAYOUT_RETURNED,
}
SEAT_KINDS = {
    Notification.Kind.SEAT_TAKEN,
    Notification.Kind.SEAT_CHANGED,
    Notification.Kind.SEAT_ENDED,
}


@pytest.fixture
def notification(  # noqa: PLR0911  # one for each thing that is told of
    claire: User, armand: User, request: pytest.FixtureRequest
) -> Notification:
    kind = request.param
    order = place(claire, armand, note="http://evil.example")
    if kind in FUNDING_KINDS:
        return Notification(user=claire, kind=kind, funding=load(claire, 12_99))
    if kind in PAYOUT_KINDS:
        payout = Payout(user=claire, bank_account=bank_account(claire), amount=12_99, reason="AC04")
        payout.waits_until = timezone.now()
        return Notification(user=claire, kind=kind, payout=payout)
    if kind == Notification.Kind.DEBT_RECOVERED:
        return Notification(user=claire, kind=kind, repayment=Repayment(amount=12_99, left=1_00))
    if kind.startswith("DEBT_"):
        return Notification(user=claire, kind=kind, chargeback=Chargeback(amount=12_99, owed=12_99))
    if kind.startswith("CHARGEBACK_"):
        return Notification(
            user=claire, kind=kind, chargeback=Chargeback(amount=12_99, taken=7_99, owed=5_00)
        )
    if kind.startswith(("REQUEST_", "SPLIT_")):
        return Notification(user=claire, kind=kind, request=ask(armand, claire, note="http://evil.example"))
    if "REFUND" in kind:
        return Notification(user=claire, kind=kind, refund=Refund(order=order, amount=12_99))
    if kind in SEAT_KINDS:
        seat = Seat(organisation=organisations.found(facts(), by=armand), user=armand, role="TREASURER")
        return Notification(user=claire, kind=kind, seat=seat)
    return Notification(user=claire, kind=kind, order=None if kind in ABOUT_MEMBERS else order)


@pytest.mark.django_db
@pytest.mark.parametrize("notification", Notification.Kind.values, indirect=True)
class TestOf:
    def test_speaks_both_languages(self, notification: Notification) -> None:
        french, english = (wording.of(notification, language=language) for language in ("fr", "en"))
        assert french.text != english.text
        assert french.subject != english.subject
        if notification.kind not in ABOUT_MEMBERS:
            assert "12,99" in french.text
            assert "€12.99" in english.text

    def test_leads_nowhere(self, notification: Notification) -> None:
        for language in ("fr", "en"):
            words = wording.of(notification, language=language)
            assert "http" not in words.text + words.subject

    def test_fits_three_text_messages(self, notification: Notification) -> None:
        """Three parts of 67 characters in UCS-2, which French apostrophes and spaces ask for."""
        assert len(wording.of(notification, language="fr").text) <= 3 * 67


@pytest.mark.django_db
class TestReceipt:
    def test_fits_a_post_and_names_the_order(self, claire: User, armand: User) -> None:
        order = place(claire, armand, 250_00, note="")
        for language in ("fr", "en"):
            text = wording.reply(order, Notification.Kind.PAYMENT_SENT, language=language)
            assert order.reference in text
            assert len(text) < 200
            assert "http" not in text

    @pytest.mark.parametrize("kind", [Notification.Kind.PAYMENT_SENT, Notification.Kind.PAYMENT_HELD])
    def test_says_no_number(self, claire: User, armand: User, kind: Notification.Kind) -> None:
        order = place(claire, numbers.identity(str(armand.phone), at=timezone.now()))
        for language in ("fr", "en"):
            text = wording.reply(order, kind, language=language)
            assert order.reference in text
            assert order.payee.handle not in text


@pytest.mark.django_db
class TestNames:
    def said(self, payer: User, payee: User) -> str:
        order = place(payer, payee)
        told = [
            Notification(user=payee, kind=Notification.Kind.PAYMENT_RECEIVED, order=order),
            Notification(
                user=payee, kind=Notification.Kind.REFUND_SENT, refund=Refund(order=order, amount=1)
            ),
        ]
        return " ".join(wording.of(one, language="en").text for one in told)

    @pytest.mark.parametrize(
        "name", ["https://evil.example/x", "evil.example Martin", "+33612345678", "@bank"]
    )
    def test_lead_nowhere(self, claire: User, armand: User, name: str) -> None:
        claire.name = name
        said = self.said(claire, armand)
        assert name.split(" ", maxsplit=1)[0] not in said
        assert said.count("a member") == 2

    @pytest.mark.parametrize("name", ["Claire", "Jean-Noël", "D'Arcy", "N’Golo", "Zoë", "李"])
    def test_are_said_as_people_have_them(self, claire: User, armand: User, name: str) -> None:
        claire.name = f"{name} Martin"
        assert self.said(claire, armand).count(name) == 2


def test_what_a_gift_was_for_has_ended(claire: User, armand: User) -> None:
    """No post of theirs has changed: they may have written none."""
    order = place(claire, armand)
    told = Notification(user=claire, kind=Notification.Kind.ORDER_VOIDED, order=order)
    assert "the post or the payee" in wording.of(told, language="en").text
    order.kind = Order.Kind.GIFT
    found = wording.of(told, language="en").text
    assert "what it was for has ended" in found
    assert order.reference in found
