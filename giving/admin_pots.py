"""Money pots as staff see them, and stop them: who opened one and what is in it, never the link to it."""

from __future__ import annotations

import re
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.staff_acts import Act, Acted, Refused
from accounts.staff_pages import NOTHING, ReadOnly, label
from giving import pot_closings, pots
from giving.models import Contribution, Pot
from payments import admin_orders, proposals, wording

LATEST = 50
_TONES: dict[str, str] = {Pot.Status.OPEN: "warn", Pot.Status.CLOSED: "good"}


def _stop(staff: User, pot: Pot, data: dict[str, Any]) -> object:
    try:
        pot_closings.stop(pot, by=staff, reason=data["reason"])
    except pot_closings.PotEnded as refusal:
        raise Refused(_("It has ended already.")) from refusal
    return _("Stopped: what is in it goes back. Its organiser is told.")


@admin.register(Pot)
class PotAdmin(ReadOnly, Acted):
    explains = _(
        "What members collect for an occasion. Whoever has its link sees a pot: the link is not shown here."
        " One that breaks the rules is stopped by whoever decides."
    )
    list_display = ["__str__", "title", "organiser", "state", "shown_goal", "opened_at", "closes_at"]
    list_filter = ["status", "opened_at"]
    list_select_related = ["organiser"]
    search_fields = ["=code", "organiser__name"]
    search_help_text = _("Its hashtag, or the organiser's name")
    ordering = ["-opened_at"]
    fields = ["title", "story", "organiser", "state", "shown_total", "people", "shown_goal",
              "hides_total", "to_bank", "opened_at", "closes_at", "ended_at", "latest"]  # fmt: skip
    acts = {
        "stop": Act(
            title=_("Stop"),
            explains=_(
                "At once and for good: it takes nothing more, and everybody gets back what they gave. Its"
                " organiser is told that it broke our rules, and not your reason."
            ),
            may=lambda staff, pot: proposals.may_decide(staff) and pot.status == Pot.Status.OPEN,
            do=_stop,
        )
    }

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Pot], search_term: str
    ) -> tuple[QuerySet[Pot], bool]:
        """A pot is found as it is posted: #potABC234."""
        bare = re.sub(r"#pot(?=\w)", "", search_term, flags=re.IGNORECASE)
        return super().get_search_results(request, queryset, bare)

    @admin.display(description=_("status"), ordering="status")
    def state(self, pot: Pot) -> SafeString:
        return label(pot.get_status_display(), _TONES.get(pot.status, ""))

    @admin.display(description=_("goal"), ordering="goal")
    def shown_goal(self, pot: Pot) -> str:
        return NOTHING if pot.goal is None else wording.amount(pot.goal)

    @admin.display(description=_("in it"))
    def shown_total(self, pot: Pot) -> str:
        return wording.amount(pots.tally(pot).total)

    @admin.display(description=_("people who gave"))
    def people(self, pot: Pot) -> int:
        return pots.tally(pot).people

    @admin.display(description=_("latest contributions"))
    def latest(self, pot: Pot) -> str:
        """What is in it; of what went back its orders tell."""
        given = Contribution.objects.filter(pot=pot, is_in=True).select_related("order").order_by("-pk")
        return admin_orders.in_table(row.order for row in given[:LATEST])
