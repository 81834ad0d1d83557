"""The sandbox's X streams to one listener, wants money when it is told to, and loses events for a replay."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.sandbox.running import APP, Sandbox

PATH = "/2/tweets/search/stream"
pytestmark = pytest.mark.usefixtures("works_again")


@contextlib.contextmanager
def stream(sandbox: Sandbox) -> Iterator[Iterator[dict[str, Any]]]:
    """The posts that come, from the connection on."""
    with _connected(sandbox) as answer:
        lines = answer.iter_lines(chunk_size=1)
        assert next(lines) == b""
        yield (json.loads(line) for line in lines if line)


def _connected(sandbox: Sandbox) -> requests.Response:
    """As soon as the last listener is noticed to be gone."""
    until = time.monotonic() + 15
    while True:
        answer = requests.get(sandbox.url + PATH, headers=APP, stream=True, timeout=10)
        if answer.status_code == 200 or time.monotonic() > until:
            assert answer.status_code == 200, answer.text
            return answer
        time.sleep(0.1)


@pytest.fixture
def named(sandbox: Sandbox) -> Iterator[dict[str, str]]:
    """Somebody whom a rule finds."""
    person = sandbox.person()
    rules = sandbox.send("POST", f"{PATH}/rules", {"add": [{"value": f"@{person['handle']}"}]}, APP).json()
    yield person
    ids = [row["id"] for row in rules["data"]]
    sandbox.send("POST", f"{PATH}/rules", {"delete": {"ids": ids}}, APP)


class TestStream:
    def test_tells_what_a_rule_finds_as_it_comes(self, sandbox: Sandbox, named: dict[str, str]) -> None:
        author = sandbox.person()
        with stream(sandbox) as posts:
            sandbox.post(author["handle"], "nothing for anybody")
            id = sandbox.post(author["handle"], f"bonjour @{named['handle']}")
            said = next(said for said in posts if said["data"]["id"] == id)  # Past what it repeats.
        assert said["data"]["author_id"] == author["id"]
        assert said["matching_rules"]

    def test_repeats_itself_to_who_connects_again(self, sandbox: Sandbox, named: dict[str, str]) -> None:
        id = sandbox.post(sandbox.person()["handle"], f"bonjour @{named['handle']}")
        with stream(sandbox) as posts:
            assert any(said["data"]["id"] == id for said in posts)

    def test_is_one_connection_of_who_may(self, sandbox: Sandbox) -> None:
        with stream(sandbox):
            second = requests.get(sandbox.url + PATH, headers=APP, timeout=10)
            assert (second.status_code, second.json()["connection_issue"]) == (429, "TooManyConnections")
        assert requests.get(sandbox.url + PATH, timeout=10).status_code == 401


class TestMoney:
    def test_that_is_used_up_is_said_in_xs_words(self, sandbox: Sandbox) -> None:
        sandbox.send("PUT", "/sandbox/x/credits", {"cents": 1})
        try:
            answers = [sandbox.get("/2/tweets", ids="1") for _ in range(3)]
        finally:
            sandbox.send("PUT", "/sandbox/x/credits", {"cents": None})
        assert [answer.status_code for answer in answers] == [200, 200, 402]
        assert answers[2].json()["title"] == "CreditsDepleted"

    @pytest.mark.parametrize(("kind", "status"), [("402", 402), ("usage_capped", 429), ("403", 403)])
    def test_faults_refuse_in_xs_words(self, sandbox: Sandbox, kind: str, status: int) -> None:
        sandbox.send("POST", "/sandbox/faults", {"service": "x", "kind": kind})
        answer = sandbox.get("/2/tweets", ids="1")
        assert (answer.status_code, "x.com/2/problems/" in answer.json()["type"]) == (status, True)

    def test_is_set_by_the_page(self, sandbox: Sandbox) -> None:
        for cents, shown in (
            ("7", "7 cents"),
            ("0", "none: calls"),
            ("", "as much as one likes"),
        ):
            page = requests.post(f"{sandbox.url}/x/credits", data={"cents": cents}, timeout=10)
            assert shown in page.text


def test_access_is_taken_back_by_the_page(sandbox: Sandbox) -> None:
    person = sandbox.person()
    headers = sandbox.user(person["id"])
    assert sandbox.send("GET", "/2/users/me", headers=headers).status_code == 200
    page = requests.post(f"{sandbox.url}/x/people/withdraw", data={"person": person["id"]}, timeout=10)
    assert page.status_code == 200
    assert sandbox.send("GET", "/2/users/me", headers=headers).status_code == 401
