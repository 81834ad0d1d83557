"""Messenger: what people write to the service's page, signed by Meta; answers within 24 hours, with buttons.

https://developers.facebook.com/docs/messenger-platform/webhooks
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.utils import timezone

from accounts.models import Identity
from social import graph, outside
from social.channels.said import Author, Button, Came, Limited, Malformed, Refused, Said, Unreachable, linked
from social.models import Message

NAME = Message.Channel.MESSENGER
LONGEST_ID = 64  # The column's; a longer `mid` is known by its digest.
LIMITED_SECONDS = 60
BUTTONS, TITLE = 13, 20  # As many, and as long, as Messenger shows.


def is_genuine(came: Came) -> bool:
    digest = hmac.new(settings.MESSENGER_APP_SECRET.encode(), came.body, sha256).hexdigest()
    given = came.headers.get("x-hub-signature-256", "")
    return bool(settings.MESSENGER_APP_SECRET) and hmac.compare_digest(
        given.encode(), f"sha256={digest}".encode()
    )


def read(came: Came) -> list[Said]:
    """What people wrote or tapped; that something was delivered or read is left out."""
    try:
        page = json.loads(came.body)
        if page["object"] != "page":
            raise Malformed("not about a page")
        rows = [row for entry in page["entry"] for row in entry.get("messaging", ())]
        return [said for row in rows for said in _said(row)]
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError, OverflowError) as problem:
        raise Malformed(type(problem).__name__) from problem


def author(author_id: str) -> Author | None:
    return linked(Identity.Network.MESSENGER, author_id)


def send(author_id: str, text: str, *, buttons: Sequence[Button]) -> str:
    replies = [(button.title[:TITLE], button.says) for button in buttons[:BUTTONS]]
    try:
        return _id(outside.graph().send(author_id, text, replies=replies))
    except graph.Limited as limited:
        raise Limited(LIMITED_SECONDS) from limited
    except graph.Refused as refused:
        raise Refused(str(refused)) from refused
    except graph.Unreachable as problem:
        raise Unreachable(str(problem)) from problem


def _said(row: Mapping[str, Any]) -> Iterator[Said]:
    sender, at = str(row["sender"]["id"]), _moment(row.get("timestamp"))
    message, postback = row.get("message") or {}, row.get("postback") or {}
    referral = row.get("referral") or postback.get("referral") or {}
    ticket = str(referral.get("ref") or "")
    # A link that is followed has no id of its own: whoever follows it again says nothing new.
    followed = sha256(f"{sender} {ticket}".encode()).hexdigest() if ticket else ""
    mid = message.get("mid") or postback.get("mid") or followed
    if not mid:
        return
    tapped = (message.get("quick_reply") or {}).get("payload") or postback.get("payload")
    text = "" if ticket else _clean(str(tapped or message.get("text") or ""))
    answered = str((message.get("reply_to") or {}).get("mid") or "")
    is_ours = bool(message.get("is_echo")) or sender == settings.MESSENGER_PAGE_ID
    yield Said(
        _id(str(mid)),
        sender[:32],
        text,
        at,
        reply_to=_id(answered) if answered else "",
        ticket=ticket[:100],
        is_automatic=is_ours or not (text or ticket),
    )


def _id(mid: str) -> str:
    return mid if len(mid) <= LONGEST_ID else sha256(mid.encode()).hexdigest()


def _clean(text: str) -> str:
    """Without what no database keeps."""
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()


def _moment(milliseconds: object) -> datetime:
    if not isinstance(milliseconds, int):
        return timezone.now()
    return datetime.fromtimestamp(milliseconds / 1000, tz=UTC)
