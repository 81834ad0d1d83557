"""Fixtures: a sandbox for the module's tests, and people with cards."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sandbox.cardholder import Cardholder
from tests.sandbox.outside import Outside, outside


@pytest.fixture(scope="session")
def outside_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outside]:
    """A sandbox that is shared by the tests: each uses customers and numbers of its own."""
    data: Path = tmp_path_factory.mktemp("sandbox")
    with outside(data) as world:
        yield world


@pytest.fixture
def cardholder(outside_world: Outside) -> Cardholder:
    return _cardholder(outside_world, "camille@example.fr")


@pytest.fixture
def neighbour(outside_world: Outside) -> Cardholder:
    return _cardholder(outside_world, "bob@example.fr")


def _cardholder(outside_world: Outside, email: str) -> Cardholder:
    client = outside_world.stripe()
    return Cardholder(outside_world, client, client.v1.customers.create({"email": email}).id)
