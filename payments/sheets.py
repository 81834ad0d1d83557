"""Rows for a spreadsheet: no cell is a formula, whoever wrote what is in it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from itertools import islice

from payments import money

MOST_LINES = 50_000  # Of a sheet that grows without end: it is put together while a thread waits.
# Where a cell begins, or would for whoever opens the sheet with another separator, or reads line by line.
_FORMULA = re.compile(r"""\A(?=[=+\-@\t\r])|(?<=[,;\t\r\n])(?="*[=+\-@])""")
_NUMBER = re.compile(r"-?[0-9]+(?:,[0-9]{2})?", re.ASCII)


def rows(heads: Iterable[object], lines: Iterable[Iterable[object]]) -> str:
    """CSV as French spreadsheets open it: semicolons, and the mark of UTF-8."""
    sheet = io.StringIO()
    writer = csv.writer(sheet, delimiter=";", lineterminator="\r\n")
    writer.writerow([cell(head) for head in heads])
    writer.writerows([cell(value) for value in line] for line in lines)
    return "\ufeff" + sheet.getvalue()


def stream(heads: Iterable[object], lines: Iterable[Iterable[object]], *, beyond: str) -> Iterator[str]:
    """As `rows`, line by line, and no more than `MOST_LINES`.

    `beyond` is its last line where there are more, and may say how many there are: `%(lines)d`.
    """
    yield rows(heads, ())
    rest = iter(lines)
    for line in islice(rest, MOST_LINES):
        yield _row(line)
    if next(rest, None) is not None:
        yield _row([beyond % {"lines": MOST_LINES}])


def euros(cents: int) -> str:
    """As French spreadsheets read a number, also one below zero."""
    return ("-" if cents < 0 else "") + money.write(abs(cents)).removesuffix("€")


def cell(value: object) -> str:
    """The value as text; what a spreadsheet would run is quoted, a number below zero is none of that."""
    text = "" if value is None else str(value)
    return text if _NUMBER.fullmatch(text) else _FORMULA.sub("'", text)


def _row(values: Iterable[object]) -> str:
    return rows(values, ())[1:]  # The mark is at the beginning of the sheet alone.
