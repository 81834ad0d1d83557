"""Every statement, commit and outside call of a piece of work is a point, at which it can be broken off.

KILLED: the process is gone. The database ends its transaction, and whatever the code would still do in an
`except` or `finally` reaches neither the database nor the outside. CUT: the connection is ended by the
server (or, to the outside, the answer is lost), and the process goes on with the exception that it gets.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import psycopg2
import pytest
import requests
from django.db import connection

LITTLE = re.compile(r"\s+|\"|FROM (?=pg_)")
STATEMENT = re.compile(
    r"(?:INSERT INTO|UPDATE|DELETE FROM|SAVEPOINT|RELEASE|ROLLBACK|SELECT .*? FROM|SELECT) *[A-Za-z_.]*"
)


class End(StrEnum):
    KILLED = "killed"
    CUT = "cut"


class Killed(BaseException):
    """Nothing that catches exceptions catches the end of its process."""


@dataclass
class Watch:
    """Counts the points that the work comes to, and breaks it off at the one that is asked for."""

    end: End = End.KILLED
    at: int = 0  # from 1; 0 lets it pass them all
    points: list[str] = field(default_factory=list)
    is_dead: bool = False
    calls_in_transactions: list[str] = field(default_factory=list)

    def database(self, name: str) -> None:
        if self._is_here(name):
            self._die() if self.end is End.KILLED else cut()

    def outside(self, name: str) -> None:
        if connection.in_atomic_block:
            self.calls_in_transactions.append(name)
        if self._is_here(name):
            if self.end is End.KILLED:
                self._die()
            raise requests.ConnectionError(name)

    def _is_here(self, name: str) -> bool:
        if self.is_dead:
            raise Killed
        self.points.append(name)
        return len(self.points) == self.at

    def _die(self) -> None:
        self.is_dead = True
        if connection.connection:
            connection.connection.close()
        raise Killed


def run(work: Callable[[], Any], watch: Watch) -> None:
    """Do the work under the watch; what it raises when it is broken off is its own."""
    with pytest.MonkeyPatch.context() as patch, connection.execute_wrapper(_statements(watch)):
        _watch_commits(watch, patch)
        _watch_calls(watch, patch)
        if not watch.at:
            work()
            return
        with contextlib.suppress(Killed, Exception):
            work()
    forget_connection()


def forget_connection() -> None:
    """As a new process begins: of the one that ended, Django remembers nothing."""
    connection.run_on_commit = []
    connection.savepoint_ids = []
    connection.atomic_blocks = []
    connection.in_atomic_block = connection.needs_rollback = False
    connection.closed_in_transaction = False
    with contextlib.suppress(Exception):
        connection.close()
    connection.connection = None


def cut() -> None:
    """Let the server end our connection, as an administrator or a failover does."""
    if connection.connection is None or connection.connection.closed:
        return
    pid = connection.connection.get_backend_pid()
    with (
        contextlib.closing(psycopg2.connect(**connection.get_connection_params())) as other,
        other.cursor() as cursor,
    ):
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])


def _statements(watch: Watch) -> Callable[..., Any]:
    def execute(go_on: Callable[..., Any], sql: str, *rest: Any) -> Any:
        watch.database(_name(sql))
        return go_on(sql, *rest)

    return execute


def _watch_commits(watch: Watch, patch: pytest.MonkeyPatch) -> None:
    commit = connection._commit  # type: ignore[attr-defined]  # noqa: SLF001  # Django has no hook before a commit

    def watched() -> None:
        watch.database("COMMIT")
        commit()
        watch.database("after COMMIT")

    patch.setattr(connection, "_commit", watched)


def _watch_calls(watch: Watch, patch: pytest.MonkeyPatch) -> None:
    send = requests.Session.send

    def watched(
        self: requests.Session, request: requests.PreparedRequest, **options: Any
    ) -> requests.Response:
        name = f"{request.method} {request.path_url.partition('?')[0]}"
        watch.outside(name)
        answer = send(self, request, **options)
        watch.outside(f"answer to {name}")
        return answer

    patch.setattr(requests.Session, "send", watched)


def _name(sql: str) -> str:
    words = LITTLE.sub(" ", sql).strip()
    found = STATEMENT.match(words)
    short = re.sub(r"^SELECT .* FROM", "SELECT", found[0]) if found else words
    return short[:60].strip()


def each(count: int, *, is_whole: bool) -> Iterator[tuple[int, End]]:
    """All points, each with both ends; or, for a quick look, every other killed at, every sixth cut at."""
    for number in range(1, count + 1):
        if is_whole or number % 2:
            yield number, End.KILLED
        if is_whole or number % 6 == 1:
            yield number, End.CUT
