"""`./run bench`: runs one of `benchmarks/`, on durable servers of its own, or in a whole demo if it says so.

A benchmark is a script; its docstring's first line describes it, and `NEEDS = "demo"` asks for the demo.
"""

from __future__ import annotations

import ast
import tempfile
from pathlib import Path

from launch import place, stack, testing
from launch.processes import Program
from launch.progress import say

FOLDER = place.ROOT / "benchmarks"


def main(args: list[str]) -> int:
    if not args:
        print(listing())
        return 0
    script = FOLDER / f"{args[0]}.py"
    if script not in _scripts():
        say(f"There is no benchmark {args[0]!r}.\n\n{listing()}")
        return 2
    command = [str(place.PYTHON), str(script), *args[1:]]
    return _in_a_demo(command) if _wants_a_demo(script) else _on_servers(command)


def listing() -> str:
    return "\n".join(f"  ./run bench {path.stem:<12} {description(path)}" for path in _scripts())


def _scripts() -> list[Path]:
    return [path for path in sorted(FOLDER.glob("*.py")) if not path.stem.startswith("_")]


def description(script: Path) -> str:
    return (ast.get_docstring(_tree(script)) or "").split("\n", 1)[0]


def _wants_a_demo(script: Path) -> bool:
    return any(
        isinstance(node, ast.Assign) and ast.unparse(node) == "NEEDS = 'demo'" for node in _tree(script).body
    )


def _tree(script: Path) -> ast.Module:
    return ast.parse(script.read_text(encoding="utf-8"))


def _on_servers(command: list[str]) -> int:
    with testing.own_servers(is_durable=True) as (processes, variables):
        return processes.foreground(_program(command, variables))


def _in_a_demo(command: list[str]) -> int:
    with tempfile.TemporaryDirectory(prefix="s-money-bench-") as name, stack.running(Path(name)) as demo:
        return demo.processes.foreground(_program(command, dict(demo.environment)))


def _program(command: list[str], variables: dict[str, str]) -> Program:
    return Program("bench", command, variables | {"PYTHONPATH": str(place.ROOT)}, cwd=place.ROOT)
