"""What the app has paid in for, counted in this process: who has none left is refused with 402.

https://docs.x.com/x-api/getting-started/pricing
"""

from __future__ import annotations

import threading

# In thousandths of a cent, for a call of each family; X charges by the post, and we are simpler.
PRICES = {"POST tweets": 1_000, "GET tweets": 500, "GET users/:id/mentions": 500}
PER_CENT = 1_000

_lock = threading.Lock()
_left: dict[str, int | None] = {"app": None}  # None: as much as one likes


def set_cents(cents: int | None) -> None:
    with _lock:
        _left["app"] = None if cents is None else cents * PER_CENT


def cents() -> int | None:
    """What is left, in whole cents."""
    left = _left["app"]
    return None if left is None else left // PER_CENT


def spend(family: str) -> bool:
    """Pay for a call; whether there was enough."""
    price = PRICES.get(family, 0)
    with _lock:
        left = _left["app"]
        if left is None or not price:
            return True
        if left < price:
            return False
        _left["app"] = left - price
        return True
