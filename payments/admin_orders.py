"""Orders on the staff's pages of what they are for."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from accounts.staff_pages import link, table
from payments import wording
from payments.models import Order


def in_table(orders: Iterable[Order]) -> str:
    """Each with a link to its page, its status and its amount."""
    heads = (_("order"), _("status"), _("amount"))
    return table(heads, [(link(one), one.get_status_display(), wording.amount(one.amount)) for one in orders])
