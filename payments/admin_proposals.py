"""Where staff ask a second person, and where the second one answers."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from django import forms
from django.apps import apps
from django.contrib import admin
from django.db import IntegrityError, OperationalError
from django.db.models import Model
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts import freezes, tiers
from accounts import staff as staff_roles
from accounts.models import Identity, User
from accounts.staff_acts import Act, Acted, ReasonForm, Refused
from accounts.staff_pages import NOTHING, ReadOnly, label, link, table
from payments import approvals, erasures, halts, proposals, standstill, wording
from payments.models import Order, Proposal

Kind = Proposal.Kind
_TONES: dict[str, str] = {"OPEN": "warn", "APPROVED": "good", "REJECTED": "bad"}
_TERMS = {
    "before": _("amount before"),
    "amount": _("amount"),
    "order": _("order"),
    "payee": _("payee"),
    "tier": _("tier"),
    "is_staff": _("Is of staff"),
    "is_superuser": _("May do everything"),
    "groups": _("Roles"),
}
_IN_CENTS = {"before", "amount"}
_PAGES: dict[str, type[Order | Identity]] = {"order": Order, "payee": Identity}
PROPOSED = _("Proposed. Another person of staff has to approve it.")


_REFUSALS: dict[type[Exception], Any] = {
    proposals.OwnProposal: _("You proposed it: another person has to approve it."),
    proposals.AlreadyProposed: _("It was proposed already, and waits for a second person."),
    proposals.ProposalClosed: _("It was decided already, or it is too old."),
    approvals.Outdated: _("What it is about has changed since. Reject it, and propose anew."),
    standstill.MoneyStandsStill: _("Money stands still: lift the halt first."),
    erasures.HasLeft: _("They have left already."),
}


@contextlib.contextmanager
def in_words() -> Iterator[None]:
    """Say to staff what the domain refused."""
    try:
        yield
    except tuple(_REFUSALS) as refusal:
        raise Refused(str(_REFUSALS[type(refusal)])) from refusal
    except erasures.InTheWay as refusal:
        raise Refused(" ".join(str(obstacle.words) for obstacle in refusal.obstacles)) from refusal
    except OperationalError as refusal:
        if not halts.is_refusal(refusal):
            raise
        raise Refused(str(_REFUSALS[standstill.MoneyStandsStill])) from refusal
    except IntegrityError as refusal:
        if "nobody decides on their own rights" not in str(refusal):
            raise
        raise Refused(_("Whose rights they are has no part in it.")) from refusal


def _approve(staff: User, proposal: Proposal, _data: dict[str, Any]) -> object:
    with in_words():
        proposals.approve(proposal, staff)
    return _("Approved, and done.")


def _reject(staff: User, proposal: Proposal, data: dict[str, Any]) -> object:
    with in_words():
        proposals.reject(proposal, staff, reason=data["reason"])
    return _("Rejected. Nothing was changed.")


def _is_open(staff: User, proposal: Proposal) -> bool:
    return proposals.may_decide(staff) and proposal.status == Proposal.Status.OPEN


@admin.register(Proposal)
class ProposalAdmin(ReadOnly, Acted):
    explains = _(
        "What one of staff wants to do, and another has to approve. Nobody decides on their own "
        "proposal; one that nobody decides on expires."
    )
    list_display = ["id", "kind", "thing", "shown_amount", "proposed_by", "proposed_at", "state"]
    list_filter = ["status", "kind", "proposed_at"]
    list_select_related = ["proposed_by", "decided_by"]
    search_fields = ["=about", "proposed_by__name", "decided_by__name"]
    search_help_text = _("What it is about, or a name of staff")
    ordering = ["-id"]
    fields = [
        "kind",
        "thing",
        "shown_terms",
        "shown_amount",
        "reason",
        "state",
        "proposed_by",
        "proposed_at",
        "decided_by",
        "decided_at",
    ]
    acts = {
        "approve": Act(
            title=_("Approve"),
            explains=_("It is done at once, under your name and that of who proposed it."),
            may=lambda staff, row: _is_open(staff, row) and row.proposed_by_id != staff.pk,
            do=_approve,
            form=forms.Form,
        ),
        "reject": Act(
            title=_("Reject"),
            explains=_("Nothing is changed. Who proposed it can take it back in this way."),
            may=_is_open,
            do=_reject,
        ),
    }

    @admin.display(description=_("about"))
    def thing(self, proposal: Proposal) -> str:
        row = subject(proposal)
        return link(row) if row else proposal.about

    @admin.display(description=_("amount"), ordering="amount")
    def shown_amount(self, proposal: Proposal) -> str:
        return NOTHING if proposal.amount is None else wording.amount(proposal.amount)

    @admin.display(description=_("status"), ordering="status")
    def state(self, proposal: Proposal) -> SafeString:
        return label(proposal.get_status_display(), _TONES.get(proposal.status, ""))

    @admin.display(description=_("terms"))
    def shown_terms(self, proposal: Proposal) -> str:
        lines = [(_TERMS.get(name, name), _said(name, value)) for name, value in proposal.terms.items()]
        return table((_("what"), _("terms")), lines)


def _said(name: str, value: Any) -> object:
    """A term in words: cents as an amount, a row as its page, yes or no, roles by their names."""
    if name in _IN_CENTS:
        return wording.amount(value)
    if name in _PAGES:
        return link(_PAGES[name].objects.filter(pk=value).first())
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(map(str, value)) or NOTHING
    return User.Tier(value).label if name == "tier" else value


def subject(proposal: Proposal) -> Model | None:
    """The row that a proposal is about."""
    name, _colon, key = proposal.about.partition(":")
    found: Model | None = apps.get_model(name)._default_manager.filter(pk=key).first()  # noqa: SLF001  # Django documents it by this name
    return found


class RightsForm(ReasonForm):
    """What somebody will be allowed as staff."""

    is_staff = forms.BooleanField(label=_("Is of staff"), required=False)
    is_superuser = forms.BooleanField(label=_("May do everything"), required=False)
    groups = forms.MultipleChoiceField(
        label=_("Roles"),
        choices=staff_roles.Role.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    field_order = ["is_staff", "is_superuser", "groups", "reason"]


def _propose_unfreezing(staff: User, user: User, data: dict[str, Any]) -> object:
    with in_words():
        proposals.propose(staff, Kind.UNFREEZE, about=user, terms={}, reason=data["reason"])
    return PROPOSED


def _propose_rights(staff: User, user: User, data: dict[str, Any]) -> object:
    reason = data.pop("reason")
    with in_words():
        proposals.propose(staff, Kind.RIGHTS, about=user, terms=data, reason=reason)
    return PROPOSED


class TierForm(ReasonForm):
    """How well the member will be known."""

    tier = forms.ChoiceField(label=_("tier"), choices=[(tier, tier.label) for tier in tiers.LOWEST_FIRST])
    field_order = ["tier", "reason"]


def _propose_tier(staff: User, user: User, data: dict[str, Any]) -> object:
    with in_words():
        proposals.propose(staff, Kind.TIER, about=user, terms={"tier": data["tier"]}, reason=data["reason"])
    return PROPOSED


def _propose_erasing(staff: User, user: User, data: dict[str, Any]) -> object:
    with in_words():
        erasures.propose(staff, user, reason=data["reason"])
    return PROPOSED


# On a member's page.
MEMBER_ACTS = {
    "erase": Act(
        title=_("Propose to close the account"),
        explains=_(
            "For a member who has asked for it: once a second person has approved, it is closed and who they"
            " were is forgotten, but for what the law has us keep sealed for five years."
        ),
        may=lambda staff, user: proposals.may_decide(staff) and staff.pk != user.pk and not user.erased_at,
        do=_propose_erasing,
    ),
    "unfreeze": Act(
        title=_("Propose to unfreeze"),
        explains=_("The member's money moves again once a second person has approved it."),
        may=lambda staff, user: (
            proposals.may_decide(staff) and freezes.is_frozen(user) and not user.erased_at
        ),
        do=_propose_unfreezing,
    ),
    "tier": Act(
        title=_("Propose a higher tier"),
        explains=_("What is known of the member beyond their documents; it brings other limits."),
        may=lambda staff, user: proposals.may_decide(staff) and staff.pk != user.pk,
        do=_propose_tier,
        form=TierForm,
    ),
    "rights": Act(
        title=_("Propose other rights"),
        explains=_("What this person may do as staff, once a second person has approved it."),
        may=lambda staff, user: proposals.may_decide(staff) and staff.pk != user.pk,
        do=_propose_rights,
        form=RightsForm,
        initial=approvals.rights,
    ),
}
