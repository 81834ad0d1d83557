"""Who reads by a program: a key opens one organisation, so often in a minute; whoever tries many is stopped.

DRF's own throttles read and write a list of moments without a lock, so many at once pass them, and an IPv6
address is one of billions to them: allauth's limits, which the rest of the site has, know both.
"""

from __future__ import annotations

from allauth.core.internal import ratelimit
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied, Throttled
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from accounts.models import User
from payments import api_keys
from payments.models import ApiKey

PER_KEY = {"api": "120/m/key"}
PER_ADDRESS = {"api_guess": "60/m/ip"}
WAIT_SECONDS = 60
CHALLENGE = 'Bearer realm="S-Money"'


class KeyAuthentication(BaseAuthentication):
    """By `Authorization: Bearer smk_…`: the account is the organisation's, and the key stands beside it."""

    def authenticate(self, request: Request) -> tuple[User, ApiKey]:
        """:raises AuthenticationFailed, Throttled: without a key that opens, until there were too many

        :raises PermissionDenied: if the organisation is not accepted by staff
        """
        try:
            opened = api_keys.opened(_key(request))
        except api_keys.Unknown:
            if not _may(request, "api_guess", PER_ADDRESS):
                raise Throttled(wait=WAIT_SECONDS) from None
            raise AuthenticationFailed("Send a key that opens: Authorization: Bearer smk_…") from None
        except api_keys.NotReviewed:
            raise PermissionDenied("The organisation is not accepted.") from None
        return opened.organisation.account, opened

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002  # its signature is DRF's
        return CHALLENGE


class KeyThrottle(BaseThrottle):
    """So many requests with one key in a minute, wherever they come from."""

    def allow_request(self, request: Request, view: object) -> bool:  # noqa: ARG002  # its signature is DRF's
        return _may(request, "api", PER_KEY, key=str(request.auth.pk))

    def wait(self) -> int:
        return WAIT_SECONDS


def _key(request: Request) -> str:
    """:raises api_keys.Unknown: if none was sent"""
    scheme, _blank, key = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        raise api_keys.Unknown
    return key.strip()


def _may(request: Request, action: str, rates: dict[str, str], *, key: str | None = None) -> bool:
    use = ratelimit.consume(request, app="payments.api", action=action, config=rates, key=key, limit_get=True)
    return use is not None
