"""The webhooks of the private channels: what is not the channel's own leaves no trace."""

from __future__ import annotations

import hmac
import logging
from http import HTTPStatus

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from social import inbox
from social.channels import messenger as messenger_channel
from social.channels import sms as sms_channel
from social.channels.said import Came, Channel, Malformed

logger = logging.getLogger(__name__)

LARGEST = 1024 * 1024
LONGEST_CHALLENGE = 200


@csrf_exempt
@require_POST
def sms(request: HttpRequest) -> HttpResponse:
    """A text; the answer goes its own way, so the carrier is told to say nothing: an empty TwiML."""
    refusal = _take(sms_channel, request)
    return refusal or HttpResponse("<Response/>", content_type="text/xml")


@csrf_exempt
@require_http_methods(["GET", "POST"])
def messenger(request: HttpRequest) -> HttpResponse:
    if not settings.MESSENGER_PAGE_ID:
        return _refused(HTTPStatus.NOT_FOUND)
    if request.method == "GET":
        return _answer_challenge(request)
    return _take(messenger_channel, request) or HttpResponse("EVENT_RECEIVED", content_type="text/plain")


def came(request: HttpRequest) -> Came | None:
    """What a channel may look at; None where there is too much of it."""
    try:
        if int(request.headers.get("Content-Length") or 0) > LARGEST or len(request.body) > LARGEST:
            return None
    except (RequestDataTooBig, ValueError):
        return None
    headers = {name.lower(): value for name, value in request.headers.items()}
    # As we gave it out, whatever a proxy in between makes of scheme and host.
    return Came(f"{settings.SITE_URL}{request.get_full_path()}", request.body, headers)


def _take(channel: Channel, request: HttpRequest) -> HttpResponse | None:
    """Keep what was said; what to answer instead, where it is not kept."""
    whole = came(request)
    if whole is None:
        return _refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    if not channel.is_genuine(whole):
        return _refused(HTTPStatus.FORBIDDEN)
    try:
        said = channel.read(whole)
    except Malformed:
        logger.warning("A signed message could not be read", extra={"channel": channel.NAME})
        return _refused(HTTPStatus.BAD_REQUEST)
    inbox.hear(channel.NAME, said, at=timezone.now())
    return None


def _answer_challenge(request: HttpRequest) -> HttpResponse:
    """https://developers.facebook.com/docs/graph-api/webhooks/getting-started#verification-requests"""
    said, token = request.GET, settings.MESSENGER_VERIFY_TOKEN
    challenge = said.get("hub.challenge", "")
    is_known = bool(token) and hmac.compare_digest(said.get("hub.verify_token", "").encode(), token.encode())
    if said.get("hub.mode") != "subscribe" or not is_known:
        return _refused(HTTPStatus.FORBIDDEN)
    if not (0 < len(challenge) <= LONGEST_CHALLENGE):
        return _refused(HTTPStatus.BAD_REQUEST)
    return HttpResponse(challenge, content_type="text/plain")


def _refused(status: HTTPStatus) -> HttpResponse:
    return HttpResponse(f"{status.phrase}\n", status=status, content_type="text/plain")
