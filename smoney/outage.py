"""When the database is away, a page says so and asks to try again, instead of an error without a name."""

from __future__ import annotations

import logging
from collections.abc import Callable

import redis
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

logger = logging.getLogger(__name__)


class OutageMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            return self.get_response(request)
        except (OperationalError, InterfaceError, redis.ConnectionError, redis.TimeoutError) as problem:
            return self.process_exception(request, problem) or HttpResponse(status=503)

    def process_exception(self, request: HttpRequest, problem: Exception) -> HttpResponse | None:
        """503 for a server that is away, whether a view or a middleware met it."""
        if not isinstance(
            problem, OperationalError | InterfaceError | redis.ConnectionError | redis.TimeoutError
        ):
            return None
        logger.error("A server is away", extra={"problem": type(problem).__name__, "path": request.path})
        response = render(None, "503.html", status=503)
        response["Retry-After"] = "5"
        return response
