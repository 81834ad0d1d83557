"""Cashing out: how much to which bank account, confirmed with the secret code, and what became of it."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from accounts import access, freezes
from accounts.models import User
from payments import bank_accounts, ledger, limits, payout_limits, payouts, reasons, standstill, wording
from payments.forms import CashOutForm
from payments.models import Payout
from payments.views import proofs, words
from payments.views.codes import REFUSED, refusal


@access.member_required
@access.attended_required(to_look=True)
@sensitive_post_parameters("code", "passkey")
def cash_out(request: HttpRequest) -> HttpResponse:
    """How much, to which account, six boxes for the code, and a passkey where the device is not known."""
    user, way = access.member(request), proofs.way(request)
    accounts = bank_accounts.usable(user)
    asked = {"amount": request.GET.get("amount", "")}
    form = CashOutForm(request.POST or None, accounts=accounts, wants_code=way.wants_code, initial=asked)
    if form.is_valid() and way.wants_code and (made := requested(request, form)):
        return redirect("payout", pk=made.pk)
    about = proofs.page(request, form, way) | _about(user) | {"accounts": accounts}
    return render(request, "cash_out.html", about, status=422 if form.errors else 200)


@access.member_required
def payout(request: HttpRequest, pk: UUID) -> HttpResponse:
    """How far a payout is; looked at again by itself while it is not over."""
    found = _own(request, pk)
    about = {"payout": found, "events": found.events.all(), "why": wording.why(found.reason)}
    return render(request, "payout.html", about)


@access.member_required
@require_POST
def cancel(request: HttpRequest, pk: UUID) -> HttpResponse:
    try:
        payouts.cancel(_own(request, pk))
        messages.success(request, _("Cancelled: the money is back on your wallet."))
    except payouts.PayoutClosed:
        messages.info(request, _("Too late: your bank has been told, or it is over."))
    return redirect("payout", pk=pk)


def requested(request: HttpRequest, form: CashOutForm) -> Payout | None:
    """Ask for it, and put what stands against it in words.

    Also where the account is an organisation's: code and factor are the member's own.
    """
    said = {name: form.cleaned_data[name] for name in ("account", "amount", "code", "key")}
    try:
        return payouts.request(**said, proof=proofs.shown(request, form), by=access.member(request))
    except REFUSED as problem:
        form.add_error("code", refusal(problem))
    except REFUSALS as problem:
        form.add_error(*in_words(problem))
    return None


def in_words(problem: Exception) -> tuple[str | None, str]:
    """The field that it is about, and what it says."""
    if isinstance(problem, limits.OverLimit):
        return "amount", reasons.over_limit(problem)
    if isinstance(problem, payouts.InsufficientFunds):
        return "amount", _("At most %(amount)s.") % {"amount": wording.amount(problem.available)}
    field, says = _SAID.get(type(problem), (None, words.unproved))
    return field, says(problem)


def _too_small(_problem: Exception) -> str:
    return _("At least %(amount)s.") % {"amount": wording.amount(payouts.SMALLEST)}


_SAID: dict[type[Exception], tuple[str | None, Callable[[Exception], str]]] = {
    payouts.TooSmall: ("amount", _too_small),
    payouts.AccountNotUsable: (
        "account",
        lambda _problem: _("This bank account cannot be used. Choose another."),
    ),
    freezes.Frozen: (None, lambda _problem: reasons.frozen()),
    standstill.MoneyStandsStill: (None, lambda _problem: reasons.halted()),
}
REFUSALS: tuple[type[Exception], ...] = (
    limits.OverLimit,
    payouts.InsufficientFunds,
    *_SAID,
    *words.UNPROVED,
)


def _about(user: User) -> dict[str, object]:
    balance, found = ledger.balance(ledger.wallet(user)), payout_limits.standing(user)
    return {
        "balance": balance,
        "left": payout_limits.left(found),
        "at_most": min(balance, payout_limits.left(found)),
        "undecided": [account for account in bank_accounts.of(user) if not account.is_usable],
        "smallest": payouts.SMALLEST,
    }


def _own(request: HttpRequest, pk: UUID) -> Payout:
    mine = Payout.objects.select_related("bank_account", "user", "batch")
    return get_object_or_404(mine, pk=pk, user=access.member(request))
