"""What staff see of limits: the policy by tier, and what members allow themselves."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.staff_pages import NOTHING, ReadOnly, link
from payments import money
from payments.models import Limit, OwnLimit


@admin.register(Limit)
class LimitAdmin(ReadOnly):
    """`limits.set_policy` changes them, for two of staff."""

    list_display = ["__str__", "shown_amount"]
    list_filter = ["tier", "name"]
    ordering = ["name", "amount"]
    fields = ["tier", "name", "shown_amount"]

    @admin.display(description=_("amount"), ordering="amount")
    def shown_amount(self, row: Limit) -> str:
        return _euros(row.amount)


@admin.register(OwnLimit)
class OwnLimitAdmin(ReadOnly):
    list_display = ["id", "member", "name", "was", "wished", "asked_at", "effective_at", "cancelled_at"]
    list_filter = ["name", "asked_at"]
    list_select_related = ["user"]
    search_fields = ["user__name"]
    search_help_text = _("The member's name")
    ordering = ["-id"]
    fields = ["member", "name", "was", "wished", "asked_at", "effective_at", "cancelled_at"]

    @admin.display(description=_("member"), ordering="user__name")
    def member(self, row: OwnLimit) -> str:
        return link(row.user)

    @admin.display(description=_("amount before"), ordering="before")
    def was(self, row: OwnLimit) -> str:
        return _euros(row.before)

    @admin.display(description=_("amount"), ordering="amount")
    def wished(self, row: OwnLimit) -> str:
        return _euros(row.amount)


def _euros(cents: int | None) -> str:
    return NOTHING if cents is None else money.show(cents, get_language() or "fr")
