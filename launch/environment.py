"""The environment of the demo: production's settings, with the sandbox as the outside world."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

from launch import place
from launch.choices import Choices

# Of the user's own, these would reach into ours.
NOT_OURS = ("PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "DJANGO_SETTINGS_MODULE", "VIRTUAL_ENV")


def of(choices: Choices, *, folder: Path) -> dict[str, str]:
    """What the product and the sandbox are told, but for the servers' addresses."""
    path = f"{place.VENV / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    inherited = {name: value for name, value in os.environ.items() if name not in NOT_OURS}
    return inherited | {"PATH": path} | _product(choices) | _outside(choices) | _sandbox(choices, folder)


def write(environment: dict[str, str], file: Path) -> None:
    """Keep what is the demo's, for `set -a; . FILE` and for `./run manage` beside it."""
    lines = [
        f"{name}={shlex.quote(value)}" for name, value in environment.items() if os.environ.get(name) != value
    ]
    file.touch(mode=0o600)
    file.write_text("\n".join([*lines, ""]), encoding="utf-8")


def read(file: Path) -> dict[str, str]:
    words = (shlex.split(line)[0] for line in file.read_text(encoding="utf-8").splitlines())
    return dict(os.environ) | dict(word.split("=", 1) for word in words)


def _product(choices: Choices) -> dict[str, str]:
    return {
        "DEBUG": "0",
        "SITE_URL": choices.site_url,
        "SECRET_KEY": choices.secret_key,
        "CODE_PEPPER": choices.code_pepper,
        "FIELD_KEYS": choices.field_key,
        # Browsers share cookies between the ports of a host: two demos must not take each other's.
        "SESSION_COOKIE_NAME": f"smoney_session_{choices.site_port}",
        "SUPPORT_PHONE": "01 99 00 42 42",  # Of the numbers that ring nowhere.
        "EMAIL_URL": f"smtp://127.0.0.1:{choices.mail_port}",
    }


def _outside(choices: Choices) -> dict[str, str]:
    """Where the outside is, and what it calls us; the sandbox reads the same."""
    return {
        "X_API_URL": choices.sandbox_url,
        "X_AUTHORIZE_URL": f"{choices.sandbox_url}/i/oauth2/authorize",
        "X_CLIENT_ID": "demo-x-client",
        "X_CLIENT_SECRET": "demo-x-client-secret",
        "X_CONSUMER_SECRET": "demo-x-consumer-secret",
        "X_BEARER_TOKEN": "demo-x-bearer",
        "X_REFRESH_TOKEN": "demo-x-refresh",
        "X_SERVICE_ID": "2014100900",
        "ACQUIRER_API_URL": choices.sandbox_url,
        "ACQUIRER_API_KEY": "sk_test_demo",
        "ACQUIRER_WEBHOOK_SECRET": "whsec_demo",
        "BANK_API_URL": f"{choices.sandbox_url}/bank/v1",
        "BANK_API_KEY": "demo-bank-key",
        "BANK_IBAN": "FR7630006000011234567890189",
        "PAYOUT_SECONDS": "20",
        "BANK_POLL_SECONDS": "5",
        "SMS_API_URL": choices.sandbox_url,
        "SMS_ACCOUNT_SID": "AC_demo",
        "SMS_AUTH_TOKEN": "demo-sms-token",
        "SMS_FROM": "+33644600000",
        "MESSENGER_API_URL": f"{choices.sandbox_url}/graph",
        "MESSENGER_PAGE_ID": "104100900",
        "MESSENGER_PAGE_TOKEN": "demo-messenger-token",
        "MESSENGER_APP_SECRET": "demo-messenger-secret",
        "MESSENGER_VERIFY_TOKEN": "demo-messenger-verify",
        "MESSENGER_URL": f"{choices.sandbox_url}/m.me",
        "PICTURE_HOSTS": choices.sandbox_url,
        "REDIRECT_HOSTS": choices.sandbox_url,
    }


def _sandbox(choices: Choices, folder: Path) -> dict[str, str]:
    return {
        "SANDBOX_URL": choices.sandbox_url,
        "SANDBOX_PORT": str(choices.sandbox_port),
        "SANDBOX_SMTP_PORT": str(choices.mail_port),
        "SANDBOX_DATA": str(folder / "sandbox"),
        "ACQUIRER_WEBHOOK_URL": f"{choices.site_url}/webhooks/acquirer",
        "X_REDIRECT_PREFIXES": f"{choices.site_url}/",
    }
