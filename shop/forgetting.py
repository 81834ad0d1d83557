"""What the shop keeps of a member, and how it is forgotten: a step of `payments.erasures`."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from payments.erasures import Obstacle
from payments.forgetting import Traces
from shop import addresses, baskets

# For a month its seller needs to know where it goes; after that nobody is kept for it. What was given back
# whole has no address any more (`purchases`).
OBSTACLES = {
    """shop_purchase p JOIN payments_order o ON o.id = p.order_id
         WHERE o.payer_id = %(user)s AND p.status = 'BOUGHT' AND p.address IS NOT NULL
           AND p.bought_at > now() - interval '30 days'""": Obstacle(
        _("Something that you bought has not been sent yet. Wait for it, or ask its seller for your money."),
        "purchases",
    ),
}


def forget(traces: Traces) -> bool:
    """Addresses and what was put aside; nothing is ever left for later."""
    addresses.forget_all(traces.user)
    baskets.forget_all(traces.user)
    return False
