"""Staff read what was said to us, and what came of it; nobody writes it."""

from __future__ import annotations

import json

from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from accounts.models import Identity
from accounts.staff_pages import ReadOnly, label, link, rows
from payments.models import Delivery
from social.models import Message

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
        (None, {"fields": ["text", "came_of_it", "problem", "order_page", "answers"]}),
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

    @admin.display(description=_("as it came"))
    def as_it_came(self, message: Message) -> SafeString:
        written = json.dumps(message.payload, ensure_ascii=False, indent=2)
        return format_html('<pre class="payload">{}</pre>', written)
