"""What goes wrong, as RFC 9457 has it: for programs, so in one language, and in words for who writes them."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from rest_framework.exceptions import APIException, NotFound, ValidationError
from rest_framework.response import Response

CONTENT_TYPE = "application/problem+json"
_SENTENCES = {
    HTTPStatus.METHOD_NOT_ALLOWED: "This is only read.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "Nothing is sent here: this is only read.",
    HTTPStatus.TOO_MANY_REQUESTS: "Too many requests: wait a minute.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "Something broke here, and we are told of it. Try again later.",
    HTTPStatus.SERVICE_UNAVAILABLE: "A server is away, or many ask at once: try again in a moment.",
}


def handler(problem: Exception, _context: dict[str, Any]) -> Response | None:
    """DRF's hook, after https://www.rfc-editor.org/rfc/rfc9457; the site tells of what is none of DRF's."""
    if isinstance(problem, Http404):
        problem = NotFound()
    if not isinstance(problem, APIException):
        return None
    status = HTTPStatus(problem.status_code)
    said = _said(status, _SENTENCES.get(status) or " ".join(_sentences(problem)))
    return Response(said, status=status.value, headers=_headers(problem), content_type=CONTENT_TYPE)


def is_programs(request: HttpRequest) -> bool:
    """Whether a program asks, whose answers are no pages; the document's own page is one."""
    return request.path.startswith(reverse("api_root")) and request.path != reverse("api_docs")


def told(status: HTTPStatus) -> HttpResponse:
    """What the site tells before DRF is asked, or after it broke."""
    return JsonResponse(_said(status, _SENTENCES[status]), status=status, content_type=CONTENT_TYPE)


def _said(status: HTTPStatus, detail: str) -> dict[str, object]:
    return {"type": "about:blank", "title": status.phrase, "status": status.value, "detail": detail}


def _sentences(problem: APIException) -> Iterator[str]:
    """One, or one for each parameter that is unfit."""
    if isinstance(problem, ValidationError) and isinstance(problem.detail, dict):
        for name, sentences in problem.detail.items():
            yield from (f"{name}: {sentence}" for sentence in sentences)
    else:
        yield str(problem.detail)


def _headers(problem: APIException) -> dict[str, str]:
    """DRF puts on the exception how to authenticate, and after how many seconds to try again."""
    headers = {}
    if challenge := getattr(problem, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(problem, "wait", None):
        headers["Retry-After"] = str(int(wait))
    return headers
