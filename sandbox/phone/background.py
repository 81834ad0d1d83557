"""The mail server of the sandbox: it takes every e-mail on loopback and puts it into its mailboxes."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from html import unescape

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.conf import settings
from django.db import transaction

from sandbox.phone.models import Mail

HOST = "127.0.0.1"
BIGGEST = 10 * 1024 * 1024


class Mailroom:
    """aiosmtpd's handler: one row for each recipient, all or none."""

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802  # aiosmtpd calls it by this name
        await asyncio.to_thread(keep, envelope.rcpt_tos, envelope.original_content or b"")
        return "250 Message accepted for delivery"


def start() -> Callable[[], None]:
    """Start the mail server. Returns the function that stops it."""
    server = Controller(Mailroom(), hostname=HOST, port=settings.SMTP_PORT, data_size_limit=BIGGEST)
    server.start()
    stop: Callable[[], None] = server.stop
    return stop


def keep(recipients: list[str], content: bytes) -> None:
    parsed = message_from_bytes(content, policy=policy.default)
    html = _part(parsed, "html")
    text = _part(parsed, "plain") or _as_text(html)
    with transaction.atomic():
        Mail.objects.bulk_create(
            Mail(
                address=recipient.lower(),
                sender=str(parsed["From"] or ""),
                subject=str(parsed["Subject"] or ""),
                text=text,
                html=html,
            )
            for recipient in recipients
        )


def _part(parsed: EmailMessage, kind: str) -> str:
    body = parsed.get_body(preferencelist=(kind,))
    return str(body.get_content()).strip() if body is not None else ""


def _as_text(html: str) -> str:
    return unescape(re.sub("<[^>]+>", "", html)).strip()
