"""The web process: live streams are async and cost a coroutine; everything else runs in threads.

Threads of a pool keep their database connection from request to request, which Django's own ASGI
handler cannot: it makes a thread for each request.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "smoney.settings")

from a2wsgi import WSGIMiddleware
from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application

if TYPE_CHECKING:
    from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, Scope

THREADS = 16

_streams = get_asgi_application()
_pages = WSGIMiddleware(get_wsgi_application(), workers=THREADS)


async def application(scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    if scope["type"] == "http" and scope["path"].startswith("/live"):
        await _streams(scope, receive, send)
    elif scope["type"] == "http":
        await _pages(scope, receive, send)
