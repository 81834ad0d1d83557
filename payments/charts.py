"""Bars as numbers that a template draws: each with its value beside it, so that no colour is needed.

Units are those of the drawing's own grid, 360 wide, as a telephone is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

WIDTH = 360
_ROW = 24
_LABELS = 64  # Where bars begin: labels are to the left.
_VALUES = 92  # What the longest value needs, to the right of a bar.
_MOST = WIDTH - _LABELS - _VALUES


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One row: how long its bar is, where its words stand; `second` is the length of the bar below it."""

    label: str
    value: int
    y: int
    baseline: int
    length: int
    value_at: int
    second: int
    second_y: int


@dataclass(frozen=True, kw_only=True)
class Chart:
    bars: Sequence[Bar]
    height: int
    start: int = _LABELS
    width: int = WIDTH
    thickness: int = 14
    second_thickness: int = 4


def rows(values: Iterable[tuple[str, int, int]]) -> Chart:
    """A row for each label, with its value's bar and, below it, that of a second value."""
    given = list(values)
    top = max([1, *(max(value, second) for _label, value, second in given)])
    bars = [
        Bar(
            label=label,
            value=value,
            y=place * _ROW,
            baseline=place * _ROW + 12,
            length=_length(value, top),
            value_at=_LABELS + _length(max(value, second), top) + 6,
            second=_length(second, top),
            second_y=place * _ROW + 15,
        )
        for place, (label, value, second) in enumerate(given)
    ]
    return Chart(bars=bars, height=max(1, len(bars)) * _ROW)


def _length(value: int, top: int) -> int:
    """What is not nothing is to be seen."""
    return max(1, value * _MOST // top) if value > 0 else 0
