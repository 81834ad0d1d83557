"""The public feed: who paid whom and the note, where both allowed it before the post, and never an amount.

The stricter side decides: at the payment, which makes the entry, and again whenever it is looked at. What
was removed, by either side or by the post's deletion, is removed for ever. The only writer of both tables.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import connection, transaction
from django.db.models import Q
from django.db.models.functions import Now

from accounts import prepared
from accounts.models import Identity, User
from accounts.prepared import Prepared
from payments.models import FeedEntry, Order, Publicity

PAGE = 25
CHANNEL = "x"  # Where an order is a public post.
# X's numbers hold the milliseconds since this moment, above 22 bits of other things.
_POST = re.compile(r"[0-9]{15,19}")
_FIRST_POST = datetime(2010, 11, 4, 1, 42, 54, 657_000, tzinfo=UTC)

_PUBLISH = Prepared(
    "publish_order",
    """
    INSERT INTO payments_feedentry (order_id, payer_id, payee_id, posted_at)
    SELECT %(order)s, payer.user_id, payee.user_id, %(posted_at)s
      FROM payments_publicity payer, payments_publicity payee
     WHERE payer.user_id = %(payer)s AND payee.user_id = %(payee)s
       AND payer.since <= %(posted_at)s AND payee.since <= %(posted_at)s
    ON CONFLICT DO NOTHING
    """,
    order="uuid",
    payer="bigint",
    payee="bigint",
    posted_at="timestamptz",
)
# In the order of their numbers, so that a page costs what it shows; who is hidden for a while is looked past.
# Whom a number was paid is shown by that number alone, which is nobody's business.
_SHOWN = """
    SELECT entry.id, entry.payer_id, entry.payee_id, entry.posted_at, paid.note,
           payer.name, payer.handle, payer.picture_url, payee.name, payee.handle, payee.picture_url
      FROM payments_feedentry entry
      JOIN payments_order paid ON paid.id = entry.order_id AND paid.words <> ''
      JOIN payments_publicity payer_wish ON payer_wish.user_id = entry.payer_id
       AND payer_wish.since <= entry.posted_at
      JOIN payments_publicity payee_wish ON payee_wish.user_id = entry.payee_id
       AND payee_wish.since <= entry.posted_at
      JOIN accounts_identity payer ON payer.user_id = entry.payer_id AND payer.network = %(network)s
      JOIN accounts_identity payee ON payee.id = paid.payee_id AND payee.user_id = entry.payee_id
       AND payee.network <> %(number)s
      JOIN accounts_user payer_user ON payer_user.id = entry.payer_id AND payer_user.is_active
      JOIN accounts_user payee_user ON payee_user.id = entry.payee_id AND payee_user.is_active
     WHERE entry.removed_at IS NULL AND (%(before)s::bigint IS NULL OR entry.id < %(before)s)
       AND payer.standing IN ('', 'PUBLIC') AND payee.standing IN ('', 'PUBLIC')
       AND NOT EXISTS (SELECT FROM accounts_freeze WHERE ended_at IS NULL
                        AND user_id IN (entry.payer_id, entry.payee_id))
     ORDER BY entry.id DESC LIMIT %(limit)s
"""


class NotShown(Exception):
    """There is no such entry of that member's."""


@dataclass(frozen=True, slots=True)
class Face:
    """Somebody as X shows them: their name there and their handle, never the name that we know them by."""

    user_id: int
    name: str
    handle: str
    picture_url: str


@dataclass(frozen=True, slots=True)
class Shown:
    """An entry as anybody may read it. Of an amount it knows nothing."""

    id: int
    payer: Face
    payee: Face
    note: str
    posted_at: datetime


def publishing(order: Order) -> list[prepared.Call]:
    """What shows an order that is being paid, if it was a public post and both sides allowed it before."""
    if order.channel != CHANNEL or not order.payee_user_id:
        return []
    facts = {"order": order.pk, "payer": order.payer_id, "payee": order.payee_user_id}
    return [_PUBLISH(posted_at=_posted_at(order), **facts)]


def page(*, before: int | None = None, limit: int = PAGE) -> list[Shown]:
    """What may be shown, the newest first, older than the entry `before`."""
    with connection.cursor() as cursor:
        networks = {"network": Identity.Network.X, "number": Identity.Network.PHONE}
        cursor.execute(_SHOWN, {"before": before, "limit": limit, **networks})
        return [
            Shown(
                id=id,
                payer=Face(payer_id, *faces[:3]),
                payee=Face(payee_id, *faces[3:]),
                note=note,
                posted_at=posted_at,
            )
            for id, payer_id, payee_id, posted_at, note, *faces in cursor.fetchall()
        ]


def since(user: User) -> datetime | None:
    """From when on the member's public posts may be shown; None if they may not."""
    return Publicity.objects.filter(pk=user.pk).values_list("since", flat=True).first()


def allow(user: User) -> None:
    """Show what they post from now on; who allows it already goes on."""
    Publicity.objects.bulk_create([Publicity(user=user)], ignore_conflicts=True)
    Publicity.objects.filter(pk=user.pk, since=None).update(since=Now())


@transaction.atomic
def withdraw(user: User) -> int:
    """Show nothing more of them, and never again what was shown; how many entries that were."""
    Publicity.objects.filter(pk=user.pk).update(since=None)
    return FeedEntry.objects.filter(_of(user), removed_at=None).update(removed_at=Now())


def remove(user: User, *, entry_id: int) -> None:
    """Take one entry of theirs out, for both sides and for ever.

    :raises NotShown: if it is none of theirs, or gone already
    """
    if not FeedEntry.objects.filter(_of(user), pk=entry_id, removed_at=None).update(removed_at=Now()):
        raise NotShown


def forget(order: Order) -> None:
    """Its post was deleted, or its words are purged."""
    FeedEntry.objects.filter(order=order, removed_at=None).update(removed_at=Now())


def _posted_at(order: Order) -> datetime:
    """When its post was written, which its number tells; it may have been read hours later."""
    if not _POST.fullmatch(order.channel_id):
        return order.created_at
    return min(order.created_at, _FIRST_POST + timedelta(milliseconds=int(order.channel_id) >> 22))


def _of(user: User) -> Q:
    return Q(payer=user) | Q(payee=user)
