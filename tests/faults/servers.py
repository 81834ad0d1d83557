"""Servers that a test may kill: PostgreSQL and Valkey of its own, with the tables made."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg2
import pytest

from launch import place, testing
from launch.processes import Child, Processes, Program

GIVEN = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL")


@dataclass
class Servers:
    processes: Processes
    environment: dict[str, str]

    def program(self, name: str, *words: str) -> Program:
        """Some Python of ours that uses them."""
        told = self.environment | {"PYTHONPATH": str(place.ROOT)}
        return Program(name, [str(place.PYTHON), *words], told, cwd=place.ROOT)

    def child(self, name: str) -> Child:
        (child,) = (child for child in self.processes.children if child.program.name == name)
        return child

    def kill(self, name: str) -> None:
        """`kill -9`, and start it again."""
        child = self.child(name)
        child.process.send_signal(signal.SIGKILL)
        child.process.wait()
        child.start()
        self.processes.wait(name)

    def cut(self) -> int:
        """End all connections of the application's role; how many there were."""
        statement = (
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE usename = current_user AND pid <> pg_backend_pid()"
        )
        with (
            contextlib.closing(psycopg2.connect(self.environment["DATABASE_URL"])) as connection,
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
            return int(cursor.fetchone()[0])


@contextlib.contextmanager
def own() -> Iterator[Servers]:
    """Durable ones, gone when it ends."""
    with pytest.MonkeyPatch.context() as patch:
        for name in GIVEN:
            patch.delenv(name, raising=False)
        running = testing.own_servers(is_durable=True)
        processes, variables = running.__enter__()
    try:
        servers = Servers(processes, variables)
        words = ("manage.py", "migrate", "--database", "owner", "--verbosity", "0")
        processes.output(servers.program("migrate", *words))
        yield servers
    finally:
        running.__exit__(None, None, None)
