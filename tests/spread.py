"""Who runs what, when pytest has several workers: all that needs the whole of it goes to one, and first.

Not by xdist's own groups: its 3.8 marks them in a name that pytest 9.2 no longer reads.
"""

from __future__ import annotations

from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]  # xdist has no types

WHOLE = ("tests/journeys/", *(f"tests/faults/test_{name}.py" for name in ("kills", "outside", "storm")))

APART = ("tests/faults/test_model.py",)  # Its parts share nothing, and each takes long.


class Spread(LoadScopeScheduling):  # type: ignore[misc]  # untyped
    """A file's tests share their fixtures on one worker; those of the whole share it."""

    def _split_scope(self, nodeid: str) -> str:
        if nodeid.startswith(APART):
            return nodeid
        return "whole" if nodeid.startswith(WHOLE) else nodeid.split("::", 1)[0]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    config.option.loadscopereorder = False  # By the number of tests; ours is by their length.
    return Spread(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """They take longest, so nothing may be waiting for them at the end."""
    items.sort(key=lambda item: not item.nodeid.startswith(WHOLE))
