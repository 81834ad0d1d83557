from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from accounts.models import Identity
from social.models import Message
from tests.social.conftest import PEOPLE, post, user

TEXT = "@Smoneyfr #envoyer 12,99€ @armanddossantos"
URL = "/webhooks/x"


def signature(body: bytes, secret: str | None = None) -> str:
    key = (secret or settings.X_CONSUMER_SECRET).encode()
    return "sha256=" + base64.b64encode(hmac.new(key, body, hashlib.sha256).digest()).decode()


def envelope(kind: str = "post.mention.create", payload: Any = None) -> bytes:
    row = payload or post("claire_martin", TEXT)
    data = {
        "event_uuid": "1",
        "filter": {"user_id": PEOPLE["Smoneyfr"]},
        "event_type": kind,
        "payload": row,
        "includes": {"users": [user("claire_martin"), user("armanddossantos")]},
    }
    return json.dumps({"data": data}).encode()


def send(client: Client, body: bytes, signed: str | None = None) -> int:
    headers = {"x-twitter-webhooks-signature": signature(body) if signed is None else signed}
    return client.post(URL, body, content_type="application/json", headers=headers, secure=True).status_code


@pytest.mark.django_db
class TestChallenge:
    def test_is_answered_as_one_who_knows_the_secret(self, client: Client) -> None:
        answer = client.get(URL, {"crc_token": "tök€n", "nonce": "1"}, secure=True)
        assert answer.json() == {"response_token": signature("tök€n".encode())}

    @pytest.mark.parametrize("token", ["", "x" * 501])
    def test_is_refused_without_a_token_or_with_a_book(self, client: Client, token: str) -> None:
        assert client.get(URL, {"crc_token": token}, secure=True).status_code == 400


@pytest.mark.django_db
class TestEvents:
    def test_are_recorded_once(self, client: Client) -> None:
        body = envelope()
        assert [send(client, body) for _ in range(3)] == [200, 200, 200]
        message = Message.objects.get()
        assert (message.text, message.author_id, message.handled_at) == (TEXT, "1001", None)

    def test_of_a_deletion_are_recorded(self, client: Client) -> None:
        payload = {"id": "12", "author_id": "1001"}
        assert send(client, envelope("post.delete", payload)) == 200
        assert Message.objects.get().kind == "DELETION"

    def test_that_nobody_asked_for_are_taken_and_dropped(self, client: Client) -> None:
        assert send(client, envelope("like.create", {"id": "1"})) == 200
        assert not Message.objects.exists()

    @pytest.mark.parametrize(
        "signed",
        ["", "sha256=", "sha256=AAAA", "é", signature(b"other"), signature(envelope(), "another secret")],
        ids=["none", "empty", "short", "not ASCII", "of another body", "by another secret"],
    )
    def test_with_a_forged_signature_leave_no_trace(self, client: Client, signed: str) -> None:
        assert send(client, envelope(), signed) == 403
        self.nothing()

    def test_changed_by_one_byte_leave_no_trace(self, client: Client) -> None:
        body = envelope()
        assert send(client, body + b" ", signature(body)) == 403
        self.nothing()

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"{",
            b"[]",
            b"null",
            b"{}",
            b"\xff\xfe",
            b"[" * 100_000,
            b'{"data": []}',
            b'{"data": {"event_type": "post.mention.create", "payload": {}}}',
            b'{"data": {"event_type": "post.delete", "payload": {"id": "x"}}}',
            envelope(payload=post("claire_martin", TEXT, edit_history_tweet_ids=None)),
            envelope(payload=post("claire_martin", TEXT, created_at="yesterday")),
            envelope(payload={"id": "1"}),
        ],
    )
    def test_that_cannot_be_read_leave_no_trace(self, client: Client, body: bytes) -> None:
        assert send(client, body) == 400
        self.nothing()

    def test_larger_than_x_ever_sends_leave_no_trace(self, client: Client) -> None:
        assert send(client, envelope() + b" " * 1024 * 1024) == 413
        self.nothing()

    @pytest.mark.parametrize("method", ["put", "delete", "patch"])
    def test_by_another_method_are_refused(self, client: Client, method: str) -> None:
        assert getattr(client, method)(URL, secure=True).status_code == 405

    def nothing(self) -> None:
        assert not Message.objects.exists()
        assert not Identity.objects.exists()
