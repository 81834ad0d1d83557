"""What staff see of money that went back, and where they propose that more of it does."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.staff_acts import Act, Acted, ReasonForm, Refused
from accounts.staff_pages import NOTHING, ReadOnly, label, link, rows
from payments import admin_debts, debts, proposals, refunds, wording
from payments.admin_proposals import PROPOSED, in_words
from payments.forms import AmountField
from payments.models import Chargeback, DebtDecision, Funding, Order, Refund

_TONES: dict[str, str] = {
    Refund.Status.REQUESTED: "warn",
    Refund.Status.UNKNOWN: "warn",
    Refund.Status.SUCCEEDED: "good",
    Refund.Status.FAILED: "bad",
    Chargeback.Status.OPEN: "bad",
    Chargeback.Status.WON: "good",
}


class RefundForm(ReasonForm):
    """How much goes back."""

    amount = AmountField(label=_("Amount"), max_length=20)
    field_order = ["amount", "reason"]


class OrderRefundForm(RefundForm):
    """How much goes back, and where to."""

    to_card = forms.BooleanField(
        label=_("To the card that paid"), required=False, help_text=_("Otherwise to the payer's wallet.")
    )
    field_order = ["amount", "to_card", "reason"]


def _propose(staff: User, payment: Order | Funding, data: dict[str, Any]) -> object:
    to_card = data.get("to_card", False)
    try:
        with in_words():
            refunds.propose(staff, payment, amount=data["amount"], to_card=to_card, reason=data["reason"])
    except refunds.TooMuch as much:
        said = _("At most %(amount)s.") % {"amount": wording.amount(much.left)}
        raise Refused(said) from much
    except refunds.NotPaid as refusal:
        raise Refused(_("No card paid for it, or it was not paid.")) from refusal
    return PROPOSED


# On an order's page, and on a top-up's.
ORDER_ACTS = {
    "refund": Act(
        title=_("Propose a refund"),
        explains=_("The payee's wallet gives it back once a second person has approved it."),
        may=lambda staff, order: proposals.may_decide(staff) and refunds.left(order) > 0,
        do=_propose,
        form=OrderRefundForm,
    )
}
FUNDING_ACTS = {
    "refund": Act(
        title=_("Propose a refund"),
        explains=_("The wallet gives it back to the card once a second person has approved it."),
        may=lambda staff, funding: proposals.may_decide(staff) and funding.status == Funding.Status.SUCCEEDED,
        do=_propose,
        form=RefundForm,
    )
}


class _Shown(ReadOnly):
    """The columns that both lists have."""

    @admin.display(description=_("amount"), ordering="amount")
    def shown_amount(self, row: Refund | Chargeback) -> str:
        return wording.amount(row.amount)

    @admin.display(description=_("status"), ordering="status")
    def state(self, row: Refund | Chargeback) -> SafeString:
        return label(row.get_status_display(), _TONES.get(row.status, ""))

    @admin.display(description=_("top-up"))
    def funding_page(self, row: Refund | Chargeback) -> str:
        return link(row.funding) if row.funding else NOTHING


@admin.register(Refund)
class RefundAdmin(_Shown):
    explains = _(
        "Money that went back. Propose a refund on the page of an order or a top-up; a second person "
        "approves it."
    )
    list_display = ["created_at", "shown_amount", "state", "origin", "order", "problem"]
    list_filter = ["status", "origin", "created_at"]
    list_select_related = ["order"]
    search_fields = ["=id", "=return_id", "=order__reference"]
    search_help_text = _("The refund's id, the processor's, or the order's reference")
    date_hierarchy = "created_at"
    ordering = ["-id"]
    fields = ["id", "shown_amount", "state", "origin", "order_page", "funding_page", "proposal_page",
              "return_id", "problem", "created_at", "checked_at"]  # fmt: skip

    @admin.display(description=_("order"))
    def order_page(self, refund: Refund) -> str:
        return link(refund.order) if refund.order else NOTHING

    @admin.display(description=_("proposal"))
    def proposal_page(self, refund: Refund) -> str:
        return link(refund.proposal) if refund.proposal else NOTHING


@admin.register(Chargeback)
class ChargebackAdmin(_Shown, Acted):
    """What two of staff do about what is owed is `debts`'."""

    explains = _(
        "Card payments that a bank took back. What was in the wallet was taken; the rest is owed: on its "
        "page, propose to recover it as money comes in, or to write it off."
    )
    acts = admin_debts.DEBT_ACTS
    inlines = [admin_debts.Repayments]
    list_display = ["opened_at", "member", "shown_amount", "shown_owed", "shown_left", "state"]
    list_filter = ["status", "opened_at"]
    list_select_related = ["funding__user"]
    search_fields = ["=dispute_id", "funding__user__name"]
    search_help_text = _("The dispute at the processor, or the member's name")
    date_hierarchy = "opened_at"
    ordering = ["-id"]
    fields = ["dispute_id", "member", "funding_page", "shown_amount", "shown_taken", "shown_owed",
              "shown_left", "state", "opened_at", "closed_at", "decided"]  # fmt: skip

    @admin.display(description=_("member"))
    def member(self, chargeback: Chargeback) -> str:
        return link(chargeback.funding.user)

    @admin.display(description=_("taken from the wallet"))
    def shown_taken(self, chargeback: Chargeback) -> str:
        return wording.amount(chargeback.taken)

    @admin.display(description=_("owed"))
    def shown_owed(self, chargeback: Chargeback) -> str:
        return wording.amount(chargeback.owed)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Chargeback]:
        return debts.with_left(super().get_queryset(request))

    @admin.display(description=_("still owed"))
    def shown_left(self, chargeback: Chargeback) -> SafeString | str:
        return admin_debts.still_owed(chargeback.cents)  # type: ignore[attr-defined]  # given by `debts.with_left`

    @admin.display(description=_("decisions"))
    def decided(self, chargeback: Chargeback) -> SafeString:
        return rows(DebtDecision, _("decisions"), chargeback__id__exact=str(chargeback.pk))
