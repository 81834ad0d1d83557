"""The client, the token, the poll and the replies, against the sandbox over HTTP."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.test.testcases import LiveServerThread
from django.utils import timezone
from django.utils.crypto import get_random_string

from accounts import crypto, identities
from accounts.models import Identity, User
from payments import ledger
from payments.models import Delivery, Notification, Order, Request
from social import credentials, inbox, listening, outside, posts, replies, subscriptions, x
from social.models import Alarm, Credential, Cursor, Message
from tests.sandbox.running import APP, SERVICE_ID, Sandbox
from tests.staff import hire

FAULTS = ["500", "500_after", "half_body", "bad_json"]


@pytest.fixture
def payer(x_sandbox: Sandbox, db: None) -> User:
    return _member(x_sandbox, "+33612340011")


@pytest.fixture
def payee(x_sandbox: Sandbox, db: None) -> User:
    return _member(x_sandbox, "+33612340012")


def _member(sandbox: Sandbox, phone: str) -> User:
    person = sandbox.person()
    user = User.objects.create_user(phone, name=person["name"])
    Identity.objects.create(
        network="x",
        external_id=person["id"],
        handle=person["handle"],
        user=user,
        linked_at=timezone.now() - timedelta(days=1),
    )
    ledger.wallet(user)
    return user


def handle(user: User) -> str:
    return user.identities.get().handle


def write(sandbox: Sandbox, payer: User, payee: User, words: str = "12,99€") -> str:
    return sandbox.post(handle(payer), f"@Smoneyfr #envoyer {words} @{handle(payee)} {get_random_string(6)}")


class TestX:
    def test_gives_mentions_and_people_in_both_spellings(self, x_sandbox: Sandbox) -> None:
        person = x_sandbox.person()
        id = x_sandbox.post(person["handle"], "@Smoneyfr bonjour")
        for noun in ("tweet", "post"):
            page = posts.page(outside.x().mentions(SERVICE_ID, since_id=str(int(id) - 1), noun=noun))
            [post] = page.posts
            assert (post.id, post.author_id, post.text) == (id, person["id"], "@Smoneyfr bonjour")
            assert {each.id for each in page.people} == {person["id"], SERVICE_ID}

    def test_names_what_is_gone(self, x_sandbox: Sandbox) -> None:
        person = x_sandbox.person()
        id = x_sandbox.post(person["handle"], "bientôt parti")
        x_sandbox.send("DELETE", f"/sandbox/x/posts/{id}")
        assert posts.page(outside.x().posts([id])).missing == (id,)

    @pytest.mark.parametrize("kind", FAULTS)
    def test_does_not_take_half_an_answer_for_one(self, fail: Callable[..., None], kind: str) -> None:
        fail(kind)
        with pytest.raises(x.Unreachable):
            outside.x().mentions(SERVICE_ID)

    def test_gives_up_waiting(self, fail: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(x, "TIMEOUT_SECONDS", (1, 0.2))
        fail("slow", seconds=2)
        with pytest.raises(x.Unreachable):
            outside.x().mentions(SERVICE_ID)

    def test_says_how_long_x_wants_to_be_left_alone(self, fail: Callable[..., None]) -> None:
        fail("429")
        with pytest.raises(x.Limited) as limited:
            outside.x().mentions(SERVICE_ID)
        assert 1 <= limited.value.seconds <= 6

    def test_says_why_x_refuses_and_never_a_token(self, x_sandbox: Sandbox) -> None:
        with pytest.raises(x.Refused) as refused:
            x.X(x_sandbox.url, bearer="not-the-bearer").mentions(SERVICE_ID)
        assert refused.value.status == 401
        assert "bearer" not in repr(refused.value)
        assert repr(x.Tokens("a", "b", 1)) == "Tokens(…)"

    def test_reaches_nobody_where_nobody_is(self) -> None:
        with pytest.raises(x.Unreachable):
            x.X("http://127.0.0.1:9", bearer="b").webhooks()


@pytest.mark.django_db
class TestAccessToken:
    def test_comes_of_the_operators_and_is_kept_unreadable(self, x_sandbox: Sandbox, settings: Any) -> None:
        token = credentials.access_token()
        assert outside.x().me(token=token) == SERVICE_ID
        row = Credential.objects.get()
        assert token.encode() not in bytes(row.access_token)
        assert settings.X_REFRESH_TOKEN.encode() not in bytes(row.refresh_token)

    def test_is_asked_for_once_while_it_lasts(self, x_sandbox: Sandbox) -> None:
        assert credentials.access_token() == credentials.access_token()

    def test_is_renewed_from_the_newest_refresh_token(self, x_sandbox: Sandbox) -> None:
        tokens = set()
        for _ in range(3):
            tokens.add(credentials.access_token())
            Credential.objects.update(expires_at=timezone.now() + timedelta(minutes=4))
        assert len(tokens) == 3

    def test_that_x_refused_is_not_used_again(self, x_sandbox: Sandbox) -> None:
        token = credentials.access_token()
        credentials.distrust(token)
        again = credentials.access_token()
        assert again != token
        credentials.distrust(token)
        assert credentials.access_token() == again

    def test_comes_of_a_newer_seed_when_ours_is_spent(self, x_sandbox: Sandbox, settings: Any) -> None:
        seed = settings.X_REFRESH_TOKEN
        settings.X_REFRESH_TOKEN = "spent-long-ago"
        with pytest.raises(credentials.Unavailable):
            credentials.access_token()
        Credential.objects.update(leased_until=None)
        settings.X_REFRESH_TOKEN = seed
        assert credentials.access_token()

    def test_serves_to_its_end_while_another_process_renews_it(self, x_sandbox: Sandbox) -> None:
        token = credentials.access_token()
        soon = timezone.now() + timedelta(minutes=1)
        Credential.objects.update(expires_at=soon, leased_until=soon)
        assert credentials.access_token() == token
        Credential.objects.update(expires_at=timezone.now())
        with pytest.raises(credentials.Renewing):
            credentials.access_token()


@pytest.mark.django_db(transaction=True)
class TestRenewalRace:
    def test_one_process_of_many_asks(self, x_sandbox: Sandbox, at_once: Callable[..., list[Any]]) -> None:
        """X would end the whole grant for a refresh token that is shown twice."""
        credentials.access_token()
        Credential.objects.update(expires_at=timezone.now() + timedelta(minutes=4))
        results = at_once(12, lambda _: credentials.access_token())
        assert all(isinstance(result, str) for result in results), results
        Credential.objects.update(expires_at=timezone.now())
        assert outside.x().me(token=credentials.access_token()) == SERVICE_ID


@pytest.mark.django_db
class TestPoll:
    def test_hears_orders_and_decides(self, x_sandbox: Sandbox, payer: User, payee: User) -> None:
        id = write(x_sandbox, payer, payee)
        listening.poll()
        inbox.handle()
        order = Order.objects.get()
        assert (order.payer, order.payee.user, order.amount, order.channel_id) == (payer, payee, 12_99, id)
        assert int(Cursor.objects.get().since_id) >= int(id)

    def test_reads_some_minutes_again_for_what_x_skipped(
        self, x_sandbox: Sandbox, payer: User, payee: User
    ) -> None:
        id = write(x_sandbox, payer, payee)
        Cursor.objects.create(channel="x", since_id=str(int(id) + 1))
        listening.poll()
        assert Message.objects.filter(external_id=id).exists()
        assert listening.poll() == 0

    def test_reads_all_pages(
        self, x_sandbox: Sandbox, payer: User, payee: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(x, "PAGE", 5)
        ids = {write(x_sandbox, payer, payee) for _ in range(12)}
        listening.poll()
        assert ids <= set(Message.objects.values_list("external_id", flat=True))

    def test_raises_the_alarm_when_x_keeps_no_more(
        self,
        x_sandbox: Sandbox,
        payer: User,
        payee: User,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        monkeypatch.setattr(x, "PAGE", 5)
        monkeypatch.setattr(listening, "REACH", 10)
        hire("Agathe", "+33612349990")
        for _ in range(10):
            write(x_sandbox, payer, payee)
        listening.poll()
        assert Alarm.objects.get().kind == "MISSED"
        assert "An alarm about X" in caplog.text
        assert Notification.objects.get(kind="X_ALARM").user.name == "Agathe"

    def test_broken_off_starts_where_it_did(
        self, payer: User, payee: User, x_sandbox: Sandbox, fail: Callable[..., None]
    ) -> None:
        id = write(x_sandbox, payer, payee)
        fail("half_body")
        with pytest.raises(x.Unreachable):
            listening.poll()
        assert Cursor.objects.get().since_id == ""
        fail("none")
        listening.poll()
        assert Message.objects.filter(external_id=id).exists()

    def test_speaks_the_newer_spelling_where_x_does_not_know_the_older(
        self, x_sandbox: Sandbox, payer: User, payee: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(listening, "NOUNS", ("chirp", "post"))
        id = write(x_sandbox, payer, payee)
        monkeypatch.setattr(
            x.X, "mentions", _refusing(x.X.mentions, "chirp", x.Refused(400, "unknown parameter"))
        )
        listening.poll()
        assert Message.objects.filter(external_id=id).exists()


def _refusing(call: Callable[..., Any], noun: str, refused: Exception) -> Callable[..., Any]:
    def ask(self: x.X, *given: Any, **asked: Any) -> Any:
        if asked["noun"] == noun:
            raise refused
        return call(self, *given, **asked)

    return ask


@pytest.mark.django_db
class TestRecheck:
    @pytest.fixture
    def id(self, x_sandbox: Sandbox, payer: User, payee: User) -> str:
        id = write(x_sandbox, payer, payee)
        listening.poll()
        inbox.handle()
        assert Order.objects.get().status == "PENDING"
        return id

    def status(self) -> str:
        listening.recheck()
        inbox.handle()
        return Order.objects.get().status

    def test_leaves_what_is_as_it_was(self, id: str) -> None:
        assert self.status() == "PENDING"

    def test_voids_what_was_deleted_unheard(self, x_sandbox: Sandbox, id: str) -> None:
        x_sandbox.send("DELETE", f"/sandbox/x/posts/{id}")
        assert self.status() == "VOIDED"

    def test_voids_what_was_edited_unheard(self, x_sandbox: Sandbox, id: str) -> None:
        x_sandbox.send("PUT", f"/sandbox/x/posts/{id}", {"text": "@Smoneyfr autre chose"})
        assert self.status() == "VOIDED"

    def test_ends_what_a_post_asked_for_that_was_deleted_unheard(
        self, x_sandbox: Sandbox, payer: User, payee: User
    ) -> None:
        id = x_sandbox.post(handle(payer), f"@Smoneyfr #demander 9€ @{handle(payee)}")
        listening.poll()
        inbox.handle()
        assert set(Request.objects.values_list("status", flat=True)) == {"OPEN"}
        x_sandbox.send("DELETE", f"/sandbox/x/posts/{id}")
        listening.recheck()
        inbox.handle()
        assert set(Request.objects.values_list("status", flat=True)) == {"CANCELLED"}

    def test_leaves_everything_when_x_is_away(self, fail: Callable[..., None], id: str) -> None:
        fail("500")
        with pytest.raises(x.Unreachable):
            listening.recheck()
        assert Order.objects.get().status == "PENDING"

    def test_of_an_older_order_is_once_an_hour(self, x_sandbox: Sandbox, id: str) -> None:
        x_sandbox.send("DELETE", f"/sandbox/x/posts/{id}")
        at = timezone.now()
        Order.objects.update(created_at=at - timedelta(hours=2, minutes=30))
        assert self.status() == "PENDING"
        Order.objects.update(created_at=timezone.now() - timedelta(hours=2))
        assert self.status() == "VOIDED"


@pytest.mark.django_db
class TestReplies:
    @pytest.fixture
    def answer(self, x_sandbox: Sandbox, payer: User) -> Delivery:
        id = x_sandbox.post(handle(payer), f"@Smoneyfr #envoyer {secrets.token_hex(3)}")
        listening.poll()
        inbox.handle()
        Delivery.objects.exclude(reply_to=id).update(status="FAILED")
        return Delivery.objects.get(reply_to=id)

    def test_stand_under_the_post(self, answer: Delivery, x_sandbox: Sandbox) -> None:
        assert replies.send_due() == 1
        answer.refresh_from_db()
        assert (answer.status, answer.tries) == ("SENT", 1)
        said = x_sandbox.get(f"/2/tweets/{answer.external_id}?tweet.fields=referenced_tweets").json()
        assert answer.text.split(" @")[0] in said["data"]["text"]
        assert said["data"]["referenced_tweets"] == [{"type": "replied_to", "id": answer.reply_to}]
        assert replies.send_due() == 0

    @pytest.mark.parametrize("kind", ["500_after", "half_body", "bad_json"])
    def test_that_were_sent_unknown_to_us_are_not_sent_twice(
        self, answer: Delivery, x_sandbox: Sandbox, fail: Callable[..., None], kind: str
    ) -> None:
        credentials.access_token()
        fail(kind)
        assert replies.send_due() == 0
        fail("none")
        Delivery.objects.filter(pk=answer.pk).update(due_at=timezone.now())
        assert replies.send_due() == 1
        answer.refresh_from_db()
        assert (answer.status, answer.tries, answer.external_id) == ("SENT", 2, "")
        since = x_sandbox.get(f"/2/users/{SERVICE_ID}/mentions", since_id=answer.reply_to, max_results=100)
        assert since.json()["meta"]["result_count"] <= 1

    def test_wait_as_long_as_x_wants(self, answer: Delivery, fail: Callable[..., None]) -> None:
        credentials.access_token()
        fail("429")
        assert replies.send_due() == 0
        answer.refresh_from_db()
        assert answer.status == "DUE"
        assert timezone.now() < answer.due_at <= timezone.now() + timedelta(seconds=8)

    def test_to_a_post_that_is_gone_are_given_up(self, answer: Delivery, x_sandbox: Sandbox) -> None:
        x_sandbox.send("DELETE", f"/sandbox/x/posts/{answer.reply_to}")
        assert replies.send_due() == 0
        answer.refresh_from_db()
        assert (answer.status, answer.problem[:3]) == ("FAILED", "403")

    def test_go_out_with_a_new_token_after_x_refused_the_old(self, answer: Delivery) -> None:
        token = credentials.access_token()
        row = Credential.objects.get()
        row.access_token = crypto.encrypt("revoked")
        row.save()
        assert replies.send_due() == 0
        Delivery.objects.filter(pk=answer.pk).update(due_at=timezone.now())
        assert replies.send_due() == 1
        assert credentials.access_token() != token

    def test_wait_a_moment_while_another_process_renews_the_token(
        self, x_sandbox: Sandbox, answer: Delivery
    ) -> None:
        credentials.access_token()
        Credential.objects.update(
            expires_at=timezone.now(), leased_until=timezone.now() + timedelta(minutes=1)
        )
        assert replies.send_due() == 0
        answer.refresh_from_db()
        assert (answer.status, answer.problem) == ("DUE", "Renewing")
        assert answer.due_at < timezone.now() + timedelta(seconds=5)

    def test_wait_while_there_is_no_token(self, answer: Delivery, settings: Any) -> None:
        settings.X_REFRESH_TOKEN = "spent-long-ago"
        Credential.objects.all().delete()
        assert replies.send_due() == 0
        answer.refresh_from_db()
        assert (answer.status, answer.problem) == ("DUE", "Unavailable")


@pytest.mark.django_db(transaction=True)
class TestReplyRace:
    def test_of_many_workers_one_answers(
        self, x_sandbox: Sandbox, payer: User, at_once: Callable[..., list[Any]]
    ) -> None:
        id = x_sandbox.post(handle(payer), f"@Smoneyfr #envoyer {secrets.token_hex(3)}")
        listening.poll()
        inbox.handle()
        Delivery.objects.exclude(reply_to=id).update(status="FAILED")  # what other tests wrote on X
        credentials.access_token()
        assert sum(at_once(8, lambda _: replies.send_due())) == 1


@pytest.mark.django_db(transaction=True)
class TestOnlyPoller:
    def test_is_one_at_a_time(self, at_once: Callable[..., list[Any]]) -> None:

        done = threading.Barrier(6)

        def begin(_number: int) -> str:
            try:
                with listening.only_poller():
                    done.wait(timeout=10)
                    return "polls"
            except listening.PolledElsewhere:
                done.wait(timeout=10)
                return "stands by"

        assert sorted(at_once(6, begin)) == ["polls", *["stands by"] * 5]


@pytest.fixture
def web(x_sandbox: Sandbox, transactional_db: None, settings: Any) -> Iterator[None]:
    """The product's own web server, for X to call, until X forgets it."""
    thread = LiveServerThread("localhost", StaticFilesHandler)
    thread.start()
    thread.is_ready.wait()
    settings.SITE_URL = f"http://localhost:{thread.port}"
    yield
    for webhook in outside.x().webhooks():
        x_sandbox.send("DELETE", f"/2/webhooks/{webhook.id}", headers=APP)
    thread.terminate()


class TestSubscribe:
    def test_lets_x_tell_us_at_once(self, web: None, x_sandbox: Sandbox, payer: User, payee: User) -> None:
        subscriptions.subscribe()
        subscriptions.subscribe()
        known = {(row.event_type, row.user_id) for row in outside.x().subscriptions()}
        assert {
            ("post.mention.create", SERVICE_ID),
            ("post.delete", payer.identities.get().external_id),
        } <= known
        id = write(x_sandbox, payer, payee)
        assert _until(lambda: Message.objects.filter(kind="POST", external_id=id).exists())
        x_sandbox.send("DELETE", f"/sandbox/x/posts/{id}")
        assert _until(lambda: Message.objects.filter(kind="DELETION", external_id=id).exists())
        inbox.handle()
        assert not Order.objects.filter(status="PENDING").exists()

    def test_hears_no_more_of_who_is_linked_no_more(
        self, web: None, x_sandbox: Sandbox, payer: User, payee: User
    ) -> None:
        subscriptions.subscribe()
        gone, stays = payer.identities.get().external_id, payee.identities.get().external_id
        identities.unlink(payer, network=Identity.Network.X, at=timezone.now())
        subscriptions.subscribe()
        known = {(row.event_type, row.user_id) for row in outside.x().subscriptions()}
        assert gone not in {user_id for _, user_id in known}
        assert {(each, stays) for each in subscriptions.OF_MEMBERS} <= known
        assert {(each, SERVICE_ID) for each in subscriptions.OF_OURS} <= known


def _until(is_so: Callable[[], bool]) -> bool:
    """Wait for what another process does."""
    end = time.monotonic() + 15
    while time.monotonic() < end:
        if is_so():
            return True
        threading.Event().wait(0.05)
    return False


@pytest.mark.django_db(transaction=True)
class TestListen:
    def test_goes_on_whatever_x_does_and_stops_when_told(
        self, x_sandbox: Sandbox, payer: User, payee: User, fail: Callable[..., None], settings: Any
    ) -> None:
        settings.X_POLL_SECONDS = 0.05
        stop = threading.Event()
        thread = threading.Thread(target=listening.listen, args=(stop,))
        fail("bad_json")
        thread.start()
        id = write(x_sandbox, payer, payee)
        assert not Message.objects.exists()
        fail("none")
        assert _until(lambda: Message.objects.filter(external_id=id).exists())
        stop.set()
        thread.join(timeout=15)
        assert not thread.is_alive()

    def test_has_a_token_before_a_reply_wants_one(self, x_sandbox: Sandbox, settings: Any) -> None:
        settings.X_POLL_SECONDS = 0.05
        stop = threading.Event()
        thread = threading.Thread(target=listening.listen, args=(stop,))
        thread.start()
        assert _until(lambda: Credential.objects.filter(expires_at__gt=timezone.now()).exists())
        stop.set()
        thread.join(timeout=15)
        assert outside.x().me(token=credentials.access_token()) == SERVICE_ID
