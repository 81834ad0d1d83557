"""What staff see of money: everything, and nothing that could be edited."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet, prefetch_related_objects
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.admin import UserAdmin
from accounts.models import User
from accounts.staff_acts import Acted
from accounts.staff_pages import NOTHING, ReadOnly, ReadOnlyRows, label, link, rows, table
from payments import admin_callbacks as admin_callbacks  # registered with the rest
from payments import admin_dossiers as admin_dossiers
from payments import admin_guards as admin_guards
from payments import admin_limits as admin_limits
from payments import admin_proposals, admin_refunds, admin_reviews, ledger, wording
from payments import admin_requests as admin_requests
from payments.models import (
    AcquirerEvent,
    Card,
    Delivery,
    Funding,
    LedgerAccount,
    Notification,
    Order,
    OrderEvent,
    Transfer,
)

TONES: dict[str, str] = {
    Order.Status.PENDING: "warn",
    Order.Status.PAID: "good",
    Funding.Status.UNKNOWN: "warn",
    Funding.Status.ACTION: "warn",
    Funding.Status.SUCCEEDED: "good",
    Funding.Status.FAILED: "bad",
    Delivery.Status.DUE: "warn",
    Delivery.Status.SENT: "good",
    Delivery.Status.FAILED: "bad",
}


def euros(cents: int | None) -> str:
    return NOTHING if cents is None else wording.amount(cents)


def place(account: LedgerAccount) -> SafeString:
    """A ledger account, and whose it is."""
    if account.owner is None:
        return format_html("{}", link(account))
    return format_html("{} · {}", link(account), link(account.owner))


class Shown:
    """The columns that several lists have."""

    @admin.display(description=_("amount"), ordering="amount")
    def shown_amount(self, row: Any) -> str:
        return euros(row.amount)

    @admin.display(description=_("status"), ordering="status")
    def state(self, row: Any) -> SafeString:
        return label(row.get_status_display(), TONES.get(row.status, ""))

    @admin.display(description=_("member"), ordering="user__name")
    def member(self, row: Any) -> str:
        return link(row.user)


class Events(ReadOnlyRows):
    model = OrderEvent
    fields = readonly_fields = ("status", "detail", "at")


class Deliveries(Shown, ReadOnlyRows):
    model = Delivery
    fields = readonly_fields = ("way", "state", "subject", "text", "tries", "sent_at", "problem")

    @admin.display(description=_("channel"))
    def way(self, delivery: Delivery) -> str:
        return link(delivery, delivery.get_channel_display())


class Notifications(ReadOnlyRows):
    """Who was told what of an order, and how it went out."""

    model = Notification
    fields = readonly_fields = ("what", "user", "ways", "created_at", "seen_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Notification]:
        return super().get_queryset(request).select_related("user").prefetch_related("deliveries")

    @admin.display(description=_("kind"))
    def what(self, notification: Notification) -> str:
        return link(notification)

    @admin.display(description=_("deliveries"))
    def ways(self, notification: Notification) -> str:
        sent = [
            (link(row, row.get_channel_display()), label(row.get_status_display(), TONES[row.status]))
            for row in notification.deliveries.all()
        ]
        return format_html_join(" ", "{} {}", sent) or NOTHING


@admin.register(Order)
class OrderAdmin(Shown, ReadOnly, Acted):
    acts = admin_refunds.ORDER_ACTS
    list_display = ["reference", "state", "shown_amount", "payer", "payee", "created_at"]
    list_filter = ["status", "created_at"]
    list_select_related = ["payer", "payee"]
    search_fields = ["=reference", "payer__name", "payee__handle", "=payee__external_id", "=channel_id"]
    search_help_text = _("Reference, payer, payee's handle or number, or the post's number")
    date_hierarchy = "created_at"
    ordering = ["-id"]
    inlines = [Events, admin_reviews.Confirmations, admin_reviews.Findings, Notifications]
    fieldsets = [
        (None, {"fields": ["reference", "state", "kind", "shown_amount", "note"]}),
        (_("Who"), {"fields": ["payer_page", "payee_page"]}),
        (_("Where from, where to"), {"fields": ["words", "original_message", "transfer_page"]}),
        (_("Dates"), {"fields": ["created_at", "expires_at", "id"]}),
    ]

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
class TransferAdmin(Shown, ReadOnly):
    list_display = ["posted_at", "kind", "shown_amount", "source_page", "target_page", "order_page"]
    list_filter = ["kind", "posted_at"]
    list_select_related = ["source__owner", "target__owner", "order"]
    search_fields = ["=id", "=order__reference", "source__owner__name", "target__owner__name"]
    search_help_text = _("The transfer's id, its order's reference, or an owner's name")
    ordering = ["-id"]
    fields = ["id", "kind", "shown_amount", "source_page", "shown_source_after", "target_page",
              "shown_target_after", "order_page", "funding_page", "posted_at"]  # fmt: skip

    @admin.display(description=_("from"))
    def source_page(self, transfer: Transfer) -> str:
        return place(transfer.source)

    @admin.display(description=_("to"))
    def target_page(self, transfer: Transfer) -> str:
        return place(transfer.target)

    @admin.display(description=_("balance of the source after"))
    def shown_source_after(self, transfer: Transfer) -> str:
        return euros(transfer.source_after)

    @admin.display(description=_("balance of the target after"))
    def shown_target_after(self, transfer: Transfer) -> str:
        return euros(transfer.target_after)

    @admin.display(description=_("order"))
    def order_page(self, transfer: Transfer) -> str:
        return link(getattr(transfer, "order", None))

    @admin.display(description=_("top-up"))
    def funding_page(self, transfer: Transfer) -> str:
        return link(getattr(transfer, "funding", None))


@admin.register(LedgerAccount)
class LedgerAccountAdmin(ReadOnly):
    list_display = ["__str__", "owner", "shown_balance", "opened_at"]
    list_filter = ["kind"]
    list_select_related = ["owner"]
    search_fields = ["owner__name"]
    search_help_text = _("The owner's name")
    ordering = ["-id"]
    fields = ["kind", "owner_page", "shown_balance", "opened_at", "latest"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[LedgerAccount]:
        return ledger.with_balances(super().get_queryset(request))

    @admin.display(description=_("owner"))
    def owner_page(self, account: LedgerAccount) -> str:
        return link(account.owner)

    @admin.display(description=_("balance"))
    def shown_balance(self, account: Any) -> str:
        return euros(account.cents)

    @admin.display(description=_("latest transfers"))
    def latest(self, account: LedgerAccount) -> str:
        moved = ledger.transfers(account)
        prefetch_related_objects(moved, "source__owner", "target__owner")
        lines = [
            (link(row, row.get_kind_display()), "−", euros(row.amount), place(row.target))
            if row.source_id == account.pk
            else (link(row, row.get_kind_display()), "+", euros(row.amount), place(row.source))
            for row in moved
        ]
        return table((_("transfer"), "±", _("amount"), _("from or to")), lines)


@admin.register(Funding)
class FundingAdmin(Shown, ReadOnly, Acted):
    acts = admin_refunds.FUNDING_ACTS
    list_display = ["created_at", "member", "shown_amount", "state", "card", "problem"]
    list_filter = ["status", "created_at"]
    list_select_related = ["user", "card"]
    search_fields = ["=id", "=intent_id", "user__name"]
    search_help_text = _("The top-up's id, the processor's payment, or the member's name")
    date_hierarchy = "created_at"
    ordering = ["-id"]
    fields = ["id", "member", "card_page", "shown_amount", "state", "problem", "intent_id", "transfer_page",
              "created_at", "checked_at"]  # fmt: skip

    @admin.display(description=_("card"))
    def card_page(self, funding: Funding) -> str:
        return link(funding.card)

    @admin.display(description=_("transfer"))
    def transfer_page(self, funding: Funding) -> str:
        return link(funding.transfer)


@admin.register(Card)
class CardAdmin(Shown, ReadOnly):
    list_display = ["__str__", "member", "country", "registered_at", "removed_at"]
    list_filter = [("removed_at", admin.EmptyFieldListFilter), "registered_at"]
    list_select_related = ["user"]
    search_fields = ["user__name", "=last4", "=method_id", "=customer_id"]
    search_help_text = _("The member's name, the last four digits, or the processor's numbers")
    ordering = ["-id"]
    fields = ["member", "brand", "last4", "expiry_month", "expiry_year", "country", "customer_id",
              "method_id", "registered_at", "removed_at"]  # fmt: skip


@admin.register(Notification)
class NotificationAdmin(Shown, ReadOnly):
    list_display = ["kind", "member", "order", "created_at", "seen_at"]
    list_filter = ["kind", ("seen_at", admin.EmptyFieldListFilter), "created_at"]
    list_select_related = ["user", "order"]
    search_fields = ["user__name", "=order__reference"]
    search_help_text = _("The member's name, or the order's reference")
    ordering = ["-id"]
    inlines = [Deliveries]
    fields = ["kind", "member", "order_page", "funding_page", "seat", "created_at", "seen_at"]

    @admin.display(description=_("order"))
    def order_page(self, notification: Notification) -> str:
        return link(notification.order)

    @admin.display(description=_("top-up"))
    def funding_page(self, notification: Notification) -> str:
        return link(notification.funding)


@admin.register(Delivery)
class DeliveryAdmin(Shown, ReadOnly):
    list_display = ["key", "channel", "state", "notification", "tries", "due_at", "sent_at", "problem"]
    list_filter = ["status", "channel", "due_at"]
    list_select_related = ["notification"]
    search_fields = ["=key", "=reply_to", "=external_id", "=notification__order__reference"]
    search_help_text = _("The key, the post that is answered, the other side's number, or a reference")
    ordering = ["-id"]
    fields = ["key", "channel", "state", "notification_page", "reply_to", "subject", "text", "tries",
              "due_at", "sent_at", "external_id", "problem"]  # fmt: skip

    @admin.display(description=_("notification"))
    def notification_page(self, delivery: Delivery) -> str:
        return link(delivery.notification)


@admin.register(AcquirerEvent)
class AcquirerEventAdmin(ReadOnly):
    list_display = ["id", "kind", "received_at"]
    list_filter = ["received_at"]
    search_fields = ["=id", "=kind"]
    search_help_text = _("The event's number or kind")
    ordering = ["-received_at"]
    fields = ["id", "kind", "received_at"]


admin.site.unregister(User)


@admin.register(User)
class MemberAdmin(UserAdmin):
    """A member's page, with their money: `accounts` knows nothing of that."""

    acts = {**UserAdmin.acts, **admin_proposals.MEMBER_ACTS}

    fieldsets = [*UserAdmin.fieldsets, (_("Money"), {"fields": ["wallet", "paid", "received", "cards"]})]

    @admin.display(description=_("wallet"))
    def wallet(self, user: User) -> str:
        wallets = LedgerAccount.objects.filter(owner=user, kind=LedgerAccount.Kind.WALLET)
        account = wallets.first()
        return NOTHING if account is None else link(account, euros(ledger.balance(account)))

    @admin.display(description=_("pays"))
    def paid(self, user: User) -> SafeString:
        return rows(Order, _("orders as the payer"), payer__id__exact=user.pk)

    @admin.display(description=_("is paid"))
    def received(self, user: User) -> SafeString:
        return rows(Order, _("orders as the payee"), payee_user__id__exact=user.pk)

    @admin.display(description=_("cards"))
    def cards(self, user: User) -> SafeString:
        return format_html(
            "{} · {} · {}",
            rows(Card, _("cards"), user__id__exact=user.pk),
            rows(Funding, _("top-ups"), user__id__exact=user.pk),
            rows(Notification, _("notifications"), user__id__exact=user.pk),
        )


from payments import admin_payouts  # noqa: E402, F401  # more of these pages, registered with them
