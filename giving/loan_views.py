"""Loans as everybody sees them, and as their lenders do."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from accounts import access, freezes, identities, organisations
from accounts.models import Identity
from giving import contracts, lendings, loan_life, loans, schedules
from giving.loan_forms import LendForm
from giving.models import Loan
from payments import limits, orders, reasons, settlement, wording
from payments.models import Order

_SAID: dict[type[Exception], object] = {
    loan_life.LoanClosed: _lazy("Too late: this loan looks for no lenders any more."),
    freezes.Frozen: _lazy("Your account is frozen: no money leaves it until we have spoken to you."),
    settlement.PayeeIsPayer: _lazy("It does not wish to be paid at the moment."),
    settlement.PayeeRefuses: _lazy("It does not wish to be paid at the moment."),
}
_OF_AMOUNT = (loans.OverGoal, loans.TooSmall, limits.OverLimit)
_CANNOT: tuple[type[Exception], ...] = (*_SAID, *_OF_AMOUNT, orders.TooMany)


@access.member_required
def loans_(request: HttpRequest) -> HttpResponse:
    """What the member lent, what came back, and what is to come."""
    user = access.member(request)
    about = {
        "lendings": lendings.of(user),
        "shares": lendings.shares(user),
        "looking": loans.looking_for_lenders()[:20],
    }
    return render(request, "loans.html", about)


def loan(request: HttpRequest, slug: str) -> HttpResponse:
    """What everybody may know of a loan, and how to lend to it."""
    return _page(request, _public(slug), LendForm())


@access.member_required
def lend(request: HttpRequest, slug: str) -> HttpResponse:
    """To the page of the code; whoever had to sign in first comes back to the page."""
    found, form = _public(slug), LendForm(request.POST or None)
    if request.method != "POST":
        return redirect("loan", slug=slug)
    if form.is_valid() and (order := _lent(request, found, form)):
        return redirect("confirm", reference=order.reference)
    return _page(request, found, form)


@access.member_required
def contract(request: HttpRequest, reference: str) -> HttpResponse:
    """What a lender and the organisation agreed to, as PDF."""
    share = get_object_or_404(lendings.shares(access.member(request)), order__reference=reference)
    name = _("loan-%(reference)s.pdf") % {"reference": reference}
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(contracts.pdf(share), content_type="application/pdf", headers=headers)


def _why_not(why: Exception, found: Loan) -> str:
    """Why it cannot be lent to now, in words."""
    match why:
        case loans.OverGoal():
            return _("%(left)s are left to lend: take less.") % {"left": wording.amount(why.left)}
        case loans.TooSmall():
            return _("A share is %(least)s at least.") % {"least": wording.amount(why.least)}
        case limits.OverLimit():
            return reasons.over_limit(why, order=Order(payee=organisations.identity(found.organisation)))
        case orders.TooMany():
            return reasons.too_many(why)
        case _:
            return str(_SAID[type(why)])


def _public(slug: str) -> Loan:
    found = loans.public(slug)
    if found is None:
        raise Http404
    return found


def _page(request: HttpRequest, found: Loan, form: LendForm) -> HttpResponse:
    identity = identities.of(found.organisation.account, network=Identity.Network.X)
    said = {
        "service": settings.X_SERVICE_HANDLE,
        "handle": identity.handle if identity else "",
        "loan": found.tag,
    }
    room, plan = loans.room(found), schedules.plan(found.goal, rate=found.rate, months=found.term_months)
    about = {
        "loan": found,
        "address": settings.SITE_URL + reverse("loan", args=[found.slug]),
        "form": form,
        "line": _("@%(service)s #send €50 @%(handle)s %(loan)s") % said if identity else "",
        "lent": loans.lent(found),
        "left": room,
        "lenders": loans.lenders(found),
        "may_lend": room > 0 and found.status == Loan.Status.COLLECTING and found.deadline > timezone.now(),
        "least": min(room, loans.SMALLEST_SHARE),
        "plan": plan,
        "interest": sum(due.interest for due in plan),
        "instalments": found.instalments.filter(replaced_at=None),
        "late": found.instalments.filter(paid_at=None, replaced_at=None, late_at__isnull=False).first(),
    }
    return render(request, "loan.html", about, status=422 if form.errors else 200)


def _lent(request: HttpRequest, found: Loan, form: LendForm) -> Order | None:
    """The order; its form sent twice makes one."""
    lender, said = access.member(request), form.cleaned_data
    try:
        return loans.lend(found, by=lender, amount=said["amount"], key=said["key"], at=timezone.now())
    except orders.AlreadyPlaced:
        number = loans.channel_id(lender, amount=said["amount"], key=said["key"])
        return Order.objects.filter(payer=lender, channel="site", channel_id=number).first()
    except _CANNOT as why:
        form.add_error("amount" if isinstance(why, _OF_AMOUNT) else None, _why_not(why, found))
    return None
