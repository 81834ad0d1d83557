"""The sandbox's database, written to by many threads at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError

from sandbox.sqlite import base

THREADS, TURNS = 8, 25


def opened(folder: Path, *, patience: int) -> base.DatabaseWrapper:
    """A connection that waits no longer than these seconds where SQLite says that somebody else writes."""
    wal = "PRAGMA journal_mode=WAL"
    options = {"timeout": patience, "transaction_mode": "IMMEDIATE", "init_command": wal}
    settings = {
        "NAME": folder / "it.sqlite3",
        "OPTIONS": options,
        "TIME_ZONE": None,
        "AUTOCOMMIT": True,
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": False,
    }
    return base.DatabaseWrapper(settings, "default")


def write(connection: base.DatabaseWrapper, *, in_transaction: bool) -> None:
    if in_transaction:
        connection.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE it SET count = count + 1")
    if in_transaction:
        connection.commit()
        connection.set_autocommit(True)


@pytest.fixture
def folder(tmp_path: Path, django_db_blocker: Any) -> Iterator[Path]:
    with django_db_blocker.unblock():  # Of this file only.
        connection = opened(tmp_path, patience=5)
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE it (count integer)")
            cursor.execute("INSERT INTO it VALUES (0)")
        connection.close()
        yield tmp_path


def test_writers_take_turns(folder: Path) -> None:
    """None is ever told that somebody else writes, though none would wait for that a moment."""
    together = threading.Barrier(THREADS)

    def work(number: int) -> None:
        connection = opened(folder, patience=0)
        together.wait(timeout=20)
        for turn in range(TURNS):
            write(connection, in_transaction=bool((number + turn) % 2))
        connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(work, range(THREADS)))
    with opened(folder, patience=5).cursor() as cursor:
        cursor.execute("SELECT count FROM it")
        assert cursor.fetchone() == (THREADS * TURNS,)


def test_who_failed_or_left_keeps_nobody_waiting(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base, "PATIENCE_SECONDS", 0.2)
    first, second = opened(folder, patience=0), opened(folder, patience=0)
    first.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
    with pytest.raises(OperationalError, match="locked"):
        write(second, in_transaction=True)
    first.rollback()
    first.set_autocommit(True)
    write(second, in_transaction=True)
    first.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
    first.close()
    write(second, in_transaction=False)
    with pytest.raises(OperationalError, match="no such table"), first.cursor() as cursor:
        cursor.execute("UPDATE that SET count = 0")
    write(second, in_transaction=True)
