"""A label asked of its network at the moment when it matters: nobody waits longer than a second for it.

Handles change hands, and accounts are suspended, between an order and its code. The network's app registers
who asks; the call runs in a thread of its own, in no transaction, and knows no database.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from accounts import identities
from accounts.models import Identity

logger = logging.getLogger(__name__)

PATIENCE_SECONDS = 1
AT_ONCE = 8
FRESH = timedelta(minutes=10)
REST_SECONDS = 15  # While a network is silent, one page in that time waits for it, and not each of them.

Asks = Callable[[str], identities.Label]
_LABEL = ("handle", "name", "picture_url", "joined_network_at", "seen_at", "standing", "described_at")


class Silent(Exception):
    """The network could not be asked."""


def of(network: Identity.Network) -> Callable[[Asks], Asks]:
    """What this decorates asks the network of somebody, by their number there; it may raise `Silent`."""

    def register(asks: Asks) -> Asks:
        _ASKS[network] = asks
        return asks

    return register


def refresh(identity: Identity, *, at: datetime) -> bool:
    """Know the identity as its network does now, if what is known is minutes old; False if it is silent."""
    asks = _ASKS.get(identity.network)
    if asks is None or (identity.described_at and identity.described_at > at - FRESH):
        return True
    if _resting.get(identity.network, 0) > time.monotonic():
        return False
    try:
        label = _in_time(asks, identity.external_id)
    except (Silent, TimeoutError):
        _resting[identity.network] = time.monotonic() + REST_SECONDS
        logger.warning("A network could not be asked of somebody", extra={"identity_id": identity.pk})
        return False
    identities.see([label], network=Identity.Network(identity.network), at=at)
    identity.refresh_from_db(fields=_LABEL)
    return True


_ASKS: dict[str, Asks] = {}
_resting: dict[str, float] = {}
_threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="lookup")


def _in_time(asks: Asks, external_id: str) -> identities.Label:
    """:raises TimeoutError: if there is no answer yet; a call that has not begun is not made"""
    asked = _threads.submit(asks, external_id)
    try:
        return asked.result(timeout=PATIENCE_SECONDS)
    finally:
        asked.cancel()
