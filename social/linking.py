"""The page where a member links their Messenger account, by a link that is good once and for ten minutes."""

from __future__ import annotations

from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import access, identities
from accounts.models import Identity
from social import tickets


@access.member_required
@access.attended_required()
@never_cache
@require_http_methods(["GET", "POST"])
def messenger(request: HttpRequest) -> HttpResponse:
    """Show whether it is linked; asked by a form of ours, give out a link."""
    if not settings.MESSENGER_PAGE_ID:
        raise Http404
    user, link = access.member(request), ""
    identity = identities.of(user, network=Identity.Network.MESSENGER)
    if request.method == "POST" and identity is None:
        query = urlencode({"ref": tickets.issue(user)})
        link = f"{settings.MESSENGER_URL}/{settings.MESSENGER_PAGE_ID}?{query}"
    return render(request, "messenger.html", {"identity": identity, "link": link})


@access.member_required
@access.attended_required()
@require_POST
def messenger_unlink(request: HttpRequest) -> HttpResponse:
    try:
        identities.unlink(access.member(request), network=Identity.Network.MESSENGER, at=timezone.now())
    except identities.NotLinked:
        return redirect("messenger")
    messages.success(request, _("Messenger is no longer linked."))
    return redirect("messenger")
