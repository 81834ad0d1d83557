"""The stream and the webhook against the sandbox: begun again, made good, never the only ones."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from django.utils.crypto import get_random_string

from accounts.models import User
from payments.models import Order
from social import credentials, inbox, listening, outside, posts, streaming, subscriptions, ways, x
from social.models import Alarm, Credential, Cursor, Message, Way
from social.subscriptions import MENTION
from tests.sandbox.running import APP, SERVICE_ID, Sandbox
from tests.social.test_x import _until as until
from tests.social.test_x import handle, payee, payer, web, write

__all__ = ["payee", "payer", "web"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def streamed(x_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """The stream on a thread; what is set each time it begins."""
    monkeypatch.setattr(x, "STREAM_SECONDS", (3.05, 2.0))  # Without a word from the sandbox, begun again.
    monkeypatch.setattr(streaming, "LONGEST_SECONDS", 1)
    over, begun = threading.Event(), threading.Event()
    thread = streaming.start(over, backfill=begun.set)
    yield begun
    over.set()
    thread.join(timeout=10)
    assert not thread.is_alive()


class TestStream:
    def test_hears_a_post_at_once(
        self, x_sandbox: Sandbox, payer: User, payee: User, streamed: threading.Event
    ) -> None:
        assert streamed.wait(15)
        id = write(x_sandbox, payer, payee)
        assert until(lambda: Message.objects.filter(external_id=id).exists())
        inbox.handle()
        assert Order.objects.get(channel_id=id).amount == 12_99
        assert until(lambda: Way.objects.filter(pk="STREAM", worked_at__isnull=False).exists())

    def test_cut_off_begins_again_and_asks_for_what_it_missed(
        self,
        payer: User,
        payee: User,
        streamed: threading.Event,
        fail: Callable[..., None],
        x_sandbox: Sandbox,
    ) -> None:
        assert streamed.wait(15)
        streamed.clear()
        fail("500")
        assert until(lambda: Way.objects.filter(pk="STREAM", failing_since__isnull=False).exists())
        fail("none")
        assert streamed.wait(15)
        id = write(x_sandbox, payer, payee)
        assert until(lambda: Message.objects.filter(external_id=id).exists())

    def test_is_one_connection(self, x_sandbox: Sandbox, streamed: threading.Event) -> None:
        assert streamed.wait(15)
        with pytest.raises(x.Limited):
            next(outside.x().stream())

    @pytest.mark.parametrize("kind", ["402", "usage_capped"])
    def test_waits_when_x_wants_money(
        self, fail: Callable[..., None], monkeypatch: pytest.MonkeyPatch, kind: str
    ) -> None:
        fail(kind)
        over, waits = threading.Event(), list[int]()

        def wait(seconds: int) -> None:
            waits.append(seconds)
            over.set()

        monkeypatch.setattr(over, "wait", wait)
        streaming.listen(over, backfill=over.set)
        assert waits == [x.CREDITS_SECONDS]
        assert Alarm.objects.get().kind == "CREDITS"


class TestListen:
    @pytest.mark.usefixtures("web")
    def test_by_all_three_ways_makes_one_order(
        self,
        x_sandbox: Sandbox,
        payer: User,
        payee: User,
        settings: Any,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(x, "STREAM_SECONDS", (3.05, 2.0))
        settings.X_STREAM, settings.X_POLL_SECONDS = True, 0.2
        stop = threading.Event()
        thread = threading.Thread(target=listening.listen, args=(stop,))
        thread.start()
        try:
            assert until(lambda: Way.objects.filter(pk="STREAM", worked_at__isnull=False).exists())
            assert until(lambda: any(row.event_type == MENTION for row in outside.x().subscriptions()))
            ids = [write(x_sandbox, payer, payee, f"{n},00€") for n in (1, 2, 3)]
            for name in ("WEBHOOK", "POLL", "STREAM"):
                assert until(lambda name=name: bool(ways.worked_at(name)))  # type: ignore[misc]  # mypy reads no default of a lambda
            now = timezone.now()
            assert until(lambda: Cursor.objects.filter(polled_at__gt=now).exists())
            inbox.handle()
            assert sorted(Order.objects.values_list("channel_id", flat=True)) == sorted(ids)
        finally:
            stop.set()
            thread.join(timeout=20)
            for each in threading.enumerate():  # It ends with what X says next, and X takes one at a time.
                if each.name == "stream":
                    each.join(timeout=10)
                    assert not each.is_alive()


class TestOutage:
    """When the webhook is silent, and posts came meanwhile."""

    def found(self, *, minutes: float) -> posts.Post:
        at = timezone.now() - timedelta(minutes=minutes)
        return posts.Post("1", "1", ("1",), "7", at, "", (), is_repost=False)

    def since(self, *found: posts.Post, polled_minutes: float = 0.2) -> int | None:
        """How many minutes ago it began."""
        now = timezone.now()
        began = subscriptions.outage(found, polled_at=now - timedelta(minutes=polled_minutes), at=now)
        return round((now - began).total_seconds() / 60) if began else None

    def heard(self, *, minutes: float) -> None:
        Way.objects.update_or_create(
            pk="WEBHOOK", defaults={"worked_at": timezone.now() - timedelta(minutes=minutes)}
        )

    def test_is_none_where_nothing_was_posted(self) -> None:
        self.heard(minutes=600)
        assert self.since() is None

    def test_began_with_the_first_post_that_was_not_told(self) -> None:
        self.heard(minutes=60)
        assert self.since(self.found(minutes=4), self.found(minutes=2)) == 4

    def test_is_none_while_a_post_is_on_its_way(self) -> None:
        self.heard(minutes=60)
        assert self.since(self.found(minutes=0.5)) is None

    def test_is_none_where_the_webhook_spoke_since(self) -> None:
        self.heard(minutes=1)
        assert self.since(self.found(minutes=3)) is None

    def test_is_one_where_nobody_of_ours_was_there(self) -> None:
        assert self.since(polled_minutes=90) == 90
        assert self.since(polled_minutes=60 * 40) == 24 * 60  # X keeps no more.

    def test_is_made_good_once_in_ten_minutes(
        self, web: None, x_sandbox: Sandbox, payer: User, payee: User, fail: Callable[..., None]
    ) -> None:
        """A deletion that X told to nobody is told again, and voids its order."""
        subscriptions.subscribe()
        id = write(x_sandbox, payer, payee)
        assert until(lambda: Message.objects.filter(external_id=id).exists())
        inbox.handle()
        x_sandbox.send("POST", "/sandbox/faults", {"service": "x_events", "kind": "500"})
        x_sandbox.send("DELETE", f"/sandbox/x/posts/{id}")
        lost = until(lambda: "lost" in x_sandbox.get("/x/webhooks").text)
        x_sandbox.send("POST", "/sandbox/faults", {"service": "x_events", "kind": "none"})
        assert lost
        assert Order.objects.get().status == "PENDING"
        now = timezone.now()
        assert subscriptions.make_good(since=now - timedelta(minutes=5), at=now)
        assert not subscriptions.make_good(since=now - timedelta(minutes=5), at=now + timedelta(minutes=9))
        assert until(lambda: Message.objects.filter(kind="DELETION", external_id=id).exists())
        inbox.handle()
        assert Order.objects.get().status == "VOIDED"
        assert Message.objects.filter(external_id=id).count() == 2

    def test_is_noticed_by_the_poll(
        self, x_sandbox: Sandbox, payer: User, payee: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.heard(minutes=60)
        asked: list[Any] = []
        monkeypatch.setattr(subscriptions, "make_good", lambda **told: asked.append(told["since"]))
        monkeypatch.setattr(subscriptions, "GRACE", timedelta(seconds=-5))
        write(x_sandbox, payer, payee)
        listening.poll()
        assert len(asked) == 1


class TestRevocation:
    def test_on_x_is_noticed_here(self, web: None, x_sandbox: Sandbox, payer: User, payee: User) -> None:
        subscriptions.subscribe()
        identity = payer.identities.get()
        x_sandbox.send("DELETE", f"/sandbox/x/people/{identity.external_id}/access")
        assert until(lambda: payer.identities.get().revoked_at is not None)
        id = write(x_sandbox, payer, payee)
        assert until(lambda: Message.objects.filter(external_id=id).exists())
        inbox.handle()
        assert Message.objects.get(external_id=id).problem == "revoked"

    def test_new_handle_on_x_is_known_here(self, web: None, x_sandbox: Sandbox, payer: User) -> None:
        subscriptions.subscribe()
        identity, new = payer.identities.get(), f"n_{get_random_string(8)}"
        x_sandbox.send("PUT", f"/sandbox/x/people/{identity.external_id}", {"handle": new})
        assert until(lambda: handle(payer) == new)


class TestKilledBetween:
    """X gave the next refresh token, and the process died before it was kept."""

    def test_goes_on_with_the_old_token_alarms_and_is_mended_by_an_operator(
        self, x_sandbox: Sandbox, settings: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        token = credentials.access_token()
        Credential.objects.update(expires_at=timezone.now() + timedelta(minutes=20))
        asked = x.X.refresh

        def die(self: x.X, refresh_token: str) -> x.Tokens:
            asked(self, refresh_token)
            raise KeyboardInterrupt

        settings.X_REFRESH_TOKEN = ""
        monkeypatch.setattr(x.X, "refresh", die)
        with pytest.raises(KeyboardInterrupt):
            credentials.access_token()
        monkeypatch.setattr(x.X, "refresh", asked)
        assert credentials.access_token() == token  # Its lease goes on, and another process waits.
        Credential.objects.update(leased_until=timezone.now())
        assert credentials.access_token() == token  # X refused: the old one serves to its end.
        assert Alarm.objects.get().kind == "REVOKED"
        Credential.objects.update(leased_until=None, expires_at=timezone.now())
        with pytest.raises(credentials.Unavailable):
            credentials.access_token()
        scope = "tweet.read users.read tweet.write offline.access"
        settings.X_REFRESH_TOKEN = x_sandbox.tokens(SERVICE_ID, scope)["refresh_token"]
        Credential.objects.update(leased_until=None)
        assert outside.x().me(token=credentials.access_token()) == SERVICE_ID
        assert Alarm.objects.get().ended_at


class TestCredits:
    def test_used_up_are_said_so_and_found_again(self, x_sandbox: Sandbox) -> None:
        x_sandbox.send("PUT", "/sandbox/x/credits", {"cents": 0})
        try:
            with pytest.raises(x.Limited) as limited:
                outside.x().mentions(SERVICE_ID)
            assert limited.value.is_unpaid
        finally:
            x_sandbox.send("PUT", "/sandbox/x/credits", {"cents": None})
        assert outside.x().mentions(SERVICE_ID)

    def test_not_summoned_is_a_refusal(self, x_sandbox: Sandbox, fail: Callable[..., None]) -> None:
        fail("403")
        with pytest.raises(x.Refused, match="mentioned"):
            outside.x().reply("1", "a", token="t")


class TestSlowAnswers:
    def test_that_drip_are_not_waited_for(
        self, x_sandbox: Sandbox, fail: Callable[..., None], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(x, "WHOLE_SECONDS", -1)
        with pytest.raises(x.Unreachable):
            outside.x().mentions(SERVICE_ID)


def test_rules_of_the_stream_are_mentions(x_sandbox: Sandbox) -> None:
    wish = {"add": [{"value": "cats has:images"}]}
    assert x_sandbox.send("POST", "/2/tweets/search/stream/rules", wish, APP).status_code == 400
