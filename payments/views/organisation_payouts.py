"""An organisation's money on its way to its bank: its accounts, now, and by itself."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from accounts import seats
from accounts.models import Role, Seat
from accounts.organisation_access import seat_required
from payments import bank_accounts, fees, ledger, payout_plans, payouts
from payments.forms import AgreedForm, BankAccountForm, CashOutForm, PlanForm
from payments.models import BankAccount, Payout, PayoutPlan
from payments.views import proofs, words
from payments.views.bank_accounts import added
from payments.views.codes import REFUSED, refusal
from payments.views.payouts import in_words, requested

_UNPLANNED: tuple[type[Exception], ...] = (payouts.AccountNotUsable, *words.UNPROVED)
_CHOICES = {"correct": bank_accounts.correct, "accept": bank_accounts.accept}


@seat_required()
def payouts_(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Where its money goes, and what went."""
    own = seat.organisation
    plan = payout_plans.of(own)
    paid = Payout.objects.filter(user=own.account).select_related("bank_account").order_by("-pk")
    about = {
        "organisation": own,
        "is_owner": seat.role == Role.OWNER,
        "may_pay_out": seat.role in seats.TREASURY,
        "balance": ledger.balance(ledger.wallet(own.account)),
        "kept": fees.owed(own.account),
        "accounts": bank_accounts.of(own.account),
        "plan": plan,
        "plan_stands": plan is not None and payout_plans.stands(plan),
        "payouts": paid[:30],
    }
    return render(request, "organisation_payouts.html", about)


@seat_required(*seats.TREASURY, to_look=True)
@sensitive_post_parameters("code", "passkey")
def pay_out(request: HttpRequest, seat: Seat) -> HttpResponse:
    """How much, to which of its accounts; code and factor are the member's own."""
    account, way = seat.organisation.account, proofs.way(request)
    accounts = bank_accounts.usable(account)
    form = CashOutForm(request.POST or None, accounts=accounts, wants_code=way.wants_code)
    if form.is_valid() and way.wants_code and requested(request, form):
        return _back(seat)
    balance, kept = ledger.balance(ledger.wallet(account)), fees.owed(account)
    about = proofs.page(request, form, way) | {"accounts": accounts, "balance": balance, "kept": kept}
    return _page(request, seat, "organisation_pay_out.html", about)


@seat_required(*seats.TREASURY)
@require_POST
def cancel(request: HttpRequest, seat: Seat, pk: UUID) -> HttpResponse:
    try:
        payouts.cancel(get_object_or_404(Payout, pk=pk, user=seat.organisation.account))
        messages.success(request, _("Cancelled: the money is back on your wallet."))
    except payouts.PayoutClosed:
        messages.info(request, _("Too late: your bank has been told, or it is over."))
    return _back(seat)


@seat_required(*seats.TREASURY, to_look=True)
@sensitive_post_parameters("code", "passkey")
def plan(request: HttpRequest, seat: Seat) -> HttpResponse:
    """When its wallet is paid out by itself; agreed to with code and factor."""
    accounts, way = bank_accounts.usable(seat.organisation.account), proofs.way(request)
    form = PlanForm(request.POST or None, accounts=accounts, wants_code=way.wants_code)
    if form.is_valid() and way.wants_code and _planned(request, seat, form):
        messages.success(request, _("Set: it is paid out by itself from now on."))
        return _back(seat)
    about = proofs.page(request, form, way) | {"accounts": accounts}
    return _page(request, seat, "organisation_plan.html", about)


@seat_required(*seats.TREASURY)
@require_POST
def plan_end(request: HttpRequest, seat: Seat) -> HttpResponse:
    payout_plans.end(seat.organisation)
    messages.success(request, _("Ended: nothing is paid out by itself any more."))
    return _back(seat)


@seat_required(Role.OWNER, to_look=True)
@sensitive_post_parameters("number", "code", "passkey")
def account_add(request: HttpRequest, seat: Seat) -> HttpResponse:
    """The number, the holder's name and the owner's code; what the bank says of it is on its page."""
    owner, way = seat.organisation.account, proofs.way(request)
    form = BankAccountForm(request.POST or None, owner=owner, wants_code=way.wants_code)
    if form.is_valid() and way.wants_code and (found := added(request, form)):
        return _onward(seat, found)
    return _page(request, seat, "organisation_account_add.html", proofs.page(request, form, way))


@seat_required(Role.OWNER)
def account(request: HttpRequest, seat: Seat, pk: int) -> HttpResponse:
    """What the account's bank said of the name, and the choice that it leaves."""
    found = _account(seat, pk)
    return render(request, "organisation_account.html", {"account": found, "organisation": seat.organisation})


@seat_required(Role.OWNER)
@require_POST
def account_decide(request: HttpRequest, seat: Seat, pk: int) -> HttpResponse:
    """Go on with the name, take the bank's, or remove the account."""
    found, wish = _account(seat, pk), request.POST.get("wish", "")
    try:
        if wish == "remove":
            bank_accounts.remove(found)
            messages.success(request, _("%(account)s is removed.") % {"account": found})
            return _back(seat)
        return _onward(seat, _CHOICES[wish](found) if wish in _CHOICES else found)
    except bank_accounts.NotAName:
        messages.error(request, words.not_a_name())
    except bank_accounts.TooMany:
        messages.error(request, _("You have asked too often today. Come back tomorrow."))
    except (bank_accounts.NothingToChoose, bank_accounts.AlreadyRegistered):
        messages.info(request, _("There is nothing to correct."))
    return _back(seat)


def _page(request: HttpRequest, seat: Seat, template: str, about: dict[str, object]) -> HttpResponse:
    """A form that wants the member's own code and factor (`proofs.page`)."""
    form = about["form"]
    assert isinstance(form, AgreedForm)
    about |= {"organisation": seat.organisation, "here": request.path}
    return render(request, template, about, status=422 if form.errors else 200)


def _planned(request: HttpRequest, seat: Seat, form: PlanForm) -> PayoutPlan | None:
    """Set it up, and put what stands against it in words."""
    said = form.cleaned_data
    try:
        return payout_plans.set_plan(
            seat,
            said["account"],
            period=PayoutPlan.Period(said["period"]),
            minimum=said["minimum"],
            code=said["code"],
            proof=proofs.shown(request, form),
            at=timezone.now(),
        )
    except REFUSED as problem:
        form.add_error("code", refusal(problem))
    except payouts.TooSmall as problem:
        form.add_error("minimum", in_words(problem)[1])
    except _UNPLANNED as problem:
        form.add_error(*in_words(problem))
    return None


def _account(seat: Seat, pk: int) -> BankAccount:
    theirs = BankAccount.objects.select_related("user")
    return get_object_or_404(theirs, pk=pk, user=seat.organisation.account, removed_at=None)


def _onward(seat: Seat, found: BankAccount) -> HttpResponse:
    """Back when the account may be used, else to the choice."""
    if found.is_usable:
        return _back(seat)
    return redirect("organisation_account", slug=seat.organisation.slug, pk=found.pk)


def _back(seat: Seat) -> HttpResponse:
    return redirect("organisation_payouts", slug=seat.organisation.slug)
