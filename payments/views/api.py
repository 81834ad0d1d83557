"""What an organisation’s programs read: JSON, cents, ISO 8601, and problems as RFC 9457 has them."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any, Concatenate, ParamSpec, cast
from uuid import UUID

from allauth.core.internal import ratelimit
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from accounts.models import Organisation
from payments import api_keys, ledger, takings
from payments.models import Payout

MOST = 100  # On a page.
PER_KEY = {"api": "120/m/key"}
PER_ADDRESS = {"api_guess": "60/m/ip"}
_NUMBER = re.compile(r"[0-9]{1,18}", re.ASCII)
P = ParamSpec("P")
Reader = Callable[Concatenate[HttpRequest, Organisation, P], JsonResponse]
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


class _Unfit(Exception):
    """What was asked for is none: in words for whoever writes the program."""


class _TooOften(Exception):
    """More than a key may in a minute."""


def _read_by_key(view: Reader[P]) -> View[P]:
    """Give the view the organisation whose key came with the request."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            answer = _refused(request) or view(request, _organisation(request), *args, **kwargs)
        except api_keys.Unknown:
            answer = _unknown(request)
        except api_keys.NotReviewed:
            answer = _problem(HTTPStatus.FORBIDDEN, "The organisation is not accepted.")
        except _TooOften:
            answer = _too_often()
        except _Unfit as why:
            answer = _problem(HTTPStatus.BAD_REQUEST, str(why))
        answer["Cache-Control"] = "private, no-store"
        return answer

    return csrf_exempt(cast("View[P]", guarded))


@_read_by_key
def payments(request: HttpRequest, organisation: Organisation) -> JsonResponse:
    """The payments after a cursor, the oldest first; the next cursor misses none, however late it commits."""
    cursor = _whole(request, "after", otherwise=0)
    found = takings.after(organisation, cursor, limit=MOST)
    following = found[-1].number if found else cursor
    return JsonResponse(
        {
            "payments": [_payment(taking) for taking in found],
            "next": str(following),
            "has_more": len(found) == MOST,
        }
    )


@_read_by_key
def payment(_request: HttpRequest, organisation: Organisation, reference: str) -> JsonResponse:
    taking = takings.one(organisation, reference.upper())
    if taking is None:
        return _problem(HTTPStatus.NOT_FOUND, "The organisation has no payment of that reference.")
    return JsonResponse(_payment(taking))


@_read_by_key
def balance(_request: HttpRequest, organisation: Organisation) -> JsonResponse:
    cents = ledger.balance(ledger.wallet(organisation.account))
    return JsonResponse({"balance": cents, "currency": "EUR", "at": timezone.now().isoformat()})


@_read_by_key
def payouts(request: HttpRequest, organisation: Organisation) -> JsonResponse:
    """The payouts, the newest first; `before` is the id of the last one seen."""
    theirs = Payout.objects.filter(user=organisation.account).select_related("bank_account", "settlement")
    if before := request.GET.get("before"):
        theirs = theirs.filter(pk__lt=_uuid(before))
    found = list(theirs.order_by("-pk")[:MOST])
    return JsonResponse(
        {
            "payouts": [_payout(each) for each in found],
            "next": str(found[-1].pk) if found else None,
            "has_more": len(found) == MOST,
        }
    )


def _payment(taking: takings.Taking) -> dict[str, Any]:
    return {
        "reference": taking.reference,
        "kind": taking.kind.lower(),
        "amount": taking.amount,
        "refunded": taking.refunded,
        "currency": "EUR",
        "payer": {"name": taking.payer},
        "note": taking.note,
        "channel": taking.channel,
        "paid_at": taking.at.isoformat(),
        "cursor": str(taking.number),
    }


def _payout(payout: Payout) -> dict[str, Any]:
    return {
        "id": str(payout.pk),
        "reference": str(payout.pk)[-8:],
        "amount": payout.amount,
        "currency": "EUR",
        "status": payout.status.lower(),
        "bank_account": {"country": payout.bank_account.country, "last4": payout.bank_account.last4},
        "requested_at": payout.requested_at.isoformat(),
        "paid_at": payout.settlement.posted_at.isoformat() if payout.settlement else None,
    }


def _refused(request: HttpRequest) -> JsonResponse | None:
    if request.method in {"GET", "HEAD"}:
        return None
    answer = _problem(HTTPStatus.METHOD_NOT_ALLOWED, "This is only read.")
    answer["Allow"] = "GET, HEAD"
    return answer


def _organisation(request: HttpRequest) -> Organisation:
    """:raises api_keys.Unknown, api_keys.NotReviewed: as `api_keys.opened`; _TooOften: after too many"""
    scheme, _blank, key = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        raise api_keys.Unknown
    opened = api_keys.opened(key.strip())
    if not _may(request, "api", PER_KEY, key=str(opened.pk)):
        raise _TooOften
    return opened.organisation


def _unknown(request: HttpRequest) -> JsonResponse:
    """Whoever tries many keys is told only that they are many."""
    if not _may(request, "api_guess", PER_ADDRESS):
        return _too_often()
    answer = _problem(HTTPStatus.UNAUTHORIZED, "Send a key that opens: Authorization: Bearer smk_…")
    answer["WWW-Authenticate"] = 'Bearer realm="S-Money"'
    return answer


def _too_often() -> JsonResponse:
    answer = _problem(HTTPStatus.TOO_MANY_REQUESTS, "Too many requests: wait a minute.")
    answer["Retry-After"] = "60"
    return answer


def _may(request: HttpRequest, action: str, rates: dict[str, str], *, key: str | None = None) -> bool:
    use = ratelimit.consume(request, app="payments.api", action=action, config=rates, key=key, limit_get=True)
    return use is not None


def _problem(status: HTTPStatus, detail: str) -> JsonResponse:
    """https://www.rfc-editor.org/rfc/rfc9457."""
    said = {"type": "about:blank", "title": status.phrase, "status": status.value, "detail": detail}
    return JsonResponse(said, status=status.value, content_type="application/problem+json")


def _whole(request: HttpRequest, name: str, *, otherwise: int) -> int:
    """:raises _Unfit: if it is no number"""
    said = request.GET.get(name) or str(otherwise)
    if not _NUMBER.fullmatch(said):
        raise _Unfit(f"{name} is not a cursor of ours.")
    return int(said)


def _uuid(said: str) -> UUID:
    """:raises _Unfit: if it is none"""
    try:
        return UUID(said)
    except ValueError as problem:
        raise _Unfit("before is not the id of a payout.") from problem
