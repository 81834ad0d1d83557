"""Webhooks: a receiver proves that it knows our secret before it is told anything, and again every hour.

https://docs.x.com/x-api/webhooks/quickstart
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import requests
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from sandbox.x import events
from sandbox.x.models import Delivery, Webhook

CRC_TIMEOUT_SECONDS = 3
CRC_INTERVAL = timedelta(hours=1)
REPLAY_REACH = timedelta(hours=24)
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class BadUrl(Exception):
    """Not an address of this machine: the sandbox speaks to nobody else."""


class AlreadyThere(Exception):
    """There is a webhook with this address."""


class CrcFailed(Exception):
    """The receiver does not answer the challenge as somebody who knows the secret."""


def register(url: str) -> Webhook:
    """:raises BadUrl, AlreadyThere, CrcFailed: if X would not take it"""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or parts.hostname not in LOOPBACK:
        raise BadUrl(url)
    if Webhook.objects.filter(url=url).exists():
        raise AlreadyThere(url)
    if not answers_challenge(url):
        raise CrcFailed(url)
    webhook, _ = Webhook.objects.get_or_create(url=url)
    return webhook


def check(webhook: Webhook) -> bool:
    """Challenge the receiver again; events wait while it fails."""
    webhook.is_valid, webhook.checked_at = answers_challenge(webhook.url), timezone.now()
    webhook.save(update_fields=["is_valid", "checked_at"])
    if webhook.is_valid:
        events.something_is_due.set()
    return webhook.is_valid


def answers_challenge(url: str) -> bool:
    token = secrets.token_urlsafe(32)
    query = {"crc_token": token, "nonce": secrets.token_urlsafe(8)}
    try:
        response = requests.get(url, params=query, timeout=CRC_TIMEOUT_SECONDS, allow_redirects=False)
        said = response.json().get("response_token") if response.ok else None
    except (requests.RequestException, ValueError, AttributeError):
        return False
    return isinstance(said, str) and hmac.compare_digest(said.encode(), signature(token.encode()).encode())


def signature(body: bytes) -> str:
    digest = hmac.new(settings.X_CONSUMER_SECRET.encode(), body, hashlib.sha256).digest()
    return f"sha256={base64.b64encode(digest).decode()}"


def replay(webhook: Webhook, *, first: datetime, last: datetime) -> int:
    """Send again what happened in these minutes, the last 24 hours at most. Returns how much."""
    oldest = max(first, timezone.now() - REPLAY_REACH)
    past = webhook.delivery_set.filter(created_at__gte=oldest, created_at__lt=last, is_replay=False).order_by(
        "pk"
    )
    again = [
        Delivery(webhook=webhook, event_type=event_type, body=body, is_replay=True)
        for event_type, body in past.values_list("event_type", "body")
    ]
    with transaction.atomic():
        Delivery.objects.bulk_create(again, batch_size=500)
        transaction.on_commit(events.something_is_due.set)
    return len(again)
