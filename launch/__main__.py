"""Reads the command line of `./run`: a command is a module here whose `main(args)` returns the exit code."""

from __future__ import annotations

import importlib
import sys
from typing import NamedTuple

from launch import choices, ports, postgres, processes, servers, valkey, venv
from launch.progress import say

# What a person at the terminal can do something about: a sentence instead of a traceback.
FOUND_WANTING = (
    venv.NotInstalled,
    ports.NoFreePort,
    postgres.NoPostgres,
    valkey.NoValkey,
    processes.NotStarted,
    servers.HalfAnAddress,
    choices.KeysLost,
)


class Command(NamedTuple):
    module: str
    needs: str  # which of requirements/*.txt
    usage: str
    what: str


COMMANDS = {
    "demo": Command(
        "demo", "demo", "[--play] [--port N] [--fresh]",
        "start S-Money and the world around it; --play walks through it, --fresh forgets old data",
    ),
    "test": Command("testing", "dev", "[--durable] [for pytest]", "run the tests, on servers of their own"),
    "check": Command("checks", "dev", "", "all that CI runs; the tests come last"),
    "lint": Command("lint", "dev", "", "the fast part of check: style, format, import contracts"),
    "bench": Command("bench", "dev", "[name [arguments]]", "measure; alone, list what there is"),
    "faults": Command(
        "faults", "dev", "[--minutes N] [--seed S] [names]",
        "break it for long, and print figures; alone, list what there is",
    ),
    "manage": Command("management", "demo", "command [arguments]", "manage.py on the demo's data"),
    "messages": Command("messages", "dev", "[--check]", "collect what to translate; say what lacks French"),
    "pin": Command("pin", "dev", "[--upgrade]", "compile requirements/*.in into versions with hashes"),
}  # fmt: skip


def main(args: list[str]) -> int:
    name = args[0] if args else "help"
    if name in {"help", "-h", "--help"}:
        print(usage())
        return 0
    if name not in COMMANDS:
        say(f"There is no `./run {name}`.\n\n{usage()}")
        return 2
    command = COMMANDS[name]
    try:
        venv.prepare(command.needs)
        venv.enter(args)
        return int(importlib.import_module(f"launch.{command.module}").main(args[1:]))
    except KeyboardInterrupt:
        return 130
    except (*FOUND_WANTING, OSError) as problem:
        say(str(problem))
        return 1


def usage() -> str:
    lines = ["S-Money: money by post.", ""]
    for name, command in COMMANDS.items():
        lines += [f"  ./run {name} {command.usage}".rstrip(), f"      {command.what}"]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
