"""Money that is asked for: answered once, paid once, and asked no more often than people can bear."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from accounts import freezes, identities
from accounts.models import Identity, User
from payments import (
    claims,
    forgetting,
    ledger,
    life,
    limits,
    linking,
    orders,
    request_life,
    request_limits,
    requests,
    risk,
    settlement,
    strangers,
)
from payments.models import Delivery, NoStrangers, Notification, Order, Request, RequestEvent, Split
from tests.asking import ask, share
from tests.people import CODE, load, place, wait_until_blocked

pytestmark = pytest.mark.django_db
Status = Request.Status
AtOnce = Callable[..., list[Any]]


@pytest.fixture
def payer(claire: User, with_code: Callable[[User], User]) -> User:
    """Claire, who is asked; Armand asks."""
    return with_code(claire)


@pytest.fixture
def asked(payer: User, armand: User) -> Request:
    return ask(armand, payer)


def cents(user: User) -> int:
    return ledger.balance(ledger.wallet(user))


def told(request: Request) -> list[tuple[int, str]]:
    return list(Notification.objects.filter(request=request).order_by("pk").values_list("user", "kind"))


def after(**past: int) -> None:
    """Let so much time go by."""
    Request.objects.update(expires_at=F("expires_at") - timedelta(**past))
    Order.objects.update(expires_at=F("expires_at") - timedelta(**past))


def paid(asked: Request, payer: User) -> Request:
    orders.confirm(requests.pay(asked, payer=payer), code=CODE)
    asked.refresh_from_db()
    return asked


class TestAsk:
    def test_waits_seven_days_and_tells_who_is_asked(self, asked: Request, payer: User) -> None:
        assert (asked.status, asked.amount, asked.payee.user) == (Status.OPEN, 12_99, asked.asker)
        assert timedelta(0) <= timezone.now() + timedelta(days=7) - asked.expires_at < timedelta(minutes=1)
        assert told(asked) == [(payer.pk, "REQUEST_RECEIVED")]
        sms = Delivery.objects.get(notification__request=asked, channel="SMS")
        assert "@armanddossantos" in sms.text
        assert "pizza" not in sms.text  # A stranger's words could say anything.

    def test_rings_a_phone_for_one_at_a_time(self, asked: Request, payer: User, lea: User) -> None:
        ask(lea, payer)
        assert Notification.objects.filter(user=payer).count() == 2
        assert Delivery.objects.filter(channel="SMS").count() == 1

    def test_needs_nobody_who_has_joined(self, armand: User, bob: Identity) -> None:
        assert told(ask(armand, bob)) == []

    def test_of_one_message_happens_once(self, asked: Request, payer: User, armand: User) -> None:
        with pytest.raises(requests.AlreadyAsked):
            ask(armand, payer, channel_id=asked.channel_id)

    def test_of_oneself_makes_no_sense(self, armand: User) -> None:
        with pytest.raises(requests.AskerIsPayer):
            ask(armand, armand)

    def test_needs_an_identity_to_pay(self, armand: User, payer: User) -> None:
        identities.unlink(armand, network=Identity.Network.X, at=timezone.now())
        with pytest.raises(requests.AskerHasNoIdentity):
            ask(armand, payer)

    def test_leaves_alone_who_wants_nothing(self, armand: User, bob: Identity) -> None:
        identities.refuse_payments(bob, at=timezone.now())
        bob.refresh_from_db()
        with pytest.raises(requests.PayerRefuses):
            ask(armand, bob)

    def test_of_more_than_anybody_may_pay_is_refused(self, armand: User, payer: User) -> None:
        with pytest.raises(limits.OverLimit) as refusal:
            ask(armand, payer, 100_000_00)
        assert refusal.value.limit == "ORDER_TO_PERSON"

    def test_is_not_for_the_frozen(self, armand: User, payer: User) -> None:
        freezes.freeze(armand, reason="test")
        with pytest.raises(freezes.Frozen):
            ask(armand, payer)


class TestStrangers:
    @pytest.fixture(autouse=True)
    def _closed(self, payer: User) -> None:
        strangers.shut_out(payer)

    def test_are_refused_by_who_shut_them_out(self, armand: User, payer: User) -> None:
        with pytest.raises(requests.PayerRefuses):
            ask(armand, payer)

    def test_are_welcome_again_once_they_are_let_in(self, armand: User, payer: User) -> None:
        strangers.let_in(payer)
        assert ask(armand, payer).status == Status.OPEN

    @pytest.mark.parametrize("who_paid", ["asker", "asked"])
    def test_are_none_who_have_paid_or_were_paid(
        self, who_paid: str, armand: User, payer: User, with_code: Callable[[User], User]
    ) -> None:
        pair = (payer, armand)
        if who_paid == "asker":
            load(armand, 20_00)
            pair = (with_code(armand), payer)
        orders.confirm(place(*pair), code=CODE)
        assert ask(armand, payer).status == Status.OPEN

    def test_an_order_that_was_not_paid_acquaints_nobody(self, armand: User, payer: User) -> None:
        place(payer, armand)
        with pytest.raises(requests.PayerRefuses):
            ask(armand, payer)

    def test_may_be_shut_out_twice(self, payer: User) -> None:
        strangers.shut_out(payer)
        assert NoStrangers.objects.count() == 1


class TestPace:
    def test_three_wait_between_the_same_two(self, armand: User, payer: User) -> None:
        for _ in range(3):
            ask(armand, payer)
        with pytest.raises(requests.TooManyRequests) as many:
            ask(armand, payer)
        assert many.value.allowed == request_limits.OPEN_OF_ONE

    def test_ten_wait_of_one_asker(self, armand: User, people: list[Identity]) -> None:
        for payer in people[:10]:
            ask(armand, payer)
        with pytest.raises(requests.TooManyRequests) as many:
            ask(armand, people[10])
        assert many.value.allowed == request_limits.OPEN_AT_ONCE

    def test_twenty_are_made_in_a_day(self, armand: User, people: list[Identity]) -> None:
        for number in range(20):
            requests.cancel(ask(armand, people[number % 10]))
        with pytest.raises(requests.TooManyRequests) as many:
            ask(armand, people[10])
        assert many.value.allowed == request_limits.ASKED_A_DAY
        Request.objects.update(created_at=timezone.now() - timedelta(days=1, seconds=1))
        assert ask(armand, people[10]).status == Status.OPEN

    def test_shares_of_a_bill_count_each(self, armand: User, people: list[Identity]) -> None:
        share(armand, people[:9])
        with pytest.raises(requests.TooManyRequests):
            share(armand, people[9:11])
        assert Split.objects.count() == 1

    @pytest.mark.django_db(transaction=True)
    def test_holds_when_many_are_asked_at_once(
        self, armand: User, people: list[Identity], at_once: AtOnce
    ) -> None:
        results = at_once(12, lambda number: ask(armand, people[number], channel_id=f"at once {number}"))
        assert sum(isinstance(result, Request) for result in results) == request_limits.OPEN_AT_ONCE
        assert sum(isinstance(result, requests.TooManyRequests) for result in results) == 2


class TestPay:
    def test_makes_an_order_that_waits_for_the_code(self, asked: Request, payer: User) -> None:
        order = requests.pay(asked, payer=payer)
        assert (order.status, order.amount, order.payee_user) == ("PENDING", 12_99, asked.asker)
        assert order.expires_at - order.created_at == orders.LIFETIME
        assert not Delivery.objects.filter(notification__order=order, channel="SMS").exists()
        asked.refresh_from_db()
        assert asked.status == Status.OPEN

    def test_pays_in_the_transaction_that_pays_the_order(self, asked: Request, payer: User) -> None:
        paid(asked, payer)
        assert (asked.status, cents(payer), cents(asked.asker)) == (Status.PAID, 87_01, 12_99)
        assert asked.order
        assert told(asked)[1:] == [(asked.asker_id, "REQUEST_PAID")]

    def test_is_told_in_public_without_the_amount(self, asked: Request, payer: User) -> None:
        paid(asked, payer)
        (reply,) = Delivery.objects.filter(channel="X")
        assert reply.reply_to == asked.channel_id
        assert "12" not in reply.text.replace(asked.reference, "")
        assert "€" not in reply.text

    def test_says_nothing_in_public_of_what_was_private(self, armand: User, payer: User) -> None:
        paid(ask(armand, payer, channel="sms"), payer)
        assert not Delivery.objects.filter(channel="X").exists()

    def test_gives_the_order_that_waits_already(self, asked: Request, payer: User) -> None:
        assert requests.pay(asked, payer=payer) == requests.pay(asked, payer=payer)

    def test_makes_another_once_that_ended(self, asked: Request, payer: User) -> None:
        first = requests.pay(asked, payer=payer)
        orders.decline(first)
        assert requests.pay(asked, payer=payer) != first
        assert paid(asked, payer).status == Status.PAID

    def test_waits_no_longer_than_the_request(self, asked: Request, payer: User) -> None:
        Request.objects.update(expires_at=timezone.now() + timedelta(hours=1))
        asked.refresh_from_db()
        assert requests.pay(asked, payer=payer).expires_at == asked.expires_at

    def test_is_for_who_is_asked_alone(self, asked: Request, lea: User) -> None:
        with pytest.raises(requests.RequestClosed):
            requests.pay(asked, payer=lea)

    def test_comes_too_late_after_seven_days(self, asked: Request, payer: User) -> None:
        after(days=7)
        with pytest.raises(requests.RequestClosed):
            requests.pay(asked, payer=payer)
        requests.expire_due()

    def test_pays_nobody_who_took_over_the_askers_account(self, asked: Request, payer: User) -> None:
        identities.unlink(asked.asker, network=Identity.Network.X, at=timezone.now())
        with pytest.raises(requests.AskerChanged):
            requests.pay(asked, payer=payer)

    def test_leaves_the_order_void_if_the_asker_unlinks_before_the_code(
        self, asked: Request, payer: User
    ) -> None:
        order = requests.pay(asked, payer=payer)
        identities.unlink(asked.asker, network=Identity.Network.X, at=timezone.now())
        with pytest.raises(settlement.PayeeChanged):
            orders.confirm(order, code=CODE)
        asked.refresh_from_db()
        assert asked.status == Status.OPEN

    @pytest.mark.django_db(transaction=True)
    def test_of_fifty_at_once_makes_one_order(self, asked: Request, payer: User, at_once: AtOnce) -> None:
        made = at_once(50, lambda _: requests.pay(Request.objects.get(pk=asked.pk), payer=payer))
        assert {order.pk for order in made} == {Order.objects.get().pk}

    @pytest.mark.django_db(transaction=True)
    def test_and_confirm_of_many_at_once_pays_once(
        self, asked: Request, payer: User, at_once: AtOnce
    ) -> None:
        def work(_: int) -> Order:
            return orders.confirm(requests.pay(Request.objects.get(pk=asked.pk), payer=payer), code=CODE)

        done = at_once(8, work)
        assert sum(isinstance(result, Order) for result in done) == 1
        assert cents(payer) == 87_01


class TestDecline:
    def test_tells_the_asker_and_ends_the_order(self, asked: Request, payer: User) -> None:
        order = requests.pay(asked, payer=payer)
        assert requests.decline(asked).status == Status.DECLINED
        order.refresh_from_db()
        assert order.status == "DECLINED"
        assert told(asked)[1:] == [(asked.asker_id, "REQUEST_DECLINED")]

    def test_happens_once(self, asked: Request) -> None:
        requests.decline(asked)
        with pytest.raises(requests.RequestClosed):
            requests.decline(asked)

    def test_comes_too_late_for_what_is_paid(self, asked: Request, payer: User) -> None:
        paid(asked, payer)
        with pytest.raises(requests.RequestClosed):
            requests.decline(asked)

    def test_calls_nothing_back_that_was_confirmed(
        self, asked: Request, payer: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(risk, "RULES", {risk.Rule.BURST: lambda _order, _facts: risk.Verdict.REVIEW})
        orders.confirm(requests.pay(asked, payer=payer), code=CODE)
        for end in (requests.decline, requests.cancel):
            with pytest.raises(requests.BeingPaid):
                end(asked)
        after(days=7)
        assert requests.expire_due() == 0

    @pytest.mark.django_db(transaction=True)
    @pytest.mark.usefixtures("any_code")
    def test_is_waited_for_by_who_pays(self, asked: Request, payer: User, at_once: AtOnce) -> None:
        """Whoever ends it has not committed when the code is given: the payment waits, and is none."""
        order, is_ending = requests.pay(asked, payer=payer), threading.Event()

        def work(number: int) -> None:
            if number:
                assert is_ending.wait(timeout=20)
                orders.confirm(Order.objects.select_related("payer").get(pk=order.pk), code=CODE)
                return
            with transaction.atomic():
                request_life.step(request_life.lock(asked), Status.DECLINED)
                is_ending.set()
                wait_until_blocked()

        _, refusal = at_once(2, work)
        assert isinstance(refusal, requests.RequestClosed)
        asked.refresh_from_db()
        assert (asked.status, cents(payer)) == (Status.DECLINED, 100_00)

    @pytest.mark.django_db(transaction=True)
    def test_and_pay_at_once_end_it_once(self, asked: Request, payer: User, at_once: AtOnce) -> None:
        order = requests.pay(asked, payer=payer)

        def work(number: int) -> object:
            again = Request.objects.get(pk=asked.pk)
            if number % 2:
                return requests.decline(again)
            return orders.confirm(Order.objects.get(pk=order.pk), code=CODE)

        at_once(8, work)
        asked.refresh_from_db()
        order.refresh_from_db()
        ends = {(Status.PAID, "PAID", 87_01), (Status.DECLINED, "DECLINED", 100_00)}
        ends |= {(Status.DECLINED, "VOIDED", 100_00)}  # Who gave the code heard first that it has ended.
        assert (asked.status, order.status, cents(payer)) in ends
        assert RequestEvent.objects.filter(request=asked).count() == 2


class TestClosedRequest:
    """Whoever ends a request may be broken off before its order ends, too: the code pays nothing then."""

    @pytest.fixture
    def left_over(self, asked: Request, payer: User, monkeypatch: pytest.MonkeyPatch) -> Order:
        order = requests.pay(asked, payer=payer)
        with monkeypatch.context() as broken:
            broken.setattr(requests, "_void_orders", lambda _orders: None)
            requests.cancel(asked)
        return order

    def test_is_not_paid_by_the_code(self, left_over: Order, payer: User) -> None:
        with pytest.raises(requests.RequestClosed):
            orders.confirm(left_over, code=CODE)
        left_over.refresh_from_db()
        assert (left_over.status, cents(payer)) == ("VOIDED", 100_00)

    def test_is_not_held_for_review_either(
        self, left_over: Order, payer: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        verdict = risk.Verdict.REVIEW
        monkeypatch.setattr(risk, "judge", lambda _order, facts: risk.Assessment(verdict, {}, facts))
        with pytest.raises(requests.RequestClosed):
            orders.confirm(left_over, code=CODE)
        assert cents(payer) == 100_00

    def test_has_its_order_void_by_the_sweep(self, left_over: Order) -> None:
        requests.expire_due()
        left_over.refresh_from_db()
        assert left_over.status == "VOIDED"


class TestCancel:
    def test_tells_who_was_asked_and_voids_the_order(self, asked: Request, payer: User) -> None:
        order = requests.pay(asked, payer=payer)
        assert requests.cancel(asked).status == Status.CANCELLED
        order.refresh_from_db()
        assert order.status == "VOIDED"
        assert told(asked)[1:] == [(payer.pk, "REQUEST_CANCELLED")]
        assert not Notification.objects.filter(kind="ORDER_VOIDED").exists()  # Once is enough.

    @pytest.mark.django_db(transaction=True)
    @pytest.mark.usefixtures("any_code")
    def test_with_more_in_its_transaction_and_the_code_at_once_end(
        self, asked: Request, payer: User, at_once: AtOnce, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A message that takes it back is decided on in one transaction, which no lock may turn against."""
        order, is_ending = requests.pay(asked, payer=payer), threading.Event()
        void = requests._void_orders  # noqa: SLF001  # where the two meet

        def slowly(of: Any) -> None:
            is_ending.set()
            wait_until_blocked()
            void(of)

        def work(number: int) -> None:
            if number:
                assert is_ending.wait(timeout=20)
                orders.confirm(Order.objects.select_related("payer").get(pk=order.pk), code=CODE)
                return
            with transaction.atomic():
                requests.cancel_all(Request.objects.all())

        monkeypatch.setattr(requests, "_void_orders", slowly)
        ended, refusal = at_once(2, work)
        assert (ended, type(refusal)) == (None, orders.OrderClosed)
        order.refresh_from_db()
        asked.refresh_from_db()
        assert (asked.status, order.status, cents(payer)) == (Status.CANCELLED, "VOIDED", 100_00)

    def test_by_reference_or_message(self, armand: User, payer: User) -> None:
        first, second = ask(armand, payer), ask(armand, payer)
        assert requests.withdraw(armand, reference=first.reference) == [first]
        assert requests.withdraw(armand, channel="x", channel_id=second.channel_id) == [second]
        with pytest.raises(requests.NothingAsked):
            requests.withdraw(armand, reference=first.reference)

    def test_is_for_the_asker_alone(self, asked: Request, lea: User) -> None:
        with pytest.raises(requests.NothingAsked):
            requests.withdraw(lea, reference=asked.reference)

    def test_of_a_deleted_post_forgets_its_words(self, asked: Request) -> None:
        requests.forget_words(channel="x", channel_id=asked.channel_id)
        asked.refresh_from_db()
        assert (asked.words, asked.note) == ("", "")


class TestRemind:
    def test_is_done_once(self, asked: Request, payer: User) -> None:
        requests.remind(asked)
        with pytest.raises(requests.RemindedAlready):
            requests.remind(asked)
        after(days=6)
        assert requests.remind_due() == 0
        assert told(asked)[1:] == [(payer.pk, "REQUEST_REMINDED")]
        assert Delivery.objects.filter(channel="SMS").count() == 1  # The first one.

    def test_happens_by_itself_a_day_before_the_end(self, asked: Request) -> None:
        assert requests.remind_due() == 0
        after(days=6)
        assert requests.remind_due() == 1
        assert requests.remind_due() == 0

    def test_reaches_in_public_who_has_not_joined(self, armand: User, bob: Identity) -> None:
        asked = ask(armand, bob)
        requests.remind(asked)
        (reply,) = Delivery.objects.all()
        assert (reply.channel, reply.reply_to) == ("X", asked.channel_id)
        assert "@bob" in reply.text
        assert "€" not in reply.text

    def test_comes_too_late_for_what_has_ended(self, asked: Request) -> None:
        requests.decline(asked)
        with pytest.raises(requests.RequestClosed):
            requests.remind(asked)

    @pytest.mark.django_db(transaction=True)
    def test_by_wish_and_by_itself_at_once_is_once(self, asked: Request, at_once: AtOnce) -> None:
        after(days=6)
        at_once(6, lambda number: requests.remind(asked) if number % 2 else requests.remind_due())
        assert Notification.objects.filter(kind="REQUEST_REMINDED").count() == 1


class TestExpire:
    def test_ends_what_nobody_answered(self, asked: Request) -> None:
        assert requests.expire_due() == 0
        after(days=7)
        assert requests.expire_due() == 1
        asked.refresh_from_db()
        assert asked.status == Status.EXPIRED
        assert told(asked)[1:] == [(asked.asker_id, "REQUEST_EXPIRED")]

    def test_takes_the_order_that_waits_with_it(self, asked: Request, payer: User) -> None:
        order = requests.pay(asked, payer=payer)
        after(days=7)
        requests.expire_due()
        order.refresh_from_db()
        assert order.status == "VOIDED"


class TestJoined:
    def test_sees_what_was_asked_before(self, armand: User, bob: Identity, rf: Any) -> None:
        asked = ask(armand, bob)
        newcomer = User.objects.create_user("+33612340099", name="Bob", phone_verified_at=timezone.now())
        Identity.objects.filter(pk=bob.pk).update(user=newcomer, linked_at=timezone.now())
        linking.SocialAccountAdapter().after_linking(newcomer)
        assert told(asked) == [(newcomer.pk, "REQUEST_RECEIVED")]
        assert requests.asked_of(newcomer) == [asked]
        assert requests.tell_joined(newcomer) == 0 or told(asked) == [(newcomer.pk, "REQUEST_RECEIVED")]


class TestSplit:
    def test_divides_to_the_cent_and_asks_the_others(self, payer: User, armand: User, bob: Identity) -> None:
        bill = share(armand, [payer.identities.get(), bob], 10_00)
        assert bill.own_share == 3_34
        assert [request.amount for request in bill.shares.order_by("pk")] == [3_33, 3_33]

    @pytest.mark.parametrize("among", range(1, 12))
    @pytest.mark.parametrize("amount", [12, 100, 10_01, 60_00, 249_99])
    def test_shares_add_up_and_differ_by_a_cent(self, amount: int, among: int) -> None:
        shares = requests.shares(amount, among=among)
        assert sum(shares) == amount
        assert max(shares) - min(shares) <= 1
        assert len(shares) == among

    def test_asks_each_once(self, armand: User, bob: Identity) -> None:
        bill = share(armand, [bob, bob], 10_00)
        assert (bill.own_share, bill.shares.get().amount) == (5_00, 5_00)

    def test_needs_a_cent_for_each(self, armand: User, people: list[Identity]) -> None:
        with pytest.raises(requests.TooLittleToShare):
            share(armand, people[:2], 2)
        with pytest.raises(requests.TooLittleToShare):
            share(armand, [], 10_00)

    def test_asks_nobody_if_one_may_not_be_asked(self, payer: User, armand: User, bob: Identity) -> None:
        strangers.shut_out(payer)
        with pytest.raises(requests.PayerRefuses) as refusal:
            share(armand, [bob, payer.identities.get()])
        assert refusal.value.payer.user == payer
        assert not Request.objects.exists()

    def test_of_one_message_happens_once(self, armand: User, bob: Identity) -> None:
        bill = share(armand, [bob])
        with pytest.raises(requests.AlreadyAsked):
            share(armand, [bob], channel_id=bill.channel_id)

    def test_follows_who_has_paid_and_tells_once_all_have(
        self, payer: User, lea: User, armand: User, with_code: Callable[[User], User]
    ) -> None:
        load(lea, 20_00)
        bill = share(armand, [payer.identities.get(), lea.identities.get()], 30_00)
        first, last = bill.shares.order_by("pk")
        paid(first, payer)
        assert not Delivery.objects.filter(channel="X").exists()
        paid(last, with_code(lea))
        assert told(last)[-1] == (armand.pk, "SPLIT_PAID")
        assert Delivery.objects.filter(channel="X").count() == 1
        (shown,) = requests.bills_of(armand)
        assert (shown.asked, shown.paid) == (2, 2)  # type: ignore[attr-defined]  # counted by the query

    @pytest.mark.django_db(transaction=True)
    @pytest.mark.usefixtures("any_code")
    def test_is_told_to_be_settled_when_the_last_two_pay_at_once(
        self, payer: User, lea: User, armand: User, at_once: AtOnce
    ) -> None:
        """Into a wallet that many pay at once, where no balance makes them wait for each other."""
        load(lea, 20_00)
        ledger.append(ledger.wallet(armand))
        bill = share(armand, [payer.identities.get(), lea.identities.get()], 30_00)
        pairs = zip(bill.shares.order_by("pk"), (payer, lea), strict=True)
        due = [requests.pay(request, payer=user) for request, user in pairs]
        is_paying, has_paid = threading.Event(), threading.Event()

        def work(number: int) -> None:
            if number:
                assert is_paying.wait(timeout=20)
                orders.confirm(due[1], code=CODE)
                has_paid.set()
                return
            with transaction.atomic():
                orders.confirm(due[0], code=CODE)
                is_paying.set()
                wait_until_blocked(unless=has_paid)

        assert at_once(2, work) == [None, None]
        assert Notification.objects.filter(kind="SPLIT_PAID").count() == 1

    def test_is_taken_back_as_a_whole_but_for_what_is_paid(
        self, payer: User, armand: User, bob: Identity
    ) -> None:
        bill = share(armand, [payer.identities.get(), bob])
        first, second = bill.shares.order_by("pk")
        paid(first, payer)
        assert requests.withdraw(armand, reference=bill.reference) == [second]


class TestWithdraw:
    """`#annuler`: an order is taken back as far as it has come."""

    def test_declines_what_waits_for_the_code(self, payer: User, armand: User) -> None:
        order = place(payer, armand)
        assert claims.withdraw(payer, reference=order.reference).status == "DECLINED"

    def test_takes_back_what_is_held(self, payer: User, bob: Identity) -> None:
        order = orders.confirm(place(payer, bob), code=CODE)
        taken = claims.withdraw(payer, channel="x", channel_id=order.channel_id)
        assert (taken.status, cents(payer)) == ("CANCELLED", 100_00)

    def test_comes_too_late_for_what_is_paid(self, payer: User, armand: User) -> None:
        order = orders.confirm(place(payer, armand), code=CODE)
        with pytest.raises(life.OrderClosed):
            claims.withdraw(payer, reference=order.reference)

    def test_finds_nothing_of_somebody_elses(self, payer: User, armand: User) -> None:
        order = place(payer, armand)
        with pytest.raises(claims.NothingToWithdraw):
            claims.withdraw(armand, reference=order.reference)
        with pytest.raises(claims.NothingToWithdraw):
            claims.withdraw(payer)


class TestDatabase:
    @pytest.mark.parametrize(
        ("change", "rule"),
        [
            ({"status": "PAID"}, "paid_request_has_its_order"),
            ({"amount": 0}, "request_asks_for_something"),
            ({"payer": F("payee")}, "nobody_asks_themselves"),
        ],
    )
    def test_knows_what_a_request_is(self, asked: Request, change: dict[str, Any], rule: str) -> None:
        facts = {
            field: getattr(asked, field)
            for field in ("asker_id", "payer_id", "payee_id", "amount", "channel", "expires_at")
        }
        row = Request(**facts, channel_id="another", reference="ZZZZZZZZ")
        for name, value in change.items():
            setattr(row, name, asked.payee if isinstance(value, F) else value)
        with pytest.raises(IntegrityError, match=rule), transaction.atomic():
            row.save(force_insert=True)

    def test_knows_what_a_bill_is(self, armand: User, bob: Identity) -> None:
        facts = {"asker": armand, "channel": "x", "channel_id": "1", "reference": "ZZZZZZZZ"}
        for own in (0, 10_00):
            with (
                pytest.raises(IntegrityError, match="writer_has_a_share_of_the_bill_too"),
                transaction.atomic(),
            ):
                Split.objects.create(amount=10_00, own_share=own, **facts)

    def test_has_one_share_for_each(self, armand: User, bob: Identity) -> None:
        request = share(armand, [bob]).shares.get()
        request.pk, request.reference = None, "ZZZZZZZZ"
        with pytest.raises(IntegrityError, match="bill_has_one_share_for_each"), transaction.atomic():
            request.save(force_insert=True)

    def test_has_one_order_at_a_time_for_a_request(self, asked: Request, payer: User) -> None:
        order = requests.pay(asked, payer=payer)
        order.pk, order.reference, order.channel_id = None, "ZZZZZZZZ", "another"
        with pytest.raises(IntegrityError, match="request_has_one_order_at_a_time"), transaction.atomic():
            order.save(force_insert=True)

    def test_knows_which_orders_pay_requests(self, asked: Request, payer: User) -> None:
        order = requests.pay(asked, payer=payer)
        with pytest.raises(IntegrityError, match="order_of_a_request_names_it"), transaction.atomic():
            Order.objects.filter(pk=order.pk).update(request=None)

    def test_reaches_a_status_once(self, asked: Request) -> None:
        with pytest.raises(IntegrityError, match="request_reaches_a_status_once"), transaction.atomic():
            RequestEvent.objects.create(request=asked, status="OPEN")

    def test_tells_once(self, asked: Request, payer: User) -> None:
        with pytest.raises(IntegrityError, match="request_is_told_once"), transaction.atomic():
            Notification.objects.create(user=payer, kind="REQUEST_RECEIVED", request=asked)

    @pytest.mark.parametrize("change", [{"amount": 1}, {"channel_id": "9"}, {"reference": "ZZZZZZZZ"}])
    def test_changes_no_terms(self, asked: Request, change: dict[str, Any]) -> None:
        with pytest.raises(IntegrityError, match="payments_request is append-only"), transaction.atomic():
            Request.objects.filter(pk=asked.pk).update(**change)

    def test_reminds_once(self, asked: Request) -> None:
        requests.remind(asked)
        with pytest.raises(IntegrityError, match="payments_request is append-only"), transaction.atomic():
            Request.objects.filter(pk=asked.pk).update(reminded_at=None)


class TestFormer:
    def test_asks_for_nothing_any_more_and_no_words_are_kept(
        self, asked: Request, payer: User, bob: Identity
    ) -> None:
        share(asked.asker, [bob])
        forgetting.own_words(asked.asker)
        requests.end_of_former(asked.asker_id)
        for model in (Request, Split):
            assert set(model.objects.values_list("words", "note")) == {("", "")}
        assert set(Request.objects.values_list("status", flat=True)) == {Status.CANCELLED}
        assert told(asked) == [(payer.pk, "REQUEST_RECEIVED")]

    def test_is_not_named_in_what_others_wrote(self, asked: Request, payer: User) -> None:
        traces = forgetting.Traces(payer.pk, (payer.identities.get().pk,), ("1001",), ("claire_martin",))
        forgetting._others_words(traces)  # noqa: SLF001  # one step of an erasure
        asked.refresh_from_db()
        assert asked.words == "@Smoneyfr #demander 12,99€ @… pour la pizza"
