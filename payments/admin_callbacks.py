"""Addresses of organisations that are told of their money, as staff see them: whether they answer.

Of an address its host alone is shown, as the rest may hold a key; what is sent and answered is not shown.
"""

from __future__ import annotations

from django.contrib import admin
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from accounts.staff_pages import NOTHING, ReadOnly, label, table
from payments import calls
from payments.models import Callback, CallbackDelivery

LATEST = 50
_TONES: dict[str, str] = {
    CallbackDelivery.Status.DUE: "warn",
    CallbackDelivery.Status.SENT: "good",
    CallbackDelivery.Status.FAILED: "bad",
}


@admin.register(Callback)
class CallbackAdmin(ReadOnly):
    explains = _(
        "Where programs of organisations are told of payments. An address that takes nothing for three days"
        " is paused, and its owners are told; they start it again themselves."
    )
    list_display = ["host", "organisation", "state", "fails_since", "made_at"]
    list_filter = [
        ("fails_since", admin.EmptyFieldListFilter),
        ("paused_at", admin.EmptyFieldListFilter),
        ("removed_at", admin.EmptyFieldListFilter),
        "made_at",
    ]
    list_select_related = ["organisation__account"]
    search_fields = ["organisation__account__name"]
    search_help_text = _("The organisation's name")
    ordering = ["-pk"]
    fields = ["organisation", "host", "state", "told_of", "made_by", "made_at", "fails_since", "paused_at",
              "removed_at", "latest"]  # fmt: skip

    @admin.display(description=_("host"))
    def host(self, callback: Callback) -> str:
        return callback.host

    @admin.display(description=_("status"))
    def state(self, callback: Callback) -> SafeString:
        if callback.removed_at:
            return label(_("removed"))
        if callback.paused_at:
            return label(_("paused"), "bad")
        return label(_("does not answer"), "warn") if callback.fails_since else label(_("is told"), "good")

    @admin.display(description=_("events"))
    def told_of(self, callback: Callback) -> str:
        return ", ".join(str(Callback.Event(event).label) for event in callback.events)

    @admin.display(description=_("latest deliveries"))
    def latest(self, callback: Callback) -> str:
        sent = callback.deliveries.defer("body", "answer").order_by("-pk")[:LATEST]
        heads = (_("event"), _("status"), _("tries"), _("made at"), _("answer"), _("problem"))
        return table(heads, [_line(one) for one in sent])


def _line(delivery: CallbackDelivery) -> tuple[object, ...]:
    return (
        delivery.get_kind_display(),
        label(delivery.get_status_display(), _TONES.get(delivery.status, "")),
        delivery.tries,
        date_format(localtime(delivery.made_at), "SHORT_DATETIME_FORMAT"),
        delivery.answer_status or NOTHING,
        calls.in_words(delivery.problem) or NOTHING,
    )
