"""All that an order is judged by, seen at once under its locks: one message to the database, one snapshot.

Whoever judges says in SQL what they want to know (`limits`, `risk`, `strong`, `freezes`), and reads their own
part of the row. Nobody else pays for that payer until the caller's transaction ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts import freezes, prepared
from accounts.prepared import Prepared
from payments import ledger, life, limits, risk, strong
from payments.models import LedgerAccount, Order

# The moment is when the locks are held; the message has one from before the wait, which would pass over
# a limit that was lowered meanwhile. An order keeps its people, but not who holds the identity of its payee.
_PAYER = {"user": "%(payer)s", "payer": "%(payer)s", "owner": "%(payer)s", "member": "%(payer)s"}
_SEEN = {
    "order": "%(order)s",
    "payee": "%(payee)s",
    "handle": "payee.handle",
    "device": "%(device)s",
    "moment": "clock.moment",
    "payee_user": "payee.user_id",
    "cool_off": "%(cool_off)s",
}
_LOOK = Prepared(
    "look_at_order",
    f"""
    SELECT {life.COLUMNS}, {freezes.IS_FROZEN % _PAYER},
           {ledger.WALLET % _PAYER}, {ledger.WALLET % {"owner": "payee.user_id"}}, limits.*, spent.*, facts.*
      FROM {life.WITH_PEOPLE}
     CROSS JOIN (SELECT clock_timestamp() AS moment) clock
     CROSS JOIN LATERAL ({limits.LOOK % (_PAYER | _SEEN)}) limits
     CROSS JOIN LATERAL ({strong.SPENT % _PAYER}) spent
     CROSS JOIN LATERAL ({risk.FACTS % (_PAYER | _SEEN)}) facts
     WHERE o.id = %(order)s
    """,  # noqa: S608  # our own names
    order="uuid",
    payer="bigint",
    payee="bigint",
    device="bigint",
    cool_off="interval",
)


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A locked order as it is, at the moment `at` by the database, and what is known of its people.

    `limits` and `spent` are for those who read them: `limits.check_order_seen`, `strong.accepting`.
    """

    order: Order
    at: datetime
    is_frozen: bool
    wallets: tuple[LedgerAccount, LedgerAccount] | None
    limits: Sequence[Any]
    spent: Sequence[int]
    facts: risk.Facts


def lock(order: Order, *, device_id: int | None, then: Sequence[prepared.Call] = ()) -> Seen:
    """Lock its payer, then the order, and look at it; `device_id` is the known device it is confirmed on.

    What is to be done under the locks whatever is seen goes `then`, in the same message.
    """
    asked = _LOOK(
        order=order.pk,
        payer=order.payer_id,
        payee=order.payee_id,
        device=device_id,
        cool_off=limits.COOL_OFF,
    )
    (found,) = prepared.run(*life.locking_with_payer(order), *then, asked)
    locked, at, rest = life.read(order, found)
    is_frozen, source, target, *known = rest
    return Seen(
        order=locked,
        at=at,
        is_frozen=is_frozen,
        wallets=(LedgerAccount(pk=source), LedgerAccount(pk=target)) if source and target else None,
        limits=known[: limits.WIDTH],
        spent=known[limits.WIDTH : limits.WIDTH + strong.WIDTH],
        facts=risk.read(known[limits.WIDTH + strong.WIDTH :]),
    )
