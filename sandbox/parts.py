"""What the sandbox's apps bring to it: pages of the navigation, people to begin with, work in the background.

Every app may have any of these, and the frame finds them:
`urls.PAGES` (a list of Page), `seed.seed()`, `background.start()`, which may return a function that stops it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.conf import settings
from django.http import HttpRequest

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Page:
    """An entry of the navigation and of the index page."""

    label: str
    path: str
    about: str
    is_main: bool = True  # in the navigation too, not on the index page alone


def pages() -> list[Page]:
    return [page for app in _apps() for page in getattr(import_module(f"{app}.urls"), "PAGES", [])]


def seed() -> None:
    for app in _apps():
        if find_spec(f"{app}.seed"):
            import_module(f"{app}.seed").seed()


def start() -> list[Callable[[], None]]:
    """Start every app's background work. Returns the functions that stop it."""
    stops = []
    for app in _apps():
        if find_spec(f"{app}.background"):
            stop = import_module(f"{app}.background").start()
            log.info("background started", extra={"app": app})
            if stop is not None:
                stops.append(stop)
    return stops


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Context processor: the navigation's entries, and which of them we are in."""
    shown = [page for page in pages() if page.is_main]
    return {
        "navigation": [{"page": page, "is_here": request.path.startswith(page.path)} for page in shown],
        "product_url": settings.PRODUCT_URL,
    }


def _apps() -> list[str]:
    return [app for app in settings.INSTALLED_APPS if app.startswith("sandbox.")]
