"""A member's limits: what is used and left of each, and their own ones."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from accounts import access, codes
from accounts.models import User
from payments import ledger, limits, money, own_limits, payout_limits, reasons, wording
from payments.forms import OwnLimitsForm
from payments.models import Limit, OwnLimit

_SUMS = (
    Limit.Name.DAY,
    Limit.Name.MONTH,
    Limit.Name.NIGHT,
    Limit.Name.PAYOUT_DAY,
    Limit.Name.PAYOUT_MONTH,
)


@access.member_required
@sensitive_post_parameters("code")
def limits_(request: HttpRequest) -> HttpResponse:
    user = access.member(request)
    standing = payout_limits.standing(user)
    form = OwnLimitsForm(request.POST or None, initial=_own(standing))
    if form.is_valid() and _asked(request, user, form):
        return redirect("limits")
    about = {
        "form": form,
        "tier": user.tier,
        "sums": [_bar(standing, name) for name in _SUMS],
        "wallet": _wallet(user, standing),
        "figures": standing.policy | {name: standing.figure(name) for name in Limit.Name},
        "pending": own_limits.pending(user),
    }
    return render(request, "limits.html", about, status=422 if form.errors else 200)


@access.member_required
@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    wish = get_object_or_404(OwnLimit.objects.select_related("user"), pk=pk, user=access.member(request))
    try:
        own_limits.cancel(wish)
        messages.success(request, _("Your limit stays as it is."))
    except own_limits.CountsAlready:
        messages.info(request, _("It was too late to cancel that: it counts already."))
    return redirect("limits")


def _asked(request: HttpRequest, user: User, form: OwnLimitsForm) -> bool:
    """Set what was filled in, and say since when it counts; what stands against it is said at its field."""
    wishes = {name: form.cleaned_data[name] for name in OwnLimit.Name}
    try:
        asked = own_limits.ask(user, wishes, code=form.cleaned_data["code"])
    except own_limits.AbovePolicy as above:
        form.add_error(above.name, _("At most %(amount)s.") % {"amount": wording.amount(above.figure)})
    except own_limits.CodeWanted:
        form.add_error("code", _("To raise a limit, enter your secret code."))
    except codes.WrongCode as wrong:
        form.add_error("code", reasons.wrong_code(wrong.tries_left))
    except (codes.CodeLocked, codes.NoCode):
        form.add_error("code", _("Your secret code is locked. Unlock it in your settings."))
    else:
        _say(request, asked)
    return not form.errors


def _say(request: HttpRequest, asked: list[OwnLimit]) -> None:
    later = [wish for wish in asked if wish.effective_at > wish.asked_at]
    if len(asked) > len(later):
        messages.success(request, _("Your limits are set, and count from now on."))
    if later:
        messages.info(request, _("What you raised counts in 24 hours. Until then you can cancel it."))


def _own(standing: limits.Standing) -> dict[str, str]:
    """The limits that count, as the member would type them."""
    language = get_language() or "fr"
    amounts = {name: own_limits.of(standing, name) for name in OwnLimit.Name}
    return {
        name: money.write(amount, language).strip("€")
        for name, amount in amounts.items()
        if amount is not None
    }


def _bar(standing: limits.Standing, name: Limit.Name) -> dict[str, object]:
    return {
        "name": name,
        "figure": standing.figure(name),
        "used": standing.used[name],
        "left": standing.left(name),
        "is_own": standing.is_own(name),
    }


def _wallet(user: User, standing: limits.Standing) -> dict[str, object]:
    held, figure = ledger.balance(ledger.wallet(user)), standing.figure(Limit.Name.WALLET)
    return {"name": Limit.Name.WALLET, "figure": figure, "used": held, "left": max(0, figure - held)}
