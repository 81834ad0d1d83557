"""Staff read what was said to us, and what came of it; nobody writes it."""

from __future__ import annotations

import json

from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from payments.admin import ReadOnly
from social.models import Message


@admin.register(Message)
class MessageAdmin(ReadOnly):
    list_display = ("received_at", "channel", "kind", "author_id", "beginning", "outcome", "problem", "order")
    list_filter = ("outcome", "kind", "channel", "problem", "received_at")
    search_fields = ("=external_id", "=root_id", "=author_id", "=order__reference")
    search_help_text = _("A post's or author's number, or an order's reference")
    date_hierarchy = "received_at"
    ordering = ("-received_at",)
    list_select_related = ("order",)
    list_per_page = 50
    fields = (
        *("channel", "kind", "external_id", "root_id", "author_id", "text"),
        *("posted_at", "received_at", "handled_at", "outcome", "problem", "order", "as_it_came"),
    )
    readonly_fields = fields

    @admin.display(description=_("text"))
    def beginning(self, message: Message) -> str:
        return Truncator(message.text).chars(60)

    @admin.display(description=_("as it came"))
    def as_it_came(self, message: Message) -> SafeString:
        written = json.dumps(message.payload, ensure_ascii=False, indent=2)
        return format_html('<pre class="payload">{}</pre>', written)
