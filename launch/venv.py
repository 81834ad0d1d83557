"""Makes `.venv` and keeps it equal to the hashed requirements; a stamp makes the next time cost nothing."""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
import sys
import venv

from launch.place import DATA, PYTHON, REQUIREMENTS, VENV, program
from launch.progress import say, step

STAMP = VENV / "installed"
# What holds what: the development requirements include the demo's.
INCLUDED_IN = {"demo": ("demo", "dev"), "dev": ("dev",)}


class NotInstalled(Exception):
    """The packages cannot be installed; the message says what the installer said."""


def prepare(needs: str) -> None:
    """Install `requirements/<needs>.txt`, unless it is there.

    :raises NotInstalled: if the installer fails
    """
    if is_prepared(needs):
        return
    DATA.mkdir(exist_ok=True)
    with (DATA / "venv.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not is_prepared(needs):
            _install(needs)


def is_prepared(needs: str) -> bool:
    if not (STAMP.is_file() and os.access(PYTHON, os.X_OK)):
        return False
    return STAMP.read_text(encoding="utf-8") in {stamp(which) for which in INCLUDED_IN[needs]}


def stamp(which: str) -> str:
    """What is installed: the requirements' name and contents, and the Python that they are for."""
    contents = (REQUIREMENTS / f"{which}.txt").read_bytes()
    return f"{which} {hashlib.sha256(contents).hexdigest()} {sys.version}"


def enter(args: list[str]) -> None:
    """Go on as the same command in `.venv`'s Python; does not return unless we are there already."""
    if not is_inside():
        os.chdir(VENV.parent)
        os.execv(PYTHON, [str(PYTHON), "-m", "launch", *args])  # noqa: S606  # no shell is wanted


def is_inside() -> bool:
    return sys.prefix == str(VENV)


def _install(needs: str) -> None:
    was = STAMP.read_text(encoding="utf-8") if STAMP.is_file() else ""
    needs = "dev" if was.startswith("dev ") else needs  # A developer's tools stay where they were.
    STAMP.unlink(missing_ok=True)  # What is broken off from here on is made anew: packages may be half there.
    if not was.endswith(sys.version) and not is_inside():
        with step("Making .venv"):
            venv.create(VENV, clear=True, with_pip=True, symlinks=True)
    with step(f"Installing requirements/{needs}.txt"):
        _sync(needs)
    STAMP.write_text(stamp(needs), encoding="utf-8")


def _sync(needs: str) -> None:
    """Make `.venv` hold what the file says, by uv, or by pip where only that one reaches a registry."""
    file = str(REQUIREMENTS / f"{needs}.txt")
    pip = [str(PYTHON), "-m", "pip", "--quiet", "--disable-pip-version-check", "install", "--require-hashes"]
    uv = [program("uv"), "pip", "sync", "--quiet", "--system-certs", "--require-hashes"]
    is_there = _succeeds([*pip, "-r", str(REQUIREMENTS / "uv.txt")])
    if is_there and _succeeds([*uv, "--python", str(PYTHON), file]):
        return
    say("  uv could not; trying with pip, which takes longer.")
    finished = subprocess.run([*pip, "-r", file], check=False)
    if finished.returncode:
        raise NotInstalled(f"The packages of {file} cannot be installed: pip says why above.")


def _succeeds(command: list[str]) -> bool:
    try:
        finished = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as problem:
        say(f"  {problem}")
        return False
    if finished.returncode:
        say("\n".join(f"  {line}" for line in finished.stderr.splitlines()[-3:]))
    return finished.returncode == 0
