"""Contenders beside their yardstick, several rounds in turn: medians, ratios, a table and JSON lines.

A round's ratio is of figures taken within the same seconds, so that a machine that slows down slows both;
what is printed is the median of the rounds' ratios. The table goes to standard error, JSON lines to output.
"""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Goal:
    """What the ratio should be."""

    ratio: float
    is_most: bool = False

    def __str__(self) -> str:
        return f"{'≤' if self.is_most else '≥'} {self.ratio:g}"

    def is_met(self, ratio: float) -> bool:
        return ratio <= self.ratio if self.is_most else ratio >= self.ratio


@dataclass(frozen=True)
class Case:
    """A contender: `measure` gives its figure. `facts` are told with it."""

    name: str
    goal: Goal
    measure: Callable[[], float]
    facts: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return " ".join([self.name, *(f"{value} {name}" for name, value in self.facts.items())])


@dataclass
class Contest:
    """A yardstick and those beside it, with the figures of each round."""

    yardstick: str
    measure: Callable[[], float]
    cases: list[Case]
    unit: str = "1/s"
    figures: list[tuple[float, ...]] = field(default_factory=list)

    def take_turns(self) -> None:
        """One round. Every second one goes the other way round, so that nobody always comes first."""
        turns = [self.measure, *(case.measure for case in self.cases)]
        step = -1 if len(self.figures) % 2 else 1
        self.figures.append(tuple([turn() for turn in turns[::step]][::step]))


def run(bench: str, *contests: Contest, rounds: int) -> None:
    """Let them take turns, and print what came of it."""
    for number in range(rounds):
        say(f"round {number + 1} of {rounds} …")
        for contest in contests:
            contest.take_turns()
    lines = [line for contest in contests for line in _lines(contest)]
    say(f"\n{'bench ' + bench:<28}{'median':>10}{'yardstick':>12}{'ratio':>8}   goal    lowest–highest")
    for case, line, ratios in lines:
        met = "met" if case.goal.is_met(line["ratio"]) else "MISSED"
        figures = f"{line['value']:>10,.0f}{line['yardstick']:>12,.0f}{line['ratio']:>8.2f}"
        say(f"{case!s:<28}{figures}   {case.goal!s:<7} {min(ratios):.2f}–{max(ratios):.2f} {met}")
    for case, line, _ratios in lines:
        told = {"bench": bench, "case": case.name} | line | case.facts | {"rounds": rounds}
        print(json.dumps(told, ensure_ascii=False), flush=True)


def say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


def argument(number: int, default: int) -> int:
    """The command's argument of that number, from 1 on."""
    return int(sys.argv[number]) if len(sys.argv) > number else default


def _lines(contest: Contest) -> list[tuple[Case, dict[str, Any], list[float]]]:
    found = []
    for place, case in enumerate(contest.cases, start=1):
        ratios = [figures[place] / figures[0] for figures in contest.figures]
        line = {
            "ratio": round(statistics.median(ratios), 3),
            "value": round(statistics.median(figures[place] for figures in contest.figures), 1),
            "unit": contest.unit,
            "yardstick": round(statistics.median(figures[0] for figures in contest.figures), 1),
            "beside": contest.yardstick,
        }
        found.append((case, line, ratios))
    return found
