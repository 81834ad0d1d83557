"""django-hordak, a ledger for Django, as another measure: in a virtualenv of its own, if it is there."""

from __future__ import annotations

import os
import subprocess

from django.db import connections

from launch import place

VENV = place.DATA / "hordak"
HOW_TO_GET_IT = (
    "`python3 -m venv .data/hordak &&"
    " .data/hordak/bin/pip install --require-hashes -r requirements/hordak.txt` brings it in."
)


def is_there() -> bool:
    return (VENV / "bin" / "python").is_file()


def prepare(database: str) -> None:
    """Make its tables there, and accounts to move money between."""
    _run(database, "prepare")


def rate(database: str, *, clients: int, seconds: int) -> float:
    """Its transfers a second."""
    return float(_run(database, "rate", str(clients), str(seconds)))


def _run(database: str, *words: str) -> str:
    at = connections["owner"].get_connection_params()
    names = {name: str(at[name.lower()]) for name in ("HOST", "PORT", "USER", "PASSWORD")} | {
        "NAME": database
    }
    variables = {f"HORDAK_DB_{name}": value for name, value in names.items()}
    command = [str(VENV / "bin" / "python"), "-m", "benchmarks._hordak_transfers", *words]
    done = subprocess.run(
        command, cwd=place.ROOT, env=os.environ | variables, check=True, stdout=subprocess.PIPE, text=True
    )
    return done.stdout
