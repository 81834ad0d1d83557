"""The reference by which people name an order, a request or a bill."""

from __future__ import annotations

import secrets

LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # None that is read as another.


def new() -> str:
    """Eight letters and digits that people can read out."""
    return "".join(secrets.choice(LETTERS) for _ in range(8))
