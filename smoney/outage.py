"""When the database or the broker is away, a page says so and asks to try again, whoever met it first."""

from __future__ import annotations

import logging
import sys

import redis
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import defaults

AWAY = (OperationalError, InterfaceError, redis.ConnectionError, redis.TimeoutError)
logger = logging.getLogger(__name__)


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler of whatever a view or a middleware did not catch, with that at hand."""
    problem = sys.exc_info()[1]
    if not isinstance(problem, AWAY):
        return defaults.server_error(request)
    logger.error("A server is away", extra={"problem": type(problem).__name__, "path": request.path})
    # Without the request: what every page shows of its member is asked of the database.
    response = render(None, "503.html", status=503)
    response["Retry-After"] = "5"
    return response
