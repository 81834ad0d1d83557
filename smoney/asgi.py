"""The web process: live streams are async and cost a coroutine; everything else runs in threads.

Threads of a pool keep their database connection from request to request, which Django's own ASGI
handler cannot: it makes a thread for each request.
"""

from __future__ import annotations

import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "smoney.settings")

from a2wsgi import WSGIMiddleware
from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application

THREADS = 16

_streams = get_asgi_application()
_pages = WSGIMiddleware(get_wsgi_application(), workers=THREADS)  # type: ignore[arg-type]  # its own protocol types


async def application(scope: Any, receive: Any, send: Any) -> None:
    """ASGI 3: https://asgi.readthedocs.io/en/latest/specs/main.html."""
    if scope["type"] != "http":
        return
    handler = _streams if scope["path"].startswith("/live") else _pages
    await handler(scope, receive, send)
