"""A pot that is closed, taken back from and let lie in one instant: each order ends once, with every cent."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import Sum

from accounts.models import User
from giving import pot_closings, pots
from giving.models import Contribution, Pot
from payments import claims, ledger, life, orders, purposes
from payments.models import Order, OrderEvent, Transfer
from tests.giving.pots import given, held, later, opened
from tests.people import CODE, join, load, wait_until_blocked

pytestmark = pytest.mark.django_db(transaction=True)
AtOnce = Callable[..., list[Any]]
ENDS = ("PAID", "RETURNED", "CANCELLED")


def cents(user: User) -> int:
    return ledger.balance(ledger.wallet(user))


def ends(order: Order) -> int:
    return OrderEvent.objects.filter(order=order, status__in=ENDS).count()


@pytest.fixture
def pot(lea: User) -> Pot:
    return opened(lea)


class TestRaces:
    @pytest.mark.parametrize("turn", range(3))
    def test_two_closings_at_once_are_one(self, pot: Pot, claire: User, at_once: AtOnce, turn: int) -> None:
        made = [held(pot, claire, 5_00) for _ in range(3)]

        def work(number: int) -> Any:
            return (pot_closings.close if number % 2 else pot_closings.give_back)(pot)

        came = at_once(6, work)
        assert sum(isinstance(one, Pot) for one in came) == 1
        assert sum(isinstance(one, pot_closings.PotEnded) for one in came) == 5
        at_once(4, lambda _number: pot_closings.decide_due())
        pot.refresh_from_db()
        wanted = "PAID" if pot.status == "CLOSED" else "RETURNED"
        assert [(Order.objects.get(pk=one.pk).status, ends(one)) for one in made] == [(wanted, 1)] * 3

    @pytest.mark.parametrize("turn", range(3))
    def test_closing_taking_back_and_running_out_end_each_once(
        self, pot: Pot, claire: User, lea: User, at_once: AtOnce, turn: int
    ) -> None:
        made = [held(pot, claire, 5_00) for _ in range(4)]
        pot = later(pot, days=58)

        def work(number: int) -> Any:
            match number % 4:
                case 0:
                    return claims.take_back(made[number // 4])
                case 1:
                    return pot_closings.close(pot)
                case 2:
                    return pot_closings.return_due()
                case _:
                    return pot_closings.decide_due()

        for one in at_once(12, work):
            assert not isinstance(one, Exception) or isinstance(one, life.OrderClosed | pot_closings.PotEnded)
        pot_closings.decide_due()
        assert [ends(one) for one in made] == [1] * 4
        assert cents(claire) + cents(lea) == 100_00
        assert not Order.objects.filter(status="HELD").exists()

    @pytest.mark.usefixtures("any_code")
    def test_a_confirmation_and_a_closing_leave_nothing_in_a_closed_pot(
        self, pot: Pot, claire: User, lea: User, at_once: AtOnce
    ) -> None:
        made = [given(pot, claire, 5_00).order for _ in range(3)]

        def work(number: int) -> Any:
            return pot_closings.close(pot) if number == 3 else orders.confirm(made[number], code=CODE)

        for one in at_once(4, work):
            assert not isinstance(one, Exception) or isinstance(one, purposes.Over)
        pot_closings.decide_due()
        paid = Order.objects.filter(status="PAID").count()
        assert Order.objects.filter(status="VOIDED").count() == 3 - paid
        assert (cents(lea), cents(claire)) == (5_00 * paid, 100_00 - 5_00 * paid)

    @pytest.mark.usefixtures("any_code")
    def test_no_more_give_than_may(
        self, pot: Pot, claire: User, armand: User, at_once: AtOnce, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Each payer has a lock of their own: it is the pot's that counts."""
        monkeypatch.setattr(pots, "MOST_CONTRIBUTIONS", 2)
        friends = (
            join(
                f"Ami {number}",
                phone=f"+3361234010{number}",
                handle=f"ami_{number}",
                external_id=f"40{number}",
            )
            for number in range(4)
        )
        crowd = [claire, armand, *friends]
        for user in crowd[1:]:
            load(user, 20_00)
        made = [given(pot, user, 5_00).order for user in crowd]
        came = at_once(len(made), lambda number: orders.confirm(made[number], code=CODE))
        assert sum(isinstance(one, purposes.Over) for one in came) == 4
        assert Contribution.objects.filter(is_in=True).count() == 2
        assert (
            pots.tally(pot).total == Transfer.objects.filter(kind="HOLD").aggregate(all=Sum("amount"))["all"]
        )

    def test_nothing_is_taken_back_from_a_pot_that_is_closed_meanwhile(
        self, pot: Pot, claire: User, lea: User
    ) -> None:
        order, is_over = held(pot, claire, 5_00), threading.Event()
        came: list[Any] = []

        def take_back() -> None:
            try:
                came.append(claims.take_back(order))
            except life.OrderClosed as refusal:
                came.append(refusal)
            finally:
                is_over.set()
                connection.close()

        late = threading.Thread(target=take_back)
        with transaction.atomic():
            pot_closings.close(pot)
            late.start()
            wait_until_blocked(unless=is_over)
        late.join(timeout=60)
        assert isinstance(came[0], life.OrderClosed)
        pot_closings.decide_due()
        assert (cents(lea), cents(claire)) == (5_00, 95_00)

    @pytest.mark.usefixtures("any_code")
    def test_giving_and_taking_back_wait_for_each_other_in_one_order(
        self, pot: Pot, claire: User, at_once: AtOnce
    ) -> None:
        """The pot's row before the balances: the other way round, one of two would end the other."""
        back = [held(pot, claire, 5_00) for _ in range(3)]
        made = [given(pot, claire, 5_00).order for _ in range(3)]

        def work(number: int) -> Any:
            one = number // 2
            return claims.take_back(back[one]) if number % 2 else orders.confirm(made[one], code=CODE)

        assert not [one for one in at_once(6, work) if isinstance(one, Exception)]
        assert pots.tally(pot).total == 15_00
        assert cents(claire) == 85_00
