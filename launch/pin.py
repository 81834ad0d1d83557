"""`./run pin`: compiles what we ask for into versions with hashes; no file names where they come from."""

from __future__ import annotations

import subprocess

from launch import place
from launch.progress import step

# Each includes the one before it, but for the last, which is for a benchmark alone.
FILES = ("uv", "base", "demo", "dev", "hordak")
OPTIONS = ("--quiet", "--generate-hashes", "--no-emit-index-url", "--no-header", "--universal")
OLDEST_PYTHON = ("--python-version", "3.11")


def main(args: list[str]) -> int:
    for name in FILES:
        command = [
            place.program("uv"),
            "pip",
            "compile",
            *OPTIONS,
            *OLDEST_PYTHON,
            *args,
            f"requirements/{name}.in",
        ]
        with step(f"Pinning requirements/{name}.txt"):
            finished = subprocess.run(
                [*command, "--output-file", f"requirements/{name}.txt"],
                cwd=place.ROOT,
                check=False,
                stdout=subprocess.DEVNULL,
            )
        if finished.returncode:
            return finished.returncode
    return 0
