"""How long a test of `tests/faults` breaks things: seconds in `./run check`, minutes in `./run faults`.

What it measured it says as a figure; under `./run faults` each becomes a line of JSON, and one that misses
what is wanted fails the test once all are told. In the short form only what must never be is judged.
"""

from __future__ import annotations

import json
import os
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from payments.models import Limit
from tests.people import set_limit


@dataclass
class Trial:
    """One run of a fault."""

    fault: str
    seed: int
    long_seconds: float  # 0 in the short form
    missed: list[str] = field(default_factory=list)

    @property
    def is_long(self) -> bool:
        return self.long_seconds > 0

    @property
    def dice(self) -> random.Random:
        return random.Random(self.seed)

    def seconds(self, *, short: float) -> float:
        return self.long_seconds or short

    def times(self, *, short: int, long: int) -> int:
        return long if self.is_long else short

    def rounds(self, *, short: int) -> Iterator[int]:
        """Count up: so many in the short form, until the time is over in the long one."""
        deadline = time.monotonic() + self.long_seconds
        number = 0
        while number < short or (self.is_long and time.monotonic() < deadline):
            yield number
            number += 1

    def reached(self, figure: str, value: float, *, at_least: float, **more: Any) -> None:
        """A figure of how much was tried: the more the better, and judged in the long form alone."""
        self._tell(figure, value, f">= {at_least:g}", is_met=not self.is_long or value >= at_least, **more)

    def found(self, figure: str, value: float, *, wanted: float = 0, **more: Any) -> None:
        """A figure of what went wrong, or right: this and no other."""
        self._tell(figure, value, f"= {wanted:g}", is_met=value == wanted, **more)

    def within(self, figure: str, value: float, *, at_most: float, **more: Any) -> None:
        """A figure that has a bound in either form."""
        self._tell(figure, value, f"<= {at_most:g}", is_met=value <= at_most, **more)

    def saw(self, figure: str, value: float, **more: Any) -> None:
        """A figure that nothing is wanted of, to be read beside the others."""
        self._tell(figure, value, "", is_met=True, **more)

    def _tell(self, figure: str, value: float, wanted: str, *, is_met: bool, **more: Any) -> None:
        if not is_met:
            self.missed.append(f"{figure}: {value} (wanted {wanted})")
        if self.is_long:
            line = {"fault": self.fault, "figure": figure, "value": round(value, 3), "wanted": wanted}
            line |= {"is_met": is_met, "seed": self.seed, "seconds": self.long_seconds} | more
            with Path(os.environ["FAULTS_FIGURES"]).open("a", encoding="utf-8") as file:
                file.write(json.dumps(line, ensure_ascii=False) + "\n")


SUMS = ("DAY", "MONTH", "NIGHT", "FIRST_PAYEE", "WALLET")
PLENTY = 10**12


def lift_limits() -> None:
    """Nobody's sums are limited: what a test repeats a thousand times would soon be too much."""
    for name in SUMS:
        set_limit(name, PLENTY)


@pytest.fixture
def unlimited(db: None) -> Iterator[None]:
    """The same, until the test is over: the policy outlives the emptying of the tables."""
    before = list(Limit.objects.all())
    lift_limits()
    yield
    for row in before:
        set_limit(row.name, row.amount, tier=row.tier)


@pytest.fixture
def trial(request: pytest.FixtureRequest) -> Iterator[Trial]:
    name = request.path.stem.removeprefix("test_")
    minutes = float(os.environ.get("FAULTS_MINUTES", "0"))
    one = Trial(name, int(os.environ.get("FAULTS_SEED", "1")), minutes * 60)
    yield one
    assert not one.missed, one.missed
