"""Devices that members are known by: a browser with a token, registered by a code sent to their number.

Something they have, beside the secret code that they know. One is new for a day: whoever swapped
a SIM can register theirs, and finds that large payments are looked at until the owner has noticed.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from django.db.models import CharField, F, Q, Value
from django.db.models.functions import Cast, Coalesce, Concat, Greatest, Now

from accounts import sent_codes
from accounts.models import Device, DeviceCode, User

NEW = timedelta(hours=24)
NOTED = timedelta(hours=1)  # The last use is kept as exactly as this: a page need not write each time.
TOKEN_BYTES = 32


def start(user: User) -> str:
    """The code to send to the user's number; one that was sent before counts no more."""
    return sent_codes.start(DeviceCode, user)


def take_back(user: User) -> None:
    """The code could not be sent: nobody may guess at it."""
    sent_codes.take_back(DeviceCode, user)


def is_started(user: User) -> bool:
    """Whether a code was sent that may still be entered."""
    return sent_codes.is_started(DeviceCode, user)


def finish(user: User, *, sent: str, name: str, at: datetime) -> str:
    """Know the device of whoever brings what was sent; return the token that it has to keep.

    :raises sent_codes.WrongSentCode: if it is another; the try stays counted
    :raises sent_codes.NoSentCode: if there is nothing to compare with
    :raises RuntimeError: inside a transaction
    """
    sent_codes.use(DeviceCode, user, sent=sent)
    return register(user, name=name, at=at)


def register(user: User, *, name: str, at: datetime) -> str:
    """Know a device, which has just shown a code sent to the user's number; return its token."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    Device.objects.create(user=user, name=name[:80], digest=_digest(token), registered_at=at, last_used_at=at)
    return token


def recognised(user: User, token: str, *, at: datetime) -> Device | None:
    """The user's device that keeps this token, unless it was forgotten."""
    device = Device.objects.filter(user=user, digest=_digest(token), removed_at=None).first()
    if device and device.last_used_at + NOTED < at:
        Device.objects.filter(pk=device.pk).update(last_used_at=at)
    return device


def of(user: User) -> list[Device]:
    """The devices that the user is known by, the last used first."""
    return list(Device.objects.filter(user=user, removed_at=None).order_by("-last_used_at", "-pk"))


def is_new(device: Device, *, at: datetime) -> bool:
    """Whether it was registered so lately that its member may not have noticed."""
    return at < device.registered_at + NEW


def forget(user: User, device_id: int, *, at: datetime) -> bool:
    """Know the user's device no more; whether there was one."""
    mine = Device.objects.filter(user=user, pk=device_id, removed_at=None)
    return bool(mine.update(removed_at=at))


def forget_others(user: User, *, but: Device | None, at: datetime) -> int:
    """Know none of the user's devices but this one; return how many were forgotten."""
    kept = Q(pk=but.pk) if but else Q(pk=None)
    return Device.objects.filter(user=user, removed_at=None).exclude(kept).update(removed_at=at)


def erase(user: User) -> None:
    """Forget what their devices were; confirmations still say that there was one."""
    rows = Device.objects.filter(user=user)
    rows.update(
        name="",
        digest=Concat(Value("erased-"), Cast("pk", CharField())),
        removed_at=Coalesce("removed_at", Greatest(Now(), F("registered_at"))),
    )


def _digest(token: str) -> str:
    """A digest without salt is enough for 256 random bits."""
    return sha256(token.encode()).hexdigest()
