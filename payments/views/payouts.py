"""Cashing out: how much to which bank account, confirmed with the secret code, and what became of it."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from accounts import access, codes, freezes
from accounts.models import User
from payments import bank_accounts, ledger, payouts, reasons, wording
from payments.forms import CashOutForm
from payments.models import Payout
from payments.views.codes import refusal


@access.member_required
@access.attended_required(to_look=True)
@sensitive_post_parameters("code")
def cash_out(request: HttpRequest) -> HttpResponse:
    """How much, to which account, and six boxes for the code."""
    user = access.member(request)
    form = CashOutForm(request.POST or None, accounts=bank_accounts.usable(user))
    if form.is_valid() and (made := _requested(form)):
        return redirect("payout", pk=made.pk)
    return render(request, "cash_out.html", _about(user) | {"form": form}, status=422 if form.errors else 200)


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


def _requested(form: CashOutForm) -> Payout | None:
    """Ask for it, and put what stands against it in words."""
    try:
        return payouts.request(
            form.cleaned_data["account"],
            amount=form.cleaned_data["amount"],
            code=form.cleaned_data["code"],
            key=form.cleaned_data["key"],
        )
    except payouts.TooSmall:
        form.add_error("amount", _("At least %(amount)s.") % {"amount": wording.amount(payouts.SMALLEST)})
    except payouts.InsufficientFunds as short:
        form.add_error("amount", _("At most %(amount)s.") % {"amount": wording.amount(short.available)})
    except payouts.AccountNotUsable:
        form.add_error("account", _("This bank account cannot be used. Choose another."))
    except freezes.Frozen:
        form.add_error(None, reasons.frozen())
    except (codes.WrongCode, codes.CodeLocked, codes.NoCode) as problem:
        form.add_error("code", refusal(problem))
    return None


def _about(user: User) -> dict[str, object]:
    code = getattr(user, "secret_code", None)
    return {
        "balance": ledger.balance(ledger.wallet(user)),
        "accounts": bank_accounts.usable(user),
        "undecided": [account for account in bank_accounts.of(user) if not account.is_usable],
        "smallest": payouts.SMALLEST,
        "is_locked": code is not None and code.is_locked,
    }


def _own(request: HttpRequest, pk: UUID) -> Payout:
    mine = Payout.objects.select_related("bank_account", "user", "batch")
    return get_object_or_404(mine, pk=pk, user=access.member(request))
