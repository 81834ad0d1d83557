"""An organisation's own loans: asked for by its owners, looked at by who acts for it, repaid early."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from accounts import access, codes, freezes, organisations, seats
from accounts.models import Role, Seat
from accounts.organisation_access import seat_required
from giving import loan_life, loans, repayments
from giving.loan_forms import LoanForm, RepayForm
from giving.models import Loan
from payments import ledger, reasons
from payments import proofs as terms_of
from payments.views import proofs, words
from payments.views.codes import REFUSED, refusal

_CANNOT = (
    loan_life.LoanClosed,
    repayments.UnderWay,
    repayments.OtherAmount,
    repayments.InsufficientFunds,
    freezes.Frozen,
)


@seat_required()
def loans_(request: HttpRequest, seat: Seat) -> HttpResponse:
    """The organisation's loans, the newest first."""
    found = Loan.objects.filter(organisation=seat.organisation).order_by("-pk")
    about = {
        "organisation": seat.organisation,
        "loans": found,
        "may_ask": seat.role == Role.OWNER and organisations.is_reviewed(seat.organisation),
    }
    return render(request, "organisation_loans.html", about)


@seat_required(Role.OWNER)
def new(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Ask lenders for a loan; staff look at it first."""
    form = LoanForm(request.POST or None)
    if form.is_valid() and (made := _proposed(request, seat, form)):
        messages.success(request, _("Sent. We look at it within two working days, then lenders see it."))
        return redirect("organisation_loan", slug=seat.organisation.slug, loan=made.slug)
    about = {"organisation": seat.organisation, "form": form}
    return render(request, "organisation_loan_new.html", about, status=422 if form.errors else 200)


@seat_required()
def loan(request: HttpRequest, seat: Seat, loan: str) -> HttpResponse:
    """How far a loan has come, and what is due when."""
    found = _own(seat, loan)
    about = {
        "organisation": seat.organisation,
        "loan": found,
        "lent": loans.lent(found),
        "lenders": loans.lenders(found),
        "instalments": found.instalments.all(),
        "balance": _balance(seat),
        "may_repay": seat.role in seats.TREASURY and found.status in repayments.RUNNING,
    }
    return render(request, "organisation_loan.html", about)


@seat_required(*seats.TREASURY, to_look=True)
@sensitive_post_parameters("code", "passkey")
def repay(request: HttpRequest, seat: Seat, loan: str) -> HttpResponse:
    """Pay all of it back now, by code and factor of who acts for it."""
    found = _own(seat, loan)
    form = RepayForm(request.POST or None, loan=found)
    if form.is_valid() and _is_repaid(request, found, form):
        messages.success(request, _("Repaid: all lenders have what was theirs."))
        return redirect("organisation_loan", slug=seat.organisation.slug, loan=loan)
    if found.status not in repayments.RUNNING:
        return redirect("organisation_loan", slug=seat.organisation.slug, loan=loan)
    about = {"organisation": seat.organisation, "loan": found, "form": form, "balance": _balance(seat)}
    about |= _asked(request, found)
    return render(request, "organisation_loan_repay.html", about, status=422 if form.errors else 200)


def _proposed(request: HttpRequest, seat: Seat, form: LoanForm) -> Loan | None:
    """The loan, unless it cannot be; why is said at the form."""
    try:
        return loans.propose(seat.organisation, form.terms(), by=access.member(request))
    except loans.NotReviewed:
        form.add_error(None, _("We look at its documents first: then it may ask for loans."))
    except loans.TooMany:
        form.add_error(None, _("Three loans of yours are open: that is as many as may be."))
    except loans.TooLate:
        form.add_error("deadline", _("Leave lenders two days at least, and 90 at most."))
    return None


def _is_repaid(request: HttpRequest, found: Loan, form: RepayForm) -> bool:
    said = form.cleaned_data
    try:
        repayments.repay_early(
            found,
            by=access.member(request),
            code=said["code"],
            amount=said["amount"],
            proof=proofs.shown(request, form),
        )
    except REFUSED as problem:
        form.add_error("code", refusal(problem))
    except words.UNPROVED as problem:
        form.add_error(None, words.unproved(problem))
    except _CANNOT as why:
        form.add_error(None, _why_not(why))
    else:
        return True
    return False


def _asked(request: HttpRequest, found: Loan) -> dict[str, object]:
    """What repays it, and what is to be shown beside the code; a passkey signs what the page says."""
    due, way = repayments.early(found), proofs.way(request)
    terms = terms_of.of_repayment(found.pk, amount=due.amount)
    signs = way.has_passkey and not way.is_known
    return {
        "due": due,
        "way": way,
        "step": proofs.step(request, terms=terms) if signs else None,
        "here": request.path,
        "is_locked": codes.is_locked(access.member(request)),
    }


def _why_not(why: Exception) -> str:
    match why:
        case repayments.InsufficientFunds():
            return _("The organisation’s wallet does not hold that much.")
        case repayments.OtherAmount():
            return _("It is another amount by now: look at it, and give your code once more.")
        case repayments.UnderWay():
            return _("An instalment is being paid right now. Try again in a minute.")
        case freezes.Frozen():
            return reasons.frozen()
        case _:
            return _("There is nothing to repay any more.")


def _balance(seat: Seat) -> int:
    return ledger.balance(ledger.wallet(seat.organisation.account))


def _own(seat: Seat, slug: str) -> Loan:
    """A loan of that organisation, whatever its state."""
    found = Loan.objects.select_related("organisation__account")
    return get_object_or_404(found, organisation=seat.organisation, slug=slug)
