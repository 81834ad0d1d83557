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

from accounts import access, codes, freezes
from accounts.models import User
from payments import bank_accounts, ledger, limits, payout_limits, payouts, reasons, standstill, wording
from payments import proofs as terms_of
from payments.forms import CashOutForm
from payments.models import Payout
from payments.views import proofs, words
from payments.views.codes import refusal


@access.member_required
@access.attended_required(to_look=True)
@sensitive_post_parameters("code", "passkey")
def cash_out(request: HttpRequest) -> HttpResponse:
    """How much, to which account, six boxes for the code, and a passkey where the device is not known."""
    user, way = access.member(request), proofs.way(request)
    accounts = bank_accounts.usable(user)
    asked = {"amount": request.GET.get("amount", "")}
    form = CashOutForm(request.POST or None, accounts=accounts, wants_code=way.wants_code, initial=asked)
    if form.is_valid() and way.wants_code and (made := _requested(request, form)):
        return redirect("payout", pk=made.pk)
    step = None
    if form.has_terms() and way.has_passkey and not way.is_known:
        step = proofs.step(request, terms=_terms(form))
    about = _about(user) | {"form": form, "accounts": accounts, "way": way, "step": step}
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


def _requested(request: HttpRequest, form: CashOutForm) -> Payout | None:
    """Ask for it, and put what stands against it in words."""
    said = form.cleaned_data
    try:
        proof = proofs.shown(request, terms=_terms(form), answer=said["passkey"], asked=said["asked"])
        return payouts.request(
            said["account"], amount=said["amount"], code=said["code"], key=said["key"], proof=proof
        )
    except (codes.WrongCode, codes.CodeLocked, codes.NoCode) as problem:
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


def _terms(form: CashOutForm) -> str:
    return terms_of.of_payout(form.cleaned_data["account"], amount=form.cleaned_data["amount"])


def _about(user: User) -> dict[str, object]:
    code = getattr(user, "secret_code", None)
    balance, found = ledger.balance(ledger.wallet(user)), payout_limits.standing(user)
    return {
        "balance": balance,
        "left": payout_limits.left(found),
        "at_most": min(balance, payout_limits.left(found)),
        "undecided": [account for account in bank_accounts.of(user) if not account.is_usable],
        "smallest": payouts.SMALLEST,
        "is_locked": code is not None and code.is_locked,
    }


def _own(request: HttpRequest, pk: UUID) -> Payout:
    mine = Payout.objects.select_related("bank_account", "user", "batch")
    return get_object_or_404(mine, pk=pk, user=access.member(request))
