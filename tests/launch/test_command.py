"""The command line: a wrong word is answered with the right ones, without installing anything."""

from __future__ import annotations

import subprocess
import sys

import pytest

from launch import place
from launch.__main__ import COMMANDS


def run(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "error", str(place.ROOT / "run"), *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


class TestRun:
    def test_alone_lists_what_it_does(self) -> None:
        finished = run()
        assert finished.returncode == 0
        assert all(f"./run {name}" in finished.stdout for name in COMMANDS)

    def test_refuses_a_word_that_it_does_not_know(self) -> None:
        finished = run("dmeo")
        assert finished.returncode == 2
        assert finished.stderr.startswith("There is no `./run dmeo`.")

    @pytest.mark.parametrize("command", sorted(COMMANDS))
    def test_has_a_module_for_each_command(self, command: str) -> None:
        assert (place.ROOT / "launch" / f"{COMMANDS[command].module}.py").is_file()
