"""Campaigns and monthly gifts as staff see them; a campaign that breaks the rules is stopped here."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, User
from accounts.staff_acts import Act, Acted, Refused
from accounts.staff_pages import NOTHING, ReadOnly, label, link, rows
from giving import campaigns, endings, monthly_gifts, tallies
from giving.models import Campaign, Gift, MonthlyGift
from payments import admin_orders, proposals, wording

LATEST = 50
_TONES: dict[str, str] = {
    "": "warn",
    Campaign.Outcome.REACHED: "good",
    Campaign.Outcome.STOPPED: "bad",
}


def _stop(staff: User, campaign: Campaign, data: dict[str, Any]) -> object:
    try:
        endings.stop(campaign, by=staff, reason=data["reason"])
    except campaigns.CampaignOver as refusal:
        raise Refused(_("It has ended already.")) from refusal
    return _("Stopped: what was set aside goes back. Whoever handles the organisation’s money is told.")


@admin.register(Campaign)
class CampaignAdmin(ReadOnly, Acted):
    explains = _(
        "What organisations collect for. One that breaks the rules is stopped by whoever decides: what was"
        " set aside for it goes back to its givers."
    )
    list_display = ["title", "organisation", "state", "shown_goal", "deadline", "opened_at"]
    list_filter = ["outcome", "is_all_or_nothing", "opened_at"]
    list_select_related = ["organisation__account"]
    search_fields = ["=slug", "organisation__account__name"]
    search_help_text = _("The last part of its address, or the organisation's name")
    ordering = ["-pk"]
    fields = ["title", "story", "organisation", "hashtag", "state", "shown_collected", "shown_goal",
              "is_all_or_nothing", "deadline", "opened_at", "ended_at", "monthly", "latest"]  # fmt: skip
    acts = {
        "stop": Act(
            title=_("Stop"),
            explains=_(
                "At once and for good: it takes no more gifts, and what was set aside goes back. What was"
                " paid to the organisation before stays paid: freeze its account if that has to stand still."
                " It is told that it broke our rules, and not your reason."
            ),
            may=lambda staff, campaign: proposals.may_decide(staff) and campaign.ended_at is None,
            do=_stop,
        )
    }

    @admin.display(description=_("status"), ordering="outcome")
    def state(self, campaign: Campaign) -> SafeString:
        words = campaign.get_outcome_display() or _("collects")
        return label(words, _TONES.get(campaign.outcome, ""))

    @admin.display(description=_("goal"), ordering="goal")
    def shown_goal(self, campaign: Campaign) -> str:
        return NOTHING if campaign.goal is None else wording.amount(campaign.goal)

    @admin.display(description=_("collected"))
    def shown_collected(self, campaign: Campaign) -> str:
        """By its end, or until now."""
        return wording.amount(
            tallies.of(campaign).amount if campaign.collected is None else campaign.collected
        )

    @admin.display(description=_("monthly gifts"))
    def monthly(self, campaign: Campaign) -> SafeString:
        return rows(MonthlyGift, _("monthly gifts to it"), campaign__id__exact=campaign.pk)

    @admin.display(description=_("latest gifts"))
    def latest(self, campaign: Campaign) -> str:
        given = Gift.objects.filter(campaign=campaign).select_related("order").order_by("-given_at")
        return admin_orders.in_table(row.order for row in given[:LATEST])


@admin.register(MonthlyGift)
class MonthlyGiftAdmin(ReadOnly):
    explains = _(
        "What members want to be asked for each month. Nothing is paid without their code, and they end it"
        " themselves; the end of its campaign ends it too."
    )
    list_display = ["campaign", "organisation", "shown_amount", "day", "state", "started_at"]
    list_filter = [("ended_at", admin.EmptyFieldListFilter), "started_at"]
    list_select_related = ["campaign__organisation__account"]
    search_fields = ["=campaign__slug", "campaign__organisation__account__name"]
    search_help_text = _("The last part of the campaign's address, or the organisation's name")
    ordering = ["-pk"]
    fields = ["campaign", "organisation_page", "payer", "shown_amount", "day", "is_anonymous", "state",
              "started_at", "ended_at", "asked"]  # fmt: skip

    @admin.display(description=_("organisation"), ordering="campaign__organisation__account__name")
    def organisation(self, monthly: MonthlyGift) -> Organisation:
        return monthly.campaign.organisation

    @admin.display(description=_("organisation"))
    def organisation_page(self, monthly: MonthlyGift) -> str:
        return link(monthly.campaign.organisation)

    @admin.display(description=_("amount"), ordering="amount")
    def shown_amount(self, monthly: MonthlyGift) -> str:
        return wording.amount(monthly.amount)

    @admin.display(description=_("status"), ordering="ended_at")
    def state(self, monthly: MonthlyGift) -> SafeString:
        return label(_("ended")) if monthly.ended_at else label(_("goes on"), "good")

    @admin.display(description=_("asked for in the last 12 months"))
    def asked(self, monthly: MonthlyGift) -> str:
        return admin_orders.in_table(monthly_gifts.asked_lately(monthly, at=timezone.now()))
