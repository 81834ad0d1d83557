# ruff: noqa: SLF001  # what a hint costs is paid after the commit, where no exception gets out
"""A hint is sent when there is a broker, and costs no page its time when there is none."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from time import monotonic
from typing import Any

import pytest
from celery import current_app
from celery.signals import task_prerun

from payments import hints, tasks


@pytest.fixture
def _no_memory(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(hints._Away, "until", 0.0)
    hints._broker.cache_clear()
    hints._producers.cache_clear()
    yield
    hints._broker.cache_clear()
    hints._producers.cache_clear()


@pytest.fixture(params=["frozen", "gone"])
def broker_away(
    request: pytest.FixtureRequest, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """A port that takes calls and never answers, as a process that was stopped does; or none at all."""
    with socket.create_server(("127.0.0.1", 0)) as ear:
        url = f"redis://127.0.0.1:{ear.getsockname()[1]}/0"
        if request.param == "gone":
            ear.close()
        settings.REDIS_URL = url
        connect = current_app.connection_for_write
        monkeypatch.setattr(current_app, "connection_for_write", lambda **more: connect(url, **more))
        yield


@pytest.mark.usefixtures("_no_memory")
class TestBrokerAway:
    @pytest.mark.usefixtures("broker_away")
    def test_is_waited_for_once_and_not_for_each_hint(self) -> None:
        began = monotonic()
        for _ in range(5):
            hints._give(["payments.deliver"], {1: ["wallet"]})
        assert monotonic() - began < 3

    def test_is_asked_again_after_a_while(self, monkeypatch: pytest.MonkeyPatch) -> None:
        hints._note_away()
        assert hints._is_away()
        monkeypatch.setattr(hints, "monotonic", lambda: monotonic() + hints.AWAY_SECONDS)
        assert not hints._is_away()


@pytest.mark.usefixtures("_no_memory")
class TestBroker:
    @pytest.fixture(autouse=True)
    def _nothing_waits(self) -> None:
        hints._broker().delete("awaited:payments.deliver")

    def test_is_given_the_hint(self) -> None:
        ear = hints._broker().pubsub(ignore_subscribe_messages=True)  # type: ignore[no-untyped-call]  # redis-py's has no types
        ear.subscribe(hints.channel(9_000_003))
        assert ear.get_message(timeout=5) is None
        hints._give([], {9_000_003: ["wallet", "notice"]})
        said = ear.get_message(timeout=5)
        assert said
        assert said["data"] == b"wallet notice"
        ear.close()

    def test_gives_each_what_is_theirs_where_many_are_told(self) -> None:
        ear = hints._broker().pubsub(ignore_subscribe_messages=True)  # type: ignore[no-untyped-call]  # redis-py's has no types
        users = range(9_000_010, 9_000_016)
        ear.subscribe(*map(hints.channel, users))
        for _ in users:
            assert ear.get_message(timeout=5) is None
        hints._give([], {user: ["wallet"] if user % 2 else ["wallet", "notice"] for user in users})
        said: dict[str, bytes] = {}
        while len(said) < len(users):
            if heard := ear.get_message(timeout=5):
                said[heard["channel"].decode()] = heard["data"]
        assert said == {hints.channel(user): b"wallet" if user % 2 else b"wallet notice" for user in users}
        ear.close()

    def test_is_given_the_task(self) -> None:
        assert self.sends(1) == 1
        assert not hints._is_away()

    def test_is_not_given_again_what_waits_already(self) -> None:
        assert self.sends(3) == 1

    def test_is_given_the_task_again_once_it_has_begun(self) -> None:
        assert self.sends(1) == 1
        task_prerun.send(sender=None, task=tasks.deliver)
        assert self.sends(1) == 1

    def test_is_given_the_task_again_when_it_never_came(self) -> None:
        assert self.sends(1) == 1
        assert 0 < hints._broker().pttl("awaited:payments.deliver") <= hints.AWAITED_SECONDS * 1000

    def sends(self, times: int) -> int:
        """How many tasks as many hints make; none of them stays."""
        before = hints._broker().llen("outside")
        for _ in range(times):
            hints._give(["payments.deliver"], {})
        sent = hints._broker().llen("outside") - before
        for _ in range(sent):
            hints._broker().rpop("outside")
        return sent
