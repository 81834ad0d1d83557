"""Who acts for an organisation: seats, the links that give them, and what whoever opens such a link reads."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import access, organisation_access, organisation_forms, seats
from accounts.models import Role, Seat


@organisation_access.seat_required()
def members_(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Who acts for it, and, for its owners, who was invited."""
    return render(request, "organisation_members.html", _about(seat, organisation_forms.RoleForm()))


@organisation_access.seat_required(Role.OWNER)
@require_POST
@access.proof_required
def invite(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Make a link. It is shown in this answer alone: we keep nothing that it could be read from."""
    form = organisation_forms.RoleForm(request.POST)
    if form.is_valid() and (token := _invited(seat, form)):
        link = request.build_absolute_uri(reverse("organisation_join", args=[token]))
        about = {"organisation": seat.organisation, "link": link, "days": seats.LIFETIME.days}
        return render(request, "organisation_invited.html", about)
    return render(request, "organisation_members.html", _about(seat, form), status=422)


@organisation_access.seat_required(Role.OWNER)
@require_POST
def withdraw(request: HttpRequest, seat: Seat, pk: int) -> HttpResponse:
    seats.withdraw(seat.organisation, pk, by=access.member(request))
    messages.success(request, _("Withdrawn: that link is good for nothing any more."))
    return redirect("organisation_members", slug=seat.organisation.slug)


@organisation_access.seat_required(Role.OWNER)
@access.proof_required
def member(request: HttpRequest, seat: Seat, pk: int) -> HttpResponse:
    """One who acts for it, and in which role."""
    theirs = get_object_or_404(seats.at(seat.organisation), pk=pk)
    form = organisation_forms.RoleForm(request.POST or None, initial={"role": theirs.role})
    if form.is_valid() and _changed(request, seat, theirs, form):
        return redirect("organisation_members", slug=seat.organisation.slug)
    about = {"form": form, "organisation": seat.organisation, "seat": seat, "theirs": theirs}
    return render(request, "organisation_member.html", about, status=422 if form.errors else 200)


@organisation_access.seat_required()
@require_POST
@access.proof_required
def leave(request: HttpRequest, seat: Seat, pk: int) -> HttpResponse:
    """End somebody's seat, or one's own."""
    try:
        seats.leave(seat.organisation, pk, by=access.member(request))
    except seats.LastOwner:
        messages.error(request, _("Somebody has to own it. Make somebody else its owner first."))
        return redirect("organisation_members", slug=seat.organisation.slug)
    messages.success(request, _("Done: that seat has ended."))
    if pk == seat.pk:
        return redirect("organisations")
    return redirect("organisation_members", slug=seat.organisation.slug)


@access.member_required
@access.attended_required()
def join(request: HttpRequest, token: str) -> HttpResponse:
    """What an invitation gives, to whoever opened its link; nothing is given before they say so."""
    try:
        invitation = seats.invitation(token)
        if request.method == "POST":
            seats.accept(token, by=access.member(request))
            return redirect("organisation", slug=invitation.organisation.slug)
    except seats.HasSeat:
        messages.info(request, _("You act for this organisation already."))
        return redirect("organisations")
    except seats.Unknown:
        return render(request, "organisation_join.html", {"invitation": None}, status=404)
    return render(request, "organisation_join.html", {"invitation": invitation})


def _about(seat: Seat, form: organisation_forms.RoleForm) -> dict[str, object]:
    is_owner = seat.role == Role.OWNER
    return {
        "seat": seat,
        "organisation": seat.organisation,
        "seats": seats.at(seat.organisation),
        "invitations": seats.open_at(seat.organisation) if is_owner else [],
        "is_owner": is_owner,
        "form": form,
    }


def _invited(seat: Seat, form: organisation_forms.RoleForm) -> str:
    """The link's token, or none where as many are open as may be."""
    try:
        return seats.invite(seat.organisation, form.role_(), by=seat.user)
    except seats.TooMany:
        form.add_error(
            None, _("Ten links that nobody has taken are as many as there may be. Withdraw one first.")
        )
    return ""


def _changed(request: HttpRequest, seat: Seat, theirs: Seat, form: organisation_forms.RoleForm) -> bool:
    try:
        if form.role_() != theirs.role:
            seats.change(seat.organisation, theirs.pk, form.role_(), by=access.member(request))
    except seats.LastOwner:
        form.add_error("role", _("Somebody has to own it. Make somebody else its owner first."))
    return not form.errors
