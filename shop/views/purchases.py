"""What a member bought, what they put aside, and the address that they keep with us."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import access
from payments import refunds
from shop import addresses, baskets, purchases
from shop.models import Basket

MOST_SHOWN = 100


@access.member_required
def purchases_(request: HttpRequest) -> HttpResponse:
    user = access.member(request)
    about = {
        "purchases": purchases.of(user)[:MOST_SHOWN],
        "baskets": baskets.of(user),
        "saved": addresses.saved(user),
    }
    return render(request, "purchases.html", about)


@access.member_required
def purchase(request: HttpRequest, reference: str) -> HttpResponse:
    """One purchase as its buyer sees it."""
    found = get_object_or_404(purchases.of(access.member(request)), order__reference=reference)
    about = {
        "purchase": found,
        "address": addresses.of(found),
        "refunds": refunds.of(found.order),
        "product": found.variant.product,
    }
    return render(request, "purchase.html", about)


@access.member_required
@require_POST
def remove_basket(request: HttpRequest, pk: int) -> HttpResponse:
    user = access.member(request)
    basket = get_object_or_404(Basket.objects.select_related("product"), pk=pk, user=user)
    baskets.drop(user, product=basket.product)
    messages.success(request, _("Removed from your basket."))
    return redirect("purchases")


@access.member_required
@require_POST
def forget_address(request: HttpRequest) -> HttpResponse:
    addresses.forget_saved(access.member(request))
    messages.success(request, _("Your address is forgotten."))
    return redirect("purchases")
