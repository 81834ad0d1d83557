"""Whatever a person does, nothing of S-Money may log an error on the way."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass

import pytest

from launch import place
from launch.people import Person
from tests.whole import Whole


@dataclass
class Charity:
    """An organisation that staff have accepted: its owner, its address here, its handle on X."""

    owner: Person
    slug: str
    handle: str


@pytest.fixture(autouse=True)
def _quiet(quiet: None) -> None:
    """For every journey."""


@pytest.fixture
def charity(whole: Whole) -> Charity:
    """A new one for each journey."""
    owner, on_x = whole.newcomer(is_linked=False), whole.stranger()
    on_x.be_on_x()
    whole.wait_until_handled(whole.post(on_x, "@Smoneyfr #envoyer 5€ @lea_petit"))  # So X has told who it is.
    slug = desk(whole, "accept", owner.phone, on_x.handle)
    return Charity(owner, slug, on_x.handle)


def desk(whole: Whole, *words: str) -> str:
    """What staff do; what that prints."""
    command = [sys.executable, "-m", "tests.journeys.charity", *words]
    told = dict(whole.stack.environment) | {"PYTHONPATH": str(place.ROOT)}
    said = subprocess.run(command, cwd=place.ROOT, env=told, check=True, stdout=subprocess.PIPE, text=True)
    return (said.stdout.split() or [""])[-1]
