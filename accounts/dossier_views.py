"""A member's way to be known: what is needed and why, documents one by one, what became of them."""

from __future__ import annotations

from allauth.core import ratelimit
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import access, dossiers, forms
from accounts.models import User


@access.member_required
@access.attended_required()
def identity(request: HttpRequest) -> HttpResponse:
    """Where the member's dossier stands; a document is added here, one a request."""
    user = access.member(request)
    form = (
        forms.DocumentForm(request.POST, request.FILES) if request.method == "POST" else forms.DocumentForm()
    )
    if form.is_bound and form.is_valid() and _added(request, user, form):
        return redirect("identity")
    dossier = dossiers.latest(user)
    context = {
        "form": form,
        "dossier": dossier,
        "documents": dossier.documents.defer("content").order_by("pk") if dossier else [],
        "most": dossiers.MOST_DOCUMENTS,
        "kept_days": dossiers.KEPT_FOR.days,
    }
    return render(request, "identity.html", context, status=422 if form.errors else 200)


@access.member_required
@access.attended_required()
@require_POST
def identity_remove(request: HttpRequest, pk: int) -> HttpResponse:
    try:
        dossiers.remove(access.member(request), pk)
    except dossiers.DossierClosed:
        messages.error(request, _("Your documents were sent already."))
    return redirect("identity")


@access.member_required
@access.attended_required()
@require_POST
def identity_send(request: HttpRequest) -> HttpResponse:
    try:
        dossiers.send(access.member(request))
    except dossiers.NothingToSend:
        messages.error(request, _("Add a document first."))
    except dossiers.DossierClosed:
        messages.error(request, _("Your documents were sent already."))
    return redirect("identity")


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
