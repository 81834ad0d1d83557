"""SQLite for a process of many threads: who writes waits in a queue, and goes on when it is their turn.

SQLite lets one write at a time, and lets the others look again after ever longer sleeps, up to a tenth of a
second (https://sqlite.org/c3ref/busy_timeout.html): with a dozen writers they sleep more than they write.
"""

from __future__ import annotations

import threading
from typing import Any

from django.db.backends.sqlite3 import base
from django.db.utils import OperationalError

PATIENCE_SECONDS = 20
_WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE")
_turn = threading.Lock()


class DatabaseWrapper(base.DatabaseWrapper):
    """Takes its turn for a transaction, and for a statement that writes outside of one."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._has_turn = False
        self.execute_wrappers.append(self._execute_in_turn)

    def _start_transaction_under_autocommit(self) -> None:
        self._take_turn()
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]  # not in the stubs
        except BaseException:
            self._end_turn()
            raise

    def _commit(self) -> None:
        try:
            super()._commit()  # type: ignore[misc]  # not in the stubs
        finally:
            self._end_turn()

    def _rollback(self) -> None:
        try:
            super()._rollback()  # type: ignore[misc]  # not in the stubs
        finally:
            self._end_turn()

    def _close(self) -> None:
        try:
            super()._close()  # type: ignore[misc]  # not in the stubs
        finally:
            self._end_turn()

    def _execute_in_turn(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if self._has_turn or not sql.startswith(_WRITES):
            return execute(sql, params, many, context)
        self._take_turn()
        try:
            return execute(sql, params, many, context)
        finally:
            self._end_turn()

    def _take_turn(self) -> None:
        """:raises OperationalError: as SQLite's own, if others take too long"""
        if not _turn.acquire(timeout=PATIENCE_SECONDS):
            raise OperationalError("database is locked")
        self._has_turn = True

    def _end_turn(self) -> None:
        if self._has_turn:
            self._has_turn = False
            _turn.release()
