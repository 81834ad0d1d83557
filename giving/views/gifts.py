"""A campaign as everybody sees it, and the way to give."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import access, identities
from accounts.models import Identity
from giving import campaigns, gifts, matches, monthly_gifts, pictures, refusals, tallies
from giving.forms import GiftForm, PromiseForm
from giving.models import Campaign, CampaignPicture, MonthlyGift
from payments import clock, limits, orders, qr_codes
from payments.models import Order


def campaign(request: HttpRequest, slug: str) -> HttpResponse:
    """What it is for, what came together, and how to give."""
    return _page(request, _found(slug), GiftForm())


def progress(request: HttpRequest, slug: str) -> HttpResponse:
    """What came together, again: an open page asks for it every few seconds."""
    return render(request, "partials/campaign_progress.html", _standing(_found(slug)))


def picture(_request: HttpRequest, slug: str, digest: str) -> HttpResponse:
    """Its picture, as what it was checked to be."""
    found = get_object_or_404(CampaignPicture, campaign=_found(slug), digest=digest)
    answer = HttpResponse(bytes(found.content), content_type=found.media_type)
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "public, max-age=31536000, immutable"
    return answer


@access.member_required
def give(request: HttpRequest, slug: str) -> HttpResponse:
    """To the page of the code; whoever had to sign in first comes back to the campaign."""
    found, form = _found(slug), GiftForm(request.POST or None)
    if request.method != "POST":
        return redirect("campaign", slug=slug)
    if form.is_valid() and (order := _given(request, found, form)):
        return redirect("confirm", reference=order.reference)
    return _page(request, found, form)


@access.member_required
def promise(request: HttpRequest, slug: str) -> HttpResponse:
    """A sponsor's promise: to the page of the code."""
    found, form = _found(slug), PromiseForm(request.POST or None)
    if not found.deadline or not campaigns.is_collecting(found):
        return redirect("campaign", slug=slug)
    if form.is_valid() and (order := _promised(request, found, form)):
        return redirect("confirm", reference=order.reference)
    about = {"form": form, "campaign": found}
    return render(request, "campaign_promise.html", about, status=422 if form.errors else 200)


@access.member_required
def monthly(request: HttpRequest) -> HttpResponse:
    """What the member is asked for each month."""
    return render(request, "monthly_gifts.html", {"gifts": monthly_gifts.of(access.member(request))})


@access.member_required
@require_POST
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for it no more."""
    monthly_gifts.stop(get_object_or_404(MonthlyGift, pk=pk, payer=access.member(request)))
    return redirect("monthly_gifts")


def _found(slug: str) -> Campaign:
    found = campaigns.at(slug)
    if found is None:
        raise Http404
    return found


def _page(request: HttpRequest, found: Campaign, form: GiftForm) -> HttpResponse:
    identity = identities.of(found.organisation.account, network=Identity.Network.X)
    address = settings.SITE_URL + reverse("campaign", args=[found.slug])
    digest = pictures.digest(found)
    said = {"service": settings.X_SERVICE_HANDLE, "handle": identity.handle if identity else ""}
    about = {
        "organisation": found.organisation,
        "identity": identity,
        "line": _("@%(service)s #give €20 @%(handle)s #%(hashtag)s") % (said | {"hashtag": found.hashtag})
        if identity
        else "",
        "address": address,
        "picture": reverse("campaign_picture", args=[found.slug, digest]) if digest else "",
        "site": settings.SITE_URL,
        "code": qr_codes.drawn(address),
        "form": form,
    }
    return render(request, "campaign.html", about | _standing(found), status=422 if form.errors else 200)


def _standing(found: Campaign) -> dict[str, object]:
    """How far it has come, now."""
    total = tallies.of(found)
    is_missed = found.outcome == Campaign.Outcome.MISSED  # What came together has gone back since.
    amount = (found.collected or 0) if is_missed else total.amount
    return {
        "campaign": found,
        "amount": amount,
        "gifts": None if is_missed else total.gifts,
        "reached": min(100, amount * 100 // found.goal) * 100 if found.goal else None,
        "is_collecting": campaigns.is_collecting(found),
        "days": max(0, (found.deadline - clock.now()).days) if found.deadline else None,
        "latest": gifts.latest(found),
        "matches": matches.of(found),
    }


def _given(request: HttpRequest, found: Campaign, form: GiftForm) -> Order | None:
    """The order; its form sent twice makes one."""
    payer, said = access.member(request), form.cleaned_data
    is_anonymous, key = said["shown"] != "named", f"gift:{said['key']}"
    try:
        if said["rhythm"] == "monthly":
            return monthly_gifts.start(
                found,
                payer=payer,
                amount=said["amount"],
                is_anonymous=is_anonymous,
                at=timezone.now(),
                message=said["message"],
            )
        return gifts.give(
            found,
            payer=payer,
            amount=said["amount"],
            at=timezone.now(),
            channel="site",
            channel_id=key,
            is_anonymous=is_anonymous,
            message=said["message"],
        )
    except orders.AlreadyPlaced:
        return gifts.placed(payer, channel="site", channel_id=key)
    except refusals.CANNOT as why:
        form.add_error("amount" if isinstance(why, limits.OverLimit) else None, refusals.of(why, found))
    return None


def _promised(request: HttpRequest, found: Campaign, form: PromiseForm) -> Order | None:
    payer, said = access.member(request), form.cleaned_data
    key = f"match:{said['key']}"
    try:
        return matches.promise(
            found,
            payer=payer,
            amount=said["amount"],
            threshold=said["threshold"],
            is_anonymous=said["shown"] != "named",
            at=timezone.now(),
            channel_id=key,
        )
    except orders.AlreadyPlaced:
        return gifts.placed(payer, channel="site", channel_id=key)
    except refusals.CANNOT as why:
        form.add_error("amount" if isinstance(why, limits.OverLimit) else None, refusals.of(why, found))
    return None
