"""What an organisation sells, for those who act for it: readers look, the others change it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import access, organisations, seats
from accounts.models import Seat
from accounts.organisation_access import seat_required
from shop import products, stock
from shop.forms import FactsForm, NewProductForm, StockForm, VariantForm, said_of
from shop.models import Product

SELLERS = seats.TREASURY


@seat_required()
def products_(request: HttpRequest, seat: Seat) -> HttpResponse:
    about = {
        "organisation": seat.organisation,
        "products": products.of(seat.organisation),
        "may_sell": seat.role in SELLERS and organisations.is_reviewed(seat.organisation),
    }
    return render(request, "seller_products.html", about)


@seat_required(*SELLERS)
def add(request: HttpRequest, seat: Seat) -> HttpResponse:
    form = NewProductForm(request.POST or None, request.FILES or None)
    if form.is_valid() and (made := _made(request, seat, form)):
        messages.success(request, _("Your product is on sale. Post its link, or its code."))
        return redirect("seller_product", slug=seat.organisation.slug, code=made.code)
    about = {"organisation": seat.organisation, "form": form, "product": None}
    return render(request, "seller_product_form.html", about, status=422 if form.errors else 200)


@seat_required()
def product(request: HttpRequest, seat: Seat, code: str) -> HttpResponse:
    found = _own(seat, code)
    return _page(request, seat, found, VariantForm())


@seat_required(*SELLERS)
def change(request: HttpRequest, seat: Seat, code: str) -> HttpResponse:
    found = _own(seat, code)
    form = FactsForm(request.POST or None, request.FILES or None, initial=said_of(found))
    if form.is_valid():
        products.change(found, form.facts)
        messages.success(request, _("Saved."))
        return redirect("seller_product", slug=seat.organisation.slug, code=found.code)
    about = {"organisation": seat.organisation, "form": form, "product": found}
    return render(request, "seller_product_form.html", about, status=422 if form.errors else 200)


@seat_required(*SELLERS)
@require_POST
def add_variant(request: HttpRequest, seat: Seat, code: str) -> HttpResponse:
    found, form = _own(seat, code), VariantForm(request.POST)
    if form.is_valid() and _added(request, found, form):
        return redirect("seller_product", slug=seat.organisation.slug, code=found.code)
    return _page(request, seat, found, form)


@seat_required(*SELLERS)
@require_POST
def count(request: HttpRequest, seat: Seat, code: str, pk: int) -> HttpResponse:
    """Add pieces, or take some away."""
    found, form = _own(seat, code), StockForm(request.POST)
    variant = get_object_or_404(found.variants, pk=pk)
    try:
        stock.count(variant, form.cleaned_data["change"] if form.is_valid() else 0, by=access.member(request))
    except stock.NotThatMany:
        messages.error(request, _("There are not that many. Nothing was changed."))
    if form.errors:
        messages.error(request, _("Write how many pieces came, or went with a minus."))
    return redirect("seller_product", slug=seat.organisation.slug, code=found.code)


def _made(request: HttpRequest, seat: Seat, form: NewProductForm) -> Product | None:
    said = form.cleaned_data
    try:
        return products.create(
            seat.organisation,
            form.facts,
            code=said["code"],
            variant=said["variant"],
            pieces=said["pieces"],
            by=access.member(request),
        )
    except products.CodeTaken:
        form.add_error("code", _("Another product has this code. Choose another one."))
    except products.NotReviewed:
        form.add_error(None, _("You can sell once we have verified your organisation."))
    return None


def _added(request: HttpRequest, product: Product, form: VariantForm) -> bool:
    said = form.cleaned_data
    try:
        products.add_variant(product, name=said["name"], pieces=said["pieces"], by=access.member(request))
    except products.NamedAlready:
        form.add_error("name", _("There is a variant of that name."))
    except products.TooMany:
        form.add_error(None, _("That is as many variants as a product may have."))
    return not form.errors


def _page(request: HttpRequest, seat: Seat, product: Product, form: VariantForm) -> HttpResponse:
    variants = [(variant, stock.history(variant, limit=5)) for variant in product.variants.all()]
    about = {
        "organisation": seat.organisation,
        "product": product,
        "offer": products.offer(product),
        "variants": variants,
        "form": form,
        "page_url": products.address(product),
        "may_sell": seat.role in SELLERS,
    }
    return render(request, "seller_product.html", about, status=422 if form.errors else 200)


def _own(seat: Seat, code: str) -> Product:
    own = products.of(seat.organisation).select_related("organisation__account")
    return get_object_or_404(own, code=code.upper())
