"""Giving a received payment back: how much, and the payee's secret code."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from accounts import access, freezes
from payments import ledger, reasons, refunds, standstill, wording
from payments.forms import RefundForm
from payments.models import Order
from payments.views.codes import REFUSED, refusal


@access.member_required
@access.attended_required(to_look=True)
@sensitive_post_parameters("code")
def refund(request: HttpRequest, reference: str) -> HttpResponse:
    """What is left of it, whole or in part, and six boxes for the code."""
    user = access.member(request)
    received = Order.objects.select_related("payer", "payee", "payee_user").filter(payee_user=user)
    order = get_object_or_404(received, reference=reference, status=Order.Status.PAID)
    left = refunds.left(order)
    form = RefundForm(request.POST or None, left=left)
    if left == 0 or (form.is_valid() and _given(request, order, form)):
        return redirect("order", reference=reference)
    about = {"order": order, "form": form, "left": left, "balance": ledger.balance(ledger.wallet(user))}
    return render(request, "refund.html", about, status=422 if form.errors else 200)


def _given(request: HttpRequest, order: Order, form: RefundForm) -> bool:
    """Give it back, and put what stands against it in words."""
    asked = form.cleaned_data
    try:
        refunds.give(order, amount=asked["amount"], code=asked["code"], key=asked["key"])
    except REFUSED as problem:
        form.add_error("code", refusal(problem))
    except (refunds.TooMuch, refunds.NotPaid):
        left = wording.amount(refunds.left(order))
        form.add_error("amount", _("At most %(amount)s.") % {"amount": left})
    except refunds.InsufficientFunds as short:
        missing = wording.amount(short.missing)
        form.add_error("amount", _("Your wallet lacks %(missing)s.") % {"missing": missing})
    except freezes.Frozen:
        form.add_error(None, _("Your wallet is frozen. Write to us."))
    except standstill.MoneyStandsStill:
        form.add_error(None, reasons.halted())
    else:
        name = order.payer.get_short_name()
        said = {"amount": wording.amount(asked["amount"]), "name": name}
        messages.success(request, _("%(amount)s went back to %(name)s.") % said)
    return not form.errors
