"""Cards, and loading the wallet from one: each on the processor's own page, and back."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import access, freezes
from payments import acquirer, cards, fundings, ledger, limits, reasons, wording
from payments.forms import LoadForm
from payments.models import Card, Funding, Order
from payments.views.order_cards import PROBLEMS

_SESSION = "{CHECKOUT_SESSION_ID}"  # The processor puts its page's id here.


@access.member_required
def cards_(request: HttpRequest) -> HttpResponse:
    return render(request, "cards.html", {"cards": cards.of(access.member(request))})


@access.member_required
@access.attended_required()
@require_POST
def add(request: HttpRequest) -> HttpResponse:
    """Off to the processor's page; and back to the order that the card is to pay, if it is for one."""
    back = settings.SITE_URL + reverse("card_back")
    order = _order_to_go_back_to(request)
    tail = f"&order={order.reference}" if order else ""
    leave = reverse("confirm", args=[order.reference]) if order else reverse("cards")
    try:
        page = cards.begin(
            access.member(request),
            success_url=f"{back}?page={_SESSION}{tail}",
            cancel_url=settings.SITE_URL + leave,
        )
    except (acquirer.Unreachable, acquirer.Refused):
        messages.error(request, _("The card processor does not answer. Try again in a minute."))
        return redirect("cards")
    return redirect(page.url)


@access.member_required
def back(request: HttpRequest) -> HttpResponse:
    """Back from the processor's page, with the card or without."""
    try:
        card = cards.finish(access.member(request), page_id=request.GET.get("page", ""))
    except cards.AlreadyRegistered as known:
        card = known.card
    except cards.ForeignCard as foreign:
        return render(request, "card_result.html", {"country": foreign.country}, status=422)
    except (cards.NotTheirs, cards.NoCard, acquirer.Refused):
        messages.error(request, _("No card was registered."))
        return redirect("cards")
    except acquirer.Unreachable:
        messages.info(request, _("The card processor does not answer yet. Your card will appear here."))
        return redirect("cards")
    messages.success(request, _("%(card)s is registered.") % {"card": card})
    order = _order_to_go_back_to(request)
    return redirect("confirm", reference=order.reference) if order else redirect("load")


@access.member_required
@access.attended_required()
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    card = get_object_or_404(Card, pk=pk, user=access.member(request), removed_at=None)
    try:
        cards.remove(card)
        messages.success(request, _("%(card)s is removed.") % {"card": card})
    except acquirer.Unreachable:
        messages.error(request, _("The card processor does not answer. Try again in a minute."))
    return redirect("cards")


@access.member_required
@access.attended_required(to_look=True)
def load(request: HttpRequest) -> HttpResponse:
    """How much, from which card; then the bank's page, if the bank wants to see its cardholder."""
    user = access.member(request)
    asked = {"amount": request.GET.get("amount", ""), "order": request.GET.get("order", "")}
    form = LoadForm(request.POST or None, cards=cards.of(user), initial=asked)
    if form.is_valid() and (url := _loaded(form)):
        return redirect(url)
    return render(
        request,
        "load.html",
        {"form": form, "balance": ledger.balance(ledger.wallet(user)), "cards": cards.of(user)},
        status=422 if form.errors else 200,
    )


@access.member_required
def funding(request: HttpRequest, pk: str) -> HttpResponse:
    """What became of a top-up; asks the processor while that is open."""
    user = access.member(request)
    mine = Funding.objects.select_related("card", "user").filter(user=user)
    found = fundings.refresh(get_object_or_404(mine, pk=pk))
    about = {
        "funding": found,
        "problem": PROBLEMS.get(found.problem, ""),
        "balance": ledger.balance(ledger.wallet(user)),
        "order": _order_to_go_back_to(request),
    }
    return render(request, "funding.html", about)


def _order_to_go_back_to(request: HttpRequest) -> Order | None:
    """The order for which a card was registered or the wallet loaded, while it waits."""
    waiting = Order.objects.filter(payer=access.member(request), status=Order.Status.PENDING)
    reference = request.POST.get("order") or request.GET.get("order", "")
    # No database compares a NUL.
    return waiting.filter(reference=reference).first() if reference.isalnum() else None


def _loaded(form: LoadForm) -> str:
    """Where to go next: the bank's page or the top-up's own; nowhere if it may not be."""
    tail = f"?order={form.cleaned_data['order']}" if form.cleaned_data["order"] else ""
    back = f"{settings.SITE_URL}{reverse('load')}{{funding}}/{tail}"
    try:
        made, action_url = fundings.load(
            form.cleaned_data["card"],
            amount=form.cleaned_data["amount"],
            return_url=back,
            key=form.cleaned_data["key"],
        )
    except fundings.TooSmall:
        form.add_error("amount", _("At least %(amount)s.") % {"amount": wording.amount(fundings.SMALLEST)})
    except limits.OverLimit as over:
        form.add_error("amount", _("At most %(amount)s.") % {"amount": wording.amount(over.allowed)})
    except freezes.Frozen:
        form.add_error(None, reasons.frozen())
    else:
        return action_url or reverse("funding", args=[made.pk]) + tail
    return ""
