"""PostgreSQL and Valkey for whoever needs them: the ones that the environment names, else our own."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from launch import postgres, valkey
from launch.choices import Choices
from launch.processes import Processes, Program


class HalfAnAddress(Exception):
    """One of the two roles' addresses is given, and the other is not."""


@dataclass(frozen=True)
class Servers:
    """Programs still to be started, and where they will answer."""

    programs: list[Program]
    environment: dict[str, str]

    def start(self, processes: Processes) -> None:
        processes.start(*self.programs)

    def wait(self, processes: Processes) -> None:
        processes.wait(*(program.name for program in self.programs))


def needed_ports() -> tuple[str, ...]:
    """Which ports our own servers take."""
    given = {"postgres_port": "DATABASE_URL", "valkey_port": "REDIS_URL"}
    return tuple(port for port, name in given.items() if name not in os.environ)


def prepare(choices: Choices, *, folder: Path, is_durable: bool) -> Servers:
    """Make their data and settings where they are missing.

    :raises HalfAnAddress: if DATABASE_URL is set without DATABASE_OWNER_URL
    :raises postgres.NoPostgres, valkey.NoValkey: if the machine has none that runs
    """
    programs, environment = [], {}
    if "DATABASE_URL" in os.environ:
        if "DATABASE_OWNER_URL" not in os.environ:
            raise HalfAnAddress(
                "DATABASE_URL is set: set DATABASE_OWNER_URL too, the role that owns the tables."
            )
    else:
        programs.append(_postgres(choices, folder, is_durable=is_durable))
        at = f"127.0.0.1:{choices.postgres_port}/smoney"
        environment["DATABASE_URL"] = f"postgres://smoney_app:{choices.app_password}@{at}"
        environment["DATABASE_OWNER_URL"] = f"postgres://smoney_owner:{choices.owner_password}@{at}"
    if "REDIS_URL" not in os.environ:
        password = choices.valkey_password
        port = choices.valkey_port
        programs.append(
            valkey.program(
                folder / "valkey", valkey.find(), port=port, password=password, is_durable=is_durable
            )
        )
        environment["REDIS_URL"] = f"redis://:{password}@127.0.0.1:{port}/0"
    return Servers(programs, environment)


def forget(folder: Path) -> None:
    """Remove our own servers' data of this folder, wherever it had to be put."""
    postgres.forget(folder)
    shutil.rmtree(folder / "valkey", ignore_errors=True)


def _postgres(choices: Choices, folder: Path, *, is_durable: bool) -> Program:
    installation = postgres.find()
    passwords = postgres.Passwords(choices.superuser_password, choices.owner_password, choices.app_password)
    data = postgres.make(folder, installation, passwords, is_durable=is_durable)
    return postgres.program(data, installation, port=choices.postgres_port, is_durable=is_durable)
