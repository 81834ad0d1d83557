"""What staff see of money that was asked for: who asked whom, and what came of it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.staff_pages import ReadOnly, ReadOnlyRows, label, link
from payments import wording
from payments.models import NoStrangers, Order, Request, RequestEvent, Split

TONES: dict[str, str] = {Request.Status.OPEN: "warn", Request.Status.PAID: "good"}


class Asked:
    """What a request and a bill show alike."""

    @admin.display(description=_("amount"), ordering="amount")
    def shown_amount(self, row: Any) -> str:
        return wording.amount(row.amount)

    @admin.display(description=_("asker"))
    def asker_page(self, row: Any) -> str:
        return link(row.asker)

    @admin.display(description=_("status"), ordering="status")
    def state(self, row: Any) -> SafeString:
        return label(row.get_status_display(), TONES.get(row.status, ""))

    @admin.display(description=_("who is asked"))
    def payer_page(self, row: Any) -> str:
        return format_html("{} · {}", link(row.payer), link(row.payer.user))


class Events(ReadOnlyRows):
    model = RequestEvent
    fields = readonly_fields = ("status", "detail", "at")


class Orders(ReadOnlyRows):
    """What was to pay it, the last one perhaps with success."""

    model = Order
    fk_name = "request"
    fields = readonly_fields = ("page", "status", "created_at")

    @admin.display(description=_("order"))
    def page(self, order: Order) -> str:
        return link(order)


class Shares(Asked, ReadOnlyRows):
    model = Request
    fields = readonly_fields = ("page", "payer_page", "shown_amount", "state")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Request]:
        return super().get_queryset(request).select_related("payer__user")

    @admin.display(description=_("request"))
    def page(self, row: Request) -> str:
        return link(row)


@admin.register(Request)
class RequestAdmin(Asked, ReadOnly):
    list_display = ["reference", "state", "shown_amount", "asker", "payer", "split", "created_at"]
    list_filter = ["status", "created_at"]
    list_select_related = ["asker", "payer", "split"]
    search_fields = ["=reference", "asker__name", "payer__handle", "=payer__external_id", "=channel_id"]
    search_help_text = _("Reference, asker, the asked one's handle or number, or the post's number")
    date_hierarchy = "created_at"
    ordering = ["-id"]
    inlines = [Events, Orders]
    fields = ["reference", "state", "shown_amount", "note", "asker_page", "payer_page", "split_page", "words",
              "order_page", "created_at", "expires_at", "reminded_at", "id"]  # fmt: skip

    @admin.display(description=_("split bill"))
    def split_page(self, request: Request) -> str:
        return link(request.split)

    @admin.display(description=_("order that paid it"))
    def order_page(self, request: Request) -> str:
        return link(request.order)


@admin.register(Split)
class SplitAdmin(Asked, ReadOnly):
    list_display = ["reference", "shown_amount", "asker", "created_at"]
    list_filter = ["created_at"]
    list_select_related = ["asker"]
    search_fields = ["=reference", "asker__name", "=channel_id"]
    search_help_text = _("Reference, asker, or the post's number")
    date_hierarchy = "created_at"
    ordering = ["-id"]
    inlines = [Shares]
    fields = ["reference", "shown_amount", "own", "note", "asker_page", "words", "created_at", "id"]

    @admin.display(description=_("the writer's own share"))
    def own(self, split: Split) -> str:
        return wording.amount(split.own_share)


@admin.register(NoStrangers)
class NoStrangersAdmin(ReadOnly):
    list_display = ["user", "since"]
    list_select_related = ["user"]
    search_fields = ["user__name"]
    search_help_text = _("The member's name")
    ordering = ["-since"]
    fields = ["user", "since"]
