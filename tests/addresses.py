"""Two who look for a page's address at one moment, in tests."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from accounts import slugs


def meet(monkeypatch: pytest.MonkeyPatch, threads: int) -> None:
    """Let each of so many threads look for a free address before any of them keeps its own."""
    barrier, seen, free = threading.Barrier(threads, timeout=10), threading.local(), slugs._free  # noqa: SLF001  # in its middle

    def wait(*args: Any) -> str:
        slug = free(*args)
        if not getattr(seen, "once", False):
            seen.once = True
            barrier.wait()
        return slug

    monkeypatch.setattr(slugs, "_free", wait)
