"""The Procfile's processes, for the demo too: what is tried on a laptop is what production runs."""

from __future__ import annotations

from collections.abc import Mapping

from launch import place
from launch.processes import Program

RELEASE = "release"


def commands() -> dict[str, str]:
    """Name → command line, without the release step."""
    lines = (place.ROOT / "Procfile").read_text(encoding="utf-8").splitlines()
    entries = dict(line.split(": ", 1) for line in lines if ": " in line)
    return {name: command for name, command in entries.items() if name != RELEASE}


def programs(environment: Mapping[str, str]) -> list[Program]:
    """Each as one process: the shell that fills in its variables gives way to it."""
    return [
        Program(name, ["/bin/sh", "-c", f"exec {command}"], environment, cwd=place.ROOT)
        for name, command in commands().items()
    ]
