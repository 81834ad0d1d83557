"""How a member, or an organisation, is known: what is needed, documents one by one, what became of them."""

from __future__ import annotations

from allauth.core import ratelimit
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import access, dossiers, forms, organisation_access
from accounts.models import Role, Seat, User


@access.member_required
@access.attended_required()
def identity(request: HttpRequest) -> HttpResponse:
    """Where the member's dossier stands; a document is added here, one a request."""
    user = access.member(request)
    form = _form(request)
    if form.is_bound and form.is_valid() and _added(request, user, form):
        return redirect("identity")
    return render(request, "identity.html", _about(user, form), status=422 if form.errors else 200)


@access.member_required
@access.attended_required()
@require_POST
def identity_remove(request: HttpRequest, pk: int) -> HttpResponse:
    _remove(request, access.member(request), pk)
    return redirect("identity")


@access.member_required
@access.attended_required()
@require_POST
def identity_send(request: HttpRequest) -> HttpResponse:
    _send(request, access.member(request))
    return redirect("identity")


@organisation_access.seat_required(Role.OWNER)
def organisation(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Where the dossier of an organisation stands; its owners add documents, one a request."""
    account = seat.organisation.account
    form = _form(request)
    if form.is_bound and form.is_valid() and _added(request, account, form):
        return redirect("organisation_documents", slug=seat.organisation.slug)
    about = _about(account, form) | {"organisation": seat.organisation}
    return render(request, "organisation_documents.html", about, status=422 if form.errors else 200)


@organisation_access.seat_required(Role.OWNER)
@require_POST
def organisation_remove(request: HttpRequest, seat: Seat, pk: int) -> HttpResponse:
    _remove(request, seat.organisation.account, pk)
    return redirect("organisation_documents", slug=seat.organisation.slug)


@organisation_access.seat_required(Role.OWNER)
@require_POST
def organisation_send(request: HttpRequest, seat: Seat) -> HttpResponse:
    _send(request, seat.organisation.account)
    return redirect("organisation_documents", slug=seat.organisation.slug)


def _form(request: HttpRequest) -> forms.DocumentForm:
    is_sent = request.method == "POST"
    return forms.DocumentForm(request.POST, request.FILES) if is_sent else forms.DocumentForm()


def _about(user: User, form: forms.DocumentForm) -> dict[str, object]:
    dossier = dossiers.latest(user)
    return {
        "form": form,
        "dossier": dossier,
        "documents": dossier.documents.defer("content").order_by("pk") if dossier else [],
        "most": dossiers.MOST_DOCUMENTS,
        "kept_days": dossiers.KEPT_FOR.days,
    }


def _remove(request: HttpRequest, user: User, document: int) -> None:
    try:
        dossiers.remove(user, document)
    except dossiers.DossierClosed:
        messages.error(request, _("Your documents were sent already."))


def _send(request: HttpRequest, user: User) -> None:
    try:
        dossiers.send(user)
    except dossiers.NothingToSend:
        messages.error(request, _("Add a document first."))
    except dossiers.DossierClosed:
        messages.error(request, _("Your documents were sent already."))


def _added(request: HttpRequest, user: User, form: forms.DocumentForm) -> bool:
    """Whether the document is in the dossier; what is wrong with it is said at the field."""
    file = form.cleaned_data["document"]
    if not ratelimit.consume(request, action="dossier", user=user):
        form.add_error("document", _("Too many documents today. Try again tomorrow."))
        return False
    try:
        dossiers.add(user, name=file.name, content=file.read())
    except dossiers.NotADocument:
        form.add_error("document", _("This is neither a JPEG or PNG picture nor a PDF."))
    except dossiers.TooLarge:
        form.add_error("document", _("This file is larger than 8 MB."))
    except dossiers.TooMany:
        form.add_error("document", _("That is as many documents as we need."))
    except dossiers.DossierClosed:
        form.add_error("document", _("Your documents were sent already."))
    return not form.errors
