"""What a member sees of their money: one line for each transfer of their wallet, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import CharField, Q, QuerySet
from django.db.models.functions import Cast, Right
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from accounts.models import Identity
from payments.models import BankAccount, Card, LedgerAccount, Order, Payout, Transfer

PAGE = 25
PAYOUT_REFERENCE = 8  # The last letters of its number, as its page and the bank's statement show them.
WAITING = {Order.Status.HELD, Order.Status.REVIEW}  # What was set aside and has not ended yet.


@dataclass(frozen=True, kw_only=True)
class Line:
    """A transfer as its owner reads it; `amount` is signed, in cents, `after` the balance then."""

    number: int
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
    number: int
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
    payee_network: str
    payee_picture: str
    payer: str
    payer_handle: str | None
    payer_picture: str | None
    card_brand: str
    card_last4: str
    payout_id: UUID | None
    bank_name: str
    bank_country: str
    bank_last4: str


# One statement, as an open page asks for it whenever something moves; each leg reads its own index.
_LEGS = """
    (SELECT id, number, true AS is_out, amount, source_after AS after, posted_at, kind FROM payments_transfer
      WHERE source_id = %(wallet)s AND {which} ORDER BY number DESC LIMIT %(limit)s)
    UNION ALL
    (SELECT id, number, false, amount, target_after, posted_at, kind FROM payments_transfer
      WHERE target_id = %(wallet)s AND {which} ORDER BY number DESC LIMIT %(limit)s)
    ORDER BY number DESC LIMIT %(limit)s
"""
_LINES = """
WITH line AS ({legs})
SELECT line.*, o.status, o.reference, o.note, payee.name, payee.handle, payee.network,
       payee.picture_url, payer.name, face.handle, face.picture_url, card.brand, card.last4,
       payout.id, account.bank_name, account.country, account.last4
  FROM line
  LEFT JOIN payments_refund r ON r.transfer_id = line.id
  LEFT JOIN payments_order o ON o.transfer_id = line.id OR o.hold_id = line.id OR o.id = r.order_id
  LEFT JOIN accounts_identity payee ON payee.id = o.payee_id
  LEFT JOIN accounts_user payer ON payer.id = o.payer_id
  LEFT JOIN accounts_identity face ON face.user_id = payer.id AND face.network = %(network)s
  LEFT JOIN payments_funding f ON f.transfer_id = line.id
  LEFT JOIN payments_card card ON card.id = f.card_id
  LEFT JOIN payments_payout payout ON payout.id = CASE line.kind WHEN 'PAYOUT' THEN line.id
       WHEN 'PAYOUT_BACK' THEN (SELECT back.id FROM payments_payout back WHERE back.back_id = line.id) END
  LEFT JOIN payments_bankaccount account ON account.id = payout.bank_account_id
 ORDER BY line.number DESC
"""
_ALL = _LINES.format(legs=_LEGS.format(which="true"))
_OLDER = _LINES.format(legs=_LEGS.format(which="number < %(before)s"))
_THESE = _LINES.format(legs=_LEGS.format(which="id = ANY(%(ids)s::uuid[])"))


_BY_THE_KIND = {
    Transfer.Kind.CARD_REFUND: _lazy("Back to your card"),
    Transfer.Kind.REFUND_FAILED: _lazy("Not taken by your bank: back in your wallet"),
    Transfer.Kind.CHARGEBACK: _lazy("Taken back by your bank"),
    Transfer.Kind.CHARGEBACK_WON: _lazy("Given back by your bank"),
    Transfer.Kind.RECOVERY: _lazy("Taken for what you owe"),
    Transfer.Kind.DEBT_VOID: _lazy("Given back: you owe nothing"),
    Transfer.Kind.REPAYMENT: _lazy("Repayment of a loan"),
}


def page(
    wallet: LedgerAccount, *, before: int | None = None, query: str = "", limit: int = PAGE
) -> list[Line]:
    """The wallet's lines older than `before`, those that contain `query` only."""
    facts: dict[str, Any] = {"wallet": wallet.pk, "limit": limit, "network": Identity.Network.X}
    if query:
        ids = _matching(wallet, query, before=before, limit=limit)
        return _lines(_THESE, facts | {"ids": [str(pk) for pk in ids]})
    return _lines(_OLDER, facts | {"before": before}) if before else _lines(_ALL, facts)


def _lines(sql: str, facts: dict[str, Any]) -> list[Line]:
    with connection.cursor() as cursor:
        cursor.execute(sql, facts)
        return [_line(_Row(*row)) for row in cursor.fetchall()]


def _matching(wallet: LedgerAccount, query: str, *, before: int | None, limit: int) -> list[UUID]:
    """The newest of the wallet's transfers whose order or payout contains the words."""
    theirs = Order.objects.filter(Q(payer=wallet.owner_id) | Q(payee_user=wallet.owner_id), _in_order(query))
    payouts = Payout.objects.annotate(tail=Right(Cast("id", CharField()), PAYOUT_REFERENCE))
    payouts = payouts.filter(_in_payout(query), user=wallet.owner_id)
    found = [
        *_newest(theirs, "hold", wallet, before=before, limit=limit),
        *_newest(theirs, "transfer", wallet, before=before, limit=limit),
        *_newest(payouts, "reservation", wallet, before=before, limit=limit),
        *_newest(payouts, "back", wallet, before=before, limit=limit),
    ]
    return [pk for _number, pk in sorted(found, reverse=True)[:limit]]


def _newest(
    rows: QuerySet[Any], leg: str, wallet: LedgerAccount, *, before: int | None, limit: int
) -> list[tuple[int, UUID]]:
    """The numbers and ids of that leg of the rows, where it touched the wallet: a hold does its payer's."""
    number = f"{leg}__number"
    mine = Q(**{f"{leg}__source": wallet}) | Q(**{f"{leg}__target": wallet})
    rows = rows.filter(mine, **({f"{number}__lt": before} if before else {}))
    return list(rows.order_by(f"-{number}").values_list(number, f"{leg}_id")[:limit])


def _in_order(query: str) -> Q:
    return (
        Q(payee__handle__icontains=query)
        | Q(payee__name__icontains=query)
        | Q(payer__name__icontains=query)
        | Q(note__icontains=query)
        | Q(reference__iexact=query)
    )


def _in_payout(query: str) -> Q:
    """The bank, the holder, the last digits that are shown, or the reference on the bank's statement."""
    named = (
        Q(bank_account__bank_name__icontains=query)
        | Q(bank_account__holder_name__icontains=query)
        | Q(bank_account__last4__iexact=query)
    )
    return named | Q(tail=query.lower())


def _line(row: _Row) -> Line:
    title, subtitle, picture_url = _about(row)
    return Line(
        number=row.number,
        amount=-row.amount if row.is_out else row.amount,
        after=row.after,
        title=title,
        subtitle=subtitle,
        picture_url=picture_url,
        url=_page_of(row),
        status=row.status or "" if row.kind == Transfer.Kind.HOLD and row.status in WAITING else "",
        at=row.at,
    )


def _page_of(row: _Row) -> str:
    if row.reference:
        return reverse("order", args=[row.reference])
    return reverse("payout", args=[row.payout_id]) if row.payout_id else ""


def _about(row: _Row) -> tuple[str, str, str]:
    """Who is on the other side, or where the money came from; a line below it; a face."""
    if row.kind in _BY_THE_KIND:
        return str(_BY_THE_KIND[Transfer.Kind(row.kind)]), "", ""
    if row.payout_id is not None:
        account = BankAccount(bank_name=row.bank_name, country=row.bank_country, last4=row.bank_last4)
        return _("To your bank") if row.is_out else _("Back from your bank"), str(account), ""
    if row.reference is None:
        return _("Wallet loaded"), str(Card(brand=row.card_brand, last4=row.card_last4)), ""
    return _about_order(row)


def _about_order(row: _Row) -> tuple[str, str, str]:
    payee = _shown(row.payee_handle, row.payee_network)
    if row.kind == Transfer.Kind.RETURN:
        return _("Back in your wallet"), _("for %(payee)s") % {"payee": payee}, ""
    if row.kind == Transfer.Kind.REFUND:
        other = row.payer or _shown("") if row.is_out else payee
        said = _("Given back to %(name)s") if row.is_out else _("Given back by %(name)s")
        return said % {"name": other}, row.note, ""
    if row.is_out:
        return row.payee or payee, row.note or (payee if row.payee else ""), row.payee_picture
    handle = _shown(row.payer_handle) if row.payer_handle else ""
    return row.payer or _shown(""), row.note or handle, row.payer_picture or ""


def _shown(handle: str, network: str = Identity.Network.X) -> str:
    """As people write it there; without a handle it was somebody who has left."""
    return str(Identity(handle=handle, network=network))
