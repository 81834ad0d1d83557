"""A member's bank accounts: added, checked at their bank, gone on with or not, removed."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from accounts import access
from payments import bank_accounts
from payments.forms import BankAccountForm
from payments.models import BankAccount
from payments.views import proofs, words
from payments.views.codes import REFUSED, refusal


@access.member_required
def bank_accounts_(request: HttpRequest) -> HttpResponse:
    return render(request, "bank_accounts.html", {"accounts": bank_accounts.of(access.member(request))})


@access.member_required
@access.attended_required(to_look=True)
@sensitive_post_parameters("number", "code", "passkey")
def add(request: HttpRequest) -> HttpResponse:
    """The number, the holder's name and the code; what their bank says of it is on the account's page."""
    user, way = access.member(request), proofs.way(request)
    form = BankAccountForm(request.POST or None, owner=user, wants_code=way.wants_code)
    if form.is_valid() and way.wants_code and (account := added(request, form)):
        return _onward(account)
    about = proofs.page(request, form, way)
    return render(request, "bank_account_add.html", about, status=422 if form.errors else 200)


@access.member_required
def check(request: HttpRequest, pk: int) -> HttpResponse:
    """What the account's bank said of the name, and the choice that it leaves."""
    return render(request, "bank_account.html", {"account": _own(request, pk)})


@access.member_required
@access.attended_required()
@require_POST
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    try:
        return _onward(bank_accounts.accept(_own(request, pk)))
    except bank_accounts.NothingToChoose:
        return redirect("bank_account", pk=pk)


@access.member_required
@access.attended_required()
@require_POST
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    """With the name that the bank suggested."""
    try:
        return _onward(bank_accounts.correct(_own(request, pk)))
    except bank_accounts.TooMany:
        messages.error(request, _("You have asked too often today. Come back tomorrow."))
    except bank_accounts.AlreadyRegistered as known:
        return _onward(known.account)
    except bank_accounts.NotAName:
        messages.error(request, words.not_a_name())
    except bank_accounts.NothingToChoose:
        messages.info(request, _("There is nothing to correct."))
    return redirect("bank_account", pk=pk)


@access.member_required
@access.attended_required()
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    account = _own(request, pk)
    bank_accounts.remove(account)
    messages.success(request, _("%(account)s is removed.") % {"account": account})
    return redirect("bank_accounts")


def added(request: HttpRequest, form: BankAccountForm) -> BankAccount | None:
    """Add it, and put what stands against it in words; there already is fine.

    Also where its owner is an organisation: code and factor are the member's own.
    """
    said = {name: form.cleaned_data[name] for name in ("number", "holder_name", "code")}
    try:
        proof = proofs.shown(request, form)
        return bank_accounts.add(form.owner, proof=proof, by=access.member(request), **said)
    except REFUSED as problem:
        form.add_error("code", refusal(problem))
    except words.UNPROVED as problem:
        form.add_error(None, words.unproved(problem))
    except bank_accounts.AlreadyRegistered as known:
        return known.account
    except bank_accounts.NotAName:
        form.add_error("holder_name", _("Write the name in letters, as your bank prints it."))
    except bank_accounts.TooMany:
        form.add_error(None, _("You have asked too often today. Come back tomorrow."))
    return None


def _onward(account: BankAccount) -> HttpResponse:
    """To the amount when the account may be used, else to the choice."""
    return redirect("cash_out") if account.is_usable else redirect("bank_account", pk=account.pk)


def _own(request: HttpRequest, pk: int) -> BankAccount:
    mine = BankAccount.objects.select_related("user")
    return get_object_or_404(mine, pk=pk, user=access.member(request), removed_at=None)
