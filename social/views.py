"""What X tells us, signed: https://docs.x.com/x-api/webhooks/quickstart"""

from __future__ import annotations

import json
import logging
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from social import inbox, posts, webhooks
from social.channels import dm, signature
from social.channels.said import Came, Malformed

logger = logging.getLogger(__name__)

LONGEST_TOKEN = 500


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


def _record(came: Came) -> HttpResponse:
    """200 once it is kept: X sends again whatever it is not told that of."""
    try:
        if said := dm.read(came):
            inbox.hear(dm.NAME, said, at=timezone.now())
            return HttpResponse()
        event = posts.event(json.loads(came.body))
    except posts.UnknownEvent as unknown:
        logger.info("An event that nobody asked for", extra={"event_type": str(unknown)})
        return HttpResponse()
    except (Malformed, posts.Malformed, ValueError, RecursionError):
        logger.warning("A signed event could not be read")
        return _refused(HTTPStatus.BAD_REQUEST)
    if isinstance(event, posts.Deletion):
        inbox.record_deletions([event], at=timezone.now())
    else:
        inbox.record(event, at=timezone.now())
    return HttpResponse()


def _answer_challenge(request: HttpRequest) -> HttpResponse:
    token = request.GET.get("crc_token", "")
    if not 0 < len(token) <= LONGEST_TOKEN:
        return _refused(HTTPStatus.BAD_REQUEST)
    return JsonResponse({"response_token": signature.of(token.encode())})


def _refused(status: HTTPStatus) -> HttpResponse:
    return HttpResponse(f"{status.phrase}\n", status=status, content_type="text/plain")
