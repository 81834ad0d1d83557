"""Jobs: each takes nothing, makes one call, and is harmless when repeated."""

from __future__ import annotations

from celery import shared_task

from shop import addresses, baskets


@shared_task(name="shop.forget")
def forget() -> None:
    """Forget where parcels went, and what nobody bought."""
    addresses.forget_due()
    baskets.forget_due()
