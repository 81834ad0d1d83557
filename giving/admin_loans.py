"""The queue of loans: one of staff reads what an organisation asks lenders for, and opens it or refuses."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db import IntegrityError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.staff_acts import Act, Acted, Refused
from accounts.staff_pages import ReadOnly, ReadOnlyRows, label, link
from giving import loan_life, loans
from giving.models import Instalment, Loan, LoanEvent, LoanShare
from payments import proposals, wording

_TONES: dict[str, str] = {
    Loan.Status.PROPOSED: "warn",
    Loan.Status.RUNNING: "good",
    Loan.Status.REPAID: "good",
    Loan.Status.DEFAULTED: "bad",
}


def _accept(staff: User, loan: Loan, data: dict[str, Any]) -> object:
    try:
        loans.accept(loan, by=staff, reason=data["reason"])
    except loan_life.LoanClosed as refusal:
        raise Refused(_("Somebody else has decided already.")) from refusal
    except loans.TooLate as refusal:
        raise Refused(_("Its deadline is too near: nobody would have a day to lend.")) from refusal
    except IntegrityError as refusal:
        raise Refused(_("Who acts for the organisation has no part in it.")) from refusal
    return _("Opened: lenders see it.")


def _refuse(staff: User, loan: Loan, data: dict[str, Any]) -> object:
    try:
        loans.refuse(loan, by=staff, reason=data["reason"])
    except loan_life.LoanClosed as refusal:
        raise Refused(_("Somebody else has decided already.")) from refusal
    return _("Refused.")


def _may_decide(staff: User, loan: Loan) -> bool:
    return proposals.may_decide(staff) and loan.status == Loan.Status.PROPOSED


class Events(ReadOnlyRows):
    model = LoanEvent
    fields = readonly_fields = ("status", "at")


class Instalments(ReadOnlyRows):
    model = Instalment
    fields = readonly_fields = ("number", "due_on", "shown_amount", "late_at", "paid_at", "replaced_at")

    @admin.display(description=_("amount"))
    def shown_amount(self, row: Instalment) -> str:
        return wording.amount(row.amount)


class Shares(ReadOnlyRows):
    model = LoanShare
    fields = readonly_fields = ("page", "lender_page", "is_taken")

    def get_queryset(self, request: HttpRequest) -> QuerySet[LoanShare]:
        return super().get_queryset(request).select_related("order", "lender")

    @admin.display(description=_("order"))
    def page(self, row: LoanShare) -> str:
        return link(row.order)

    @admin.display(description=_("lender"))
    def lender_page(self, row: LoanShare) -> str:
        return link(row.lender)


@admin.register(Loan)
class LoanAdmin(ReadOnly, Acted):
    explains = _(
        "What organisations ask lenders for. One of staff opens each, who does not act for the"
        " organisation; its terms never change after that."
    )
    list_display = ["title", "organisation", "shown_goal", "interest", "term_months", "deadline", "state"]
    list_filter = ["status", "deadline"]
    list_select_related = ["organisation__account"]
    search_fields = ["=slug"]
    search_help_text = _("The last part of its address")
    ordering = ["-pk"]
    fields = [
        "title",
        "story",
        "organisation",
        "shown_goal",
        "interest",
        "term_months",
        "deadline",
        "state",
        "made_by",
        "made_at",
        "accepted_by",
        "begun_on",
    ]
    inlines = [Events, Instalments, Shares]
    acts = {
        "accept": Act(
            title=_("Open to lenders"),
            explains=_("You have read what it is for and out of what it is repaid, and found it sound."),
            may=_may_decide,
            do=_accept,
        ),
        "refuse": Act(
            title=_("Refuse"),
            explains=_("Nobody can lend to it. The organisation may ask anew."),
            may=_may_decide,
            do=_refuse,
        ),
    }

    @admin.display(description=_("goal"), ordering="goal")
    def shown_goal(self, loan: Loan) -> str:
        return wording.amount(loan.goal)

    @admin.display(description=_("interest a year"), ordering="rate")
    def interest(self, loan: Loan) -> str:
        return wording.share(loan.rate)

    @admin.display(description=_("status"), ordering="status")
    def state(self, loan: Loan) -> SafeString:
        return label(loan.get_status_display(), _TONES.get(loan.status, ""))
