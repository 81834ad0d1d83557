"""The whole of S-Money as real processes, started once: for what a person does, and for what breaks.

Its PostgreSQL and Valkey are its own: pytest's database is never touched, and its books are read by SQL.
One worker runs all tests that ask for it (see `spread`), so that there is one of it.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg2
import pytest
import requests

from launch import logs, members, servers, stack
from launch.browser import Browser
from launch.people import Person, Places, until
from launch.processes import Child
from payments import self_check

# Its own servers, and a poll that a test can wait for.
GIVEN = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL")
POLL_SECONDS = 2
CARRIERS = ("x", "processor", "sms")
REPLY = re.compile(r'<p class="post-text" dir="auto">(.*?)</p>', re.DOTALL)
X_APP = {"Authorization": "Bearer demo-x-bearer"}


@dataclass
class Whole:
    """S-Money and the world around it."""

    stack: stack.Stack
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    was_killed: bool = False

    @property
    def at(self) -> Places:
        return Places(self.stack.choices.site_url, self.stack.choices.sandbox_url)

    # --- People -------------------------------------------------------------------------------

    def newcomer(self, *, euros: int = 0, is_linked: bool = True, language: str = "fr") -> Person:
        """Somebody who joins now, and loads so many euros."""
        person = self.stranger(language=language)
        person.sign_up()
        if is_linked:
            person.link_x()
        if euros:
            person.register_card()
            person.load(str(euros))
            until(lambda: person.balance() == f"{euros}00", "the wallet was not loaded")
        return person

    def stranger(self, *, language: str = "fr") -> Person:
        """Somebody with a phone, who has not joined."""
        number = next(self.numbers)
        person = Person(
            f"Nour Benali {number}",
            f"+336800{number:05}",
            f"nour_{number}",
            members.PASSWORD,
            members.CODE,
            self.at,
            Browser(language),
        )
        # From an address of their own: so many who join from one within a minute would be stopped.
        person.browser.session.headers["X-Forwarded-For"] = f"198.51.{number // 250}.{number % 250 + 1}"
        return person

    def claire(self) -> Person:
        """She has a card, and a hundred euros on her wallet."""
        return self._signed_in(members.people(self.at)[0])

    def payee(self) -> Person:
        """Léa, whom everybody pays."""
        return self._signed_in(members.people(self.at)[2])

    # --- X --------------------------------------------------------------------------------------

    def post(self, person: Person, text: str) -> str:
        """Write on X without its page; the post's id."""
        return str(self._on_x("POST", "posts", {"as": person.handle, "text": text})["id"])

    def edit(self, post_id: str, text: str) -> str:
        return str(self._on_x("PUT", f"posts/{post_id}", {"text": text})["id"])

    def delete(self, post_id: str) -> None:
        self._on_x("DELETE", f"posts/{post_id}", {})

    def replies(self, post_id: str) -> list[str]:
        """What stands under the post, as everybody sees it."""
        page = requests.get(f"{self.at.sandbox}/x/somebody/status/{post_id}", timeout=10).text
        under = page.partition('<div class="replies">')[2]
        return [" ".join(re.sub("<[^>]+>", "", text).split()) for text in re.findall(REPLY, under)]

    def wait_until_heard(self, person: Person) -> None:
        """Until X tells us what they delete: it is asked to with the next poll after their linking."""
        mine = "SELECT external_id FROM accounts_identity WHERE handle = %s"
        ((own_id,),) = self.rows(mine, person.handle)
        until(
            lambda: any(
                (row["event_type"], row["filter"]["user_id"]) == ("post.delete", own_id)
                for row in self._x("GET", "/2/activity/subscriptions").get("data", [])
            ),
            "X was not asked to tell of deletions",
        )

    def wait_until_handled(self, post_id: str, *, messages: int = 1) -> None:
        """Until so many messages about the post are decided on: itself, its edits, its deletion."""
        handled = "SELECT count(*) FROM social_message WHERE root_id = %s AND handled_at IS NOT NULL"
        until(lambda: self.rows(handled, post_id) == [(messages,)], "nobody decided on the post")

    def wait_for_polls(self) -> None:
        """Until a poll that began after now is over: the one that runs may have begun before."""
        polled = "SELECT polled_at FROM social_cursor WHERE channel = 'x'"

        def after(before: list[tuple[Any, ...]]) -> Callable[[], bool]:
            return lambda: self.rows(polled) > before

        for _ in range(2):
            until(after(self.rows(polled)), "nobody polls")

    @contextlib.contextmanager
    def unheard(self) -> Iterator[None]:
        """X calls nobody meanwhile: the webhook is gone, and comes back with the next listening."""
        for row in self._x("GET", "/2/webhooks").get("data", []):
            self._x("DELETE", f"/2/webhooks/{row['id']}")
        try:
            yield
        finally:
            self.kill("stream")  # It subscribes again when it starts.
            self.revive()
            until(lambda: self._x("GET", "/2/webhooks").get("data"), "nobody asked for a webhook")

    # --- What goes wrong --------------------------------------------------------------------------

    @contextlib.contextmanager
    def faulty(self, service: str, kind: str, **more: Any) -> Iterator[None]:
        """The service of the outside fails meanwhile."""
        self.fail(service, kind, **more)
        try:
            yield
        finally:
            self.fail(service, "none")

    def fail(self, service: str, kind: str, **more: Any) -> None:
        wish = {"service": service, "kind": kind} | more
        requests.post(f"{self.at.sandbox}/sandbox/faults", json=wish, timeout=10).raise_for_status()

    def kill(self, *names: str) -> None:
        """`kill -9`, all in the same moment."""
        self.was_killed = True
        for child in self.children(*names):
            os.kill(child.process.pid, signal.SIGKILL)
        for child in self.children(*names):
            child.process.wait()

    def revive(self) -> None:
        """Start what is dead, servers first, and wait until the site says that all is well."""
        dead = [child for child in self.stack.processes.children if not child.is_alive]
        dead.sort(key=lambda child: not child.program.is_server)
        for child in dead:
            child.start()
            self.stack.processes.wait(child.program.name)
        self.stack.processes.wait("web")

    def recover(self) -> None:
        """Until what a test killed is forgotten: whoever lost a connection by it has noticed, and said so."""
        self.revive()
        if self.was_killed:
            self.wait_for_polls()
            self.was_killed = False

    def children(self, *names: str) -> list[Child]:
        return [child for child in self.stack.processes.children if child.program.name in names]

    # --- The books --------------------------------------------------------------------------------

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """What the application's role can read, past all of its code."""
        with (
            contextlib.closing(psycopg2.connect(self.stack.environment["DATABASE_URL"])) as connection,
            connection.cursor() as cursor,
        ):
            cursor.execute(query, values or None)
            return list(cursor.fetchall())

    def orders(self, person: Person) -> list[tuple[str, str]]:
        """Their orders' references and statuses, oldest first."""
        query = (
            "SELECT reference, status FROM payments_order o JOIN accounts_user u ON u.id = o.payer_id"
            " WHERE u.phone = %s ORDER BY o.created_at"
        )
        return [(str(reference), str(status)) for reference, status in self.rows(query, person.phone)]

    def breaches(self) -> list[str]:
        """The rules of the books that do not hold."""
        counts = self.rows(self_check.statement())[0]
        return [rule for rule, rows in zip(self_check.RULES, counts, strict=True) if rows]

    def followers(self) -> dict[str, logs.Follower]:
        """The logs from here on."""
        return {child.program.name: logs.Follower(child.log.path) for child in self.stack.processes.children}

    # --- Its own ----------------------------------------------------------------------------------

    def _signed_in(self, person: Person) -> Person:
        person.sign_in()
        return person

    def _on_x(self, method: str, path: str, said: dict[str, str]) -> dict[str, Any]:
        answer = requests.request(method, f"{self.at.sandbox}/sandbox/x/{path}", json=said, timeout=10)
        answer.raise_for_status()
        return dict(answer.json())

    def _x(self, method: str, path: str) -> dict[str, Any]:
        answer = requests.request(method, self.at.sandbox + path, headers=X_APP, timeout=10)
        answer.raise_for_status()
        return dict(answer.json())


@pytest.fixture(scope="session")
def whole_stack() -> Iterator[Whole]:
    folder = Path(tempfile.mkdtemp(prefix="s-money-whole-"))
    try:
        with pytest.MonkeyPatch.context() as patch:
            for name in GIVEN:
                patch.delenv(name, raising=False)
            patch.setenv("X_POLL_SECONDS", str(POLL_SECONDS))
            running = stack.running(folder)
            standing = running.__enter__()
        try:
            yield Whole(standing)
        finally:
            running.__exit__(None, None, None)
    finally:
        servers.forget(folder)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def whole(whole_stack: Whole) -> Iterator[Whole]:
    """All of it, well; whatever the test did to it is mended, and its books balance."""
    yield whole_stack
    for service in CARRIERS:
        whole_stack.fail(service, "none")
    whole_stack.recover()
    assert whole_stack.breaches() == []


@pytest.fixture
def quiet(whole: Whole) -> Iterator[None]:
    """Nothing that runs may log an error meanwhile."""
    followers = whole.followers()
    yield
    complaints = [f"{name}: {complaint}" for name, log in followers.items() for complaint in log.complaints()]
    assert complaints == []
