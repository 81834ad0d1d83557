"""What staff see of the guards over the books: halts, and the proof of each day as a sheet."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts import access, audit
from accounts.models import User
from accounts.staff_acts import Act, Acted
from accounts.staff_pages import ReadOnly, label, table
from payments import proposals, sheets, wording
from payments.admin_proposals import PROPOSED, in_words
from payments.models import Halt, Proposal, SafeguardingDay

_COLUMNS = ("day", "wallets", "held", "payouts", "own", "at_bank", "in_transit", "difference")


def _propose_lifting(staff: User, halt: Halt, data: dict[str, Any]) -> object:
    with in_words():
        proposals.propose(staff, Proposal.Kind.RESUME, about=halt, terms={}, reason=data["reason"])
    return PROPOSED


@admin.register(Halt)
class HaltAdmin(ReadOnly, Acted):
    explains = _(
        "Times when a check of the books failed and all money stood still. None is good news. Two "
        "of staff let it move again."
    )
    list_display = ["at", "state", "lifted_at", "lifted_by"]
    list_filter = [("lifted_at", admin.EmptyFieldListFilter), "at"]
    list_select_related = ["lifted_by"]
    ordering = ["-id"]
    fields = ["at", "state", "shown_breaches", "lifted_at", "lifted_by", "proposal"]
    acts = {
        "lift": Act(
            title=_("Propose to let money move again"),
            explains=_("Say what was wrong, and how it was put right. A second person has to approve it."),
            may=lambda staff, halt: proposals.may_decide(staff) and halt.lifted_at is None,
            do=_propose_lifting,
        )
    }

    @admin.display(description=_("status"))
    def state(self, halt: Halt) -> SafeString:
        return label(_("lifted"), "good") if halt.lifted_at else label(_("money stands still"), "bad")

    @admin.display(description=_("breaches"))
    def shown_breaches(self, halt: Halt) -> str:
        return table((_("rule"), _("rows")), sorted(halt.breaches.items()))


@admin.register(SafeguardingDay)
class SafeguardingDayAdmin(ReadOnly):
    explains = _(
        "The proof of each day that what members hold is at the bank or on its way there. A day "
        "is taken once it is over."
    )
    list_display = ["day", "shown_owed", "shown_own", "shown_at_bank", "shown_in_transit", "verdict"]
    list_filter = ["day"]
    date_hierarchy = "day"
    ordering = ["-day"]
    fields = ["day", "taken_at", "shown_wallets", "shown_held", "shown_payouts", "shown_own",
              "shown_at_bank", "shown_in_transit", "verdict"]  # fmt: skip
    change_list_template = "admin/safeguarding.html"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.sheet)
        return [path("sheet/", view, name="payments_safeguardingday_sheet"), *super().get_urls()]

    def sheet(self, request: HttpRequest) -> HttpResponse:
        """Every day, in cents; who took it along is kept."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        days = list(SafeguardingDay.objects.order_by("day"))
        if days:
            audit.record(access.member(request), "days.exported", about=days[-1], before=None, after=None)
        content = sheets.rows(_COLUMNS, [[getattr(day, name) for name in _COLUMNS] for day in days])
        headers = {"Content-Disposition": 'attachment; filename="safeguarding.csv"'}
        return HttpResponse(content, content_type="text/csv; charset=utf-8", headers=headers)

    @admin.display(description=_("members'"))
    def shown_owed(self, day: SafeguardingDay) -> str:
        return wording.amount(day.owed)

    @admin.display(description=_("in wallets"))
    def shown_wallets(self, day: SafeguardingDay) -> str:
        return wording.amount(day.wallets)

    @admin.display(description=_("held"))
    def shown_held(self, day: SafeguardingDay) -> str:
        return wording.amount(day.held)

    @admin.display(description=_("being paid out"))
    def shown_payouts(self, day: SafeguardingDay) -> str:
        return wording.amount(day.payouts)

    @admin.display(description=_("our own"))
    def shown_own(self, day: SafeguardingDay) -> str:
        return wording.amount(day.own)

    @admin.display(description=_("at the bank"))
    def shown_at_bank(self, day: SafeguardingDay) -> str:
        return wording.amount(day.at_bank)

    @admin.display(description=_("in transit"))
    def shown_in_transit(self, day: SafeguardingDay) -> str:
        return wording.amount(day.in_transit)

    @admin.display(description=_("difference"))
    def verdict(self, day: SafeguardingDay) -> SafeString:
        return label(wording.amount(day.difference), "bad" if day.difference else "good")
