"""What staff see of limits: the policy by tier, and what members allow themselves."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from accounts import audit
from accounts.models import User
from accounts.staff_acts import Act, Acted, ReasonForm
from accounts.staff_pages import NOTHING, ReadOnly, link, table
from payments import proposals, wording
from payments.admin_proposals import PROPOSED, in_words
from payments.forms import FigureField
from payments.models import Limit, OwnLimit, Proposal


class FigureForm(ReasonForm):
    """A figure of the policy, as it will be."""

    amount = FigureField(label=_("New amount"), max_length=20)
    field_order = ["amount", "reason"]


def _propose(staff: User, limit: Limit, data: dict[str, Any]) -> object:
    terms = {"before": limit.amount, "amount": data["amount"]}
    with in_words():
        proposals.propose(staff, Proposal.Kind.LIMIT, about=limit, terms=terms, reason=data["reason"])
    return PROPOSED


@admin.register(Limit)
class LimitAdmin(ReadOnly, Acted):
    """`limits.set_policy` changes them, for two of staff."""

    explains = _(
        "What members may do, by how well we know them. Open one to propose another figure; a second person "
        "approves it."
    )
    acts = {
        "change": Act(
            title=_("Propose another figure"),
            explains=_("It counts for everybody at once when a second person has approved it."),
            may=lambda staff, _limit: proposals.may_decide(staff),
            do=_propose,
            form=FigureForm,
        )
    }

    list_display = ["__str__", "shown_amount"]
    list_filter = ["tier", "name"]
    ordering = ["name", "amount"]
    fields = ["tier", "name", "shown_amount", "past"]

    @admin.display(description=_("history"))
    def past(self, row: Limit) -> str:
        """Who proposed and who approved each change, when, and the figures before and after."""
        asked = Proposal.objects.filter(about=audit.name(row)).order_by("-pk")[:50]
        lines = [
            (
                link(one, one.get_status_display()),
                _euros(one.terms["before"]),
                _euros(one.terms["amount"]),
                one.proposed_by,
                date_format(localtime(one.proposed_at), "SHORT_DATETIME_FORMAT"),
                one.decided_by or NOTHING,
                date_format(localtime(one.decided_at), "SHORT_DATETIME_FORMAT")
                if one.decided_at
                else NOTHING,
                one.reason,
            )
            for one in asked.select_related("proposed_by", "decided_by")
        ]
        heads = (_("status"), _("before"), _("after"), _("proposed by"), _("proposed at"), _("decided by"),
                 _("decided at"), _("reason"))  # fmt: skip
        return table(heads, lines)

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
    return NOTHING if cents is None else wording.amount(cents)
