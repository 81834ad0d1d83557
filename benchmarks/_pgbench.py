"""pgbench, which comes with PostgreSQL: its own TPC-B-like transaction, the yardstick, and scripts of ours.

Both run as prepared statements over the same kind of connection, so that what differs is the work.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from django.db import connections

from launch import postgres

SCALE = 16  # Above the clients: TPC-B's branches are rows that they would queue for.


class Failed(Exception):
    """pgbench could not, or some of its transactions failed."""


def prepare(database: str, *, scale: int = SCALE) -> None:
    """Make the yardstick's tables."""
    _run(database, "owner", "--initialize", "--quiet", f"--scale={scale}")


def tpc_b(database: str, *, clients: int, seconds: int) -> float:
    """TPC-B-like transactions a second."""
    return _rate(database, "owner", "--builtin=tpcb-like", clients=clients, seconds=seconds)


def script(database: str, text: str, *, clients: int, seconds: int, **variables: int) -> float:
    """Runs a second of our script, as the application's role."""
    with tempfile.TemporaryDirectory(prefix="s-money-bench-") as folder:
        file = Path(folder) / "script.sql"
        file.write_text(text, encoding="utf-8")
        defined = [f"--define={name}={value}" for name, value in variables.items()]
        return _rate(database, "default", f"--file={file}", *defined, clients=clients, seconds=seconds)


def _rate(database: str, role: str, *words: str, clients: int, seconds: int) -> float:
    threads = min(clients, os.cpu_count() or 1)
    options = ("--no-vacuum", "--protocol=prepared", f"--client={clients}", f"--jobs={threads}")
    said = _run(database, role, *options, f"--time={seconds}", *words)
    failed = re.search(r"failed transactions: ([0-9]+)", said)
    rate = re.search(r"^tps = ([0-9.]+)", said, re.MULTILINE)
    if rate is None or (failed and int(failed[1])):
        raise Failed(said)
    return float(rate[1])


def _run(database: str, role: str, *words: str) -> str:
    at: dict[str, Any] = connections[role].get_connection_params()
    where = (f"--host={at['host']}", f"--port={at['port']}", f"--username={at['user']}", database)
    done = subprocess.run(
        [str(postgres.find().bin / "pgbench"), *words, *where],
        env={**os.environ, "PGPASSWORD": at["password"]},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise Failed(done.stderr)
    return done.stdout
