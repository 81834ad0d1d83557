"""Fields that are secrets, encrypted at rest: the first of FIELD_KEYS writes, each of them reads."""

from __future__ import annotations

import base64
import hmac
from hashlib import sha256

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


def encrypt_bytes(content: bytes) -> bytes:
    """Raw, as a Fernet token is a third longer in its base64."""
    return base64.urlsafe_b64decode(_keys().encrypt(content))


def decrypt_bytes(secret: bytes | memoryview) -> bytes:
    """:raises Undecipherable: if none of the keys wrote it."""
    try:
        return _keys().decrypt(base64.urlsafe_b64encode(secret))
    except InvalidToken as problem:
        raise Undecipherable from problem


def fingerprint(text: str, *, of: str) -> str:
    """Tells whether two secrets of a sort are one, and nothing else to whoever has no key.

    Its key does not rotate with FIELD_KEYS: what was registered stays registered.
    """
    return hmac.new(settings.CODE_PEPPER.encode(), f"{of}:{text}".encode(), sha256).hexdigest()


def _keys() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.FIELD_KEYS])
