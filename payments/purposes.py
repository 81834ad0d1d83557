"""What an order is for, where it is more than a payment between people: the apps above say it of their kind.

A gift, a share in a loan or a purchase is an order like any other: placed, confirmed by the code, limited and
looked at by the same rules. What differs is asked here, in the order's own transaction, its row locked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts import prepared
from payments.models import Order, Refund


class Over(Exception):
    """What the order is for has ended, or cannot be had any more: the order is void."""


class NotAgreed(Exception):
    """Its payer has not agreed to what has to be agreed to beside the code; the order waits still."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What an order is for, and its page; empty for a payment between people."""

    title: str
    path: str


class Purpose:
    """One kind of order. What is not said differently is as in a payment between people."""

    # Whether what was paid can be given back; not where it is owed in another way.
    is_refundable = True

    def check(self, order: Order) -> None:
        """Whether it may still be paid; asked when it is confirmed, and again when its card has paid.

        :raises Over: if not
        :raises NotAgreed: if its payer has not agreed to its `agreement`
        """

    def agreement(self, order: Order) -> str:
        """What its payer has to agree to beside the code, in words; empty if nothing, or if they have."""
        return ""

    def agree(self, order: Order) -> None:
        """Its payer has agreed to that."""

    def held_until(self, order: Order) -> datetime | None:
        """Until when confirmed money stays aside, to be decided on; nothing if it is paid at once."""

    def stepping(self, order: Order, status: Order.Status) -> Sequence[prepared.Call]:
        """What goes with this change of its status, in the same message to the database."""
        return ()

    def refunding(self, order: Order, refund: Refund) -> Sequence[prepared.Call]:
        """What goes with a refund of it, in the transaction that keeps it."""
        return ()

    def is_one_of_many(self, order: Order) -> bool:
        """Whether its payee gets it together with many others: then the app alone tells them of each."""
        return False

    def title(self, order: Order) -> str:
        """What it is for, as its payer reads it."""
        return ""

    def path(self, order: Order) -> str:
        """The page of what it is for; empty if there is none, or it is not for the order's payer."""
        return ""


_PLAIN = Purpose()
_KNOWN: dict[str, Purpose] = {}


def register(kind: Order.Kind, purpose: Purpose) -> None:
    """Say what orders of a kind are for; once, when the apps are ready."""
    _KNOWN[kind] = purpose


def of(order: Order) -> Purpose:
    return _KNOWN.get(order.kind, _PLAIN)


def shown(order: Order) -> Shown:
    """What it is for, as its payer reads it."""
    purpose = of(order)
    return Shown(purpose.title(order), purpose.path(order))
