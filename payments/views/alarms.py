"""“This was not me”: asked once more, then everything stops at once, and the page says what to do next."""

from __future__ import annotations

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from accounts import access, browsers, devices
from accounts.models import User
from payments import alarms
from payments.models import Order


@access.member_required
def not_me(request: HttpRequest, reference: str) -> HttpResponse:
    payer = access.member(request)
    order = get_object_or_404(
        Order.objects.select_related("payer", "payee"), reference=reference, payer=payer
    )
    is_done = request.method == "POST"
    if is_done:
        alarms.raise_by_payer(order)
        _end_elsewhere(request, payer)
        order.refresh_from_db()
    return render(
        request, "not_me.html", {"order": order, "is_done": is_done, "support": settings.SUPPORT_PHONE}
    )


def _end_elsewhere(request: HttpRequest, payer: User) -> None:
    """Sign out whoever else is signed in, and know none of their devices."""
    for session in UserSession.objects.filter(user=payer).exclude(session_key=request.session.session_key):
        session.end()
    devices.forget_others(payer, but=browsers.device(request), at=timezone.now())
