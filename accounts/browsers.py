"""The browser that somebody sits at: whether it is a known device, and whether they were active lately.

After five minutes without a page being opened, being signed in counts for nothing when an order is
confirmed (PSD2 RTS, article 4(3)(d)): a device or a passkey has to be shown beside the code. What a
page fetches by itself is not activity.
"""

from __future__ import annotations

import re
import time

from allauth.account.internal.flows.login import get_authentication_records
from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import devices
from accounts.models import Device, User

IDLE_SECONDS = 5 * 60
_NOTED_SECONDS = 60  # How often a page that is opened says so to the browser.
_PRESENT = "present"
_VERIFIED = "number_verified_for"
_YEAR_SECONDS = 365 * 24 * 3600

# The first that is found names it: Edge says Chrome and Safari as well, Chrome says Safari.
_PROGRAMS = {
    "Edg": "Edge",
    "OPR": "Opera",
    "SamsungBrowser": "Samsung Internet",
    "Firefox": "Firefox",
    "FxiOS": "Firefox",
    "CriOS": "Chrome",
    "Chrome": "Chrome",
    "Safari": "Safari",
}
_SYSTEMS = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "Windows": "Windows",
    "Mac OS X": "Mac",
    "CrOS": "ChromeOS",
    "Linux": "Linux",
}


# --- A known device -----------------------------------------------------------------------------


def device(request: HttpRequest) -> Device | None:
    """The known device of whoever is signed in that this browser is."""
    token = request.COOKIES.get(settings.DEVICE_COOKIE_NAME, "")
    if not token or not isinstance(request.user, User):
        return None
    return devices.recognised(request.user, token, at=timezone.now())


def keep(response: HttpResponseBase, token: str) -> None:
    """Have the browser keep a device's token."""
    _keep(response, settings.DEVICE_COOKIE_NAME, token, seconds=_YEAR_SECONDS)


def name(request: HttpRequest) -> str:
    """What its owner may know the browser by: Firefox, Windows."""
    says = request.headers.get("User-Agent", "")
    found = [
        next((name for mark, name in marks.items() if re.search(rf"{mark}\b", says)), "")
        for marks in (_PROGRAMS, _SYSTEMS)
    ]
    return ", ".join(filter(None, found)) or _("Unknown browser")


def note_number_verified(request: HttpRequest, user: User) -> None:
    """This browser's user has just read what was sent to the number."""
    request.session[_VERIFIED] = user.pk


def take_number_verified(request: HttpRequest, user: User) -> bool:
    """Whether they did since they came; asked once."""
    return bool(request.session.pop(_VERIFIED, None) == user.pk)


# --- Being there --------------------------------------------------------------------------------


def is_attended(request: HttpRequest) -> bool:
    """Whether they proved who they are, or opened a page, within the last five minutes."""
    return _seconds_since_page(request) is not None or has_just_authenticated(request)


def has_just_authenticated(request: HttpRequest) -> bool:
    """Whether they proved who they are within the last five minutes."""
    records = get_authentication_records(request, request.user)
    since = int(time.time()) - int(records[-1]["at"]) if records else IDLE_SECONDS
    return 0 <= since < IDLE_SECONDS


def note_page(request: HttpRequest, response: HttpResponseBase) -> None:
    """They opened a page: that goes on, if it has not ended."""
    if request.headers.get("HX-Request") or not is_attended(request):
        return
    seconds = _seconds_since_page(request)
    if seconds is None or seconds >= _NOTED_SECONDS:
        attend(request, response)


def attend(request: HttpRequest, response: HttpResponseBase) -> None:
    """They are there, and have proved it."""
    _keep(response, settings.PRESENCE_COOKIE_NAME, _signer(request).sign(_PRESENT), seconds=IDLE_SECONDS)


def _seconds_since_page(request: HttpRequest) -> int | None:
    """Since a page was noted last; nothing if that is too long ago, or another session's."""
    written = request.COOKIES.get(settings.PRESENCE_COOKIE_NAME, "")
    for age in (_NOTED_SECONDS, IDLE_SECONDS):
        try:
            _signer(request).unsign(written, max_age=age)
        except BadSignature:
            continue
        return 0 if age == _NOTED_SECONDS else _NOTED_SECONDS
    return None


def _signer(request: HttpRequest) -> TimestampSigner:
    """Signs for one session alone."""
    return TimestampSigner(salt=f"accounts.browsers:{request.session.session_key}")


def _keep(response: HttpResponseBase, name: str, value: str, *, seconds: int) -> None:
    response.set_cookie(
        name, value, max_age=seconds, secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax"
    )
