"""When a server is away, or money stands still, a page says so and asks to try again."""

from __future__ import annotations

import logging
import sys
from functools import cache
from http import HTTPStatus

import redis
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import translation
from django.views import defaults

from payments import halts
from payments.api import problems

AWAY = (OperationalError, InterfaceError, redis.ConnectionError, redis.TimeoutError)
BUSY = HTTPStatus.SERVICE_UNAVAILABLE
logger = logging.getLogger(__name__)


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler of whatever a view or a middleware did not catch, with that at hand."""
    problem = sys.exc_info()[1]
    if not isinstance(problem, AWAY):
        if problems.is_programs(request):
            return problems.told(HTTPStatus.INTERNAL_SERVER_ERROR)
        return defaults.server_error(request)
    if halts.is_refusal(problem):
        return _told(request, "paused.html", retry_after=10 * 60)
    logger.error("A server is away", extra={"problem": type(problem).__name__, "path": request.path})
    return _told(request, "503.html", retry_after=5)


def refused(request: HttpRequest, status: HTTPStatus) -> HttpResponse:
    """What `serving.pages` tells whoever is not let in: made once for each language, as they are many."""
    if problems.is_programs(request):
        response = problems.told(status)
    else:
        page = _refusal(status, translation.get_language_from_request(request))
        response = HttpResponse(page, status=status)
    response["X-Content-Type-Options"] = "nosniff"
    return response


@cache
def _refusal(status: HTTPStatus, language: str) -> str:
    with translation.override(language):
        return render_to_string(f"{'busy' if status == BUSY else status.value}.html")


def _told(request: HttpRequest, template: str, *, retry_after: int) -> HttpResponse:
    """Not by the page's context: what every page shows of its member is asked of the database."""
    response = problems.told(BUSY) if problems.is_programs(request) else render(None, template, status=503)
    response["Retry-After"] = str(retry_after)
    return response
