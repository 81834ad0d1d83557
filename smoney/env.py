"""Reads the environment: a missing or bad value stops the start with a sentence that says what to set."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

_env = environ.Env()


def text(name: str, default: str | None = None) -> str:
    """The value of NAME, or the contents of the file that NAME_FILE names.

    :raises ImproperlyConfigured: if neither is set and there is no default
    """
    if path := os.environ.get(f"{name}_FILE"):
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as problem:
            raise ImproperlyConfigured(f"{name}_FILE={path} cannot be read: {problem}") from problem
    value = os.environ.get(name, default)
    if value is None:
        raise ImproperlyConfigured(f"Set {name} (or {name}_FILE); .env.example explains it.")
    return value


def words(name: str, default: str = "") -> list[str]:
    """The comma-separated values of NAME."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def flag(name: str, *, default: bool = False) -> bool:
    value = text(name, "1" if default else "0").lower()
    if value not in {"0", "1", "true", "false", "yes", "no"}:
        raise ImproperlyConfigured(f"{name}={value!r} is neither 1 nor 0.")
    return value in {"1", "true", "yes"}


def number(name: str, default: int) -> int:
    value = text(name, str(default))
    if not (value.isascii() and value.isdigit()):
        raise ImproperlyConfigured(f"{name}={value!r} is not a whole number.")
    return int(value)


def address(name: str, default: str | None = None) -> str:
    """An http or https address, without the slash at its end."""
    value = text(name, default).rstrip("/")
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ImproperlyConfigured(f"{name}={value!r} is not an http(s) address.")
    return value


def database(name: str) -> dict[str, object]:
    """Django's settings for the postgres:// address in NAME."""
    value = text(name)
    if urlsplit(value).scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured(f"{name} must be a postgres:// address.")
    return dict(_env.db_url_config(value))


def email(name: str, default: str) -> dict[str, object]:
    """Django's settings for the smtp:// address in NAME."""
    return dict(_env.email_url_config(text(name, default)))
