"""What a payer is told of a payee before they enter their code: nothing here stops a payment.

Money follows the number on the network, so a handle proves little: it can be changed, taken over by
somebody else, or made to look like a friend's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import NamedTuple

from django.db import connection

from accounts.models import Identity
from payments import looks, risk
from payments.models import Order

# Whom the payer paid, by the handle of then and by the labels of now, and who paid them.
_KNOWN = """
    WITH paid AS (
      SELECT payee_id, payee_handle FROM payments_confirmation WHERE payer_id = %(payer)s
       ORDER BY id DESC LIMIT 200
    ), received AS (
      SELECT o.payer_id FROM payments_order o JOIN accounts_identity me ON me.id = o.payee_id
       WHERE me.user_id = %(payer)s AND o.status = 'PAID' ORDER BY o.created_at DESC LIMIT 200
    )
    SELECT paid.payee_handle, known.name FROM paid JOIN accounts_identity known ON known.id = paid.payee_id
     WHERE known.id <> %(payee)s
    UNION
    SELECT known.handle, known.name FROM paid JOIN accounts_identity known ON known.id = paid.payee_id
     WHERE known.id <> %(payee)s
    UNION
    SELECT known.handle, known.name
      FROM received JOIN accounts_identity known ON known.user_id = received.payer_id
     WHERE known.id <> %(payee)s
"""


class Kind(Enum):
    """The gravest first."""

    SUSPENDED = "the network has suspended the account"
    GONE = "the network knows no such account any more"
    TAKEN_OVER = "the handle was another person's when it was paid last"
    RENAMED = "the payee had another handle when they were paid last"
    LOOK_ALIKE = "the handle looks like that of somebody known"
    NAMESAKE = "the name is that of somebody known, or looks like it"
    YOUNG = "the account on the network is very young"
    PROTECTED = "the account's posts are protected"
    UNASKED = "the network could not be asked just now"
    NEVER_PAID = "the payer has never paid them"


_STANDINGS: dict[str, Kind] = {
    Identity.Standing.SUSPENDED: Kind.SUSPENDED,
    Identity.Standing.GONE: Kind.GONE,
    Identity.Standing.PROTECTED: Kind.PROTECTED,
}
_SAY_LITTLE = {Kind.UNASKED}  # Beside it, that the payee is new is still worth a word.


@dataclass(frozen=True)
class Caution:
    """Something to be said; with the other handle and name, or since when."""

    kind: Kind
    handle: str = ""
    name: str = ""
    since: datetime | None = None


class Known(NamedTuple):
    """Somebody whom the payer paid, or who paid them."""

    handle: str
    name: str


def of(order: Order, facts: risk.Facts, *, is_asked: bool = True) -> list[Caution]:
    """What its payer should know, the gravest first; `is_asked` if the network told of the payee lately."""
    found = [*_of_account(order, facts), *_of_handle(order, facts)]
    if not facts.has_paid_before:
        found += _of_likeness(order)
    if not is_asked:
        found.append(Caution(Kind.UNASKED))
    if not facts.has_paid_before and not {one.kind for one in found} - _SAY_LITTLE:
        found.append(Caution(Kind.NEVER_PAID))
    return sorted(found, key=lambda one: list(Kind).index(one.kind))


def _of_account(order: Order, facts: risk.Facts) -> Iterator[Caution]:
    if kind := _STANDINGS.get(order.payee.standing):
        yield Caution(kind)
    since = facts.payee_on_network_since
    if since and since > facts.at - risk.YOUNG:
        yield Caution(Kind.YOUNG, since=since)


def _of_handle(order: Order, facts: risk.Facts) -> Iterator[Caution]:
    if facts.was_anothers_handle:
        yield Caution(Kind.TAKEN_OVER, handle=order.payee.handle)
    if facts.handle_before and facts.handle_before.lower() != order.payee.handle.lower():
        yield Caution(Kind.RENAMED, handle=facts.handle_before)


def _of_likeness(order: Order) -> Iterator[Caution]:
    """One whom the payer does not know, and who looks like one whom they do."""
    payee, known = order.payee, _known(order)
    if alike := _first(known, lambda one: looks.is_confusable(payee.handle, one.handle)):
        yield Caution(Kind.LOOK_ALIKE, handle=alike.handle)
    elif alike := _first(known, lambda one: looks.is_namesake(payee.name, one.name)):
        yield Caution(Kind.NAMESAKE, handle=alike.handle, name=alike.name)


def _known(order: Order) -> list[Known]:
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN, {"payer": order.payer_id, "payee": order.payee_id})
        return [Known(*row) for row in cursor.fetchall()]


def _first(known: list[Known], is_alike: Callable[[Known], bool]) -> Known | None:
    return next((one for one in known if is_alike(one)), None)
