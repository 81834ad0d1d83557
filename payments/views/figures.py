"""What an organisation received: its figures, its latest payments, and sheets of both."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import NamedTuple

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts import organisation_access
from accounts.models import Organisation, Seat
from payments import charts, figures, sheets, takings
from payments.models import Order, Payout
from payments.organisation_forms import FiguresForm, TakingsForm
from payments.views import downloads

_SHAPES = {figures.Step.DAY: "j M", figures.Step.WEEK: "j M", figures.Step.MONTH: "M Y"}


@organisation_access.seat_required()
def figures_(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Totals over a period, bar by bar, and the latest payments."""
    form = FiguresForm(request.GET)
    period, step = form.wanted
    found = figures.of(seat.organisation, figures.span(period, at=timezone.now()), step=step)
    about = {
        "organisation": seat.organisation,
        "form": form,
        "period": period.value,
        "step": step.value,
        "steps": [choice for choice in form.fields["step"].choices if choice[0] in figures.STEPS[period]],  # type: ignore[attr-defined]  # a choice field
        "figures": found,
        "chart": _chart(found, step),
        "takings": takings.page(seat.organisation, limit=5),
    }
    return render(request, "organisation_figures.html", about)


@organisation_access.seat_required()
def takings_(request: HttpRequest, seat: Seat) -> HttpResponse:
    """The payments, newest first, with a search."""
    query, cents, before = TakingsForm(request.GET).wanted
    limit = takings.PAGE + 1
    found = takings.page(seat.organisation, before=before, query=query, cents=cents, limit=limit)
    about = {
        "organisation": seat.organisation,
        "takings": found[: takings.PAGE],
        "q": query,
        "searched": takings.SEARCHED,
        "older": found[takings.PAGE - 1].number if len(found) > takings.PAGE else None,
    }
    return render(request, "organisation_takings.html", about)


@organisation_access.seat_required()
@downloads.rationed
def sheet(request: HttpRequest, seat: Seat, what: str) -> HttpResponseBase:
    """All of a period, for a spreadsheet."""
    if what not in _SHEETS:
        raise Http404
    wanted = _SHEETS[what]
    period, _step = FiguresForm(request.GET).wanted
    span = figures.span(period, at=timezone.now())
    beyond = _("Only the first %(lines)d lines: choose a shorter period, or read them by a program.")
    lines = sheets.stream(wanted.heads(), wanted.lines(seat.organisation, span), beyond=beyond)
    return downloads.sheet(lines, name=f"{seat.organisation.slug}-{what}")


class _Sheet(NamedTuple):
    heads: Callable[[], list[str]]
    lines: Callable[[Organisation, figures.Span], Iterator[list[object]]]


def _payments(organisation: Organisation, span: figures.Span) -> Iterator[list[object]]:
    for taking in takings.within(organisation, since=span.since, until=span.until):
        yield [
            _moment(taking.at),
            taking.reference,
            Order.Kind(taking.kind).label,
            taking.payer,
            taking.note,
            sheets.euros(taking.amount),
            sheets.euros(taking.refunded),
        ]


def _payouts(organisation: Organisation, span: figures.Span) -> Iterator[list[object]]:
    theirs = Payout.objects.filter(user=organisation.account).select_related("bank_account", "settlement")
    within = theirs.filter(requested_at__gte=span.since, requested_at__lt=span.until)
    for payout in within.order_by("pk").iterator(chunk_size=500):
        settled_at = payout.settlement.posted_at if payout.settlement else None
        yield [
            _moment(payout.requested_at),
            str(payout.pk)[-8:],
            sheets.euros(payout.amount),
            str(payout.bank_account),
            payout.get_status_display(),
            _moment(settled_at) if settled_at else "",
        ]


def _fees(organisation: Organisation, span: figures.Span) -> Iterator[list[object]]:
    for fee in takings.fees(organisation, since=span.since, until=span.until):
        yield [_moment(fee.at), str(fee.id), sheets.euros(fee.amount)]


_SHEETS = {
    "payments": _Sheet(
        lambda: [
            _("Date"),
            _("Reference"),
            _("Kind"),
            _("Name"),
            _("Note"),
            _("Amount in euros"),
            _("Given back in euros"),
        ],
        _payments,
    ),
    "payouts": _Sheet(
        lambda: [
            _("Date"),
            _("Reference"),
            _("Amount in euros"),
            _("Bank account"),
            _("Status"),
            _("Paid out on"),
        ],
        _payouts,
    ),
    "fees": _Sheet(lambda: [_("Date"), _("Number"), _("Amount in euros")], _fees),
}


def _chart(found: figures.Figures, step: figures.Step) -> charts.Chart:
    shape = _SHAPES[step]
    return charts.rows((date_format(sums.day, shape), sums.received, sums.refunded) for sums in found.steps)


def _moment(at: datetime) -> str:
    return timezone.localtime(at).strftime("%Y-%m-%d %H:%M:%S")
