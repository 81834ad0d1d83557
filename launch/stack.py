"""The whole of S-Money on one machine, each part started as soon as what it needs is there."""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import hashlib
import http.client
import json
import shutil
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from launch import choices, environment, members, messages, place, procfile, servers
from launch.processes import Processes, Program
from launch.progress import say, step

ENVIRONMENT = "demo.env"
MEMBERS = "members.json"
TABLES = "tables"
# What the tables come from: when it changed, `migrate` has to look.
PRODUCT = ("accounts", "payments", "giving", "shop", "social", "smoney")
READY = "/health/ready"


class Running(Exception):
    """Another launcher has this data folder in use."""


@dataclass(frozen=True)
class Stack:
    choices: choices.Choices
    environment: Mapping[str, str]
    members: list[dict[str, object]]
    processes: Processes


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the data folder for ourselves.

    :raises Running: if another launcher does
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "demo.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as problem:
            raise Running from problem
        yield


@contextlib.contextmanager
def running(
    folder: Path,
    *,
    site_port: int | None = None,
    with_tour: bool = False,
    between: Callable[[dict[str, str]], dict[str, str]] = dict,
) -> Iterator[Stack]:
    """Everything, started; stopped at the end. The folder must be locked.

    `with_tour`, the members have used every service before. `between` may put something between the
    product and what it uses: it gets what the product is told.

    :raises NotStarted: if a part of it does not come up
    """
    chosen = choices.load(folder)
    if (folder / TABLES).exists() and not (folder / MEMBERS).exists():
        say("  The last first start was broken off; beginning again.")
        forget(folder)
    for change in choices.take_ports(chosen, _ports(), site_port=site_port):
        say(f"  {change}")
    choices.save(chosen, folder)
    with Processes(folder / "logs") as processes:
        variables = environment.of(chosen, folder=folder)
        with step("Starting PostgreSQL, Valkey and the sandbox"):
            prepared = servers.prepare(chosen, folder=folder, is_durable=True)
            variables |= prepared.environment
            environment.write(variables, folder / ENVIRONMENT)
            prepared.start(processes)
            processes.start(_sandbox(chosen, variables))
            messages.compile_stale()
            prepared.wait(processes)
        _migrate(folder, processes, variables)
        web, *others = _product(chosen, between(variables))
        with step("Starting web"):
            processes.start(web)
            processes.wait("sandbox", "web")
        processes.start(*others)  # The page is there first; nobody notices these three come up.
        introduced = _introduce(folder, processes, variables, with_tour=with_tour)
        yield Stack(chosen, variables, introduced, processes)


def known(folder: Path) -> list[dict[str, object]]:
    """Whom earlier starts have introduced."""
    file = folder / MEMBERS
    return list(json.loads(file.read_text(encoding="utf-8"))) if file.exists() else []


def forget(folder: Path) -> None:
    """Remove yesterday's data; ports and keys stay as they are."""
    servers.forget(folder)
    shutil.rmtree(folder / "sandbox", ignore_errors=True)
    for name in (MEMBERS, TABLES):
        (folder / name).unlink(missing_ok=True)


def answers(url: str) -> bool:
    """Whether something there says that all is well."""
    try:
        with urllib.request.urlopen(url, timeout=5) as response:  # noqa: S310  # our own address
            return bool(response.status == http.HTTPStatus.OK)
    except (OSError, urllib.error.HTTPError, http.client.HTTPException):
        return False


def _ports() -> tuple[str, ...]:
    return ("site_port", "sandbox_port", "mail_port", *servers.needed_ports())


def _sandbox(chosen: choices.Choices, variables: Mapping[str, str]) -> Program:
    command = [str(place.PYTHON), "-m", "sandbox"]
    at = f"http://127.0.0.1:{chosen.sandbox_port}/"
    return Program("sandbox", command, variables, cwd=place.ROOT, is_ready=lambda _pid: answers(at))


def _product(chosen: choices.Choices, variables: Mapping[str, str]) -> list[Program]:
    variables = {**variables, "HOST": "127.0.0.1", "PORT": str(chosen.site_port)}
    at = f"http://localhost:{chosen.site_port}{READY}"
    return [
        dataclasses.replace(program, is_ready=lambda _pid: answers(at)) if program.name == "web" else program
        for program in procfile.programs(variables)
    ]


def _migrate(folder: Path, processes: Processes, variables: Mapping[str, str]) -> None:
    """Make the tables, unless nothing that they come from has changed since."""
    file, stamp = folder / TABLES, _stamp(variables)
    if file.exists() and file.read_text(encoding="utf-8") == stamp:
        return
    with step("Making the tables"):
        processes.output(_manage("migrate", variables, "--database", "owner", "--verbosity", "0"))
    file.write_text(stamp, encoding="utf-8")


def _introduce(
    folder: Path, processes: Processes, variables: Mapping[str, str], *, with_tour: bool
) -> list[dict[str, object]]:
    """The demo's members; those whom no earlier start has introduced join by themselves, over HTTP."""
    there = known(folder)
    missing = members.missing(there, with_tour=with_tour)
    if not missing:
        return there
    with step("Introducing the members, who sign up as anybody does"):
        command = [str(place.PYTHON), "-m", "launch.members", *missing]
        said = processes.output(Program("members", command, variables, cwd=place.ROOT))
    there += [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    file = folder / MEMBERS
    file.touch(mode=0o600)
    file.write_text(json.dumps(there, indent=2), encoding="utf-8")
    return there


def _manage(command: str, variables: Mapping[str, str], *words: str) -> Program:
    return Program(command, [str(place.PYTHON), "manage.py", command, *words], variables, cwd=place.ROOT)


def _stamp(variables: Mapping[str, str]) -> str:
    digest = hashlib.sha256(variables["DATABASE_URL"].encode())
    for package in PRODUCT:
        for path in sorted((place.ROOT / package).rglob("*")):
            if path.suffix in {".py", ".sql"}:
                digest.update(path.read_bytes())
    return digest.hexdigest()
