"""SQL statements that each connection parses and plans once, for what every payment and every page asks.

A payment's statements take longer to plan than to run, and the ORM several times as long as both. Whatever is
asked together goes to the database in one message; each statement of it sees what was committed before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db import connection
from django.db.backends.utils import CursorWrapper

Row = tuple[Any, ...]


class Call(NamedTuple):
    """A statement with the facts that it is to be run with."""

    statement: Prepared
    facts: dict[str, Any]


class Prepared:
    """A statement by its name; for each fact `%(payer)s` of its text an SQL type, `payer="bigint"`."""

    def __init__(self, name: str, sql: str, /, **types: str) -> None:
        self.name = name
        places = {fact: f"${number}" for number, fact in enumerate(types, start=1)}
        declared = f"({', '.join(types.values())})" if types else ""
        self.preparation = f"PREPARE {name}{declared} AS {sql % places}"
        given = f"({', '.join(f'%({fact})s' for fact in types)})" if types else ""
        self.execution = f"EXECUTE {name}{given}"
        self._hash = hash((name, self.preparation))

    def __eq__(self, other: object) -> bool:
        """Two threads may each build the same statement: to a connection that is one."""
        if not isinstance(other, Prepared):
            return NotImplemented
        return (self.name, self.preparation) == (other.name, other.preparation)

    def __hash__(self) -> int:
        return self._hash

    def __call__(self, /, **facts: Any) -> Call:
        return Call(self, facts)


def run(*calls: Call) -> list[Row]:
    """Run these one after the other, in one message; the rows of the last.

    :raises django.db.Error: as the first of them that fails
    """
    with connection.cursor() as cursor:
        _execute(cursor, calls)
        return cursor.fetchall() if cursor.description else []


def named(call: Call) -> dict[str, Any]:
    """Its one row, by the names of its columns.

    :raises django.db.Error: as it fails
    """
    with connection.cursor() as cursor:
        _execute(cursor, [call])
        assert cursor.description
        names = [column.name for column in cursor.description]
        return dict(zip(names, cursor.fetchone(), strict=True))


def _execute(cursor: CursorWrapper, calls: Sequence[Call]) -> None:
    known = _known()
    for statement in {call.statement for call in calls} - known:
        cursor.execute(statement.preparation)
        known.add(statement)
    # One by one they would be as many round trips; the driver quotes the values either way.
    said = [cursor.mogrify(call.statement.execution, call.facts).decode() for call in calls]
    cursor.execute("; ".join(said))


def _known() -> set[Prepared]:
    """What the connection of this thread has prepared: a new one to the database knows nothing."""
    of, known = getattr(connection, "_prepared", (None, set()))
    if of is not connection.connection:
        known = set()
        connection._prepared = connection.connection, known  # type: ignore[attr-defined]  # noqa: SLF001  # ours, on Django's
    return known
