"""Text messages, by the carrier's webhook (Twilio's): https://www.twilio.com/docs/messaging/guides/webhook-request

A text may open an order and never confirms one: whoever can forge a sender can write anything.
"""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Sequence
from hashlib import sha1
from urllib.parse import parse_qsl

from django.conf import settings
from django.utils import timezone

from accounts import members, sms, texts
from social.channels.said import Author, Button, Came, Malformed, Refused, Said, Unreachable
from social.models import Message

NAME = Message.Channel.SMS
LONGEST = 1600  # Of a text in parts, put together.


def is_genuine(came: Came) -> bool:
    """HMAC-SHA1 over the address and every name with its value, sorted: https://www.twilio.com/docs/usage/security"""
    signed = came.url + "".join(f"{name}{value}" for name, value in sorted(_fields(came)))
    digest = hmac.new(settings.SMS_AUTH_TOKEN.encode(), signed.encode(), sha1).digest()
    given = came.headers.get("x-twilio-signature", "")
    return hmac.compare_digest(given.encode(), base64.b64encode(digest))


def read(came: Came) -> list[Said]:
    """One text; a sender that is no number (a shop's name, a short code) is no person."""
    fields = dict(_fields(came))
    sid, sender = fields.get("MessageSid", ""), fields.get("From", "")
    if not _SID.fullmatch(sid) or not sender:
        raise Malformed("a text without its number or its sender")
    is_person = _NUMBER.fullmatch(sender) is not None and sender != settings.SMS_FROM
    text = fields.get("Body", "").replace("\0", "\ufffd")[:LONGEST]
    return [Said(sid, sender[:32], text, timezone.now(), is_automatic=not is_person)]


def author(author_id: str) -> Author | None:
    user = members.by_phone(author_id)
    return Author(user, user.phone_verified_at) if user and user.phone_verified_at else None


def send(author_id: str, text: str, *, buttons: Sequence[Button]) -> str:
    del buttons  # A text has none.
    try:
        return texts.send(author_id, text).sid
    except sms.Refused as refused:
        raise Refused(str(refused)) from refused
    except sms.Unreachable as problem:
        raise Unreachable(str(problem)) from problem


_SID = re.compile(r"[SM]M[0-9a-f]{32}")
_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")


def _fields(came: Came) -> list[tuple[str, str]]:
    try:
        return parse_qsl(came.body.decode(), keep_blank_values=True, errors="strict", max_num_fields=100)
    except ValueError:
        return []
