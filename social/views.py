"""What X tells us, signed: https://docs.x.com/x-api/webhooks/quickstart. What we tell members of it."""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from payments import standstill
from payments.models import Delivery
from social import events, inbox, posts, ways, webhooks
from social.channels import dm, signature
from social.channels.said import Came, Malformed
from social.models import Alarm, Message, Way

logger = logging.getLogger(__name__)

LONGEST_TOKEN = 500
SOON, LATE = timedelta(seconds=60), timedelta(minutes=2)


@csrf_exempt
@require_http_methods(["GET", "POST"])
def x(request: HttpRequest) -> HttpResponse:
    """Answer X's challenge, or record an event; what is not X's leaves no trace."""
    if request.method == "GET":
        return _answer_challenge(request)
    came = webhooks.came(request)
    if came is None:
        return _refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    if not dm.is_genuine(came):
        return _refused(HTTPStatus.FORBIDDEN)
    return _record(came)


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


def _record(came: Came) -> HttpResponse:
    """200 once it is kept: X sends again whatever it is not told that of."""
    try:
        if said := dm.read(came):
            inbox.hear(dm.NAME, said, at=timezone.now())
            ways.worked(Way.Name.WEBHOOK)
            return HttpResponse()
        event = posts.event(json.loads(came.body))
    except posts.UnknownEvent as unknown:
        logger.info("An event that nobody asked for", extra={"event_type": str(unknown)})
        return HttpResponse()
    except (Malformed, posts.Malformed, ValueError, RecursionError):
        logger.warning("A signed event could not be read")
        return _refused(HTTPStatus.BAD_REQUEST)
    events.take(event, at=timezone.now())
    ways.worked(Way.Name.WEBHOOK)
    return HttpResponse()


def _answer_challenge(request: HttpRequest) -> HttpResponse:
    token = request.GET.get("crc_token", "")
    if not 0 < len(token) <= LONGEST_TOKEN:
        return _refused(HTTPStatus.BAD_REQUEST)
    return JsonResponse({"response_token": signature.of(token.encode())})


def _refused(status: HTTPStatus) -> HttpResponse:
    return HttpResponse(f"{status.phrase}\n", status=status, content_type="text/plain")
