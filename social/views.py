"""What X tells us, signed: https://docs.x.com/x-api/webhooks/quickstart. What we tell members of it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
from datetime import timedelta
from http import HTTPStatus

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from payments import standstill
from payments.models import Delivery
from social import events, posts, ways
from social.models import Alarm, Message, Way

logger = logging.getLogger(__name__)

LARGEST = 1024 * 1024
LONGEST_TOKEN = 500
SOON, LATE = timedelta(seconds=60), timedelta(minutes=2)


@csrf_exempt
@require_http_methods(["GET", "POST"])
def x(request: HttpRequest) -> HttpResponse:
    """Answer X's challenge, or record an event; what is not X's leaves no trace."""
    if request.method == "GET":
        return _answer_challenge(request)
    try:
        if int(request.headers.get("Content-Length") or 0) > LARGEST:
            return _refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        body = request.body
    except (RequestDataTooBig, ValueError):
        return _refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    if len(body) > LARGEST:
        return _refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    if not _is_signed(body, request.headers.get("x-twitter-webhooks-signature", "")):
        return _refused(HTTPStatus.FORBIDDEN)
    return _record(body)


@require_safe
@never_cache
def status(request: HttpRequest) -> HttpResponse:
    """What members need to know: whether posts are read in time and answered, and whether money moves."""
    at = timezone.now()
    waits = Message.objects.filter(handled_at=None, received_at__lt=at - SOON).exists()
    late = Delivery.objects.filter(status=Delivery.Status.DUE, due_at__lt=at - LATE)
    mute = Way.objects.filter(pk=Way.Name.REPLY, failing_since__lt=at - LATE)
    silenced = Alarm.objects.filter(kind__in=(Alarm.Kind.BUDGET, Alarm.Kind.REVOKED), ended_at=None)
    context = {
        "read_until": ways.read_until(at),
        "waits": waits,
        "is_mute": mute.exists() or silenced.exists(),
        "tells_late": late.exclude(channel=Delivery.Channel.X).exists(),
        "is_halted": standstill.is_halted(),
        "at": at,
    }
    context["is_well"] = not any(value for name, value in context.items() if name != "at")
    return render(request, "status.html", context)


def _record(body: bytes) -> HttpResponse:
    """200 once it is kept: X sends again whatever it is not told that of."""
    try:
        event = posts.event(json.loads(body))
    except posts.UnknownEvent as unknown:
        logger.info("An event that nobody asked for", extra={"event_type": str(unknown)})
        return HttpResponse()
    except (posts.Malformed, ValueError, RecursionError):
        logger.warning("A signed event could not be read")
        return _refused(HTTPStatus.BAD_REQUEST)
    events.take(event, at=timezone.now())
    ways.worked(Way.Name.WEBHOOK)
    return HttpResponse()


def _answer_challenge(request: HttpRequest) -> HttpResponse:
    token = request.GET.get("crc_token", "")
    if not 0 < len(token) <= LONGEST_TOKEN:
        return _refused(HTTPStatus.BAD_REQUEST)
    return JsonResponse({"response_token": _signature(token.encode())})


def _is_signed(body: bytes, signature: str) -> bool:
    return hmac.compare_digest(signature.encode(), _signature(body).encode())


def _signature(body: bytes) -> str:
    digest = hmac.new(settings.X_CONSUMER_SECRET.encode(), body, hashlib.sha256).digest()
    return f"sha256={base64.b64encode(digest).decode()}"


def _refused(status: HTTPStatus) -> HttpResponse:
    return HttpResponse(f"{status.phrase}\n", status=status, content_type="text/plain")
