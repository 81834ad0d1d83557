"""Time-based one-time codes: RFC 6238 with SHA-1, 6 digits, 30 seconds; what every authenticator app does."""

from __future__ import annotations

import base64
import hmac
import struct
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

STEP_SECONDS = 30
DIGITS = 6


class NotASecret(Exception):
    """The text is no base32 secret, nor an otpauth address with one."""


@dataclass(frozen=True)
class Code:
    digits: str
    seconds_left: int


def code(base32: str, *, at: float) -> Code:
    step, past = divmod(int(at), STEP_SECONDS)
    digest = hmac.digest(_key(base32), struct.pack(">Q", step), "sha1")
    start = digest[-1] & 0x0F
    (number,) = struct.unpack(">I", digest[start : start + 4])
    return Code(f"{(number & 0x7FFFFFFF) % 10**DIGITS:0{DIGITS}}", STEP_SECONDS - past)


def secret(text: str) -> str:
    """Return the base32 secret of an otpauth address, or of the secret as it is written.

    :raises NotASecret: if there is none, or it is of another kind than ours
    """
    address = urlsplit(text.strip())
    if address.scheme == "otpauth":
        said = {name: values[0] for name, values in parse_qs(address.query).items()}
        kind = (said.get("algorithm", "SHA1").upper(), said.get("digits", "6"), said.get("period", "30"))
        if address.netloc != "totp" or kind != ("SHA1", "6", "30"):
            raise NotASecret("only TOTP with SHA1, 6 digits and 30 seconds")
        text = said.get("secret", "")
    base32 = text.replace(" ", "").upper().rstrip("=")
    if not _key(base32):
        raise NotASecret("no secret")
    return base32


def _key(base32: str) -> bytes:
    try:
        return base64.b32decode(base32 + "=" * (-len(base32) % 8))
    except ValueError as broken:
        raise NotASecret("no base32") from broken
