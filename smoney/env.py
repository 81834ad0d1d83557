"""Reads the environment: a missing or bad value stops the start with a sentence that says what to set."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from urllib.parse import SplitResult, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

_env = environ.Env()
DIGITS = 18  # More is a slip.


class Unusable(ImproperlyConfigured):
    """A value that is missing or bad; its message says which, and shows no secret."""


def text(name: str, default: str | None = None) -> str:
    """The value of NAME, or the contents of the file that NAME_FILE names.

    :raises Unusable: if neither is set and there is no default
    """
    if path := os.environ.get(f"{name}_FILE"):
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as problem:
            raise Unusable(f"{name}_FILE={path} cannot be read: {problem}") from problem
    value = os.environ.get(name, default)
    if value is None:
        raise Unusable(f"Set {name} (or {name}_FILE); .env.example explains it.")
    return value


def words(name: str, default: str = "") -> list[str]:
    """The comma-separated values of NAME."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def flag(name: str, *, default: bool = False) -> bool:
    value = text(name, "1" if default else "0").lower()
    if value not in {"0", "1", "true", "false", "yes", "no"}:
        raise Unusable(f"{name}={value!r} is neither 1 nor 0.")
    return value in {"1", "true", "yes"}


def number(name: str, default: int) -> int:
    value = text(name, str(default))
    if not (value.isascii() and value.isdigit() and len(value) <= DIGITS):
        raise Unusable(f"{name}={value[:40]!r} is not a whole number.")
    return int(value)


def address(name: str, default: str | None = None) -> str:
    """An http or https address, without the slash at its end."""
    value = text(name, default).rstrip("/")
    parts = _split(value)
    if parts is None or parts.scheme not in {"http", "https"} or not parts.hostname:
        raise Unusable(f"{name}={value!r} is not an http(s) address.")
    return value


def database(name: str) -> dict[str, object]:
    """Django's settings for the postgres:// address in NAME."""
    value = text(name)
    parts = _split(value)
    if parts is None or parts.scheme not in {"postgres", "postgresql"}:
        raise Unusable(f"{name} must be a postgres:// address.")
    return dict(_env.db_url_config(value))


def email(name: str, default: str) -> dict[str, object]:
    """Django's settings for the smtp:// address in NAME."""
    value = text(name, default)
    parts = _split(value)
    if parts is None or parts.scheme not in _env.EMAIL_SCHEMES:
        raise Unusable(f"{name} must be an smtp:// address.")
    return dict(_env.email_url_config(value))


def _split(value: str) -> SplitResult | None:
    """The parts of the address, if it is one."""
    try:
        parts = urlsplit(value)
        is_address = parts.port != 0  # A port that is none is found out when it is asked for.
    except ValueError:
        return None
    return parts if is_address else None


def _say(kind: type[BaseException], problem: BaseException, trace: TracebackType | None) -> None:
    """A process that cannot start for its environment ends with the sentence, not with where we found out."""
    if isinstance(problem, Unusable):
        sys.stderr.write(f"{problem}\n")
    else:
        _say_otherwise(kind, problem, trace)


_say_otherwise: Callable[[type[BaseException], BaseException, TracebackType | None], object] = sys.excepthook
sys.excepthook = _say
