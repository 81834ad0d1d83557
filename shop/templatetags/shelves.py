"""What an organisation sells, for pages that are not of this app."""

from __future__ import annotations

from django import template

from accounts.models import Organisation
from shop import products
from shop.models import Product

register = template.Library()
MOST = 10


@register.simple_tag
def on_sale(organisation: Organisation) -> list[Product]:
    """What may be bought of it now, the newest first."""
    return list(products.on_sale(organisation)[:MOST])
