"""However people give, take back and close: what they gave is what waits, what was paid, what went back."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from django.db.models import QuerySet, Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from accounts.models import User
from giving import pot_closings, pots, set_aside
from giving.models import Pot
from payments import claims, ledger, life, orders
from payments.models import Order, Transfer
from tests.giving.pots import held, later, opened
from tests.people import load

STEPS = some.one_of(
    some.tuples(some.just("give"), some.integers(0, 1), some.integers(1, 3_00)),
    some.tuples(some.just("take back"), some.integers(0, 9), some.just(0)),
    some.tuples(
        some.sampled_from(["close", "give back", "decide", "wait"]), some.integers(0, 30), some.just(0)
    ),
)


@pytest.fixture
def _rich(claire: User, armand: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """All examples are of one day."""
    for user in (claire, armand):
        load(user, 5_000_00)
    monkeypatch.setattr(orders, "PLACED_A_DAY", 10**6)
    monkeypatch.setattr(pots, "OPEN_AT_ONCE", 10**6)


@pytest.mark.django_db
@pytest.mark.usefixtures("unlimited", "_rich")
@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=some.lists(STEPS, min_size=3, max_size=14))
def test_parts_are_the_whole(
    claire: User, armand: User, lea: User, steps: list[tuple[str, int, int]]
) -> None:
    pot = opened(lea)
    before = _cents(claire), _cents(armand), _cents(lea)
    made: list[Order] = []
    for step in steps:
        pot = _done(pot, step, givers=[claire, armand], made=made)
        _check(pot, lea, before, [claire, armand])
    pot_closings.decide_due()
    _check(pot, lea, before, [claire, armand])
    if pot.status == Pot.Status.OPEN:
        pot_closings.give_back(pot)
    pot_closings.decide_due()
    assert not Order.objects.filter(contribution__pot=pot, status="HELD").exists()


def _done(pot: Pot, step: tuple[str, int, int], *, givers: list[User], made: list[Order]) -> Pot:
    """One step, as far as the pot lets it be; the pot as it is then."""
    what, number, amount = step
    with contextlib.suppress(pots.PotOver, pot_closings.PotEnded, life.OrderClosed):
        match what:
            case "give":
                made.append(held(pot, givers[number], amount))
            case "take back" if made:
                claims.take_back(made[number % len(made)])
            case "close":
                pot_closings.close(pot)
            case "give back":
                pot_closings.give_back(pot)
            case "wait":
                later(pot, days=number)
                pot_closings.return_due()
            case _:
                pot_closings.decide_due()
    return Pot.objects.select_related("organiser", "payee").get(pk=pot.pk)


def _check(pot: Pot, organiser: User, before: tuple[int, int, int], givers: list[User]) -> None:
    theirs = Order.objects.filter(contribution__pot=pot)
    ids = list(theirs.values_list("pk", flat=True))
    gave = _sum(Transfer.objects.filter(pk__in=ids, kind="HOLD"))
    parts = {
        status: _sum(theirs.filter(status=status)) for status in ("HELD", "PAID", "RETURNED", "CANCELLED")
    }
    assert gave == sum(parts.values())
    assert _cents(organiser) - before[2] == parts["PAID"]
    spent = sum(was - _cents(giver) for was, giver in zip(before, givers, strict=False))
    assert spent == parts["HELD"] + parts["PAID"]
    assert pots.tally(pot).total == parts["HELD"] + parts["PAID"]
    is_in = theirs.filter(contribution__is_in=True)
    assert set(is_in) == set(theirs.filter(status__in=set_aside.GIVEN))


def _sum(rows: QuerySet[Any]) -> int:
    return int(rows.aggregate(all=Sum("amount"))["all"] or 0)


def _cents(user: User) -> int:
    return ledger.balance(ledger.wallet(user))
