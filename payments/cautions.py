"""What a payer is told of a payee before they enter their code: nothing here stops a payment.

Money follows the number on the network, so a handle proves little: it can be changed, taken over by
somebody else, or made to look like a friend's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from django.db import connection

from payments import risk
from payments.models import Order

SHORTEST = 4  # Below it, nearly every handle looks like another.

_KNOWN = """
    SELECT DISTINCT payee_handle FROM (
      SELECT payee_id, payee_handle FROM payments_confirmation WHERE payer_id = %s ORDER BY id DESC LIMIT 200
    ) recent WHERE payee_id <> %s
"""
# Read as one: l, I and 1; O and 0; and pairs that a narrow letter makes.
_SAME = str.maketrans("1i05", "llos")
_PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"))


class Kind(Enum):
    TAKEN_OVER = "the handle was another person's when it was paid last"
    RENAMED = "the payee had another handle when they were paid last"
    LOOK_ALIKE = "the handle looks like that of somebody paid before"
    YOUNG = "the account on the network is very young"
    NEVER_PAID = "the payer has never paid them"


@dataclass(frozen=True)
class Caution:
    """Something to be said; with the other handle, or since when."""

    kind: Kind
    handle: str = ""
    since: datetime | None = None


def of(order: Order, facts: risk.Facts) -> list[Caution]:
    """What its payer should know, the gravest first."""
    found = []
    if facts.was_anothers_handle:
        found.append(Caution(Kind.TAKEN_OVER, handle=order.payee.handle))
    if facts.handle_before and facts.handle_before.lower() != order.payee.handle.lower():
        found.append(Caution(Kind.RENAMED, handle=facts.handle_before))
    if not facts.has_paid_before and (known := _look_alike(order)):
        found.append(Caution(Kind.LOOK_ALIKE, handle=known))
    since = facts.payee_on_network_since
    if since and since > facts.at - risk.YOUNG:
        found.append(Caution(Kind.YOUNG, since=since))
    if not found and not facts.has_paid_before:
        found.append(Caution(Kind.NEVER_PAID))
    return found


def is_confusable(handle: str, known: str) -> bool:
    """Whether two different handles are taken for each other: drawn alike, or one slip apart."""
    one, other = handle.lower(), known.lower()
    if one == other or min(len(one), len(other)) < SHORTEST:
        return False
    return _drawn(one) == _drawn(other) or _is_one_slip(one, other)


def _look_alike(order: Order) -> str:
    """The handle of somebody whom the payer confirmed an order to, and who is not this payee."""
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN, [order.payer_id, order.payee_id])
        known = [str(handle) for (handle,) in cursor.fetchall()]
    return next((handle for handle in known if is_confusable(order.payee.handle, handle)), "")


def _drawn(handle: str) -> str:
    """What the eye makes of it."""
    seen = re.sub("_", "", handle).translate(_SAME)
    for pair, letter in _PAIRS:
        seen = seen.replace(pair, letter)
    return seen


def _is_one_slip(one: str, other: str) -> bool:
    """One letter put in, left out, exchanged, or two that change places."""
    if len(one) > len(other):
        one, other = other, one
    if len(other) - len(one) > 1:
        return False
    at = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(one))
    if len(one) < len(other):
        return one[at:] == other[at + 1 :]
    is_swapped = one[at : at + 2] == other[at : at + 2][::-1] and one[at + 2 :] == other[at + 2 :]
    return one[at + 1 :] == other[at + 1 :] or is_swapped
