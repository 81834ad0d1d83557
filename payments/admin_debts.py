"""What staff see of members' debts, and where they propose how one ends."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.staff_acts import Act, ReasonForm, Refused
from accounts.staff_pages import NOTHING, ReadOnly, ReadOnlyRows, label, link
from payments import debts, proposals, wording
from payments.admin_proposals import PROPOSED, in_words
from payments.forms import AmountField
from payments.models import Chargeback, DebtDecision, Repayment


class WriteOffForm(ReasonForm):
    """How much of the debt we bear."""

    amount = AmountField(label=_("Amount"), max_length=20)
    field_order = ["amount", "reason"]


def _propose_recovery(staff: User, chargeback: Chargeback, data: dict[str, Any]) -> object:
    try:
        with in_words():
            debts.propose_recovery(staff, chargeback, reason=data["reason"])
    except debts.NothingOwed as refusal:
        raise Refused(_("Nothing is owed, or it is recovered already.")) from refusal
    return PROPOSED


def _propose_write_off(staff: User, chargeback: Chargeback, data: dict[str, Any]) -> object:
    try:
        with in_words():
            debts.propose_write_off(staff, chargeback, amount=data["amount"], reason=data["reason"])
    except debts.TooMuch as much:
        raise Refused(_("At most %(amount)s.") % {"amount": wording.amount(much.left)}) from much
    return PROPOSED


def still_owed(rest: int) -> SafeString | str:
    """What is left of a debt, in colour as long as there is something."""
    return label(wording.amount(rest), "bad") if rest else wording.amount(0)


# On a chargeback's page.
DEBT_ACTS = {
    "recover": Act(
        title=_("Propose to recover it"),
        explains=_(
            "Once a second person has approved it, what is owed is taken from the member's wallet as money"
            " comes in, never more than it holds. The member is told."
        ),
        may=lambda staff, row: (
            proposals.may_decide(staff) and debts.left(row) > 0 and not debts.is_recovered(row)
        ),
        do=_propose_recovery,
    ),
    "write-off": Act(
        title=_("Propose to write it off"),
        explains=_("Once a second person has approved it, the loss is ours, and to be paid in."),
        may=lambda staff, row: proposals.may_decide(staff) and debts.left(row) > 0,
        do=_propose_write_off,
        form=WriteOffForm,
    ),
}


class Repayments(ReadOnlyRows):
    """Each step by which the debt became less."""

    model = Repayment
    fields = readonly_fields = ("at", "decision", "shown_amount", "shown_left", "transfer_page", "back_page")

    @admin.display(description=_("amount"))
    def shown_amount(self, step: Repayment) -> str:
        return wording.amount(step.amount)

    @admin.display(description=_("left to pay then"))
    def shown_left(self, step: Repayment) -> str:
        return wording.amount(step.left)

    @admin.display(description=_("transfer"))
    def transfer_page(self, step: Repayment) -> str:
        return link(step.transfer)

    @admin.display(description=_("given back"))
    def back_page(self, step: Repayment) -> str:
        return link(step.back) if step.back else NOTHING


@admin.register(DebtDecision)
class DebtDecisionAdmin(ReadOnly):
    list_display = ["at", "member", "kind", "shown_amount"]
    list_filter = ["kind", "at"]
    list_select_related = ["chargeback__funding__user"]
    search_fields = ["=chargeback__dispute_id", "chargeback__funding__user__name"]
    search_help_text = _("The dispute at the processor, or the member's name")
    date_hierarchy = "at"
    ordering = ["-id"]
    inlines = [Repayments]
    fields = ["member", "chargeback_page", "kind", "shown_amount", "shown_left", "proposal_page", "at"]

    @admin.display(description=_("member"))
    def member(self, decision: DebtDecision) -> str:
        return link(decision.chargeback.funding.user)

    @admin.display(description=_("chargeback"))
    def chargeback_page(self, decision: DebtDecision) -> str:
        return link(decision.chargeback)

    @admin.display(description=_("amount"), ordering="amount")
    def shown_amount(self, decision: DebtDecision) -> str:
        return wording.amount(decision.amount)

    @admin.display(description=_("still owed"))
    def shown_left(self, decision: DebtDecision) -> SafeString | str:
        return still_owed(debts.left(decision.chargeback))

    @admin.display(description=_("proposal"))
    def proposal_page(self, decision: DebtDecision) -> str:
        return link(decision.proposal)
