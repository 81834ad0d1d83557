"""An order's life, from its words to the transfer, and everything that may stand against it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import Error, IntegrityError, connection, transaction
from django.utils import timezone, translation

from accounts import codes, freezes, identities
from accounts.models import Identity, SecretCode, User
from payments import expiry, ledger, limits, orders, self_check, settlement
from payments.models import Delivery, Notification, Order, OrderEvent
from tests.people import CODE, load, place, set_limit

Status = Order.Status


@pytest.fixture
def payer(claire: User, with_code: Callable[[User], User]) -> User:
    return with_code(claire)


def told(user: User) -> list[str]:
    return list(Notification.objects.filter(user=user).order_by("pk").values_list("kind", flat=True))


@pytest.mark.django_db
class TestPlace:
    def test_waits_for_the_code_and_moves_nothing(self, claire: User, armand: User) -> None:
        order = place(claire, armand)
        assert order.status == Status.PENDING
        assert ledger.balance(ledger.wallet(claire)) == 100_00

    def test_tells_the_payer_by_sms_and_never_sends_a_link(self, claire: User, armand: User) -> None:
        place(claire, armand)
        sms = Delivery.objects.get(channel="SMS")
        assert sms.notification is not None
        assert sms.notification.user == claire
        assert "@armanddossantos" in sms.text
        assert "http" not in sms.text

    def test_makes_one_order_of_one_message(self, claire: User, armand: User) -> None:
        place(claire, armand, channel_id="7")
        with pytest.raises(orders.AlreadyPlaced):
            place(claire, armand, channel_id="7")
        assert Order.objects.count() == 1

    def test_refuses_more_than_the_cap(self, claire: User, armand: User) -> None:
        place(claire, armand, 250_00)
        with pytest.raises(limits.OverLimit) as refusal:
            place(claire, armand, 250_01)
        assert refusal.value.allowed == 250_00

    def test_refuses_to_pay_oneself(self, claire: User) -> None:
        with pytest.raises(settlement.PayeeIsPayer):
            place(claire, claire)

    def test_takes_a_payee_who_has_not_joined(self, claire: User, bob: Identity) -> None:
        assert place(claire, bob).payee_user is None

    def test_refuses_a_payee_who_does_not_want_to_be_paid(self, claire: User, armand: User) -> None:
        identities.refuse_payments(armand.identities.get(), at=timezone.now())
        with pytest.raises(settlement.PayeeRefuses):
            place(claire, armand)

    def test_refuses_one_whose_money_stands_still(self, claire: User, armand: User) -> None:
        freezes.freeze(claire, reason="Her phone was stolen")
        with pytest.raises(freezes.Frozen):
            place(claire, armand)
        assert place(armand, claire).status == "PENDING", "a frozen member is still paid"

    def test_lets_three_orders_wait(self, claire: User, armand: User) -> None:
        for _ in range(3):
            place(claire, armand)
        with pytest.raises(orders.TooMany):
            place(claire, armand)

    def test_takes_ten_orders_a_day(self, claire: User, armand: User) -> None:
        for _ in range(10):
            orders.decline(place(claire, armand))
        with pytest.raises(orders.TooMany):
            place(claire, armand)
        place(claire, armand, at=timezone.now() + timedelta(days=1, minutes=1))


@pytest.mark.django_db(transaction=True)
class TestConfirm:
    def test_pays_the_payee(self, payer: User, armand: User) -> None:
        order = orders.confirm(place(payer, armand), code=CODE)
        assert order.status == Status.PAID
        assert order.transfer_id == order.pk
        assert ledger.balance(ledger.wallet(payer)) == 87_01
        assert ledger.balance(ledger.wallet(armand)) == 12_99

    def test_tells_both_sides_and_answers_the_post(self, payer: User, armand: User) -> None:
        orders.confirm(place(payer, armand, channel_id="77"), code=CODE)
        assert told(payer) == ["ORDER_PENDING", "PAYMENT_SENT"]
        assert told(armand) == ["PAYMENT_RECEIVED"]
        reply = Delivery.objects.get(channel="X")
        assert reply.reply_to == "77"
        assert "12,99" in reply.text

    def test_rejects_a_wrong_code_and_counts_it(self, payer: User, armand: User) -> None:
        order = place(payer, armand)
        with pytest.raises(codes.WrongCode) as wrong:
            orders.confirm(order, code="000000")
        assert wrong.value.tries_left == 4
        assert ledger.balance(ledger.wallet(armand)) == 0

    def test_rejects_the_order_after_the_last_wrong_code(self, payer: User, armand: User) -> None:
        order = place(payer, armand)
        for _ in range(5):
            with pytest.raises(codes.WrongCode):
                orders.confirm(order, code="000000")
        with pytest.raises(codes.CodeLocked):
            orders.confirm(order, code=CODE)
        assert told(payer) == ["ORDER_PENDING", "CODE_LOCKED"]

    def test_gives_the_tries_back_as_it_pays(self, payer: User, armand: User) -> None:
        SecretCode.objects.update(tries=3)
        orders.confirm(place(payer, armand), code=CODE)
        assert SecretCode.objects.get(user=payer).tries == 0

    def test_gives_the_tries_back_where_the_code_is_right_and_the_payment_is_not(
        self, payer: User, armand: User
    ) -> None:
        order = place(payer, armand)
        SecretCode.objects.update(tries=3)
        freezes.freeze(payer, reason="Her phone was stolen")
        with pytest.raises(freezes.Frozen):
            orders.confirm(order, code=CODE)
        assert SecretCode.objects.get(user=payer).tries == 0

    def test_pays_once(self, payer: User, armand: User) -> None:
        order = place(payer, armand)
        orders.confirm(order, code=CODE)
        with pytest.raises(orders.OrderClosed):
            orders.confirm(order, code=CODE)
        assert ledger.balance(ledger.wallet(armand)) == 12_99

    def test_says_what_the_wallet_lacks(self, payer: User, armand: User) -> None:
        order = place(payer, armand, 120_50)
        with pytest.raises(orders.InsufficientFunds) as short:
            orders.confirm(order, code=CODE)
        assert short.value.missing == 20_50
        order.refresh_from_db()
        assert order.status == Status.PENDING

    def test_refuses_what_has_expired(self, payer: User, armand: User) -> None:
        order = place(payer, armand, at=timezone.now() - orders.LIFETIME)
        with pytest.raises(orders.OrderClosed):
            orders.confirm(order, code=CODE)

    def test_counts_no_try_at_what_has_expired(self, payer: User, armand: User) -> None:
        order = place(payer, armand, at=timezone.now() - orders.LIFETIME)
        with pytest.raises(orders.OrderClosed):
            orders.confirm(order, code="000000")
        assert SecretCode.objects.get(user=payer).tries == 0

    def test_heeds_a_cap_that_was_lowered_meanwhile(self, payer: User, armand: User) -> None:
        order = place(payer, armand)
        set_limit("ORDER_TO_PERSON", 10_00, tier="IDENTIFIED")
        try:
            with pytest.raises(limits.OverLimit):
                orders.confirm(order, code=CODE)
        finally:
            set_limit("ORDER_TO_PERSON", 250_00, tier="IDENTIFIED")

    def test_voids_the_order_when_the_payee_changed_hands(self, payer: User, armand: User, lea: User) -> None:
        order = place(payer, armand)
        lea.identities.update(user=None, linked_at=None)
        armand.identities.update(user=lea)
        with pytest.raises(settlement.PayeeChanged):
            orders.confirm(order, code=CODE)
        order.refresh_from_db()
        assert order.status == Status.VOIDED
        assert ledger.balance(ledger.wallet(lea)) == 0

    def test_pays_once_when_fifty_confirm_at_once(
        self, payer: User, armand: User, at_once: Callable[..., list[object]]
    ) -> None:
        order = place(payer, armand)
        outcomes = at_once(50, lambda _: orders.confirm(order, code=CODE))
        assert len([outcome for outcome in outcomes if isinstance(outcome, Order)]) == 1
        assert ledger.balance(ledger.wallet(armand)) == 12_99
        assert OrderEvent.objects.filter(order=order, status=Status.PAID).count() == 1
        assert self_check.run() == []

    def test_confirms_or_voids_but_never_both(
        self, payer: User, armand: User, at_once: Callable[..., list[object]]
    ) -> None:
        order = place(payer, armand)
        at_once(2, lambda n: orders.confirm(order, code=CODE) if n else orders.void(order, detail="edited"))
        order.refresh_from_db()
        paid = order.status == Status.PAID
        assert ledger.balance(ledger.wallet(armand)) == (12_99 if paid else 0)
        assert order.events.count() == 2


@pytest.mark.django_db
class TestClose:
    @pytest.mark.parametrize(
        ("close", "status"),
        [
            (orders.decline, Status.DECLINED),
            (lambda order: orders.void(order, detail="deleted"), Status.VOIDED),
        ],
    )
    def test_closes_a_pending_order_once(
        self, claire: User, armand: User, close: Callable[[Order], Order], status: str
    ) -> None:
        order = close(place(claire, armand))
        assert order.status == status
        with pytest.raises(orders.OrderClosed):
            close(order)

    def test_expires_what_is_due_and_says_so(self, claire: User, armand: User) -> None:
        old = place(claire, armand, at=timezone.now() - orders.LIFETIME)
        fresh = place(claire, armand)
        assert expiry.expire_due() == 1
        old.refresh_from_db()
        fresh.refresh_from_db()
        assert (old.status, fresh.status) == (Status.EXPIRED, Status.PENDING)
        assert "ORDER_EXPIRED" in told(claire)

    def test_expires_the_others_where_one_cannot_be(
        self, claire: User, armand: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Batch after batch, whatever stands against the first."""
        monkeypatch.setattr(expiry, "BATCH", 1)
        past = timezone.now() - orders.LIFETIME
        broken, *others = (place(claire, armand, at=past - timedelta(minutes=9 - age)) for age in range(3))
        close = orders.expire

        def closes(order: Order) -> Order:
            if order == broken:
                message = "some_constraint"
                raise IntegrityError(message)
            return close(order)

        monkeypatch.setattr(orders, "expire", closes)
        assert expiry.expire_due() == 2
        assert set(Order.objects.filter(status=Status.EXPIRED)) == set(others)
        assert [record.exc_info[0] for record in caplog.records if record.exc_info] == [IntegrityError]

    def test_expires_no_longer_than_it_may(
        self, claire: User, armand: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(expiry, "BATCH", 1)
        monkeypatch.setattr(expiry, "PATIENCE", 0)
        for _ in range(2):
            place(claire, armand, at=timezone.now() - orders.LIFETIME)
        assert [expiry.expire_due() for _ in range(3)] == [1, 1, 0]

    def test_forgets_the_words_of_a_deleted_post(self, claire: User, armand: User) -> None:
        order = place(claire, armand)
        orders.forget_words(order)
        order.refresh_from_db()
        assert (order.words, order.note) == ("", "")


@pytest.mark.django_db
class TestTable:
    """Around the domain."""

    def test_keeps_paid_and_transfer_together(self, claire: User, armand: User) -> None:
        order = place(claire, armand)
        with pytest.raises(IntegrityError, match="ended_order_has_its_transfer"), transaction.atomic():
            Order.objects.filter(pk=order.pk).update(status="PAID")

    def test_knows_its_statuses(self, claire: User, armand: User) -> None:
        order = place(claire, armand)
        with (
            pytest.raises(IntegrityError, match=r"held_order_has_its_hold|money_moves_for"),
            transaction.atomic(),
        ):
            Order.objects.filter(pk=order.pk).update(status="LOST")

    @pytest.mark.parametrize("change", ["amount = 1", "payee_id = payee_id + 1", "channel_id = 'x'"])
    def test_never_changes_its_terms(self, claire: User, armand: User, lea: User, change: str) -> None:
        place(claire, armand)
        with pytest.raises(Error, match="append-only"), transaction.atomic():
            connection.cursor().execute(f"UPDATE payments_order SET {change}")

    @pytest.mark.parametrize(
        ("changes", "constraint"),
        [
            ({"amount": 0}, "order_asks_for_something"),
            ({"amount": -1}, "order_asks_for_something"),
            ({"payee_user": "payer"}, "payer_is_not_the_payee"),
        ],
    )
    def test_refuses_what_is_no_order(
        self, claire: User, armand: User, changes: dict[str, Any], constraint: str
    ) -> None:
        order = place(claire, armand)
        fields = {"pk": None, "reference": "ABCDEFGH", "channel_id": "new"} | changes
        for name, value in fields.items():
            setattr(order, name, claire if value == "payer" else value)
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            Order.objects.bulk_create([order])

    def test_reaches_a_status_once(self, claire: User, armand: User) -> None:
        order = place(claire, armand)
        orders.decline(order)
        with pytest.raises(IntegrityError, match="order_reaches_a_status_once"), transaction.atomic():
            OrderEvent.objects.create(order=order, status="DECLINED")

    @pytest.mark.parametrize(
        ("constraint", "changes"),
        [
            ("held_order_has_its_hold", {"status": "HELD", "confirmed_at": timezone.now()}),
            ("money_moves_for_a_confirmed_order", {"status": "FUNDING"}),
            ("money_moves_for_a_confirmed_order", {"confirmed_at": timezone.now()}),
        ],
    )
    def test_keeps_what_belongs_together(
        self, claire: User, armand: User, constraint: str, changes: dict[str, Any]
    ) -> None:
        order = place(claire, armand)
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            Order.objects.filter(pk=order.pk).update(**changes)

    def test_pays_a_member(self, claire: User, bob: Identity) -> None:
        order = place(claire, bob)
        posting = load(claire, 12_99)
        with pytest.raises(IntegrityError, match="paid_order_has_its_payee"), transaction.atomic():
            Order.objects.filter(pk=order.pk).update(
                status="PAID", confirmed_at=timezone.now(), transfer=posting.transfer_id
            )

    def test_is_told_once(self, claire: User, armand: User) -> None:
        order = place(claire, armand)
        with pytest.raises(IntegrityError, match="order_is_told_once"), transaction.atomic():
            Notification.objects.create(user=claire, kind="ORDER_PENDING", order=order)


@pytest.mark.django_db(transaction=True)
class TestOpposite:
    def test_two_who_pay_each_other_at_once_never_wait_for_each_other(
        self,
        claire: User,
        armand: User,
        any_code: None,  # Hashing would keep them apart.
        at_once: Callable[..., list[object]],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """While they pay, they place and void too: all the ways in which rows are locked."""
        load(armand, 100_00)
        monkeypatch.setattr(orders, "PLACED_A_DAY", 1000)
        pair = [claire, armand]

        def pay(number: int) -> None:
            payer, payee = pair[number % 2], pair[1 - number % 2]
            for turn in range(50):
                order = place(payer, payee, 1_00, channel_id=f"{number}-{turn}")
                if turn % 5:
                    orders.confirm(order, code=CODE)
                else:
                    orders.void(order, detail="edited")

        assert at_once(4, pay) == [None] * 4
        assert ledger.balance(ledger.wallet(claire)) == ledger.balance(ledger.wallet(armand)) == 100_00
        assert Order.objects.filter(status=Status.PAID).count() == 160


@pytest.mark.parametrize(
    ("kind", "words"), [("SEND", "kept until the payee joins"), ("POT", "set aside until it is decided")]
)
def test_what_is_held_says_what_it_waits_for(kind: str, words: str) -> None:
    with translation.override("en"):
        assert words in Order(kind=kind, status="HELD").get_status_display()
