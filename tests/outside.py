"""The outside world for tests: one sandbox in a process of its own, spoken to over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urljoin

import pytest
import requests

from accounts.models import User
from payments import cards, outside
from payments.models import Card
from tests.sandbox.running import Sandbox, start, stop


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    running = start(tmp_path_factory.mktemp("sandbox"), SANDBOX_BANK_SECONDS="0.2")
    yield running
    assert stop(running) == 0


@pytest.fixture
def processor(sandbox: Sandbox, settings: Any) -> Iterator[Sandbox]:
    """The product's card processor is the sandbox's."""
    settings.ACQUIRER_API_URL = sandbox.url
    outside.acquirer.cache_clear()
    yield sandbox
    outside.acquirer.cache_clear()


@pytest.fixture
def bank(sandbox: Sandbox, settings: Any) -> Iterator[Sandbox]:
    """The product's bank is the sandbox's."""
    settings.BANK_API_URL = f"{sandbox.url}/bank/v1"
    outside.bank.cache_clear()
    yield sandbox
    sandbox.send("POST", "/sandbox/faults", {"service": "bank", "kind": "none"})
    outside.bank.cache_clear()


@pytest.fixture
def register(processor: Sandbox) -> Callable[[User, str], Card]:
    """Has a member register a card by its number, on the processor's page."""

    def run(user: User, number: str) -> Card:
        return cards.finish(user, page_id=type_card(user, number))

    return run


def type_card(user: User, number: str, *, expiry: str = "12 / 39") -> str:
    """Type a card into a page of the processor's that was opened for the member; return the page's id."""
    page = cards.begin(user, success_url="http://localhost:9/back", cancel_url="http://localhost:9/no")
    entry = {"number": number, "expiry": expiry, "cvc": "123", "holder": user.name}
    typed = requests.post(page.url, data=entry, timeout=30, allow_redirects=False)
    if "/authenticate/" in typed.headers.get("Location", ""):
        answer_bank(urljoin(page.url, typed.headers["Location"]), "approve")
    return page.id


def answer_bank(url: str, answer: str) -> None:
    """Answer on the bank's page: `approve` or `refuse`."""
    requests.post(url, data={"answer": answer}, timeout=30, allow_redirects=False)
