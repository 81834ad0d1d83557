"""Money pots: opened, given to by whoever has the link, closed by their organiser."""

from __future__ import annotations

from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_safe

from accounts import access, freezes
from accounts.models import Identity, User
from giving import pot_closings, pots
from giving.models import Pot
from giving.pot_forms import ClosingForm, ContributionForm, Ending, PotForm
from payments import clock, limits, orders, qr_codes, reasons, settlement, standstill
from payments.models import Order

_CANNOT_OPEN = (pots.WrongClosingDay, pots.TooManyPots, settlement.PayeeRefuses, freezes.Frozen)
_CANNOT_GIVE = (
    pots.PotOver,
    pots.PotFull,
    pots.OrganiserChanged,
    settlement.PayeeIsPayer,
    settlement.PayeeRefuses,
    limits.OverLimit,
    orders.TooMany,
    freezes.Frozen,
)
_SAID: dict[type[Exception], object] = {
    settlement.PayeeIsPayer: _lazy("This pot is your own: what you gave would come back to you."),
    settlement.PayeeRefuses: _lazy("Who opened this pot does not wish to be paid at the moment."),
    pots.PotFull: _lazy("As many have given as a pot takes."),
}
_CANNOT_END = (
    pot_closings.PotEnded,
    pots.OrganiserChanged,
    settlement.PayeeRefuses,
    standstill.MoneyStandsStill,
    freezes.Frozen,
)


@access.member_required
def pots_(request: HttpRequest) -> HttpResponse:
    """The member's own pots, and those that they gave to."""
    user = access.member(request)
    about = {"own": pots.opened_by(user), "given": pots.given_to_by(user)}
    return render(request, "pots.html", about)


@access.member_required
@access.attended_required()
def begin(request: HttpRequest) -> HttpResponse:
    """What it is for, until when; contributors see who is paid."""
    form = PotForm(request.POST or None)
    if form.is_valid() and (pot := _opened(request, form)):
        return redirect(pot)
    about = {"form": form, "face": access.member(request).face}
    return render(request, "pot_begin.html", about, status=422 if form.errors else 200)


@require_safe
def pot(request: HttpRequest, slug: str) -> HttpResponse:
    """The page of a pot, for whoever has its link."""
    return _page(request, _pot(slug), ContributionForm())


@access.member_required
def contribute(request: HttpRequest, slug: str) -> HttpResponse:
    """To the page of the code, where the payee is shown before it is paid."""
    if request.method != "POST":  # Somebody who had to sign in first.
        return redirect("pot", slug=slug)
    found, form = _pot(slug), ContributionForm(request.POST)
    if form.is_valid() and (order := _placed(request, found, form)):
        return redirect("confirm", reference=order.reference)
    return _page(request, found, form)


@access.member_required
@access.attended_required()
def close(request: HttpRequest, slug: str) -> HttpResponse:
    """Where the money goes, as its organiser says."""
    found = _pot(slug)
    if found.organiser_id != access.member(request).pk:
        raise Http404
    form = ClosingForm(request.POST or None)
    if found.status != Pot.Status.OPEN or (form.is_valid() and _ended(request, found, form)):
        return redirect(found)
    about = {"pot": found, "tally": pots.tally(found), "form": form}
    return render(request, "pot_close.html", about, status=422 if form.errors else 200)


def _page(request: HttpRequest, pot: Pot, form: ContributionForm) -> HttpResponse:
    viewer = request.user if isinstance(request.user, User) else None
    is_organiser = viewer is not None and viewer.pk == pot.organiser_id
    tally = pots.tally(pot)
    about = {
        "pot": pot,
        "form": form,
        "tally": tally,
        "sees_total": is_organiser or not pot.hides_total,
        "shares": pots.shares(pot, to=viewer),
        "viewer_is_organiser": is_organiser,
        "may_give": _may_give(pot),
        "under_way": pot.status != Pot.Status.OPEN and pot_closings.undecided(pot).exists(),
    }
    if is_organiser:
        about |= _invitation(pot)
    return _unlisted(render(request, "pot.html", about, status=422 if form.errors else 200))


def _invitation(pot: Pot) -> dict[str, object]:
    """What its organiser sends: the link, and a post that is ready to be written."""
    facts = {"title": pot.title, "address": _address(pot)}
    text = _("Join in: %(title)s %(address)s") % facts
    line = _("@%(service)s #give €10 %(payee)s %(pot)s") % {
        "service": settings.X_SERVICE_HANDLE,
        "payee": pot.payee,
        "pot": pot,
    }
    if pot.payee.network == Identity.Network.PHONE:  # No number belongs in a post.
        line = ""
    writing = "https://x.com/intent/post?" + urlencode({"text": text})
    code = qr_codes.drawn(facts["address"])
    return facts | {"text": text, "line": line, "writing": writing, "code": code}


def _unlisted(response: HttpResponse) -> HttpResponse:
    """Whoever has the link may look; no machine that collects pages, and nobody's cache."""
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Referrer-Policy"] = "no-referrer"
    patch_cache_control(response, private=True, no_store=True)
    return response


def _pot(slug: str) -> Pot:
    found = pots.find(slug)
    if found is None:
        raise Http404
    return found


def _address(pot: Pot) -> str:
    return settings.SITE_URL + pot.get_absolute_url()


def _may_give(pot: Pot) -> bool:
    try:
        pots.check(pot)
    except (pots.PotOver, pots.PotFull, pots.OrganiserChanged):
        return False
    return True


def _opened(request: HttpRequest, form: PotForm) -> Pot | None:
    """Open it, and put what stands against it in words."""
    try:
        return pots.begin(access.member(request), **form.cleaned_data)
    except _CANNOT_OPEN as why:
        form.add_error("closes_on" if isinstance(why, pots.WrongClosingDay) else None, _why_not_open(why))
    return None


def _placed(request: HttpRequest, pot: Pot, form: ContributionForm) -> Order | None:
    """The order, or the one before of the same form; or what stands against it in words."""
    payer, said = access.member(request), form.cleaned_data
    key = f"{payer.pk}:{said.pop('key')}:{said['amount']}"
    try:
        made = pots.contribute(pot, payer, **said, channel="site", channel_id=key, at=clock.now())
    except orders.AlreadyPlaced:
        return Order.objects.get(channel="site", channel_id=key)
    except _CANNOT_GIVE as why:
        form.add_error("amount" if isinstance(why, limits.OverLimit) else None, _why_not_give(why, pot))
        return None
    return made.order


def _ended(request: HttpRequest, pot: Pot, form: ClosingForm) -> bool:
    """Close it as they chose, and say so."""
    ending = form.cleaned_data["ending"]
    try:
        if ending == Ending.BACK:
            pot_closings.give_back(pot)
            messages.success(request, _("Closed: everybody gets their money back within minutes."))
        else:
            pot_closings.close(pot, to_bank=ending == Ending.BANK)
            messages.success(request, _("Closed: the money comes to your wallet within minutes."))
    except _CANNOT_END as why:
        form.add_error(None, _why_not_end(why))
        return False
    return True


def _why_not_open(why: Exception) -> str:
    match why:
        case pots.WrongClosingDay():
            return _("Choose a day from today on, within twelve months.")
        case pots.TooManyPots():
            return _("You have %(count)s open pots, which is as many as may be. Close one first.") % {
                "count": why.allowed
            }
        case freezes.Frozen():
            return reasons.frozen()
        case _:
            return _("You do not wish to be paid at the moment, so a pot could not pay you.")


def _why_not_give(why: Exception, pot: Pot) -> str:
    match why:
        case limits.OverLimit():
            return reasons.over_limit(why, order=Order(payee=pot.payee))
        case orders.TooMany():
            return reasons.too_many(why)
        case freezes.Frozen():
            return reasons.frozen()
        case _:
            return str(_SAID.get(type(why)) or _("This pot is closed, so nothing more can be given to it."))


def _why_not_end(why: Exception) -> str:
    match why:
        case freezes.Frozen():
            return reasons.frozen()
        case standstill.MoneyStandsStill():
            return reasons.halted()
        case pots.OrganiserChanged():
            return _(
                "This pot pays an account that is not linked to you any more. Link it again in your settings,"
                " or give everybody their money back."
            )
        case settlement.PayeeRefuses():
            return _(
                "You do not wish to be paid at the moment. Change that in your settings, or give everybody"
                " their money back."
            )
        case _:
            return _("This pot was closed already.")
