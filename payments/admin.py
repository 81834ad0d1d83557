"""What staff see of money: everything, and nothing that could be edited."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from payments import ledger, money
from payments.models import (
    AcquirerEvent,
    Card,
    Delivery,
    Funding,
    LedgerAccount,
    Limit,
    Notification,
    Order,
    OrderEvent,
    Transfer,
)


class ReadOnly(admin.ModelAdmin):
    """Looked at by staff with the right to view, changed by nobody."""

    actions = None
    show_full_result_count = False  # Counting the history would scan it.

    def has_add_permission(self, request: HttpRequest, *_args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class ReadOnlyRows(admin.TabularInline):
    """Rows below their owner, likewise."""

    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


def link(row: Model | None) -> SafeString | str:
    """A row's page in the admin, by its name."""
    if row is None:
        return "–"
    about = row._meta  # noqa: SLF001  # Django's documented name
    try:
        url = reverse(f"admin:{about.app_label}_{about.model_name}_change", args=[row.pk])
    except NoReverseMatch:
        return str(row)
    return format_html('<a href="{}">{}</a>', url, row)


class Events(ReadOnlyRows):
    model = OrderEvent
    fields = readonly_fields = ("status", "detail", "at")


class Deliveries(ReadOnlyRows):
    model = Delivery
    fields = readonly_fields = ("channel", "status", "text", "tries", "sent_at", "problem")


@admin.register(Order)
class OrderAdmin(ReadOnly):
    list_display = ["reference", "status", "shown_amount", "payer", "payee", "channel", "created_at"]
    list_filter = ["status", "channel", "created_at"]
    list_select_related = ["payer", "payee"]
    search_fields = ["reference", "payer__name", "payee__handle", "payee__external_id", "channel_id"]
    search_help_text = _("Reference, payer, payee's handle or number, or the post's number")
    date_hierarchy = "created_at"
    inlines = [Events]
    fields = [
        "reference", "status", "kind", "shown_amount", "payer_page", "payee_page", "words", "note",
        "original_message", "transfer_page", "created_at", "expires_at", "id",
    ]  # fmt: skip

    @admin.display(description=_("amount"), ordering="amount")
    def shown_amount(self, order: Order) -> str:
        return money.show(order.amount)

    @admin.display(description=_("payer"))
    def payer_page(self, order: Order) -> str:
        return link(order.payer)

    @admin.display(description=_("payee"))
    def payee_page(self, order: Order) -> str:
        return format_html("{} · {}", link(order.payee), link(order.payee_user))

    @admin.display(description=_("transfer"))
    def transfer_page(self, order: Order) -> str:
        return link(order.transfer)

    @admin.display(description=_("original message"))
    def original_message(self, order: Order) -> str:
        return link(getattr(order, "message", None))


@admin.register(Transfer)
class TransferAdmin(ReadOnly):
    list_display = ["id", "kind", "shown_amount", "source", "target", "posted_at"]
    list_filter = ["kind"]
    list_select_related = ["source__owner", "target__owner"]
    search_fields = ["id", "order__reference", "source__owner__name", "target__owner__name"]
    search_help_text = _("The transfer's id, its order's reference, or an owner's name")
    ordering = ["-id"]
    fields = ["id", "kind", "shown_amount", "source_page", "target_page", "source_after", "target_after",
              "order_page", "funding_page", "posted_at"]  # fmt: skip

    @admin.display(description=_("amount"), ordering="amount")
    def shown_amount(self, transfer: Transfer) -> str:
        return money.show(transfer.amount)

    @admin.display(description=_("from"))
    def source_page(self, transfer: Transfer) -> str:
        return link(transfer.source)

    @admin.display(description=_("to"))
    def target_page(self, transfer: Transfer) -> str:
        return link(transfer.target)

    @admin.display(description=_("order"))
    def order_page(self, transfer: Transfer) -> str:
        return link(getattr(transfer, "order", None))

    @admin.display(description=_("top-up"))
    def funding_page(self, transfer: Transfer) -> str:
        return link(getattr(transfer, "funding", None))


@admin.register(LedgerAccount)
class LedgerAccountAdmin(ReadOnly):
    list_display = ["id", "kind", "owner", "shown_balance", "opened_at"]
    list_filter = ["kind"]
    list_select_related = ["owner"]
    search_fields = ["owner__name"]
    fields = ["kind", "owner", "shown_balance", "opened_at", "latest"]

    @admin.display(description=_("balance"))
    def shown_balance(self, account: LedgerAccount) -> str:
        return money.show(ledger.balance(account))

    @admin.display(description=_("latest transfers"))
    def latest(self, account: LedgerAccount) -> str:
        rows = [
            format_html(
                "{} {} {}", link(row), "−" if row.source_id == account.pk else "+", money.show(row.amount)
            )
            for row in ledger.transfers(account)
        ]
        return format_html("<br>".join("{}" for _row in rows), *rows) if rows else "–"


@admin.register(Funding)
class FundingAdmin(ReadOnly):
    list_display = ["id", "user", "shown_amount", "status", "problem", "created_at"]
    list_filter = ["status", "created_at"]
    list_select_related = ["user"]
    search_fields = ["id", "intent_id", "user__name"]

    @admin.display(description=_("amount"), ordering="amount")
    def shown_amount(self, funding: Funding) -> str:
        return money.show(funding.amount)


@admin.register(Card)
class CardAdmin(ReadOnly):
    list_display = ["user", "brand", "last4", "country", "registered_at", "removed_at"]
    list_filter = ["brand"]
    list_select_related = ["user"]
    search_fields = ["user__name", "last4"]
    exclude = ["fingerprint"]


@admin.register(Notification)
class NotificationAdmin(ReadOnly):
    list_display = ["user", "kind", "order", "created_at", "seen_at"]
    list_filter = ["kind", "created_at"]
    list_select_related = ["user", "order"]
    search_fields = ["user__name", "order__reference"]
    inlines = [Deliveries]


@admin.register(Delivery)
class DeliveryAdmin(ReadOnly):
    list_display = ["key", "channel", "status", "tries", "due_at", "sent_at", "problem"]
    list_filter = ["status", "channel"]
    search_fields = ["key", "reply_to", "notification__order__reference"]


@admin.register(Limit)
class LimitAdmin(ReadOnly):
    list_display = ["name", "shown_amount"]

    @admin.display(description=_("amount"), ordering="amount")
    def shown_amount(self, limit: Limit) -> str:
        return money.show(limit.amount)


@admin.register(AcquirerEvent)
class AcquirerEventAdmin(ReadOnly):
    list_display = ["id", "kind", "received_at"]
    list_filter = ["kind"]
    search_fields = ["id"]
