from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ShopConfig(AppConfig):
    name = "shop"
    verbose_name = _("Products and purchases")

    def ready(self) -> None:
        from payments import erasures, halts, purposes, self_check  # noqa: PLC0415  # models are there from here on
        from payments.models import Order  # noqa: PLC0415  # models are there from here on
        from shop import forgetting, purchases, stock  # noqa: PLC0415  # models are there from here on

        purposes.register(Order.Kind.PURCHASE, purchases.PurchasePurpose())
        self_check.RULES |= stock.RULES
        halts.HARMLESS |= stock.RULES.keys()  # Of pieces, which move no money.
        erasures.OBSTACLES |= forgetting.OBSTACLES
        if forgetting.forget not in erasures.STEPS:
            erasures.STEPS.append(forgetting.forget)
