"""Money for somebody who has not joined: it waits, and ends once, with them or with its payer."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from accounts import freezes, identities
from accounts.models import Identity, User
from payments import claims, ledger, life, orders, settlement
from payments.models import Delivery, LedgerAccount, Notification, Order, Transfer
from tests.people import CODE, load, place, settled

Status = Order.Status
AtOnce = Callable[..., list[object]]


@pytest.fixture
def payer(claire: User, with_code: Callable[[User], User]) -> User:
    return with_code(claire)


@pytest.fixture
def held(payer: User, bob: Identity) -> Order:
    return orders.confirm(place(payer, bob), code=CODE)


def joined(bob: Identity, *, as_user: User) -> User:
    identities.link(
        as_user,
        network=Identity.Network.X,
        external_id=bob.external_id,
        handle=bob.handle,
        name=bob.name,
        picture_url="",
        joined_network_at=None,
        at=timezone.now(),
    )
    return as_user


@pytest.fixture
def newcomer(db: None) -> User:
    return User.objects.create_user("+33612340099", name="Bob Petit", phone_verified_at=timezone.now())


def after(order: Order, **past: int) -> None:
    """Let so much time go by."""
    Order.objects.filter(pk=order.pk).update(expires_at=F("expires_at") - timedelta(**past))


def cents(user: User) -> int:
    return ledger.balance(ledger.wallet(user))


def kept() -> int:
    return ledger.balance(ledger.system(LedgerAccount.Kind.HELD))


def told(order: Order, kind: str) -> int:
    return Notification.objects.filter(order=order, kind=kind).count()


@pytest.mark.django_db
class TestHold:
    def test_keeps_the_money_for_seven_days(self, held: Order, payer: User) -> None:
        assert (held.status, cents(payer), kept()) == (Status.HELD, 87_01, 12_99)
        assert held.confirmed_at
        assert timedelta(0) <= held.expires_at - held.confirmed_at - timedelta(days=7) < timedelta(minutes=1)

    def test_invites_the_payee_under_the_post(self, held: Order) -> None:
        invitation = Delivery.objects.get(channel="X", notification__order=held)
        assert "@bob" in invitation.text
        assert held.reference in invitation.text
        assert "http" not in invitation.text

    def test_pays_who_joined_before_the_code(self, payer: User, bob: Identity, newcomer: User) -> None:
        order = place(payer, bob)
        joined(bob, as_user=newcomer)
        assert orders.confirm(order, code=CODE).status == Status.PAID
        assert cents(newcomer) == 12_99


@pytest.mark.django_db
class TestRelease:
    def test_pays_who_links_the_account(self, held: Order, bob: Identity, newcomer: User) -> None:
        joined(bob, as_user=newcomer)
        assert claims.release_due(newcomer) == 1
        held.refresh_from_db()
        assert (held.status, held.payee_user, cents(newcomer), kept()) == (Status.PAID, newcomer, 12_99, 0)
        assert told(held, "PAYMENT_RECEIVED") == told(held, "PAYMENT_SENT") == 1

    def test_pays_nobody_else(self, held: Order, armand: User) -> None:
        assert claims.release_due() == claims.release_due(armand) == 0
        held.refresh_from_db()
        assert held.status == Status.HELD

    def test_pays_late_what_was_not_returned_yet(self, held: Order, bob: Identity, newcomer: User) -> None:
        after(held, days=8)
        joined(bob, as_user=newcomer)
        assert claims.return_due() == 1
        assert cents(newcomer) == 12_99

    def test_gives_back_to_a_payer_who_links_the_payee(self, held: Order, payer: User, bob: Identity) -> None:
        identities.unlink(payer, network=Identity.Network.X, at=timezone.now())
        joined(bob, as_user=payer)
        assert claims.release_due() == 1
        held.refresh_from_db()
        assert (held.status, cents(payer)) == (Status.RETURNED, 100_00)


@pytest.mark.django_db
class TestFrozenPayer:
    """Somebody else may have ordered it, for an account of their own."""

    @pytest.fixture
    def frozen(self, held: Order, payer: User, bob: Identity, newcomer: User) -> Order:
        joined(bob, as_user=newcomer)
        freezes.freeze(payer, reason="not me")
        return held

    def test_pays_nobody(self, frozen: Order, newcomer: User, payer: User) -> None:
        assert claims.release_due() == claims.release_due(newcomer) == claims.return_due() == 0
        assert (cents(newcomer), kept()) == (0, 12_99)
        freezes.end(payer, by=payer)
        assert claims.release_due() == 1
        assert cents(newcomer) == 12_99

    def test_has_it_back_once_it_is_over(self, frozen: Order, newcomer: User, payer: User) -> None:
        after(frozen, days=7)
        assert (claims.release_due(), claims.return_due()) == (0, 1)
        frozen.refresh_from_db()
        assert (frozen.status, cents(newcomer), cents(payer)) == (Status.RETURNED, 0, 100_00)

    def test_does_not_keep_others_waiting(
        self, frozen: Order, people: list[Identity], lea: User, armand: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(claims, "BATCH", 1)
        load(armand, 5_00)
        other = settled(place(armand, people[0], 5_00))
        identities.unlink(lea, network=Identity.Network.X, at=timezone.now())
        joined(people[0], as_user=lea)
        assert claims.release_due() == 1
        other.refresh_from_db()
        assert other.status == Status.PAID


@pytest.mark.django_db
class TestReturn:
    def test_gives_back_after_seven_days(self, held: Order, payer: User) -> None:
        assert claims.return_due() == 0
        after(held, days=7)
        assert claims.return_due() == 1
        held.refresh_from_db()
        assert (held.status, cents(payer), kept()) == (Status.RETURNED, 100_00, 0)
        assert told(held, "PAYMENT_RETURNED") == 1

    def test_gives_back_what_the_payee_refuses(self, held: Order, bob: Identity, payer: User) -> None:
        identities.refuse_payments(bob, at=timezone.now())
        assert claims.return_due() == 1
        assert cents(payer) == 100_00

    def test_goes_on_after_one_that_breaks(
        self, held: Order, payer: User, bob: Identity, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        second = orders.confirm(place(payer, bob, 1_00), code=CODE)
        after(held, days=7)
        after(second, days=7)
        give_back = settlement.give_back

        def break_first(order: Order, status: Order.Status, **facts: Any) -> Order:
            if order.pk == held.pk:
                raise RuntimeError
            return give_back(order, status, **facts)

        monkeypatch.setattr(settlement, "give_back", break_first)
        assert claims.return_due() == 1
        second.refresh_from_db()
        assert second.status == Status.RETURNED
        monkeypatch.undo()
        assert claims.return_due() == 1


@pytest.mark.django_db
class TestTakeBack:
    def test_gives_the_money_back_at_once(self, held: Order, payer: User) -> None:
        assert claims.take_back(held).status == Status.CANCELLED
        assert (cents(payer), kept()) == (100_00, 0)

    def test_comes_too_late_after_the_claim(self, held: Order, bob: Identity, newcomer: User) -> None:
        joined(bob, as_user=newcomer)
        claims.release_due()
        with pytest.raises(life.OrderClosed):
            claims.take_back(held)
        assert cents(newcomer) == 12_99

    def test_is_not_for_an_order_that_waits_for_its_code(self, payer: User, bob: Identity) -> None:
        with pytest.raises(life.OrderClosed):
            claims.take_back(place(payer, bob))


@pytest.mark.django_db
class TestRemind:
    @pytest.mark.parametrize(
        ("days", "kinds"), [(2, []), (3, ["CLAIM_WAITS"]), (6, ["CLAIM_WAITS", "CLAIM_ENDS"])]
    )
    def test_tells_the_payer_once_as_the_end_comes(self, held: Order, days: int, kinds: list[str]) -> None:
        after(held, days=days)
        assert [claims.remind_due(), claims.remind_due()] == [len(kinds), 0]
        assert all(told(held, kind) == 1 for kind in kinds)


@pytest.mark.django_db(transaction=True)
class TestRaces:
    def test_a_hold_ends_once(
        self, held: Order, payer: User, bob: Identity, newcomer: User, at_once: AtOnce
    ) -> None:
        """Fifty in one instant: the payee links, the sweep returns, the payer takes back.

        Lock and end id guard it each alone: with both taken out this fails.
        """
        lea = Identity.objects.create(network="x", external_id="2002", handle="lea_who_never_joins")
        orders.confirm(place(payer, lea, 40_00), code=CODE)  # Others' money is there to be taken.
        after(held, days=7)
        joined(bob, as_user=newcomer)

        def end(number: int) -> None:
            match number % 3:
                case 0:
                    claims.release_due(newcomer)
                case 1:
                    claims.return_due()
                case _:
                    claims.take_back(held)

        at_once(50, end)
        held.refresh_from_db()
        assert held.status in {Status.PAID, Status.CANCELLED}
        assert (cents(payer) + cents(newcomer), kept()) == (60_00, 40_00)
        assert Transfer.objects.filter(kind__in=["RELEASE", "RETURN"]).count() == 1

    def test_a_freeze_of_this_moment_is_before_the_payment_or_after_it(
        self, held: Order, payer: User, bob: Identity, newcomer: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The payer's lock is kept by who freezes them; the sweep has read the order before."""
        joined(bob, as_user=newcomer)
        is_locked, is_asked = threading.Event(), threading.Event()
        lock_payer = life.lock_payer

        def lock(user: User) -> None:
            is_asked.set()
            lock_payer(user)

        def freeze() -> None:
            with contextlib.closing(connection), transaction.atomic():
                User.objects.select_for_update(no_key=True).get(pk=payer.pk)
                is_locked.set()
                is_asked.wait(5)
                freezes.freeze(payer, reason="not me")

        monkeypatch.setattr(life, "lock_payer", lock)
        other = threading.Thread(target=freeze)
        other.start()
        assert is_locked.wait(20)
        assert claims.release_due() == 0
        other.join(20)
        assert (cents(newcomer), kept()) == (0, 12_99)
