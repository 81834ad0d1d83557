"""Fields that are secrets, encrypted at rest: the first of FIELD_KEYS writes, each of them reads."""

from __future__ import annotations

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class Undecipherable(Exception):
    """None of the keys wrote it, or it was changed since."""


def encrypt(text: str) -> bytes:
    return _keys().encrypt(text.encode())


def decrypt(secret: bytes | memoryview) -> str:
    """:raises Undecipherable: if none of the keys wrote it."""
    try:
        return _keys().decrypt(bytes(secret)).decode()
    except InvalidToken as problem:
        raise Undecipherable from problem


def _keys() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.FIELD_KEYS])
