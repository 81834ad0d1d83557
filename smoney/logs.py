"""Logs as JSON lines: a constant message, and ids in `extra`; an address without its query.

A query may hold what signs somebody in (OAuth's code and state), so it is never written down.
"""

from __future__ import annotations

from typing import Any

import structlog
from django.http import HttpRequest
from django_structlog import middlewares

_SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.ExtraAdder(),
    structlog.processors.TimeStamper(fmt="iso"),
    structlog.processors.format_exc_info,
]


def configure() -> dict[str, Any]:
    """Send structlog through the standard library; return the formatter that writes both as JSON."""
    structlog.configure(
        processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    return {
        "()": structlog.stdlib.ProcessorFormatter,
        "processors": [
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
        ],
        "foreign_pre_chain": _SHARED,
    }


class RequestMiddleware(middlewares.RequestMiddleware):
    """Notes each request by its method and path, and binds its id to what is logged meanwhile."""

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        return f"{request.method} {request.path}"
