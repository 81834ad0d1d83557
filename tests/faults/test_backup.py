"""The database brought back from its backup: to a moment in the midst of the load, and to its last commit.

A base backup is taken while writers write; what they write since is in an archive before it is acknowledged
(`pg_receivewal --synchronous`), as docs/production.md asks for. Then the database is lost with all its files.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from launch import choices, environment, place, postgres, servers
from launch.processes import Processes, Program
from tests.faults import bank
from tests.faults.servers import GIVEN
from tests.trial import Trial

LONG_MINUTES = 1
SHORT_SECONDS = 4
WRITERS = 4
ME = "tests.faults.bank"
ARCHIVER = "pg_receivewal"


@dataclass
class Cluster:
    """A PostgreSQL of ours, and how to reach it."""

    processes: Processes
    chosen: choices.Choices
    installation: postgres.Installation
    folder: Path
    told: dict[str, str]

    @property
    def data(self) -> Path:
        return next(path for path in postgres.data_folders(self.folder) if path.is_dir())

    @property
    def address(self) -> str:
        """Of the superuser, who alone may take a backup."""
        secret, port = self.chosen.superuser_password, self.chosen.postgres_port
        return f"postgres://postgres:{secret}@127.0.0.1:{port}/postgres"

    def beside(self, name: str) -> Path:
        """A folder that PostgreSQL's account can write."""
        folder = self.data.with_name(name)
        folder.mkdir(mode=0o700)
        os.chown(folder, self.installation.account.uid, self.installation.account.gid)
        return folder

    def ask(self, statement: str, *, as_superuser: bool = False) -> list[tuple[Any, ...]]:
        address = self.address if as_superuser else self.told["DATABASE_URL"]
        with contextlib.closing(psycopg2.connect(address)) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(statement)
                return list(cursor.fetchall()) if cursor.description else []

    def program(self, name: str, *words: str) -> Program:
        told = self.told | {"PYTHONPATH": str(place.ROOT)}
        return Program(name, [str(place.PYTHON), *words], told, cwd=place.ROOT)

    def tool(self, name: str, *words: str) -> Program:
        """One of PostgreSQL's own programs, as its account."""
        account = self.installation.account
        command = [str(self.installation.bin / name), "-d", self.address, *words]
        return Program(name, command, postgres.ENVIRONMENT, uid=account.uid, gid=account.gid)


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    chosen, folder = choices.Choices(), tmp_path / "servers"
    with pytest.MonkeyPatch.context() as patch, Processes(tmp_path / "logs") as processes:
        for name in GIVEN:
            patch.delenv(name, raising=False)
        choices.take_ports(chosen, servers.needed_ports())
        prepared = servers.prepare(chosen, folder=folder, is_durable=True)
        prepared.start(processes)
        prepared.wait(processes)
        told = environment.of(chosen, folder=folder) | prepared.environment
        one = Cluster(processes, chosen, postgres.find(), folder, told)
        migrate = ("manage.py", "migrate", "--database", "owner", "--verbosity", "0")
        processes.output(one.program("migrate", *migrate))
        yield one
    servers.forget(folder)


@pytest.mark.timeout(300)
def test_the_books_come_back_from_the_backup(trial: Trial, cluster: Cluster, tmp_path: Path) -> None:
    archive, base = cluster.beside("archive"), cluster.beside("base")
    cluster.processes.output(cluster.program("open", "-m", ME, "open"))
    _archive(cluster, archive)
    seconds = trial.seconds(short=SHORT_SECONDS)
    words = ("write", "0", str(WRITERS), str(trial.seed), str(tmp_path))
    cluster.processes.start(cluster.program("writer", "-m", ME, *words))
    _begin(tmp_path)
    cluster.processes.output(cluster.tool("pg_basebackup", "-D", str(base), "-X", "none", "-c", "fast"))
    time.sleep(seconds / 2)
    ((moment,),) = cluster.ask("SELECT clock_timestamp()")
    time.sleep(seconds / 2)
    _lose(cluster)

    then = _restored(cluster, base, archive, name="then", until=moment)
    last = _restored(cluster, base, archive, name="last", until=None)
    made, missing, early = _compared(then, last, moment)
    trial.saw("transfers before the moment", made)
    trial.found("missing at the moment", missing)
    trial.found("from after the moment", early)
    books = [json.loads(_checked(one, tmp_path)) for one in (then, last)]
    trial.found("acknowledged and lost", books[1]["lost"], told=books[1]["told"])
    trial.found("breaches of the books", sum(len(one["breaches"]) for one in books))
    trial.within("seconds to restore", max(then.seconds, last.seconds), at_most=60)
    assert 0 < made < books[1]["made"]


@dataclass
class Restored(Cluster):
    """Another one, brought back from a copy of the backup; in how many seconds."""

    place: Path
    seconds: float = 0

    @property
    def data(self) -> Path:
        return self.place


def _archive(cluster: Cluster, archive: Path) -> None:
    """From here on, a commit is acknowledged when the archive has it."""
    cluster.processes.start(cluster.tool(ARCHIVER, "-D", str(archive), "--synchronous", "--no-loop"))
    for statement in (
        f"ALTER SYSTEM SET synchronous_standby_names = '{ARCHIVER}'",
        "SELECT pg_reload_conf()",
    ):
        cluster.ask(statement, as_superuser=True)
    waits = "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'"
    deadline = time.monotonic() + 30
    while cluster.ask(waits, as_superuser=True) != [(1,)]:
        assert time.monotonic() < deadline, "the archive is not taken for one"
        time.sleep(0.1)


def _begin(folder: Path) -> None:
    """Let the writers go, until they die with their database."""
    while not list(folder.glob("here-*")):
        time.sleep(0.05)
    half = folder / "until.new"
    half.write_text(str(time.monotonic() + 3600), encoding="utf-8")
    half.rename(folder / "until")


def _child(cluster: Cluster, name: str) -> Any:
    return next(child for child in cluster.processes.children if child.program.name == name)


def _lose(cluster: Cluster) -> None:
    """The machine is gone, and its disk, and who wrote to it."""
    for name in ("postgres", "writer"):
        child = _child(cluster, name)
        child.process.send_signal(signal.SIGKILL)
        child.process.wait()
    _child(cluster, ARCHIVER).process.wait(timeout=30)
    shutil.rmtree(cluster.data)


def _restored(cluster: Cluster, base: Path, archive: Path, *, name: str, until: datetime | None) -> Restored:
    data = base.with_name(name)
    account = cluster.installation.account
    shutil.copytree(base, data, copy_function=shutil.copy2)
    for path in (data, *data.rglob("*")):
        os.chown(path, account.uid, account.gid)
    data.chmod(0o700)
    (data / "recovery.signal").touch()
    (data / "postgresql.auto.conf").write_text(_recovery(archive, until), encoding="utf-8")
    begun = time.monotonic()
    choices.take_ports(cluster.chosen, ("postgres_port",))
    port = cluster.chosen.postgres_port
    running = postgres.program(data, cluster.installation, port=port, is_durable=True)
    cluster.processes.start(replace(running, name=name, patience_seconds=60))
    cluster.processes.wait(name)
    at = f"127.0.0.1:{port}/smoney"
    told = cluster.told | {
        "DATABASE_URL": f"postgres://smoney_app:{cluster.chosen.app_password}@{at}",
        "DATABASE_OWNER_URL": f"postgres://smoney_owner:{cluster.chosen.owner_password}@{at}",
    }
    one = Restored(cluster.processes, cluster.chosen, cluster.installation, cluster.folder, told, data)
    bank.patiently(lambda: one.ask("SELECT 1"))
    while one.ask("SELECT pg_is_in_recovery()") != [(False,)]:
        time.sleep(0.05)
    one.seconds = time.monotonic() - begun
    return one


def _recovery(archive: Path, until: datetime | None) -> str:
    """The last piece of the archive may be one that was being written."""
    lines = [f"restore_command = 'cp {archive}/%f %p 2>/dev/null || cp {archive}/%f.partial %p'"]
    if until is not None:
        lines += [f"recovery_target_time = '{until.isoformat()}'", "recovery_target_action = 'promote'"]
    return "\n".join([*lines, ""])


def _compared(then: Cluster, last: Cluster, moment: datetime) -> tuple[int, int, int]:
    """How many transfers are there then; how many of before are missing, how many are from after."""
    posted = "SELECT id, posted_at FROM payments_transfer"
    early, whole = (dict(one.ask(posted)) for one in (then, last))
    sure = {
        id for id, at in whole.items() if at < moment - timedelta(seconds=2)
    }  # Committed by then, surely.
    return len(early), len(sure - early.keys()), sum(at > moment for at in early.values())


def _checked(one: Cluster, folder: Path) -> str:
    words = ("-m", ME, "check", str(folder))
    return one.processes.output(one.program("check", *words))
