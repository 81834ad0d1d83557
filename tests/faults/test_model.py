"""Anybody does anything in any order: S-Money and a plain model of it must agree after every step.

200,000 steps before a release. Each life runs in a transaction that is taken back, and the code's hash is
a cheap one: neither is what is tried here.
"""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.faults.lives import world as worlds
from tests.faults.lives.life import Life
from tests.faults.lives.with_debts import WithDebts
from tests.trial import Trial

LONG_MINUTES = 90  # It ends when the steps are done.
PARTS = 4  # Each may be tried on a core of its own.
SHORT_LIVES, STEPS = 200 // PARTS, 50
LONG_STEPS = 200_000 // PARTS
LIVES_A_ROUND = 100


@pytest.mark.timeout(6000)
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("part", range(PARTS))
def test_agrees_with_a_plain_model(part: int, trial: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    Life.steps = 0
    Life.seen.clear()
    for number in trial.rounds(short=1):
        if Life.steps >= LONG_STEPS:
            break
        with worlds.opened(monkeypatch) as world:
            monkeypatch.setattr(Life, "world", world, raising=False)
            live(trial, part * 1_000 + number)
        worlds.forget()
    trial.reached("steps", Life.steps, at_least=LONG_STEPS)
    trial.saw("kinds of outcome", len(Life.seen), **dict(sorted(Life.seen.items())))
    trial.found("steps after which the two differed", 0)


def live(trial: Trial, number: int) -> None:
    """Many lives, of this number's dice; one in which the two differ is told in its shortest form."""
    machine = type("Lives", (WithDebts,), {})
    seed(trial.seed * 10_000 + number)(machine)
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=LIVES_A_ROUND if trial.is_long else SHORT_LIVES,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        ),
    )
