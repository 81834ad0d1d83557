"""A web process: live streams are async and cost a coroutine; everything else runs in threads."""

from __future__ import annotations

import multiprocessing
import os
import threading
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "smoney.settings")

from django.core.asgi import get_asgi_application

from serving.pages import Limited, Pages

THREADS = 8
LIVE = "/live/"

_streams = get_asgi_application()  # It sets Django up.

from smoney import outage  # noqa: E402  # Django must be set up first

_pages = Pages(threads=THREADS, refusal=outage.refused)


def _end_with_parent() -> None:
    """Uvicorn's workers would outlive a parent that is killed, and keep its port."""
    if parent := multiprocessing.parent_process():
        parent.join()
        os._exit(1)


threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()


async def application(scope: Any, receive: Any, send: Any) -> None:
    """ASGI 3: https://asgi.readthedocs.io/en/latest/specs/main.html."""
    if scope["type"] != "http":
        return
    if scope["path"] == LIVE:
        await _streams(scope, Limited(receive), send)  # Django reads the body first, as long as it comes.
    else:
        await _pages(scope, receive, send)
