"""Many orders placed at once, as a page of posts gives them: each by the rules of `orders.place`.

Whatever is not plain is left to `orders.place`, which says why: a rule that refuses, a payer with two wishes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from accounts import arrays, prepared
from accounts.models import Identity, User
from accounts.prepared import Prepared
from payments import life, limits, notices, orders, rows, settlement
from payments.models import Order

REFUSED = (
    settlement.PayeeIsPayer,
    settlement.PayeeRefuses,
    limits.OverLimit,
    orders.TooMany,
)
# A payer whose lock somebody keeps must not keep the whole page: it is placed one by one then.
_PATIENCE = Prepared("placements_patience", "SELECT set_config('lock_timeout', '500ms', true)")
_OF_PAYEE = ("id", "network", "external_id", "handle", "user_id", "refuses_since")
# Asked after the locks are there, so that it sees what was counted before them. A cool-off is no matter yet,
# so the limits are not asked since when the payee is paid.
_LOOK = Prepared(
    "look_at_placements",
    f"""
    SELECT is_frozen.yes, pace.waiting, pace.placed, seen.*,
           {", ".join(f"payee.{name}" for name in _OF_PAYEE)}, holder.tier
      FROM unnest(%(payers)s, %(payees)s) WITH ORDINALITY AS wish (payer, payee, place)
      LEFT JOIN accounts_identity payee
        ON payee.network = %(network)s AND payee.external_id = wish.payee
      LEFT JOIN accounts_user holder ON holder.id = payee.user_id
     CROSS JOIN LATERAL look_at_limits(wish.payer, NULL, NULL, NULL, payee.user_id, NULL) AS seen
     CROSS JOIN LATERAL (
           SELECT count(*) FILTER (WHERE o.status = 'PENDING' AND o.expires_at > %(at)s) AS waiting,
                  count(*) FILTER (WHERE o.created_at > %(since)s) AS placed
             FROM payments_order o WHERE o.payer_id = wish.payer) AS pace
     CROSS JOIN LATERAL (
           SELECT EXISTS (SELECT FROM accounts_freeze f
                           WHERE f.user_id = wish.payer AND f.ended_at IS NULL) AS yes) AS is_frozen
     ORDER BY wish.place
    """,  # noqa: S608  # our own names
    payers="bigint[]",
    payees="text[]",
    network="text",
    at="timestamptz",
    since="timestamptz",
)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a payer wrote: whom to pay, by their number on the network, and how much."""

    payer: User
    has_phone: bool
    payee: str
    amount: int
    note: str
    words: str
    channel_id: str


def place_all(
    wishes: Sequence[Wish], *, network: Identity.Network, channel: str, at: datetime
) -> list[Order | None]:
    """Place each wish, and ask its payer for their code, in the caller's transaction; each payer has one.

    None for what is not plain: nothing was done about it.

    :raises django.db.IntegrityError: if a message made an order before
    :raises django.db.OperationalError: if somebody keeps a payer's lock
    """
    assert len({wish.payer.pk for wish in wishes}) == len(wishes)
    if not wishes:
        return []
    drafts = [_Draft(wish, channel, at) for wish in wishes]
    for each, seen in zip(drafts, _look(wishes, network, at), strict=True):
        each.check(seen)
    _keep([each for each in drafts if each.is_plain])
    return [each.order if each.is_plain else None for each in drafts]


class _Draft:
    """An order that may become one."""

    def __init__(self, wish: Wish, channel: str, at: datetime) -> None:
        self.order = rows.made(
            Order,
            payer=wish.payer,
            amount=wish.amount,
            note=wish.note,
            words=wish.words,
            channel=channel,
            channel_id=wish.channel_id,
            created_at=at,
        )
        self._at = at
        self.is_plain, self.rings = False, wish.has_phone

    def check(self, seen: Sequence[Any]) -> None:
        """All that `orders.place` checks, of what was seen under the payer's lock."""
        (is_frozen, waiting, placed), seen = seen[:3], seen[3:]
        payee, (tier,) = rows.read_some(Identity, _OF_PAYEE, seen[limits.WIDTH :])
        if is_frozen or payee.pk is None:
            return
        payee.user = rows.read_some(User, ["id", "tier"], [payee.user_id, tier])[0] if payee.user_id else None
        self.order.payee = payee
        try:
            orders.draft(self.order, at=self._at)
            limits.check_seen(self.order, seen[: limits.WIDTH])
            self.rings &= not orders.check_pace(waiting=waiting, placed=placed)
        except REFUSED:
            return
        self.is_plain = True


def _look(wishes: Sequence[Wish], network: Identity.Network, at: datetime) -> list[prepared.Row]:
    """What is known of each wish, once its payer's lock is there."""
    look = _LOOK(
        payers=arrays.written([wish.payer.pk for wish in wishes]),
        payees=arrays.written([wish.payee for wish in wishes]),
        network=network.value,
        at=at,
        since=at - timedelta(days=1),
    )
    return prepared.run(_PATIENCE(), life.locking([wish.payer for wish in wishes]), look)


def _keep(drafts: Sequence[_Draft]) -> None:
    if not drafts:
        return
    made = [each.order for each in drafts]
    notices.ask_crowd(made, rings=[each.rings for each in drafts], first=life.beginnings(made))
