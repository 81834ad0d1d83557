"""Rows for a spreadsheet: no cell is a formula, whoever wrote what is in it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator

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


def stream(heads: Iterable[object], lines: Iterable[Iterable[object]]) -> Iterator[str]:
    """As `rows`, line by line, however many there are."""
    yield rows(heads, ())
    for line in lines:
        yield rows(line, ())[1:]  # Its mark is at the beginning alone.


def cell(value: object) -> str:
    """The value as text; what a spreadsheet would run is quoted, a number below zero is none of that."""
    text = "" if value is None else str(value)
    return text if _NUMBER.fullmatch(text) else _FORMULA.sub("'", text)
