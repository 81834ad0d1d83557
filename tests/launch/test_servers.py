"""Our own PostgreSQL and Valkey, for real: durable, closed, back after a kill, gone with the launcher."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg2
import pytest
from redis import Redis

from launch import choices, place, ports, postgres, servers
from launch.processes import Child, Processes

LAUNCHER = """
import pathlib, sys
from launch import choices, servers
from launch.processes import Processes
folder = pathlib.Path(sys.argv[1])
chosen = choices.Choices()
choices.take_ports(chosen, ("postgres_port", "valkey_port"))
with Processes(folder / "logs") as processes:
    prepared = servers.prepare(chosen, folder=folder, is_durable=False)
    prepared.start(processes)
    prepared.wait(processes)
    print(*(child.process.pid for child in processes.children), flush=True)
    processes.watch_forever()
"""


@pytest.fixture(scope="module", autouse=True)
def _own_ones() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL"):
            patch.delenv(name, raising=False)
        yield


@pytest.fixture(scope="class")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A place that PostgreSQL's account can reach also when root runs the tests."""
    folder = tmp_path_factory.mktemp("servers")
    yield folder
    servers.forget(folder)


@pytest.fixture(scope="class")
def running(folder: Path) -> Iterator[tuple[Processes, dict[str, str]]]:
    chosen = choices.Choices()
    choices.take_ports(chosen, servers.needed_ports())
    with Processes(folder / "logs") as processes:
        prepared = servers.prepare(chosen, folder=folder, is_durable=True)
        prepared.start(processes)
        prepared.wait(processes)
        yield processes, prepared.environment
    ports.release()


def child(processes: Processes, name: str) -> Child:
    return next(child for child in processes.children if child.program.name == name)


def until(is_so: Callable[[], bool], *, seconds: float = 30) -> bool:
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def ask(url: str, statement: str) -> list[tuple[object, ...]]:
    connection = psycopg2.connect(url)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def is_back(processes: Processes, killed: Child) -> bool:
    processes.watch()
    return killed.starts > 1 and killed.is_alive and killed.program.is_ready(killed.process.pid)


def has_ended(pid: int) -> bool:
    try:
        return "\nState:\tZ" in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return True


class TestServers:
    def test_keep_what_they_acknowledge(self, running: tuple[Processes, dict[str, str]]) -> None:
        _, urls = running
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            assert ask(urls["DATABASE_URL"], f"SHOW {setting}") == [("on",)]
        assert Redis.from_url(urls["REDIS_URL"]).config_get("appendonly") == {"appendonly": "yes"}

    def test_give_the_application_no_rights_over_tables(
        self, running: tuple[Processes, dict[str, str]]
    ) -> None:
        _, urls = running
        rights = ask(
            urls["DATABASE_URL"],
            "SELECT rolsuper, rolcreatedb, rolcreaterole, rolbypassrls, rolreplication FROM pg_roles"
            " WHERE rolname = current_user",
        )
        assert rights == [(False,) * 5]
        with pytest.raises(psycopg2.Error, match="permission denied"):
            ask(urls["DATABASE_URL"], "CREATE TABLE mine (id int)")

    def test_want_a_password(self, running: tuple[Processes, dict[str, str]]) -> None:
        _, urls = running
        with pytest.raises(psycopg2.Error, match="password authentication failed"):
            psycopg2.connect(urls["DATABASE_URL"], password="wrong")
        with pytest.raises(Exception, match=r"(?i)password"):
            Redis.from_url(urls["REDIS_URL"].replace("//:", "//:not")).ping()

    @pytest.mark.parametrize("name", ["postgres", "valkey"])
    def test_come_back_after_a_kill_with_their_data(
        self, running: tuple[Processes, dict[str, str]], name: str
    ) -> None:
        processes, urls = running
        ask(urls["DATABASE_OWNER_URL"], f"CREATE TABLE {name}_killed AS SELECT 1 AS one")
        Redis.from_url(urls["REDIS_URL"]).set("kept", 1)
        Redis.from_url(urls["REDIS_URL"]).waitaof(1, 0, 5000)
        killed = child(processes, name)
        killed.process.send_signal(signal.SIGKILL)
        assert until(lambda: not killed.is_alive)

        assert until(lambda: is_back(processes, killed))

        assert ask(urls["DATABASE_OWNER_URL"], f"SELECT one FROM {name}_killed") == [(1,)]
        assert Redis.from_url(urls["REDIS_URL"]).get("kept") == b"1"

    def test_start_beside_the_note_of_a_killed_one_whose_number_is_another_s_now(
        self, running: tuple[Processes, dict[str, str]], folder: Path
    ) -> None:
        processes, urls = running
        killed = child(processes, "postgres")
        killed.process.send_signal(signal.SIGKILL)
        killed.process.wait()
        (data,) = postgres.data_folders(folder)
        note = data / "postmaster.pid"
        lines = note.read_text().splitlines()
        note.write_text("\n".join([str(os.getpid()), *lines[1:], ""]))
        # The killed one's sessions end by themselves, a moment later.
        assert until(lambda: is_back(processes, killed))
        assert ask(urls["DATABASE_URL"], "SELECT 1") == [(1,)]

    def test_start_once_a_killed_one_s_last_session_is_gone(
        self, running: tuple[Processes, dict[str, str]]
    ) -> None:
        """It refuses to start beside them; on a busy machine they take their time."""
        processes, urls = running
        killed = child(processes, "postgres")
        with contextlib.closing(psycopg2.connect(urls["DATABASE_URL"])) as session:
            slow = session.get_backend_pid()
            os.kill(slow, signal.SIGSTOP)
            killed.process.send_signal(signal.SIGKILL)
            killed.process.wait()
            threading.Timer(1, os.kill, (slow, signal.SIGCONT)).start()

            killed.start()
            processes.wait("postgres")
        assert ask(urls["DATABASE_URL"], "SELECT 1") == [(1,)]


class TestLauncher:
    @pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
    def test_leaves_no_process_behind(self, folder: Path, end: signal.Signals) -> None:
        command = [sys.executable, "-c", LAUNCHER, str(folder)]
        with subprocess.Popen(
            command, cwd=place.ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ) as launcher:
            assert launcher.stdout
            pids = [int(word) for word in launcher.stdout.readline().split()]
            sessions = [int(pid) for pid in _children(pids[0])]
            launcher.send_signal(end)
        assert len(pids) == 2
        assert sessions
        assert until(lambda: all(has_ended(pid) for pid in [*pids, *sessions]))


def _children(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
