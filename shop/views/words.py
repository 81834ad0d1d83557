"""Why something cannot be bought now, in words for its buyer, and the field where it is said."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import freezes
from payments import limits, orders, reasons, settlement
from shop import purchases, stock

REFUSALS = (
    purchases.NotOnSale,
    purchases.TooManyForOne,
    purchases.AddressMissing,
    stock.SoldOut,
    orders.TooMany,
    limits.OverLimit,
    freezes.Frozen,
    settlement.PayeeRefuses,
    settlement.PayeeIsPayer,
)


def refusal(why: Exception) -> tuple[str | None, str]:
    """Its field, if it has one, and what is wrong."""
    match why:
        case stock.SoldOut():
            return "variant", _left(why)
        case purchases.TooManyForOne():
            return "quantity", _most(why.left)
        case _:
            return None, _why(why)


def _why(why: Exception) -> str:
    match why:
        case limits.OverLimit():
            return reasons.over_limit(why)
        case orders.TooMany():
            return reasons.too_many(why)
        case freezes.Frozen():
            return reasons.frozen()
        case purchases.AddressMissing():
            return _("Where shall it be sent?")
        case _:
            return _("It is not on sale at the moment.")


def _left(why: stock.SoldOut) -> str:
    why.variant.refresh_from_db(fields=["stock"])
    if not why.variant.stock:
        return _("Sold out: somebody was faster. Nothing was paid.")
    words = ngettext("Only %(count)s is left.", "Only %(count)s are left.", why.variant.stock)
    return words % {"count": why.variant.stock}


def _most(left: int) -> str:
    if not left:
        return _("You have as many as one buyer may have.")
    words = ngettext("You can buy %(count)s more of it.", "You can buy %(count)s more of them.", left)
    return words % {"count": left}
