"""What X says, written by hand for the inbox; and the sandbox, where the outside itself has to answer."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Identity, User
from social import inbox, outside, posts
from social.models import Message
from tests.sandbox.running import SERVICE_ID, Sandbox, start, stop

PEOPLE = {
    "Smoneyfr": SERVICE_ID,
    "claire_martin": "1001",
    "armanddossantos": "1002",
    "lea_petit": "1003",
    "bob": "9001",
}
Json = dict[str, Any]
_ids = itertools.count(7_000_000)


def user(handle: str, **more: Any) -> Json:
    return {"id": PEOPLE[handle], "username": handle, "name": handle.title()} | more


def post(author: str, text: str, *, at: datetime | None = None, noun: str = "tweet", **changes: Any) -> Json:
    """A post as X's API writes it."""
    id = str(changes.pop("id", None) or next(_ids))
    known = [name for name in PEOPLE if f"@{name}" in text]
    return {
        "id": id,
        "text": text,
        "author_id": PEOPLE[author],
        "created_at": (at or timezone.now()).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z",
        f"edit_history_{noun}_ids": [id],
        "display_text_range": [0, len(text)],
        "entities": {"mentions": [{"start": 0, "end": 0, "username": n, "id": PEOPLE[n]} for n in known]},
    } | changes


def edit(original: Json, text: str, *, number: int = 2) -> Json:
    """A later version of the post."""
    history = [original["id"], *(str(int(original["id"]) * 100 + n) for n in range(2, number + 1))]
    return original | {"id": history[-1], "text": text, "edit_history_tweet_ids": history}


def page(*rows: Json, people: list[Json] | None = None) -> posts.Page:
    users = people if people is not None else [user(name) for name in PEOPLE]
    return posts.page({"data": list(rows), "includes": {"users": users}})


def hear(*rows: Json) -> None:
    """Record what X says, and decide on it."""
    inbox.record(page(*rows), at=timezone.now())
    while inbox.handle():
        pass


def delete(row: Json) -> None:
    deletion = posts.Deletion(row["id"], row["author_id"], {"id": row["id"]})
    inbox.record_deletions([deletion], at=timezone.now())
    while inbox.handle():
        pass


def came_of(row: Json, kind: str = "POST") -> tuple[str, str]:
    message = Message.objects.get(kind=kind, external_id=row["id"])
    return message.outcome, message.problem


@pytest.fixture
def joined_long_ago(claire: User, armand: User) -> None:
    """They linked their accounts before they wrote anything."""
    Identity.objects.filter(user__isnull=False).update(linked_at=timezone.now() - timedelta(days=9))


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    running = start(tmp_path_factory.mktemp("sandbox"))
    yield running
    assert stop(running) == 0


@pytest.fixture
def x_sandbox(sandbox: Sandbox, settings: Any) -> Iterator[Sandbox]:
    """The product talks to the sandbox, with a refresh token that nobody has spent."""
    settings.X_API_URL = sandbox.url
    scope = "tweet.read users.read tweet.write offline.access"
    settings.X_REFRESH_TOKEN = sandbox.tokens(SERVICE_ID, scope)["refresh_token"]
    _forget_clients()
    yield sandbox
    _forget_clients()
    sandbox.send("POST", "/sandbox/faults", {"service": "x", "kind": "none"})


def _forget_clients() -> None:
    outside.x.cache_clear()
    outside.hurried_x.cache_clear()


@pytest.fixture
def fail(x_sandbox: Sandbox) -> Callable[..., None]:
    """Let X fail in a way."""

    def begin(kind: str, **more: Any) -> None:
        answer = x_sandbox.send("POST", "/sandbox/faults", {"service": "x", "kind": kind} | more)
        assert answer.status_code == 200, answer.text

    return begin
