"""The sandbox refuses too much as X does, and fails when it is asked to."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import requests

from tests.sandbox.running import APP, Sandbox, start, stop


class TestRateLimit:
    def test_counts_down_and_refuses_until_the_reset(self, sandbox: Sandbox) -> None:
        person = sandbox.user(sandbox.person()["id"])
        first = sandbox.get("/2/users/me", person)
        assert first.headers["x-rate-limit-limit"] == "75"
        assert first.headers["x-rate-limit-remaining"] == "74"
        assert 0 < int(first.headers["x-rate-limit-reset"]) - time.time() <= 900
        rest = [sandbox.get("/2/users/me", person).status_code for _ in range(75)]
        assert rest == [200] * 74 + [429]
        refused = sandbox.get("/2/users/me", person)
        assert refused.json()["type"].endswith("/rate-limit-exceeded")
        assert refused.headers["x-rate-limit-remaining"] == "0"

    def test_is_each_person_s_own(self, sandbox: Sandbox) -> None:
        one, other = (sandbox.user(sandbox.person()["id"]) for _ in range(2))
        sandbox.get("/2/users/me", one)
        assert sandbox.get("/2/users/me", other).headers["x-rate-limit-remaining"] == "74"


@pytest.mark.usefixtures("works_again")
class TestFaults:
    def fault(self, sandbox: Sandbox, kind: str, **more: object) -> None:
        answer = sandbox.send("POST", "/sandbox/faults", {"service": "x", "kind": kind} | more)
        assert answer.status_code == 200, answer.text

    @pytest.mark.parametrize("status", [429, 500])
    def test_refuses(self, sandbox: Sandbox, status: int) -> None:
        self.fault(sandbox, str(status))
        assert sandbox.get("/2/tweets/1").status_code == status
        assert sandbox.get("/x/").status_code == 200  # pages stay whole

    def test_refusal_has_no_effect_and_a_lost_answer_has(self, sandbox: Sandbox) -> None:
        person = sandbox.person()
        author = sandbox.user(person["id"])
        for kind in ("500", "500_after"):
            self.fault(sandbox, kind)
            assert sandbox.send("POST", "/2/tweets", {"text": f"by {kind}"}, author).status_code == 500
        page = sandbox.get(f"/x/{person['handle']}").text
        assert "by 500_after" in page
        assert page.count('<p class="post-text"') == 1

    def test_cuts_the_answer_in_half(self, sandbox: Sandbox) -> None:
        self.fault(sandbox, "half_body")
        with pytest.raises(requests.exceptions.ChunkedEncodingError):
            sandbox.get("/2/tweets/1")

    def test_answers_nonsense(self, sandbox: Sandbox) -> None:
        self.fault(sandbox, "bad_json")
        with pytest.raises(requests.exceptions.JSONDecodeError):
            sandbox.get("/2/tweets/1").json()

    def test_is_slow_or_silent(self, sandbox: Sandbox) -> None:
        self.fault(sandbox, "slow", seconds=0.3)
        begun = time.monotonic()
        assert sandbox.get("/2/tweets/1").status_code == 200
        assert time.monotonic() - begun >= 0.3
        self.fault(sandbox, "timeout", seconds=1)
        with pytest.raises(requests.exceptions.ReadTimeout):
            requests.get(f"{sandbox.url}/2/tweets/1", headers=APP, timeout=0.3)

    def test_strikes_its_share(self, sandbox: Sandbox) -> None:
        self.fault(sandbox, "500", share=50)
        statuses = {sandbox.get("/2/webhooks").status_code for _ in range(40)}
        assert statuses == {200, 500}

    def test_refuses_what_is_no_fault(self, sandbox: Sandbox) -> None:
        assert (
            sandbox.send("POST", "/sandbox/faults", {"service": "x", "kind": "earthquake"}).status_code == 400
        )


class TestProcess:
    def test_keeps_what_it_knows_when_it_is_started_again(self, tmp_path: Path) -> None:
        first = start(tmp_path)
        number = first.post("claire_martin", "before")
        assert stop(first) == 0
        second = start(tmp_path)
        assert second.get(f"/2/tweets/{number}").json()["data"]["text"] == "before"
        assert stop(second) == 0

    def test_says_what_it_has_taken_of_the_machine(self, sandbox: Sandbox) -> None:
        before = sandbox.get("/sandbox/usage").json()["processor_seconds"]
        for _ in range(5):
            sandbox.get("/sandbox/faults")
        assert sandbox.get("/sandbox/usage").json()["processor_seconds"] > before > 0
