"""`./run faults`: what breaks, in its long form; figures are JSON lines on standard output.

Each is a file of `tests/faults` that says in `LONG_MINUTES` how long it wants: the same code that
`./run check` runs for seconds. A figure that is missed makes the exit code 1.
"""

from __future__ import annotations

import argparse
import ast
import tempfile
from pathlib import Path

from launch import messages, place, testing
from launch.processes import Processes, Program
from launch.progress import say

FOLDER = place.ROOT / "tests" / "faults"
ALL = "all"


def main(args: list[str]) -> int:
    if not args:
        print(listing())
        return 0
    words = _parser().parse_args(args)
    chosen = sorted(names()) if words.names in ([], [ALL]) else words.names
    if unknown := [name for name in chosen if name not in names()]:
        say(f"There is no fault {unknown[0]!r}.\n\n{listing()}")
        return 2
    messages.compile_stale()
    with testing.own_servers(is_durable=False) as (processes, variables):
        codes = [
            _run(name, words.minutes, words.seed, processes=processes, variables=variables) for name in chosen
        ]
    return max(codes)


def listing() -> str:
    lines = [f"  ./run faults {name:<9} {_description(path)}" for name, path in sorted(names().items())]
    return "\n".join([*lines, "  ./run faults all       one after the other"])


def names() -> dict[str, Path]:
    """The files that have a long form, by their short names."""
    found = {path.stem.removeprefix("test_"): path for path in FOLDER.glob("test_*.py")}
    return {name: path for name, path in found.items() if _long_minutes(path)}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./run faults")
    parser.add_argument(
        "--minutes", type=float, help="for each; without it, as long as each one's figures ask"
    )
    parser.add_argument("--seed", type=int, default=1, help="of its dice")
    parser.add_argument("names", nargs="*")
    return parser


def _run(
    name: str, minutes: float | None, seed: int, *, processes: Processes, variables: dict[str, str]
) -> int:
    """Run one, its tests' own words on standard error, then print its figures."""
    path = names()[name]
    with tempfile.TemporaryDirectory(prefix="s-money-faults-") as folder:
        figures = Path(folder) / "figures"
        told = {
            "FAULTS_MINUTES": str(minutes or _long_minutes(path)),
            "FAULTS_SEED": str(seed),
            "FAULTS_FIGURES": str(figures),
        }
        command = [str(place.PYTHON), "-m", "pytest", "-q", "--timeout=0", "-p", "no:randomly", str(path)]
        code = processes.foreground(Program(name, command, variables | told, cwd=place.ROOT), is_aside=True)
        if figures.exists():
            print(figures.read_text(encoding="utf-8"), end="", flush=True)
    return code


def _long_minutes(path: Path) -> float:
    """How long it wants for its figures; 0 where it has no long form."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "LONG_MINUTES":
            return float(ast.literal_eval(node.value))
    return 0


def _description(path: Path) -> str:
    return (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").split("\n", 1)[0]
