"""Whatever a person does, nothing of S-Money may log an error on the way."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _quiet(quiet: None) -> None:
    """For every journey."""
