"""What staff see of gifts: who asks to issue receipts, and what was issued, without whom it names."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.contrib import admin
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.staff_acts import Act, Acted, ReasonForm
from accounts.staff_pages import ReadOnly, label, link
from giving import issuers
from giving.models import Receipt, ReceiptIssuer
from payments import proposals, wording
from payments.admin_proposals import PROPOSED, in_words


class SinceForm(ReasonForm):
    """From which gifts on."""

    since = forms.DateField(
        label=_("For gifts since"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    field_order = ["since", "reason"]


def _first_of_the_year(_issuer: ReceiptIssuer) -> dict[str, date]:
    return {"since": timezone.localdate().replace(month=1, day=1)}


def _propose(staff: User, issuer: ReceiptIssuer, data: dict[str, Any]) -> object:
    with in_words():
        issuers.propose(staff, issuer, since=data.get("since"), reason=data["reason"])
    return PROPOSED


@admin.register(ReceiptIssuer)
class ReceiptIssuerAdmin(ReadOnly, Acted):
    explains = _(
        "Organisations that issue tax receipts, or ask for it. Look at statutes, decree or ruling of the tax"
        " office before you propose it: whoever gives counts on it."
    )
    list_display = ["organisation", "state", "quality", "since", "asked_at"]
    list_filter = ["quality", "asked_at"]
    list_select_related = ["organisation__account"]
    search_fields = ["organisation__account__name"]
    search_help_text = _("The organisation's name")
    ordering = ["-asked_at"]
    fields = ["organisation", "state", "quality", "decreed_on", "articles", "signatory_name",
              "signatory_office", "asked_by", "asked_at", "since", "decision", "ended_at"]  # fmt: skip
    acts = {
        "allow": Act(
            title=_("Propose that it issues receipts"),
            explains=_("Once a second person has approved, its givers have receipts by themselves."),
            may=lambda staff, row: proposals.may_decide(staff) and not row.may_issue,
            do=_propose,
            form=SinceForm,
            initial=_first_of_the_year,
        ),
        "end": Act(
            title=_("Propose that it issues no more"),
            explains=_("What was issued stays valid; its organisation makes it void, if it has to be."),
            may=lambda staff, row: proposals.may_decide(staff) and row.may_issue,
            do=_propose,
        ),
    }

    @admin.display(description=_("status"))
    def state(self, issuer: ReceiptIssuer) -> SafeString:
        if issuer.may_issue:
            return label(_("issues receipts"), "good")
        return label(_("ended") if issuer.ended_at else _("asks for it"), "" if issuer.ended_at else "warn")

    @admin.display(description=_("proposal"))
    def decision(self, issuer: ReceiptIssuer) -> str:
        return link(issuer.proposal)


@admin.register(Receipt)
class ReceiptAdmin(ReadOnly):
    explains = _(
        "Tax receipts that organisations have issued. What they say is encrypted, and not shown here."
    )
    list_display = ["__str__", "organisation", "shown_amount", "issued_at", "void_at"]
    list_filter = ["issued_at", "void_reason"]
    list_select_related = ["organisation__account"]
    search_fields = ["organisation__account__name"]
    search_help_text = _("The organisation's name")
    ordering = ["-issued_at"]
    fields = ["organisation", "year", "number", "giver_page", "shown_amount", "given_on", "is_yearly",
              "issued_at", "kept_until", "void_at", "void_reason", "voided_by"]  # fmt: skip

    @admin.display(description=_("amount"), ordering="amount")
    def shown_amount(self, receipt: Receipt) -> str:
        return wording.amount(receipt.amount)

    @admin.display(description=_("giver"))
    def giver_page(self, receipt: Receipt) -> str:
        return link(receipt.giver)
