"""An organisation's campaigns, for those who act for it."""

from __future__ import annotations

import contextlib

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import organisation_access, organisations, seats
from accounts.models import Seat
from giving import campaigns, endings, pictures, tallies
from giving.forms import CampaignForm, written
from giving.models import Campaign


@organisation_access.seat_required()
def campaigns_(request: HttpRequest, seat: Seat) -> HttpResponse:
    """All that it collects and collected for."""
    own = campaigns.of(seat.organisation)
    about = {
        "organisation": seat.organisation,
        "campaigns": [(campaign, tallies.of(campaign)) for campaign in own],
        "may_change": seat.role in seats.TREASURY,
        "is_reviewed": organisations.is_reviewed(seat.organisation),
    }
    return render(request, "campaigns.html", about)


@organisation_access.seat_required(*seats.TREASURY)
def new(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Begin to collect."""
    form = CampaignForm(request.POST or None, request.FILES or None)
    if form.is_valid() and (campaign := _opened(seat, form)):
        messages.success(request, _("Your campaign is open. This is its page: show it to everybody."))
        return redirect("campaign", slug=campaign.slug)
    about = {"form": form, "organisation": seat.organisation, "campaign": None, "is_given_to": False}
    return render(request, "campaign_form.html", about, status=422 if form.errors else 200)


@organisation_access.seat_required(*seats.TREASURY)
def edit(request: HttpRequest, seat: Seat, campaign: str) -> HttpResponse:
    """Say it otherwise; its terms only while nobody gave."""
    found = _own(seat, campaign)
    form = CampaignForm(request.POST or None, request.FILES or None, initial=written(found))
    if form.is_valid() and _is_changed(found, form):
        messages.success(request, _("Saved."))
        return redirect("organisation_campaigns", slug=seat.organisation.slug)
    about = {
        "form": form,
        "organisation": seat.organisation,
        "campaign": found,
        "is_given_to": campaigns.is_given_to(found),
    }
    return render(request, "campaign_form.html", about, status=422 if form.errors else 200)


@organisation_access.seat_required(*seats.TREASURY)
@require_POST
def end(request: HttpRequest, seat: Seat, campaign: str) -> HttpResponse:
    """Take no more gifts."""
    with contextlib.suppress(campaigns.CampaignOver):
        endings.end(_own(seat, campaign))
        messages.success(request, _("Your campaign has ended."))
    return redirect("organisation_campaigns", slug=seat.organisation.slug)


def _own(seat: Seat, slug: str) -> Campaign:
    return get_object_or_404(Campaign, organisation=seat.organisation, slug=slug)


def _opened(seat: Seat, form: CampaignForm) -> Campaign | None:
    """The campaign, with its picture, unless it cannot be; why is said at the form."""
    try:
        with transaction.atomic():
            campaign = campaigns.open_(seat.organisation, form.terms())
            _show(campaign, form)
    except _CANNOT as why:
        form.add_error(*_problem(why))
        return None
    return campaign


def _is_changed(campaign: Campaign, form: CampaignForm) -> bool:
    try:
        with transaction.atomic():
            campaigns.change(campaign, form.terms())
            _show(campaign, form)
    except _CANNOT as why:
        form.add_error(*_problem(why))
        return False
    return True


def _show(campaign: Campaign, form: CampaignForm) -> None:
    if picture := form.cleaned_data["picture"]:
        pictures.keep(campaign, picture)


_CANNOT = (
    campaigns.NotReviewed,
    campaigns.HashtagTaken,
    campaigns.DeadlinePassed,
    campaigns.TermsKept,
    campaigns.CampaignOver,
)


def _problem(why: Exception) -> tuple[str | None, str]:
    """The field that it is about, and the words."""
    match why:
        case campaigns.HashtagTaken():
            return "hashtag", _("Another open campaign of yours has this hashtag.")
        case campaigns.DeadlinePassed():
            return "last_day", _("This day is over already.")
        case campaigns.TermsKept():
            return None, _(
                "Somebody has given: hashtag, goal, last day and “all or nothing” stay as they are."
            )
        case campaigns.NotReviewed():
            return None, _("We have to look at your organisation’s documents first.")
        case _:
            return None, _("This campaign has ended: it takes no more gifts.")
