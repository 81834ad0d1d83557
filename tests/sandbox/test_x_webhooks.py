"""The sandbox's X tells what happens: signed, at once, again until it is heard."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.sandbox.running import APP, Receiver, Sandbox


def register(sandbox: Sandbox, receiver: Receiver) -> str:
    answer = sandbox.send("POST", "/2/webhooks", {"url": receiver.url}, APP)
    assert answer.status_code == 200, answer.text
    assert answer.json()["data"]["valid"] is True
    return str(answer.json()["data"]["id"])


def subscribe(sandbox: Sandbox, webhook_id: str, event_type: str, person_id: str) -> Any:
    wish = {"event_type": event_type, "filter": {"user_id": person_id}, "webhook_id": webhook_id}
    return sandbox.send("POST", "/2/activity/subscriptions", wish, APP)


@pytest.fixture
def named(sandbox: Sandbox) -> dict[str, str]:
    """Somebody who let the app in."""
    person = sandbox.person()
    sandbox.tokens(person["id"], "users.read tweet.read offline.access")
    return person


class TestRegistration:
    def test_refuses_who_does_not_know_the_secret(
        self, sandbox: Sandbox, receive: Callable[[], Receiver]
    ) -> None:
        receiver = receive()
        receiver.secret = "something else"
        answer = sandbox.send("POST", "/2/webhooks", {"url": receiver.url}, APP)
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["message"] == "CrcValidationFailed"

    def test_refuses_the_same_address_twice(self, sandbox: Sandbox, receive: Callable[[], Receiver]) -> None:
        receiver = receive()
        register(sandbox, receiver)
        answer = sandbox.send("POST", "/2/webhooks", {"url": receiver.url}, APP)
        assert answer.json()["errors"][0]["message"] == "DuplicateUrlFailed"

    def test_speaks_to_this_machine_alone(self, sandbox: Sandbox) -> None:
        answer = sandbox.send("POST", "/2/webhooks", {"url": "https://example.com/hook"}, APP)
        assert answer.json()["errors"][0]["message"] == "UrlValidationFailed"

    def test_is_the_app_s_and_no_person_s(self, sandbox: Sandbox, service: dict[str, str]) -> None:
        assert sandbox.send("GET", "/2/webhooks", headers=service).status_code == 403

    def test_mentions_of_who_did_not_let_the_app_in_are_private(
        self, sandbox: Sandbox, receive: Callable[[], Receiver]
    ) -> None:
        webhook = register(sandbox, receive())
        answer = subscribe(sandbox, webhook, "post.mention.create", sandbox.person()["id"])
        assert answer.status_code == 403

    def test_subscriptions_are_listed_and_ended(
        self, sandbox: Sandbox, receive: Callable[[], Receiver], named: dict[str, str]
    ) -> None:
        webhook = register(sandbox, receive())
        made = subscribe(sandbox, webhook, "post.delete", named["id"]).json()["data"]["subscription"]
        assert made["filter"] == {"user_id": named["id"]}
        assert subscribe(sandbox, webhook, "post.delete", named["id"]).status_code == 400
        listed = sandbox.get("/2/activity/subscriptions").json()["data"]
        assert made["subscription_id"] in [row["subscription_id"] for row in listed]
        path = f"/2/activity/subscriptions/{made['subscription_id']}"
        assert sandbox.send("DELETE", path, headers=APP).json()["data"] == {"deleted": True}


class TestDelivery:
    def test_mention_arrives_signed_and_at_once(
        self, sandbox: Sandbox, receive: Callable[[], Receiver], named: dict[str, str]
    ) -> None:
        receiver = receive()
        subscribe(sandbox, register(sandbox, receiver), "post.mention.create", named["id"])
        author = sandbox.person()
        before = time.time()
        number = sandbox.post(author["handle"], f"＠{named['handle']} #envoyer 12,99€")
        headers, body, at = receiver.seen.get(timeout=5)
        assert at - before < 0.5  # usually some 20 ms
        assert headers["x-twitter-webhooks-signature"] == receiver.sign(body)
        receiver.seen.put((headers, body, at))
        event = receiver.event()
        assert event["event_type"] == "post.mention.create"
        assert event["filter"] == {"user_id": named["id"]}
        assert event["payload"]["id"] == number
        assert event["payload"]["author_id"] == author["id"]
        assert event["payload"]["entities"]["mentions"][0]["id"] == named["id"]
        assert {user["id"] for user in event["includes"]["users"]} == {author["id"], named["id"]}

    def test_automatic_reply_handles_are_no_mention(
        self, sandbox: Sandbox, receive: Callable[[], Receiver], named: dict[str, str]
    ) -> None:
        receiver = receive()
        subscribe(sandbox, register(sandbox, receiver), "post.mention.create", named["id"])
        author, parent = sandbox.person()["handle"], sandbox.post(named["handle"], "hello")
        sandbox.post(author, "nice", reply_to=parent)
        explicit = sandbox.post(author, f"nice @{named['handle']}", reply_to=parent)
        assert receiver.event()["payload"]["id"] == explicit

    def test_edit_and_deletion_are_told(
        self, sandbox: Sandbox, receive: Callable[[], Receiver], named: dict[str, str]
    ) -> None:
        receiver, author = receive(), sandbox.person()
        webhook = register(sandbox, receiver)
        subscribe(sandbox, webhook, "post.mention.create", named["id"])
        subscribe(sandbox, webhook, "post.delete", author["id"])
        first = sandbox.post(author["handle"], f"5€ @{named['handle']}")
        assert receiver.event()["payload"]["id"] == first
        second = sandbox.send("PUT", f"/sandbox/x/posts/{first}", {"text": f"6€ @{named['handle']}"}).json()[
            "id"
        ]
        assert receiver.event()["payload"]["edit_history_tweet_ids"] == [first, second]
        sandbox.send("DELETE", f"/sandbox/x/posts/{second}")
        told = [receiver.event(), receiver.event()]
        assert {event["event_type"] for event in told} == {"post.delete"}
        assert {event["payload"]["id"] for event in told} == {first, second}
        assert told[0]["payload"]["author_id"] == author["id"]

    def test_new_handle_is_told(
        self, sandbox: Sandbox, receive: Callable[[], Receiver], named: dict[str, str]
    ) -> None:
        receiver = receive()
        subscribe(sandbox, register(sandbox, receiver), "profile.update.handle", named["id"])
        sandbox.send("PUT", f"/sandbox/x/people/{named['id']}", {"handle": f"{named['handle']}_b"})
        assert receiver.event()["payload"] == {"before": named["handle"], "after": f"{named['handle']}_b"}

    def test_is_tried_again_until_it_is_answered(
        self, sandbox: Sandbox, receive: Callable[[], Receiver], named: dict[str, str]
    ) -> None:
        receiver = receive()
        subscribe(sandbox, register(sandbox, receiver), "post.mention.create", named["id"])
        receiver.status = 503
        number = sandbox.post(sandbox.person()["handle"], f"hello @{named['handle']}")
        assert receiver.event()["payload"]["id"] == number
        receiver.status = 200
        assert receiver.event()["payload"]["id"] == number
        assert receiver.seen.empty()

    def test_replay_brings_the_last_hours_again(
        self, sandbox: Sandbox, receive: Callable[[], Receiver], named: dict[str, str]
    ) -> None:
        receiver = receive()
        webhook = register(sandbox, receiver)
        subscribe(sandbox, webhook, "post.mention.create", named["id"])
        sent = [sandbox.post(sandbox.person()["handle"], f"{n} @{named['handle']}") for n in range(3)]
        uuids = {receiver.event()["event_uuid"] for _ in sent}
        now = timezone.now()
        body = {
            "webhook_id": webhook,
            "from_date": f"{now - timedelta(hours=1):%Y%m%d%H%M}",
            "to_date": f"{now:%Y%m%d%H%M}",
        }
        assert sandbox.send("POST", "/2/webhooks/replay", body, APP).status_code == 200
        assert {receiver.event()["event_uuid"] for _ in sent} == uuids

    def test_events_wait_while_the_challenge_fails(
        self, sandbox: Sandbox, receive: Callable[[], Receiver], named: dict[str, str]
    ) -> None:
        receiver = receive()
        webhook = register(sandbox, receiver)
        subscribe(sandbox, webhook, "post.mention.create", named["id"])
        receiver.secret = "forgotten"
        assert sandbox.send("PUT", f"/2/webhooks/{webhook}", headers=APP).status_code == 400
        number = sandbox.post(sandbox.person()["handle"], f"hello @{named['handle']}")
        receiver.secret = "demo-x-consumer-secret"
        assert receiver.seen.empty()
        assert sandbox.send("PUT", f"/2/webhooks/{webhook}", headers=APP).json()["data"]["valid"] is True
        assert receiver.event()["payload"]["id"] == number
