"""The review queue: which rule held an order, what both sides did before, and the two ways it can end."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from accounts import freezes
from accounts.models import User
from accounts.staff_acts import Act, Acted, Refused
from accounts.staff_pages import NOTHING, ReadOnly, ReadOnlyRows, label, link, rows, table
from payments import admin_proposals, proposals, reviews, settlement, wording
from payments.models import Confirmation, HeldOrder, Order, Review, RiskFinding

_TONES = {"REVIEW": "warn", "PAID": "good", "FACTOR": "warn", "REFUSE": "bad"}
_FACTS = {
    "has_paid_before": _("the payer has paid them before"),
    "other_payees": _("other payees within an hour"),
    "just_confirmed": _("orders confirmed within ten minutes"),
    "handle_before": _("the payee's handle when they were paid last"),
    "was_anothers_handle": _("the handle was another person's"),
    "payee_on_network_since": _("the payee is on X since"),
    "device_since": _("the payer's device is known since"),
    "joined_at": _("the payer has joined"),
    "changed_at": _("number, password or code changed last"),
    "cards_refused": _("refused cards within a day"),
    "was_charged_back": _("a bank took a top-up of the payer back within 90 days"),
    "had_funds_returned": _("a payout of the payer came back, or a card did not pay, lately"),
    "new_payers": _("new members who paid the payee within a day"),
    "from_new_payers": _("what they paid"),
}


class Confirmations(ReadOnlyRows):
    """What was shown with the code."""

    model = Confirmation
    fields = readonly_fields = ("factor", "device", "payee_handle", "at")


class Findings(ReadOnlyRows):
    """The rules that fired."""

    model = RiskFinding
    fields = readonly_fields = ("rule", "shown_verdict", "at")

    @admin.display(description=_("verdict"))
    def shown_verdict(self, finding: RiskFinding) -> SafeString:
        return label(finding.get_verdict_display(), _TONES.get(finding.verdict, "bad"))


@contextlib.contextmanager
def _in_words() -> Iterator[None]:
    """Say to staff what the domain refused."""
    try:
        with admin_proposals.in_words():
            yield
    except reviews.NotInReview as refusal:
        raise Refused(_("It was decided already.")) from refusal
    except reviews.NoReason as refusal:
        raise Refused(_("Say why.")) from refusal
    except freezes.Frozen as refusal:
        raise Refused(_("The payer is frozen: return it, or propose to unfreeze them first.")) from refusal
    except (settlement.PayeeChanged, settlement.PayeeRefuses, settlement.PayeeIsPayer) as refusal:
        raise Refused(_("The payee cannot be paid any more: return it.")) from refusal


def _release(staff: User, row: HeldOrder, data: dict[str, Any]) -> object:
    with _in_words():
        reviews.release(_order(row), staff=staff, note=data["reason"])
    return _("Released: the payee is paid, and the payer is told.")


def _propose(staff: User, row: HeldOrder, data: dict[str, Any]) -> object:
    with _in_words():
        reviews.propose_release(_order(row), staff=staff, note=data["reason"])
    return admin_proposals.PROPOSED


def _give_back(staff: User, row: HeldOrder, data: dict[str, Any]) -> object:
    with _in_words():
        reviews.give_back(_order(row), staff=staff, note=data["reason"])
    return _("Returned: the money is back in the payer's wallet, and they are told.")


def _order(row: HeldOrder) -> Order:
    """By its own name, under which the trail knows it."""
    return Order.objects.select_related("payer", "payee").get(pk=row.pk)


def _is_open(staff: User, row: HeldOrder) -> bool:
    return proposals.may_decide(staff) and row.status == Order.Status.REVIEW


def _takes_two(row: HeldOrder) -> bool:
    return row.amount > reviews.TWO_ABOVE


@admin.register(HeldOrder)
class HeldOrderAdmin(ReadOnly, Acted):
    explains = _(
        "Orders that a rule holds: their money is set aside until somebody releases or returns "
        "it; after 5 days it goes back by itself. Open one to see the rule, both sides and the "
        "post."
    )
    list_display = ["reference", "state", "shown_amount", "payer", "payee", "why", "confirmed_at"]
    list_filter = ["status", "findings__rule", "confirmed_at"]
    list_select_related = ["payer", "payee"]
    search_fields = ["=reference", "payer__name", "payee__handle"]
    search_help_text = _("Reference, payer's name or payee's handle")
    ordering = ["confirmed_at"]
    inlines = [Findings, Confirmations]
    fieldsets = [
        (None, {"fields": ["reference", "state", "shown_amount", "note", "decision", "waits"]}),
        (_("What the rules saw"), {"fields": ["seen"]}),
        (_("Where from"), {"fields": ["words", "original_message", "confirmed_at", "order_page"]}),
        (_("Payer"), {"fields": ["payer_page", "payer_history"]}),
        (_("Payee"), {"fields": ["payee_page", "payee_since", "payee_history"]}),
    ]
    acts = {
        "release": Act(
            title=_("Release"),
            explains=_("The payee is paid at once; the payer is told."),
            may=lambda staff, row: _is_open(staff, row) and not _takes_two(row),
            do=_release,
        ),
        "propose": Act(
            title=_("Propose to release"),
            explains=_("Above 100 € a second person has to approve it; then the payee is paid."),
            may=lambda staff, row: _is_open(staff, row) and _takes_two(row),
            do=_propose,
        ),
        "return": Act(
            title=_("Return"),
            explains=_("The money goes back to the payer's wallet; they are told, the payee is not."),
            may=_is_open,
            do=_give_back,
        ),
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet[HeldOrder]:
        """What is or was reviewed; `distinct`, as a filter by rule may find one order twice."""
        held = super().get_queryset(request).filter(findings__verdict=RiskFinding.Verdict.REVIEW)
        return held.select_related("payer", "payee__user").prefetch_related("findings").distinct()

    @admin.display(description=_("status"), ordering="status")
    def state(self, order: HeldOrder) -> SafeString:
        return label(order.get_status_display(), _TONES.get(order.status, ""))

    @admin.display(description=_("amount"), ordering="amount")
    def shown_amount(self, order: HeldOrder) -> str:
        return wording.amount(order.amount)

    @admin.display(description=_("why"))
    def why(self, order: HeldOrder) -> str:
        return " · ".join(str(one.get_rule_display()) for one in order.findings.all())

    @admin.display(description=_("facts"))
    def seen(self, order: HeldOrder) -> str:
        """The facts of one look: each finding of an order has the same."""
        found = next(iter(order.findings.all()), None)
        facts = found.facts if found else {}
        known = ((words, _shown(name, facts.get(name))) for name, words in _FACTS.items())
        return table((_("what"), _("is")), known)

    @admin.display(description=_("decision"))
    def decision(self, order: HeldOrder) -> str:
        decided = Review.objects.filter(order=order).select_related("decided_by").first()
        if decided is None:
            return NOTHING
        return format_html("{} · {} · {}", decided, link(decided.decided_by), decided.note)

    @admin.display(description=_("waits for a second person"))
    def waits(self, order: HeldOrder) -> str:
        waiting = proposals.waiting_for(_order(order))
        return link(waiting[0]) if waiting else NOTHING

    @admin.display(description=_("order"))
    def order_page(self, order: HeldOrder) -> str:
        return link(_order(order))

    @admin.display(description=_("original message"))
    def original_message(self, order: HeldOrder) -> str:
        return link(getattr(_order(order), "message", None))

    @admin.display(description=_("payer"))
    def payer_page(self, order: HeldOrder) -> str:
        return format_html("{} {}", link(order.payer), _frozen(order.payer))

    @admin.display(description=_("payee"))
    def payee_page(self, order: HeldOrder) -> str:
        user = order.payee.user
        member = link(user) if user else _("has not joined")
        return format_html("{} · {} {}", link(order.payee), member, _frozen(user))

    @admin.display(description=_("on X since"))
    def payee_since(self, order: HeldOrder) -> str:
        since = order.payee.joined_network_at
        return date_format(since, "DATE_FORMAT") if since else NOTHING

    @admin.display(description=_("their latest orders"))
    def payer_history(self, order: HeldOrder) -> str:
        return _history(order.payer)

    @admin.display(description=_("their latest orders"))
    def payee_history(self, order: HeldOrder) -> str:
        return _history(order.payee.user) if order.payee.user else NOTHING


@admin.register(Review)
class ReviewAdmin(ReadOnly):
    list_display = ["order", "decision", "decided_by", "note", "decided_at"]
    list_filter = ["decision", "decided_at"]
    list_select_related = ["order", "decided_by"]
    search_fields = ["=order__reference", "decided_by__name"]
    search_help_text = _("The order's reference, or a name of staff")
    ordering = ["-id"]
    fields = ["order", "decision", "decided_by", "proposal", "note", "decided_at"]


def _shown(name: str, value: object) -> object:
    """A fact as staff read it."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, str) and (moment := parse_datetime(value)):
        return date_format(localtime(moment), "SHORT_DATETIME_FORMAT")
    if name == "from_new_payers" and isinstance(value, int):
        return wording.amount(value)
    return NOTHING if value in {None, ""} else value


def _frozen(user: User | None) -> SafeString | str:
    """That a member's money stands still, and the way to why."""
    frozen = freezes.standing().filter(user=user).first() if user else None
    return link(frozen, label(_("frozen"), "bad")) if frozen else ""


def _history(user: User) -> SafeString:
    lines = [
        (
            link(order),
            date_format(order.created_at, "SHORT_DATETIME_FORMAT"),
            "−" if order.payer_id == user.pk else "+",
            wording.amount(order.amount),
            link(order.payee) if order.payer_id == user.pk else link(order.payer),
            label(order.get_status_display(), _TONES.get(order.status, "")),
        )
        for order in reviews.history(user)
    ]
    heads = (_("order"), _("when"), "±", _("amount"), _("from or to"), _("status"))
    all_of_them = rows(Order, _("all as the payer"), payer__id__exact=user.pk)
    return format_html("{} {}", table(heads, lines), all_of_them)
