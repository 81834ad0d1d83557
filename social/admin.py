"""Staff read what was said to us, what came of it, and how X does; nobody writes it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.db.models import Count, Min, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from accounts.models import Identity
from accounts.staff_pages import NOTHING, ReadOnly, label, link, rows, table
from payments.models import Delivery
from social import meter
from social.models import Alarm, Message, Way

TONES: dict[str, str] = {Message.Outcome.ORDER: "good", Message.Outcome.REFUSED: "warn"}


@admin.register(Message)
class MessageAdmin(ReadOnly):
    list_display = ("received_at", "kind", "author_id", "beginning", "came_of_it", "problem", "order")
    list_filter = ("outcome", "kind", "channel", "received_at")  # By choices: reading them asks nothing.
    search_fields = ("=problem", "=external_id", "=root_id", "=author_id", "=order__reference")
    search_help_text = _("A post's or author's number, an order's reference, or a problem")
    date_hierarchy = "received_at"
    ordering = ("-received_at",)
    list_select_related = ("order",)
    fieldsets = [
        (None, {"fields": ["text", "came_of_it", "problem", "order_page", "answers", "price"]}),
        (_("Where from"), {"fields": ["channel", "kind", "author", "external_id", "root_id"]}),
        (_("Dates"), {"fields": ["posted_at", "received_at", "handled_at"]}),
        (_("As it came"), {"fields": ["as_it_came"], "classes": ["collapse"]}),
    ]

    @admin.display(description=_("text"))
    def beginning(self, message: Message) -> str:
        return Truncator(message.text).chars(60)

    @admin.display(description=_("outcome"), ordering="outcome")
    def came_of_it(self, message: Message) -> SafeString:
        if not message.outcome:
            return label(_("not handled yet"), "warn")
        return label(message.get_outcome_display(), TONES.get(message.outcome, ""))

    @admin.display(description=_("author"))
    def author(self, message: Message) -> str:
        known = Identity.objects.filter(network=message.channel, external_id=message.author_id).first()
        return message.author_id if known is None else link(known)

    @admin.display(description=_("order"))
    def order_page(self, message: Message) -> str:
        return link(message.order)

    @admin.display(description=_("answers"))
    def answers(self, message: Message) -> SafeString:
        return rows(Delivery, _("deliveries"), q=message.external_id)

    @admin.display(description=_("what X charged for it"))
    def price(self, message: Message) -> str:
        return meter.shown(meter.of_post(message.root_id))

    @admin.display(description=_("as it came"))
    def as_it_came(self, message: Message) -> SafeString:
        written = json.dumps(message.payload, ensure_ascii=False, indent=2)
        return format_html('<pre class="payload">{}</pre>', written)


@admin.register(Way)
class WayAdmin(ReadOnly):
    """One page: how the ways do, what waits, what is wrong, what it costs."""

    list_display = ("name", "state", "worked_at", "failing_since", "problem", "waits_until", "calls")
    list_display_links = None
    change_list_template = "admin/state_of_x.html"
    ordering = ("name",)
    explains = _(
        "Nothing is lost while X is away: posts are read by the poll when it is back, as long as there are no"
        " more than 800, and replies wait for a day. All else works without X."
    )

    @admin.display(description=_("state"))
    def state(self, way: Way) -> SafeString:
        return label(_("fails"), "bad") if way.problem else label(_("works"), "good")

    @admin.display(description=_("calls left in 15 minutes"))
    def calls(self, way: Way) -> str:
        return NOTHING if way.calls_allowed is None else f"{way.calls_left} / {way.calls_allowed}"

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        shown = {"waiting": _waiting(), "alarms": _alarms(), "bills": _bills()}
        return super().changelist_view(request, shown | (extra_context or {}))


@admin.register(Alarm)
class AlarmAdmin(ReadOnly):
    list_display = ("raised_at", "kind", "detail", "ended_at")
    list_filter = ("kind",)
    ordering = ("-raised_at",)


def _waiting() -> SafeString | str:
    """What was heard and not decided on, and what is to be said, by its channel; counted in indexes."""
    unhandled = Message.objects.filter(handled_at=None)
    heard = unhandled.aggregate(count=Count("pk"), oldest=Min("received_at"))
    lines = [(rows(Message, _("messages to decide on"), outcome__exact=""), heard["count"], heard["oldest"])]
    for channel in Delivery.Channel:
        due = Delivery.objects.filter(status=Delivery.Status.DUE, channel=channel)
        words = rows(Delivery, channel.label, status__exact=Delivery.Status.DUE, channel__exact=channel.value)
        lines.append((words, due.count(), _oldest(due)))
    heads = (_("what waits"), _("how many"), _("since"))
    return table(heads, ((words, count, _shown(oldest)) for words, count, oldest in lines))


def _oldest(due: QuerySet[Delivery]) -> datetime | None:
    """Ids (UUID version 7) begin with their moment."""
    first = due.order_by("pk").values_list("pk", flat=True).first()
    return datetime.fromtimestamp((first.int >> 80) / 1000, UTC) if first else None


def _shown(moment: datetime | None) -> str:
    return date_format(timezone.localtime(moment), "SHORT_DATETIME_FORMAT") if moment else NOTHING


def _alarms() -> SafeString | str:
    open_ = Alarm.objects.filter(ended_at=None).order_by("raised_at")
    lines = ((label(alarm, "bad"), alarm.detail, _shown(alarm.raised_at)) for alarm in open_)
    return table((_("alarm"), _("detail"), _("since")), lines) if open_ else label(_("nothing"), "good")


def _bills() -> SafeString | str:
    """What X costs, by day and by order, beside the budget."""
    what = (_("posts read"), _("replies"), _("orders"))
    heads = (_("day"), *what, _("cost"), _("for each order"), _("budget"))
    budget = settings.X_BUDGET_CENTS * meter.THOUSANDTHS
    return table(heads, (_bill(bill, budget) for bill in meter.bills(at=timezone.now())))


def _bill(bill: meter.Bill, budget: int) -> tuple[object, ...]:
    return (
        date_format(bill.day, "SHORT_DATE_FORMAT"),
        bill.reads,
        bill.replies,
        bill.orders,
        meter.shown(bill.price),
        meter.shown(bill.price_per_order) if bill.orders else NOTHING,
        f"{100 * bill.price // budget} %" if budget else NOTHING,
    )
