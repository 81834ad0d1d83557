"""What would fail late, said at the start; and what may run on a laptop only."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

PEPPER_LENGTH = 32
SECRETS = (
    "SECRET_KEY",
    "CODE_PEPPER",
    "FIELD_KEYS",
    "X_CLIENT_SECRET",
    "X_CONSUMER_SECRET",
    "X_BEARER_TOKEN",
    "X_REFRESH_TOKEN",
    "ACQUIRER_API_KEY",
    "ACQUIRER_WEBHOOK_SECRET",
    "BANK_API_KEY",
    "SMS_AUTH_TOKEN",
)
DEMO = ("demo-", "demo_", "whsec_demo", "sk_test_demo")


@register(Tags.security)
def secrets_are_usable(**_kwargs: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    if len(settings.CODE_PEPPER) < PEPPER_LENGTH:
        found.append(
            Error(
                f"CODE_PEPPER has fewer than {PEPPER_LENGTH} characters.",
                hint="A stolen database gives no secret codes away without it: `openssl rand -base64 48`.",
                id="accounts.E001",
            )
        )
    if not settings.FIELD_KEYS or not all(map(_is_fernet, settings.FIELD_KEYS)):
        found.append(
            Error(
                "FIELD_KEYS is not a list of Fernet keys.",
                hint="Each is 32 bytes in URL-safe base64: `openssl rand -base64 32 | tr +/ -_`.",
                id="accounts.E002",
            )
        )
    return found


@register(Tags.security, deploy=True)
def nothing_is_of_the_demo(**_kwargs: Any) -> list[CheckMessage]:
    """The demo's secrets are public, DEBUG shows them, and http sends passwords in clear."""
    found: list[CheckMessage] = [
        Error(f"{name} is the demo's, which everybody knows.", hint="Set your own.", id="accounts.E003")
        for name in SECRETS
        if _is_demo(getattr(settings, name, ""))
    ]
    if settings.DEBUG:
        found.append(Error("DEBUG is on.", hint="Set DEBUG=0.", id="accounts.E004"))
    if urlsplit(settings.SITE_URL).scheme != "https":
        found.append(
            Error("SITE_URL is not https.", hint="Passkeys and cookies need it.", id="accounts.E005")
        )
    return found


def _is_fernet(key: str) -> bool:
    try:
        Fernet(key)
    except ValueError:
        return False
    return True


def _is_demo(value: str | list[str]) -> bool:
    return any(one.startswith(DEMO) for one in ([value] if isinstance(value, str) else value))
