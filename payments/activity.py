"""What a member sees of their money: one line for each transfer of their wallet, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Identity
from payments.models import Card, LedgerAccount, Order, Transfer

PAGE = 25
WAITING = {Order.Status.HELD, Order.Status.REVIEW}  # What was set aside and has not ended yet.


@dataclass(frozen=True, kw_only=True)
class Line:
    """A transfer as its owner reads it; `amount` is signed, in cents, `after` the balance then."""

    id: UUID
    amount: int
    after: int | None
    title: str
    subtitle: str
    picture_url: str
    url: str
    status: str
    at: datetime


class _Row(NamedTuple):
    """A transfer with all that its line shows, as `_LINES` selects it."""

    id: UUID
    is_out: bool
    amount: int
    after: int | None
    at: datetime
    kind: str
    status: str | None
    reference: str | None
    note: str
    payee: str
    payee_handle: str
    payee_picture: str
    payer: str
    payer_handle: str | None
    payer_picture: str | None
    card_brand: str
    card_last4: str


# One statement, as an open page asks for it whenever something moves; each leg reads its own index.
_LEGS = """
    (SELECT id, true AS is_out, amount, source_after AS after, posted_at, kind FROM payments_transfer
      WHERE source_id = %(wallet)s AND {which} ORDER BY id DESC LIMIT %(limit)s)
    UNION ALL
    (SELECT id, false, amount, target_after, posted_at, kind FROM payments_transfer
      WHERE target_id = %(wallet)s AND {which} ORDER BY id DESC LIMIT %(limit)s)
    ORDER BY id DESC LIMIT %(limit)s
"""
_LINES = """
WITH line AS ({legs})
SELECT line.*, o.status, o.reference, o.note, payee.name, payee.handle, payee.picture_url,
       payer.name, face.handle, face.picture_url, card.brand, card.last4
  FROM line
  LEFT JOIN payments_order o ON o.transfer_id = line.id OR o.hold_id = line.id
  LEFT JOIN accounts_identity payee ON payee.id = o.payee_id
  LEFT JOIN accounts_user payer ON payer.id = o.payer_id
  LEFT JOIN accounts_identity face ON face.user_id = payer.id AND face.network = %(network)s
  LEFT JOIN payments_funding f ON f.transfer_id = line.id
  LEFT JOIN payments_card card ON card.id = f.card_id
 ORDER BY line.id DESC
"""
_ALL = _LINES.format(legs=_LEGS.format(which="true"))
_OLDER = _LINES.format(legs=_LEGS.format(which="id < %(before)s"))
_THESE = _LINES.format(legs=_LEGS.format(which="id = ANY(%(ids)s::uuid[])"))


def page(
    wallet: LedgerAccount, *, before: UUID | None = None, query: str = "", limit: int = PAGE
) -> list[Line]:
    """The wallet's lines older than `before`, those that contain `query` only."""
    facts: dict[str, Any] = {"wallet": wallet.pk, "limit": limit, "network": Identity.Network.X}
    if query:
        found = _matching(wallet, query).filter(Q(transfer_id__lt=before) if before else Q())
        ids = found.order_by("-transfer_id").values_list("transfer_id", flat=True)[:limit]
        return _lines(_THESE, facts | {"ids": [str(pk) for pk in ids]})
    return _lines(_OLDER, facts | {"before": str(before)}) if before else _lines(_ALL, facts)


def _lines(sql: str, facts: dict[str, Any]) -> list[Line]:
    with connection.cursor() as cursor:
        cursor.execute(sql, facts)
        return [_line(_Row(*row)) for row in cursor.fetchall()]


def _matching(wallet: LedgerAccount, query: str) -> QuerySet[Order]:
    words = (
        Q(payee__handle__icontains=query)
        | Q(payee__name__icontains=query)
        | Q(payer__name__icontains=query)
        | Q(note__icontains=query)
        | Q(reference__iexact=query)
    )
    return Order.objects.filter(
        Q(payer=wallet.owner_id) | Q(payee_user=wallet.owner_id),
        words,
        status__in=[Order.Status.PAID, Order.Status.RETURNED, Order.Status.CANCELLED],
    )


def _line(row: _Row) -> Line:
    title, subtitle, picture_url = _about(row)
    return Line(
        id=row.id,
        amount=-row.amount if row.is_out else row.amount,
        after=row.after,
        title=title,
        subtitle=subtitle,
        picture_url=picture_url,
        url=reverse("order", args=[row.reference]) if row.reference else "",
        status=row.status or "" if row.kind == Transfer.Kind.HOLD and row.status in WAITING else "",
        at=row.at,
    )


def _about(row: _Row) -> tuple[str, str, str]:
    """Who is on the other side, or where the money came from; a line below it; a face."""
    if row.reference is None:
        return _("Wallet loaded"), str(Card(brand=row.card_brand, last4=row.card_last4)), ""
    if row.kind == Transfer.Kind.RETURN:
        return _("Back in your wallet"), _("for %(payee)s") % {"payee": f"@{row.payee_handle}"}, ""
    if row.is_out:
        handle = f"@{row.payee_handle}"
        return row.payee or handle, row.note or handle, row.payee_picture
    handle = f"@{row.payer_handle}" if row.payer_handle else ""
    return row.payer, row.note or handle, row.payer_picture or ""
