"""A product's page, for everybody and for the card that X shows of its link; and to buy it."""

from __future__ import annotations

from dataclasses import asdict
from uuid import uuid4

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.views.decorators.http import condition, require_POST, require_safe

from accounts import access, members
from accounts.models import User
from shop import addresses, baskets, products, purchases
from shop.forms import BuyForm, ShippedForm
from shop.models import Product
from shop.views import words

KEPT_SECONDS = 300  # By whoever looked at it: its address stays when its seller changes it.


@require_safe
def product(request: HttpRequest, code: str) -> HttpResponse:
    """What it is, what is left of it, and the form to buy it for whoever is signed in."""
    return _page(request, _sold(code), None)


def _tag(_request: HttpRequest, code: str) -> str | None:
    digest = products.picture_digest(_sold(code))
    return f'"{digest}"' if digest else None


@require_safe
@condition(etag_func=_tag)
def picture(_request: HttpRequest, code: str) -> HttpResponse:
    """Its picture, as the type that it was read as; read again only where it is another one."""
    found = Product.objects.filter(pk=_sold(code).pk, picture__isnull=False).only("picture", "picture_type")
    shown = found.first()
    if shown is None or shown.picture is None:
        raise Http404
    return HttpResponse(
        bytes(shown.picture),
        content_type=shown.picture_type,
        headers={"X-Content-Type-Options": "nosniff", "Cache-Control": f"public, max-age={KEPT_SECONDS}"},
    )


@access.member_required
@require_POST
def buy(request: HttpRequest, code: str) -> HttpResponse:
    """Reserve it, then to the page of the code."""
    sold = _sold(code)
    form = _shape(sold)(request.POST, product=sold)
    if form.is_valid() and (reference := _bought(access.member(request), form)):
        return redirect("confirm", reference=reference)
    return _page(request, sold, form)


def _bought(buyer: User, form: BuyForm) -> str:
    """The reference of its order; what stands against it is said at the form."""
    said = form.cleaned_data
    try:
        order = purchases.buy(
            buyer,
            said["variant"],
            quantity=said["quantity"],
            address=form.address,
            key=said["key"],
            at=timezone.now(),
        )
    except purchases.BoughtAlready as known:
        return known.order.reference
    except words.REFUSALS as why:
        form.add_error(*words.refusal(why))
        return ""
    if form.is_saved and form.address:
        addresses.save(buyer, form.address)
    return order.reference


def _page(request: HttpRequest, sold: Product, form: BuyForm | None) -> HttpResponse:
    buyer = request.user if isinstance(request.user, User) else None
    is_member = buyer is not None and members.step(buyer) is members.Step.DONE
    variants = list(sold.variants.all())
    about = {
        "product": sold,
        "variants": variants,
        "offer": products.offer(sold),
        "few": products.FEW,
        "page_url": products.address(sold),
        "picture_url": settings.SITE_URL + reverse("product_picture", args=[sold.code]),
        "form": (form or _first_form(sold, buyer)) if buyer and is_member else None,
        "left": purchases.left_for(buyer, sold) if buyer else sold.most_per_buyer,
    }
    response = render(request, "product.html", about, status=422 if form and form.errors else 200)
    if buyer:
        patch_cache_control(response, private=True, no_store=True)
    return response


def _first_form(sold: Product, buyer: User) -> BuyForm:
    """As it is shown first: the variant that their message named, the address that they keep with us."""
    said: dict[str, object] = {"quantity": 1, "key": uuid4()}
    note = baskets.note_of(buyer, sold).casefold().split()
    left = [variant for variant in sold.variants.all() if variant.stock]
    named = [variant for variant in left if variant.name and variant.name.casefold() in note]
    if chosen := (named or left)[:1]:
        said["variant"] = chosen[0].pk
    if sold.is_shipped:
        kept = addresses.saved(buyer)
        said |= {"saves": kept is not None} | (asdict(kept) if kept else {})
    return _shape(sold)(initial=said, product=sold)


def _shape(sold: Product) -> type[BuyForm]:
    return ShippedForm if sold.is_shipped else BuyForm


def _sold(code: str) -> Product:
    found = products.find(code)
    if found is None:
        raise Http404
    return found
