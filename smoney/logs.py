"""Logs as JSON lines: a constant message, and ids in `extra`; an address without what signs somebody in.

That is in a query (OAuth's code and state), which is never written down, and at the end of the links that are
mailed to reset a password or to confirm an address: from there on it is struck out, whoever writes the line.
"""

from __future__ import annotations

import re
from typing import Any

import structlog
from django.http import HttpRequest
from django_structlog import middlewares

_KEYS = re.compile(r"(/account/(?:password/reset/key|confirm-email)/)[^\\\s\"'?]+")
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
            _without_keys,
        ],
        "foreign_pre_chain": _SHARED,
    }


def _without_keys(_logger: Any, _method: str, line: str) -> str:
    return _KEYS.sub(r"\1…", line)


class RequestMiddleware(middlewares.RequestMiddleware):
    """Notes each request by its method and path, and binds its id to what is logged meanwhile."""

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        return f"{request.method} {request.path}"
