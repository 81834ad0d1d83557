"""What an organisation has issued: its register of a year, the void receipts too, and the sums to declare.

The tax office asks each year for how many receipts there were, and over how much (CGI, article 222 bis).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from accounts.models import Organisation
from giving import receipt_contents
from giving.models import Receipt, ReceiptBook
from payments import sheets

PAGE = 50
READ_AT_ONCE = 500


@dataclass(frozen=True, kw_only=True)
class Line:
    """A receipt, and whom it names; nobody once its six years are over."""

    receipt: Receipt
    giver: str


@dataclass(frozen=True, kw_only=True)
class Totals:
    """Of a year: valid receipts and their cents, and how many are void."""

    valid: int
    amount: int
    void: int


def years(organisation: Organisation) -> list[int]:
    """In which it issued something, the last first."""
    books = ReceiptBook.objects.filter(organisation=organisation).order_by("-year")
    return list(books.values_list("year", flat=True))


def lines(organisation: Organisation, *, year: int, below: int | None = None) -> list[Line]:
    """A page of the register, the last numbers first; those below a number."""
    found = _of(organisation, year)
    if below is not None:
        found = found.filter(number__lt=below)
    return [Line(receipt=receipt, giver=_name(receipt)) for receipt in found[:PAGE]]


def totals(organisation: Organisation, *, year: int) -> Totals:
    valid = Q(void_at=None)
    counted = _of(organisation, year).aggregate(
        valid=Count("pk", filter=valid), void=Count("pk", filter=~valid), amount=Sum("amount", filter=valid)
    )
    return Totals(valid=counted["valid"], void=counted["void"], amount=counted["amount"] or 0)


def one(organisation: Organisation, pk: UUID) -> Receipt | None:
    """One of its receipts."""
    return Receipt.objects.filter(organisation=organisation, pk=pk).first()


def sheet(organisation: Organisation, *, year: int) -> str:
    """The register for a spreadsheet, in the order of the numbers; amounts in euros."""
    heads = (_("Number"), _("Issued on"), _("Given on"), _("Giver"), _("Street and number"), _("Postcode"),
             _("Town"), _("Amount in euros"), _("Orders"), _("Void since"), _("Why it is void"))  # fmt: skip
    return sheets.rows(heads, _cells(organisation, year))


def _of(organisation: Organisation, year: int) -> QuerySet[Receipt]:
    return Receipt.objects.filter(organisation=organisation, year=year).order_by("-number")


def _cells(organisation: Organisation, year: int) -> Iterator[tuple[object, ...]]:
    for receipt in _of(organisation, year).order_by("number").iterator(chunk_size=READ_AT_ONCE):
        said = {} if receipt.content is None else receipt_contents.opened(receipt)
        giver = said.get("giver", {})
        yield (
            receipt,
            localtime(receipt.issued_at).date(),
            receipt.given_on,
            *(giver.get(name, "") for name in ("name", "street", "postcode", "city")),
            f"{receipt.amount // 100},{receipt.amount % 100:02}",
            " ".join(gift["reference"] for gift in said.get("gifts", [])),
            localtime(receipt.void_at).date() if receipt.void_at else "",
            receipt.get_void_reason_display() if receipt.void_reason else "",
        )


def _name(receipt: Receipt) -> str:
    return "" if receipt.content is None else str(receipt_contents.opened(receipt)["giver"]["name"])
