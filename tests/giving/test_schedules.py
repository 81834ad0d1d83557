"""Instalments and parts of them add up to the cent, whatever the terms and the shares."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from giving import schedules
from giving.models.loans import HIGHEST_RATE, LARGEST, LONGEST_MONTHS, SMALLEST
from giving.schedules import Due

GOALS = st.integers(SMALLEST, LARGEST)
RATES = st.integers(0, HIGHEST_RATE)
MONTHS = st.integers(1, LONGEST_MONTHS)
SHARES = st.dictionaries(st.integers(1, 10**6), st.integers(1, 500_00), min_size=1, max_size=40)


class TestPlan:
    @given(goal=GOALS, rate=RATES, months=MONTHS)
    def test_repays_the_goal_to_the_cent(self, goal: int, rate: int, months: int) -> None:
        plan = schedules.plan(goal, rate=rate, months=months)
        assert [due.number for due in plan] == list(range(1, months + 1))
        assert sum(due.principal for due in plan) == goal
        assert min(due.principal for due in plan) > 0
        assert {due.amount for due in plan[:-1]} <= {schedules.instalment(goal, rate=rate, months=months)}

    @given(goal=GOALS, rate=RATES, months=MONTHS)
    def test_asks_each_month_for_the_interest_on_what_is_left(
        self, goal: int, rate: int, months: int
    ) -> None:
        left = goal
        for due in schedules.plan(goal, rate=rate, months=months):
            exact = Fraction(left * rate, 12 * 100 * 100)
            assert abs(due.interest - exact) <= Fraction(1, 2)
            assert due.interest - exact != Fraction(-1, 2)  # A half goes up.
            left -= due.principal
        assert left == 0

    @given(goal=st.integers(1, 10**4), rate=st.integers(0, 10**4), months=st.integers(1, 400))
    def test_adds_up_for_terms_that_nobody_has(self, goal: int, rate: int, months: int) -> None:
        plan = schedules.plan(goal, rate=rate, months=months)
        assert sum(due.principal for due in plan) == goal
        assert min(due.principal for due in plan) >= 0

    def test_is_what_a_bank_would_say(self) -> None:
        """1,000 euros at 6 % for a year: 86.07 a month, as any calculator of annuities has it."""
        plan = schedules.plan(1000_00, rate=6_00, months=12)
        assert plan[0] == Due(1, 81_07, 5_00)
        assert plan[1] == Due(2, 81_48, 4_59)
        assert {due.amount for due in plan[:-1]} == {86_07}
        assert abs(plan[-1].amount - 86_07) < 12

    def test_without_interest_divides_the_goal(self) -> None:
        assert [due.amount for due in schedules.plan(100_00, rate=0, months=3)] == [33_33, 33_33, 33_34]

    def test_of_one_month_is_all_of_it(self) -> None:
        assert schedules.plan(200_00, rate=4_50, months=1) == [Due(1, 200_00, 75)]


class TestDueOn:
    @pytest.mark.parametrize(
        ("begun", "number", "due"),
        [
            (date(2026, 11, 22), 1, date(2026, 12, 22)),
            (date(2026, 11, 22), 2, date(2027, 1, 22)),
            (date(2026, 12, 31), 2, date(2027, 2, 28)),
            (date(2027, 12, 31), 2, date(2028, 2, 29)),
            (date(2026, 12, 31), 3, date(2027, 3, 31)),
            (date(2026, 1, 31), 84, date(2033, 1, 31)),
        ],
    )
    def test_is_the_same_day_or_the_months_last(self, begun: date, number: int, due: date) -> None:
        assert schedules.due_on(begun, number=number) == due


class TestAccrued:
    @pytest.mark.parametrize(
        ("today", "interest"),
        [
            (date(2026, 12, 22), 0),
            (date(2026, 12, 23), 3),
            (date(2027, 1, 7), 52),
            (date(2027, 1, 21), 97),
            (date(2027, 1, 22), 100),
            (date(2027, 3, 1), 100),
        ],
    )
    def test_counts_the_days_of_the_month(self, today: date, interest: int) -> None:
        since, until = date(2026, 12, 22), date(2027, 1, 22)
        assert schedules.accrued(100, since=since, until=until, today=today) == interest


class TestSplit:
    @given(amount=st.integers(0, 10**9), weights=SHARES)
    def test_adds_up_and_leaves_nobody_below_the_floor(self, amount: int, weights: dict[int, int]) -> None:
        parts, total = schedules.split(amount, weights), sum(weights.values())
        assert sum(parts.values()) == amount
        for who, weight in weights.items():
            assert amount * weight // total <= parts[who] <= -(-amount * weight // total)

    def test_gives_a_cent_that_is_left_to_the_lowest_number(self) -> None:
        assert schedules.split(100, {9: 1, 3: 1, 7: 1}) == {9: 33, 3: 34, 7: 33}

    def test_gives_it_to_the_largest_remainder_before(self) -> None:
        assert schedules.split(10, {1: 34, 2: 66}) == {1: 3, 2: 7}

    @given(shares=SHARES, rate=RATES, months=st.integers(1, 36))
    def test_gives_each_lender_back_what_they_lent(
        self, shares: dict[int, int], rate: int, months: int
    ) -> None:
        """Over all instalments, however small the shares: what is rounded away comes with a later one."""
        owed = dict(shares)
        for due in schedules.plan(sum(shares.values()), rate=rate, months=months):
            if not due.amount:
                continue
            parts = schedules.shared(due, owed)
            assert sum(part.principal for part in parts.values()) == due.principal
            assert sum(part.interest for part in parts.values()) == due.interest
            for lender, part in parts.items():
                owed[lender] -= part.principal
                assert owed[lender] >= 0
        assert set(owed.values()) == {0}
