"""What a loan's instalments are, and who gets what of them: whole cents, that add up exactly.

Amounts are cents, rates basis points a year. What is no whole number on the way is a fraction.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

_MONTHLY = 12 * 100_00  # A basis point a year is so small a part of a month's interest.


@dataclass(frozen=True, slots=True)
class Due:
    """What is due at the end of a month."""

    number: int
    principal: int
    interest: int

    @property
    def amount(self) -> int:
        return self.principal + self.interest


def plan(goal: int, *, rate: int, months: int) -> list[Due]:
    """Constant instalments: each month's interest on what is left, the rest of it principal.

    The last one takes what is left.
    """
    constant, left, dues = instalment(goal, rate=rate, months=months), goal, []
    for number in range(1, months + 1):
        interest = half_up(Fraction(left * rate, _MONTHLY))
        principal = left if number == months else min(left, max(0, constant - interest))
        dues.append(Due(number, principal, interest))
        left -= principal
    return dues


def instalment(goal: int, *, rate: int, months: int) -> int:
    """What is due each month but the last, of an annuity."""
    if not rate:
        return half_up(Fraction(goal, months))
    monthly = Fraction(rate, _MONTHLY)
    growth = (1 + monthly) ** months
    return half_up(goal * monthly * growth / (growth - 1))


def due_on(begun_on: date, *, number: int) -> date:
    """So many months later, on the same day of the month or on its last."""
    years, month = divmod(begun_on.month - 1 + number, 12)
    year, month = begun_on.year + years, month + 1
    return date(year, month, min(begun_on.day, monthrange(year, month)[1]))


def accrued(interest: int, *, since: date, until: date, today: date) -> int:
    """The part of a month's interest that its days until today make."""
    days, whole = (today - since).days, (until - since).days
    return half_up(Fraction(interest * max(0, min(days, whole)), whole))


def split(amount: int, weights: Mapping[int, int]) -> dict[int, int]:
    """Divide it in proportion to the weights, by the largest remainder; of equal ones the lowest number's.

    The parts add up to it, and each is its proportion, rounded down or up.

    :raises ZeroDivisionError: if nobody weighs anything
    """
    total = sum(weights.values())
    parts = {who: divmod(amount * weight, total) for who, weight in weights.items()}
    missing = amount - sum(whole for whole, _rest in parts.values())
    first = sorted(parts, key=lambda who: (-parts[who][1], who))[:missing]
    return {who: whole + (who in first) for who, (whole, _rest) in parts.items()}


def shared(due: Due, owed: Mapping[int, int]) -> dict[int, Due]:
    """What each lender gets of it, by what is owed to each still: so the last one leaves nobody short.

    Who would get nothing is left out.
    """
    principal, interest = split(due.principal, owed), split(due.interest, owed)
    parts = {who: Due(due.number, principal[who], interest[who]) for who in sorted(owed)}
    return {who: part for who, part in parts.items() if part.amount}


def half_up(value: Fraction) -> int:
    """The whole number that is nearest; of two, the higher."""
    return (2 * value.numerator + value.denominator) // (2 * value.denominator)
