"""Why the payer cannot pay now: each limit in its own words, what is left, from when on it will do."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.translation import override

from accounts.models import User
from payments import limits, reasons
from payments.models import Limit, Order
from tests.people import place


@pytest.fixture
def order(claire: User, armand: User) -> Order:
    return place(claire, armand)


def over(limit: Limit.Name, *, is_own: bool = False) -> limits.OverLimit:
    until = timezone.localtime().replace(hour=6, minute=30) + timedelta(days=1)
    return limits.OverLimit(limit, allowed=20_00, figure=150_00, until=until, is_own=is_own)


@pytest.mark.django_db
class TestOverLimit:
    @pytest.mark.parametrize("limit", [Limit.Name.DAY, Limit.Name.MONTH, Limit.Name.NIGHT])
    def test_of_a_sum_says_what_is_left(self, order: Order, limit: Limit.Name) -> None:
        said = reasons.over_limit(over(limit), order=order)
        assert "150,00\u00a0€" in said
        assert "20,00\u00a0€" in said

    @pytest.mark.parametrize("limit", [Limit.Name.FIRST_PAYEE, Limit.Name.NIGHT])
    def test_that_ends_says_when_and_on_which_day(self, order: Order, limit: Limit.Name) -> None:
        said = reasons.over_limit(over(limit), order=order)
        day = timezone.localdate() + timedelta(days=1)
        assert f"06:30 le {day.day} " in said

    def test_of_ones_own_says_whose_it_is(self, order: Order) -> None:
        name = Limit.Name.ORDER_TO_PERSON
        with override("en"):
            said = [reasons.over_limit(over(name, is_own=is_own), order=order) for is_own in (True, False)]
        assert said == [
            "You allow yourself €150.00 at most for one order.",
            "One order to a person is €150.00 at most for you.",
        ]

    def test_of_a_night_says_whether_the_order_waits(self, order: Order) -> None:
        with override("en"):
            placed, new = (reasons.over_limit(over(Limit.Name.NIGHT), order=one) for one in (order, None))
        assert "This order waits for you" in placed
        assert "Nothing was kept for you: come back from" in new

    def test_of_a_full_wallet_says_no_figure(self, order: Order) -> None:
        said = reasons.over_limit(limits.PayeeIsFull(), order=order)
        assert said == "@armanddossantos ne peut pas recevoir autant pour le moment."

    @pytest.mark.parametrize("limit", list(Limit.Name))
    def test_has_words_for_each(self, order: Order, limit: Limit.Name) -> None:
        assert reasons.over_limit(over(limit), order=order)
