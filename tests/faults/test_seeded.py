"""Seeded bugs: each is put into a copy of the tree, where a named test must see it.

In `./run check` the table itself is looked after: each bug's place is still there, once, and so is its test;
and a bug that is caught in seconds is put in.
"""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.seeds import HOUSE, SEEDS, Seed
from tests.trial import Trial

LONG_MINUTES = 10  # It ends when each was tried.
ROOT = Path(__file__).resolve().parent.parent.parent
LEFT_OUT = (".git", ".venv", ".data", "*cache*", "__pycache__", "staticfiles")
FAILED = 1  # pytest's word for "there were tests, and some failed"
TOLD = ("FAULTS_MINUTES", "FAULTS_SEED", "FAULTS_FIGURES")
TRIED = SEEDS if "FAULTS_MINUTES" in os.environ else [seed for seed in SEEDS if seed.test == HOUSE]
each_seed = pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: seed.bug)


@each_seed
class TestTable:
    def test_has_its_place(self, seed: Seed) -> None:
        assert (ROOT / seed.path).read_text(encoding="utf-8").count(seed.old) == 1

    def test_has_its_test(self, seed: Seed) -> None:
        path, *names = seed.test.split("[")[0].split("::")
        body: list[ast.stmt] = ast.parse((ROOT / path).read_text(encoding="utf-8")).body
        for name in names:
            found = [node for node in body if getattr(node, "name", "") == name]
            assert found, f"{path} has no {name}"
            body = getattr(found[0], "body", [])


@pytest.fixture(scope="session")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The tree, with our own Python."""
    folder = tmp_path_factory.mktemp("seeded") / "tree"
    shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(*LEFT_OUT))
    (folder / ".venv").symlink_to(ROOT / ".venv")
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.parametrize("seed", TRIED, ids=lambda seed: seed.bug)
def test_is_caught(seed: Seed, copy: Path, trial: Trial) -> None:
    file = copy / seed.path
    whole = file.read_text(encoding="utf-8")
    file.write_text(whole.replace(seed.old, seed.new), encoding="utf-8")
    try:
        finished = run(copy, seed.test)
    finally:
        file.write_text(whole, encoding="utf-8")
    said = finished.stdout.splitlines()
    why = next((line for line in said if line.startswith("E  ")), said[-1] if said else "")
    is_caught = finished.returncode == FAILED
    trial.found(f"{seed.bug}: caught", is_caught, wanted=True, test=seed.test, saw=why.strip("E ")[:160])


def run(tree: Path, test: str) -> subprocess.CompletedProcess[str]:
    """pytest there, on the servers that we have."""
    command = [str(tree / ".venv/bin/python"), "-m", "pytest", "-q", "-x", "-p", "no:randomly", test]
    told = {name: value for name, value in os.environ.items() if name not in TOLD}
    environment = told | {"PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        command, cwd=tree, env=environment, capture_output=True, text=True, check=False, timeout=600
    )
