"""Text messages to people, by the carrier of the settings.

Sends at once and may wait for seconds: never inside a transaction.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from allauth.core.internal import ratelimit
from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import sms

logger = logging.getLogger(__name__)

# For whoever waits for a text that is not coming.
NOT_SENT = gettext_lazy("We could not send you a text message just now. Please try again in a moment.")
TOO_SOON = gettext_lazy(
    "We have sent a text message to this number a moment ago. Wait half a minute for another."
)


class NotSent(Exception):
    """The text is not on its way, as far as we know."""


class TooSoon(Exception):
    """So many texts were asked for already, for this number or from this address."""


@contextmanager
def counted(request: HttpRequest, phone: str) -> Iterator[None]:
    """Send one text inside; if it is not sent, it is not counted, as it was not their doing.

    Those before it stay counted: else a number that the carrier refuses would open an address's limit again.

    :raises TooSoon: if too many were asked for
    """
    use = ratelimit.consume(request, app="allauth.account", action="text", key=phone)
    if use is None:
        raise TooSoon
    try:
        yield
    except NotSent:
        use.rollback()
        raise


def send(phone: str, text: str) -> sms.Sent:
    """Send `text` to a number in E.164.

    :raises sms.Refused: if the carrier says no
    :raises sms.Unreachable: if it cannot be asked, or fails
    """
    carrier = _carrier(
        settings.SMS_API_URL, settings.SMS_ACCOUNT_SID, settings.SMS_AUTH_TOKEN, settings.SMS_FROM
    )
    return carrier.send(phone, text)


def send_now(phone: str, text: str) -> None:
    """Send what somebody is waiting for; nobody tries again but they.

    :raises NotSent: if it could not be sent
    """
    try:
        send(phone, text)
    except (sms.Refused, sms.Unreachable) as problem:
        logger.warning("text was not sent", extra={"problem": repr(problem)})
        raise NotSent from problem


def code(code: str, *, site: str) -> str:
    """Words for a code; the last line lets a phone fill it in, on our site alone (WICG, web-otp)."""
    return _fillable(
        _("S-Money: your code is %(code)s. Enter it on our site only; we never ask for it."),
        site=site,
        code=code,
    )


def device_code(code: str, *, site: str, name: str) -> str:
    """Words for a code that makes a device known: they say what for, to whom it is read out to a stranger."""
    words = _(
        "S-Money: %(code)s makes a new device (%(name)s) known to your account. If it is not yours, tell"
        " nobody and change your password."
    )
    return _fillable(words, site=site, code=code, name=name)


def _fillable(words: str, *, site: str, code: str, **facts: str) -> str:
    return f"{words % {'code': code, **facts}}\n\n@{site.partition(':')[0]} #{code}"


@cache
def _carrier(url: str, account: str, token: str, sender: str) -> sms.SMS:
    return sms.SMS(url, account=account, token=token, sender=sender)
