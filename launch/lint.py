"""`./run lint`: the checks that take seconds; style, format, import contracts."""

from __future__ import annotations

import concurrent.futures
import os
import subprocess
import time
from typing import NamedTuple

from launch import choices, environment, place
from launch.progress import say

LAUNCHER = "run"  # It has no suffix, so the linters have to be told of it.


class Check(NamedTuple):
    what: str
    command: tuple[str, ...]


CHECKS = (
    Check("style", ("ruff", "check", "--quiet", ".", LAUNCHER)),
    Check("format", ("ruff", "format", "--check", "--quiet", ".", LAUNCHER)),
    Check("import contracts", ("lint-imports",)),
)


def main(_args: list[str]) -> int:
    return int(not all_pass(CHECKS, environment.of(choices.Choices(), folder=place.DATA)))


def all_pass(checks: tuple[Check, ...], variables: dict[str, str]) -> bool:
    """Run them side by side; say of each how it went, with its words if it failed."""
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        return all(list(pool.map(lambda check: _passes(check, variables), checks)))


def _passes(check: Check, variables: dict[str, str]) -> bool:
    start = time.monotonic()
    words = [place.program(check.command[0]), *check.command[1:]]
    finished = subprocess.run(
        words, env=variables, cwd=place.ROOT, text=True, check=False,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    is_fine = finished.returncode == 0
    words_of_it = "" if is_fine else f"\n{finished.stdout.rstrip()}\n"
    say(f"{'✓' if is_fine else '✗'} {check.what}  {time.monotonic() - start:.1f} s{words_of_it}")
    return is_fine
