"""The whole of `orders.confirm` but the comparison of the code's hash, which bounds it long before all else.

The try is counted and cleared as ever, in transactions of their own. Orders are made before the clock runs,
by payers whose payees pay nobody at that moment, as TPC-B's accounts are far from each other.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from unittest import mock

from django.utils import timezone

from benchmarks import _clients, _databases
from payments import orders
from payments.models import Order, OrderEvent

AHEAD_A_SECOND = 800  # More orders than all clients can confirm.
_numbers: Iterator[int] = itertools.count(1)


def rate(database: str, *, clients: int, seconds: int) -> float:
    """Orders confirmed a second."""
    # Not in empty tables: statements that are planned for those read them whole ever after.
    _confirm(database, clients=clients, seconds=1)
    _databases.execute(database, "ANALYZE")
    return _confirm(database, clients=clients, seconds=seconds)


def _confirm(database: str, *, clients: int, seconds: int) -> float:
    _databases.use(database)
    waiting = _orders(AHEAD_A_SECOND * (seconds + 1))
    shares = [iter(waiting[number::clients]) for number in range(clients)]
    with mock.patch("accounts.tries.is_right", return_value=True):
        return _clients.rate(partial(_payer, shares), clients=clients, seconds=seconds)


def _payer(shares: list[Iterator[Order]], number: int) -> Callable[[], object]:
    def confirm() -> None:
        orders.confirm(next(shares[number]), code="270914")

    return confirm


def _orders(count: int) -> list[Order]:
    """Orders as they wait for their codes, each by another member."""
    identities = _databases.identities()
    now, half = timezone.now(), len(identities) // 2
    made = []
    for number in itertools.islice(_numbers, count):
        payer, payee = identities[number % len(identities)], identities[(number + half) % len(identities)]
        order = Order(payer=payer.user, payee=payee, payee_user=payee.user, amount=1)
        order.reference, order.channel, order.channel_id = f"{number:08}", "x", str(number)
        order.note = order.words = "pour le resto"
        order.created_at, order.expires_at = now, now + timedelta(days=1)
        made.append(order)
    Order.objects.bulk_create(made, batch_size=2_000)
    events = (OrderEvent(order=order, status=order.status) for order in made)
    OrderEvent.objects.bulk_create(events, batch_size=5_000)
    return made
