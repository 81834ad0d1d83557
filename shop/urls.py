"""The addresses of what is sold and bought."""

from __future__ import annotations

from django.urls import path

from shop.views import offers, purchases, sales, shelves

_OWN = "organisations/<slug:slug>"

urlpatterns = [
    path("buy/<slug:code>/", offers.product, name="product"),
    path("buy/<slug:code>/picture/", offers.picture, name="product_picture"),
    path("buy/<slug:code>/order/", offers.buy, name="product_buy"),
    path("purchases/", purchases.purchases_, name="purchases"),
    path("purchases/address/forget/", purchases.forget_address, name="address_forget"),
    path("purchases/baskets/<int:pk>/remove/", purchases.remove_basket, name="basket_remove"),
    path("purchases/<slug:reference>/", purchases.purchase, name="purchase"),
    path(f"{_OWN}/products/", shelves.products_, name="seller_products"),
    path(f"{_OWN}/products/new/", shelves.add, name="seller_product_add"),
    path(f"{_OWN}/products/<slug:code>/", shelves.product, name="seller_product"),
    path(f"{_OWN}/products/<slug:code>/change/", shelves.change, name="seller_product_change"),
    path(
        f"{_OWN}/products/<slug:code>/variants/",
        shelves.add_variant,
        name="seller_variant_add",
    ),
    path(
        f"{_OWN}/products/<slug:code>/variants/<int:pk>/",
        shelves.count,
        name="seller_stock",
    ),
    path(f"{_OWN}/purchases/", sales.sales_, name="sales"),
    path(f"{_OWN}/purchases/sheet/", sales.sheet, name="sales_sheet"),
    path(f"{_OWN}/purchases/<slug:reference>/", sales.sale, name="sale"),
    path(f"{_OWN}/purchases/<slug:reference>/dispatch/", sales.dispatch, name="sale_dispatch"),
    path(f"{_OWN}/purchases/<slug:reference>/refund/", sales.refund, name="sale_refund"),
]
