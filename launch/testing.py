"""`./run test`: pytest on a PostgreSQL and a Valkey of its own, gone when it ends."""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from launch import choices, environment, messages, place, servers
from launch.processes import Processes, Program
from launch.progress import say, step

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
MOST_WORKERS = 8
HOW_TO_GET_CHROMIUM = (
    "Left out: the browser tests, because there is no Chromium. `apt install chromium` brings them in,"
    " or CHROMIUM=/path/to/one."
)


def main(args: list[str]) -> int:
    is_durable = "--durable" in args
    rest = [word for word in args if word != "--durable"]
    with own_servers(is_durable=is_durable) as (processes, variables):
        return pytest(processes, variables, rest)


@contextlib.contextmanager
def own_servers(*, is_durable: bool) -> Iterator[tuple[Processes, dict[str, str]]]:
    """Servers on free ports with new data, and the environment of who uses them."""
    folder = Path(tempfile.mkdtemp(prefix="s-money-test-"))
    chosen = choices.Choices()
    try:
        with Processes(folder / "logs") as processes:
            with step("Starting PostgreSQL and Valkey for this run"):
                choices.take_ports(chosen, servers.needed_ports())
                prepared = servers.prepare(chosen, folder=folder, is_durable=is_durable)
                prepared.start(processes)
                prepared.wait(processes)
            yield processes, environment.of(chosen, folder=folder) | prepared.environment
    finally:
        servers.forget(folder)
        shutil.rmtree(folder, ignore_errors=True)


def pytest(processes: Processes, variables: dict[str, str], args: list[str]) -> int:
    """Run the tests; say at the end, where nobody overlooks it, if those in a browser were left out."""
    messages.compile_stale()
    browser = chromium()
    variables = variables | ({"CHROMIUM": browser} if browser else {})
    words = [*_spread(args), *([] if browser else _without_browser(args))]
    command = [str(place.PYTHON), "-m", "pytest", *words]
    code = processes.foreground(Program("pytest", command, variables, cwd=place.ROOT))
    if not browser:
        say(HOW_TO_GET_CHROMIUM)
    return code


def chromium() -> str | None:
    named = os.environ.get("CHROMIUM")
    return named or next(filter(None, map(shutil.which, BROWSERS)), None)


def _spread(args: list[str]) -> list[str]:
    """One worker a core, but for what is over sooner than the workers are there, or wants the terminal."""
    is_chosen = any(word.startswith(("-n", "--numprocesses", "--pdb", "--trace")) for word in args)
    is_small = any("::" in word or word.endswith(".py") for word in args)
    workers = min(os.cpu_count() or 1, MOST_WORKERS)
    return list(args) if is_chosen or is_small or workers == 1 else ["-n", str(workers), *args]


def _without_browser(args: list[str]) -> list[str]:
    """The marks that were asked for, and no browser: of several `-m` pytest takes the last."""
    asked = [after for word, after in itertools.pairwise(args) if word == "-m"]
    return ["-m", f"({asked[-1]}) and not browser" if asked else "not browser"]
