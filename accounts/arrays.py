"""Lists as PostgreSQL itself writes arrays: one word for the driver to quote, none for the server to parse.

Element by element, both take longer over a page of posts than over the statement that it is for.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID


def written(values: Sequence[object]) -> str:
    """The list as a word for a parameter of an array's type."""
    if values and values.count(values[0]) == len(values):
        return "{" + ",".join([_word(values[0])] * len(values)) + "}"
    try:
        return "{" + _texts(values) + "}"  # type: ignore[arg-type]  # where one is no text, it says so
    except TypeError:
        return "{" + ",".join(map(_word, values)) + "}"


def _texts(values: Sequence[str]) -> str:
    """All are quoted at once. What stands between them is in none: PostgreSQL takes no text with NUL.

    :raises TypeError: if one of them is no text
    """
    if not values:
        return ""
    line = "\0".join(values)
    if line.count("\0") >= len(values):
        raise ValueError("PostgreSQL takes no text with NUL")
    return '"' + line.replace("\\", "\\\\").replace('"', '\\"').replace("\0", '","') + '"'


def _word(value: object) -> str:
    match value:
        case None:
            return "NULL"
        case int() | UUID():
            return str(value)
        case date():
            return f'"{value.isoformat()}"'
        case str():
            return _texts([value])
        case _:
            raise TypeError(type(value))
