"""Direct messages on X: the webhook's `dm.received`, and the list of events for what it lost. Best effort.

X takes 15 messages of ours in 15 minutes, and newer conversations may be encrypted: nothing relies on this.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from accounts.models import Identity
from social import credentials, outside, posts, x
from social.channels.said import Author, Button, Came, Limited, Malformed, Refused, Said, Unreachable, linked
from social.channels.signature import is_signed
from social.models import Message

NAME = Message.Channel.DM
RECEIVED = "dm.received"
WAIT_SECONDS = 30


def is_genuine(came: Came) -> bool:
    return is_signed(came.body, came.headers.get("x-twitter-webhooks-signature", ""))


def read(came: Came) -> list[Said]:
    """The message of a webhook's event; nothing, if the event is about something else."""
    try:
        event = json.loads(came.body)["data"]
        return [_said(event["payload"])] if event["event_type"] == RECEIVED else []
    except (ValueError, LookupError, TypeError, RecursionError) as problem:
        raise Malformed(type(problem).__name__) from problem


def latest() -> list[Said]:
    """What was written to us lately, as X lists it, for what no webhook brought; the oldest first.

    :raises Refused, Limited, Unreachable: if X does not answer
    """
    rows = _ask(lambda token: outside.x().direct_messages(token=token))
    said = []
    for row in reversed(rows):
        try:
            said.append(_said(row))
        except (LookupError, TypeError, Malformed):
            continue  # One that cannot be read must not keep the others from being heard.
    return said


def author(author_id: str) -> Author | None:
    return linked(Identity.Network.X, author_id)


def send(author_id: str, text: str, *, buttons: Sequence[Button]) -> str:
    del buttons  # X has none.
    sent: str = _ask(lambda token: outside.x().send_direct_message(author_id, text, token=token))
    return sent


def _ask(call: Any) -> Any:
    """With the service's own token; X's refusals in the words of all channels."""
    try:
        token = credentials.access_token()
    except (credentials.Renewing, credentials.Unavailable) as problem:
        raise Limited(WAIT_SECONDS) from problem
    except x.Limited as limited:
        raise Limited(limited.seconds) from limited
    except x.Unreachable as problem:
        raise Unreachable(str(problem)) from problem
    try:
        return call(token)
    except x.Limited as limited:
        raise Limited(limited.seconds) from limited
    except x.Unreachable as problem:
        raise Unreachable(str(problem)) from problem
    except x.Refused as refused:
        if refused.status == UNAUTHORIZED:
            credentials.distrust(token)
            raise Limited(WAIT_SECONDS) from refused
        raise Refused(f"{refused.status} {refused.problem}"[:200]) from refused


UNAUTHORIZED = 401


def _said(raw: Mapping[str, Any]) -> Said:
    """https://docs.x.com/x-api/direct-messages/get-dm-events"""
    id, sender, text = raw["id"], raw["sender_id"], raw.get("text", "")
    if not (isinstance(id, str) and isinstance(sender, str) and isinstance(text, str) and id and sender):
        raise Malformed("an event without its number, sender or text")
    at = parse_datetime(str(raw.get("created_at", ""))) or timezone.now()
    is_ours = sender == settings.X_SERVICE_ID or raw.get("event_type", "MessageCreate") != "MessageCreate"
    text = posts.unescaped(text.replace("\0", "\ufffd").encode("utf-8", "replace").decode())
    return Said(id[:64], sender[:32], text, at, is_automatic=is_ours)
