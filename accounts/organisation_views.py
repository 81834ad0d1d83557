"""A member's organisations: which they act for, how one is signed up, what may change of it."""

from __future__ import annotations

from contextlib import suppress

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import access, identities, organisation_access, organisation_forms, organisations, seats
from accounts.models import Identity, Organisation, Role, Seat


@access.member_required
def organisations_(request: HttpRequest) -> HttpResponse:
    """The organisations that the member acts for."""
    return render(request, "organisations.html", {"seats": seats.of(access.member(request))})


@access.member_required
@access.attended_required()
def new(request: HttpRequest) -> HttpResponse:
    """Sign up an organisation; its documents come next."""
    form = organisation_forms.OrganisationForm(request.POST or None)
    if form.is_valid() and (founded := _founded(request, form)):
        messages.success(request, _("Signed up. Now show us who it is: add its documents."))
        return redirect("organisation_documents", slug=founded.slug)
    return render(request, "organisation_new.html", {"form": form}, status=422 if form.errors else 200)


@organisation_access.seat_required(Role.OWNER)
def details(request: HttpRequest, seat: Seat) -> HttpResponse:
    """What may change of it; name and numbers stay as the register has them."""
    organisation = seat.organisation
    initial = {name: getattr(organisation, name) for name in organisation_forms.DetailsForm.base_fields}
    form = organisation_forms.DetailsForm(request.POST or None, initial=initial)
    if form.is_valid():
        organisations.describe(organisation, form.details())
        messages.success(request, _("Saved."))
        return redirect("organisation", slug=organisation.slug)
    about = {"form": form, "organisation": organisation}
    return render(request, "organisation_details.html", about, status=422 if form.errors else 200)


@organisation_access.seat_required(Role.OWNER)
@require_POST
def x_unlink(request: HttpRequest, seat: Seat) -> HttpResponse:
    """The organisation's own X account, never its owner's."""
    organisation = seat.organisation
    with suppress(identities.NotLinked):
        identity = identities.unlink(organisation.account, network=Identity.Network.X, at=timezone.now())
        messages.success(request, _("%(identity)s is no longer linked.") % {"identity": identity})
    return redirect("organisation", slug=organisation.slug)


def _founded(request: HttpRequest, form: organisation_forms.OrganisationForm) -> Organisation | None:
    """The organisation, unless it cannot be; why is said at the form."""
    try:
        return organisations.found(form.facts(), by=access.member(request))
    except organisations.KnownAlready as known:
        form.add_error(
            None,
            _("%(name)s has an account already. Ask whoever acts for it to invite you.")
            % {"name": known.organisation},
        )
    except organisations.TooMany:
        form.add_error(
            None,
            _("Three organisations of yours wait for us: that is as many as we look at."),
        )
    return None
