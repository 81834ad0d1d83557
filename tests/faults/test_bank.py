"""Jepsen's bank: eight wallets with 100 € between them, through kills of the database and of writers.

Whoever counts all wallets in one statement finds 100 €, always; nobody is below zero; what a writer was
told was made is there once (https://jepsen.io/analyses, "bank").
"""

from __future__ import annotations

import json
import os
import random
import signal
import time
from pathlib import Path

import pytest

from tests.faults import bank, servers
from tests.trial import Trial

LONG_MINUTES = 1
SHORT_SECONDS = 6
WRITERS, READERS = 8, 2
FAULTS_EVERY_SECONDS = {True: 10, False: 1.5}
ME = "tests.faults.bank"


@pytest.mark.timeout(300)
def test_money_is_neither_made_nor_lost(trial: Trial, tmp_path: Path) -> None:
    with servers.own() as running:
        running.processes.output(running.program("open", "-m", ME, "open"))
        seconds = trial.seconds(short=SHORT_SECONDS)
        size = WRITERS // trial.times(short=2, long=4)  # On two cores more processes are slower.
        for first in range(0, WRITERS, size):
            words = ("write", str(first), str(first + size), str(trial.seed), str(tmp_path))
            running.processes.start(running.program(f"writer-{first}", "-m", ME, *words))
        for number in range(READERS):
            running.processes.start(running.program(f"reader-{number}", "-m", ME, "read", str(tmp_path)))
        until = _begin(tmp_path, WRITERS // size + READERS, seconds)
        faults = _break(running, until, trial)
        _wait(running)
        reads = [_said(running, f"reader-{number}") for number in range(READERS)]
        books = json.loads(
            running.processes.output(running.program("check", "-m", ME, "check", str(tmp_path)))
        )
    trial.reached(
        "transfers in a minute", books["made"] * 60 / seconds, at_least=20_000, transfers=books["made"]
    )
    trial.saw("faults", sum(faults.values()), **faults)
    trial.saw("reads", sum(one["reads"] for one in reads))
    trial.found("wrong totals", sum(one["wrong"] for one in reads))
    trial.found("negative wallets", sum(one["negative"] for one in reads))
    trial.found("acknowledged and lost", books["lost"], told=books["told"])
    trial.found("acknowledged twice", books["repeated"])
    trial.found("breaches of the books", len(books["breaches"]), rules=books["breaches"])
    assert books["made"] > 0
    assert all(one["reads"] for one in reads)


def _begin(folder: Path, processes: int, seconds: float) -> float:
    """Let them go once all are there; until when."""
    while len(list(folder.glob("here-*"))) < processes:
        time.sleep(0.05)
    until = time.monotonic() + seconds
    half = folder / "until.new"
    half.write_text(str(until), encoding="utf-8")
    half.rename(folder / "until")
    return until


def _break(running: servers.Servers, until: float, trial: Trial) -> dict[str, int]:
    """One fault after the other, until the time is over; how many of each."""
    dice, pause = trial.dice, FAULTS_EVERY_SECONDS[trial.is_long]
    counts = dict.fromkeys(("postgres killed", "connections cut", "writer killed"), 0)
    while time.monotonic() + pause < until:
        time.sleep(pause)
        fault = dice.choice(list(counts))
        counts[fault] += 1
        match fault:
            case "postgres killed":
                running.kill("postgres")
            case "connections cut":
                running.cut()
            case _:
                _kill_a_writer(running, dice)
    return counts


def _kill_a_writer(running: servers.Servers, dice: random.Random) -> None:
    """Another takes its place."""
    names = [child.program.name for child in running.processes.children]
    child = running.child(dice.choice([name for name in names if name.startswith("writer")]))
    os.kill(child.process.pid, signal.SIGKILL)
    child.process.wait()
    child.start()


def _wait(running: servers.Servers) -> None:
    for child in running.processes.children:
        if not child.program.is_server:
            assert child.process.wait(timeout=bank.LONGEST_OUTAGE_SECONDS * 2) == 0, child.log.last_words()


def _said(running: servers.Servers, name: str) -> dict[str, int]:
    lines = running.child(name).log.path.read_text(encoding="utf-8").splitlines()
    return dict(json.loads(next(line for line in reversed(lines) if line.startswith("{"))))
