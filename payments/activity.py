"""What a member sees of their money: one line for each transfer of their wallet, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Prefetch, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Identity
from payments import ledger
from payments.models import LedgerAccount, Order, Transfer

PAGE = 25


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
    at: datetime


def page(
    wallet: LedgerAccount, *, before: UUID | None = None, query: str = "", limit: int = PAGE
) -> list[Line]:
    """The wallet's lines older than `before`, those that contain `query` only."""
    if query:
        found = _matching(wallet, query).filter(Q(transfer_id__lt=before) if before else Q())
        ids = list(found.order_by("-transfer_id").values_list("transfer_id", flat=True)[:limit])
    else:
        ids = [transfer.pk for transfer in ledger.transfers(wallet, before=before, limit=limit)]
    return [_line(transfer, is_out=transfer.source_id == wallet.pk) for transfer in _whole(ids)]


def _matching(wallet: LedgerAccount, query: str) -> QuerySet[Order]:
    words = (
        Q(payee__handle__icontains=query)
        | Q(payee__name__icontains=query)
        | Q(payer__name__icontains=query)
        | Q(note__icontains=query)
        | Q(reference__iexact=query)
    )
    return Order.objects.filter(
        Q(payer=wallet.owner_id) | Q(payee_user=wallet.owner_id), words, status=Order.Status.PAID
    )


def _whole(ids: list[UUID]) -> list[Transfer]:
    """The transfers with all that a line shows, in two queries, newest first."""
    on_x = Identity.objects.filter(network=Identity.Network.X)
    pictures = Prefetch("order__payer__identities", on_x)
    whole = Transfer.objects.select_related("order__payer", "order__payee", "funding__card")
    return list(whole.filter(pk__in=ids).prefetch_related(pictures).order_by("-id"))


def _line(transfer: Transfer, *, is_out: bool) -> Line:
    title, subtitle, picture_url, url = _about(transfer, is_out=is_out)
    return Line(
        id=transfer.pk,
        amount=-transfer.amount if is_out else transfer.amount,
        after=transfer.source_after if is_out else transfer.target_after,
        title=title,
        subtitle=subtitle,
        picture_url=picture_url,
        url=url,
        at=transfer.posted_at,
    )


def _about(transfer: Transfer, *, is_out: bool) -> tuple[str, str, str, str]:
    order: Order | None = getattr(transfer, "order", None)
    if order is None:
        return _("Wallet loaded"), str(transfer.funding.card), "", ""
    url = reverse("order", args=[order.reference])
    if is_out:
        return (
            order.payee.name or str(order.payee),
            order.note or str(order.payee),
            order.payee.picture_url,
            url,
        )
    identity = next(iter(order.payer.identities.all()), None)
    return (
        order.payer.name,
        order.note or (str(identity) if identity else ""),
        identity.picture_url if identity else "",
        url,
    )
