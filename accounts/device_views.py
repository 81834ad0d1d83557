"""A member's known devices: this one made known by a code by SMS, others forgotten."""

from __future__ import annotations

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from accounts import access, browsers, devices, forms, sent_codes, texts
from accounts.models import User


@access.member_required
def devices_(request: HttpRequest) -> HttpResponse:
    user = access.member(request)
    return render(request, "devices.html", {"devices": devices.of(user), "this": browsers.device(request)})


@access.member_required
@require_POST
def forget(request: HttpRequest, pk: int) -> HttpResponse:
    if devices.forget(access.member(request), pk, at=timezone.now()):
        messages.success(request, _("The device is forgotten: it will have to prove itself again."))
    return redirect("devices")


@access.member_required
@require_POST
def forget_others(request: HttpRequest) -> HttpResponse:
    if devices.forget_others(access.member(request), but=browsers.device(request), at=timezone.now()):
        messages.success(request, _("All other devices are forgotten."))
    return redirect("devices")


def _is_long_signed_in(request: HttpRequest) -> bool:
    return not browsers.has_just_authenticated(request)


@sensitive_post_parameters()
@access.member_required
@reauthentication_required(enabled=_is_long_signed_in)  # type: ignore[untyped-decorator]  # allauth has no types
@never_cache
def register(request: HttpRequest) -> HttpResponse:
    """Make this browser known: a code by SMS, asked for and entered here."""
    user = access.member(request)
    if browsers.device(request):
        return redirect(_next(request))
    if request.POST.get("action") == "send":
        return _send(request, user)
    form = forms.SentCodeForm(request.POST or None)
    is_sent = devices.is_started(user)
    token = _token(request, user, form) if is_sent and form.is_valid() else ""
    if token:
        messages.success(request, _("This device is known now."))
        response = redirect(_next(request))
        browsers.keep(response, token)
        return response
    about = {"form": form, "is_sent": is_sent, "next": _next(request)}
    # Of the number its end is enough: whoever reads it over a shoulder learns little.
    about["sent_to"] = f"•• {str(user.phone)[-2:]}"
    return render(request, "device_register.html", about, status=422 if form.errors else 200)


def _send(request: HttpRequest, user: User) -> HttpResponse:
    phone, here = str(user.phone), {"site": request.get_host(), "name": browsers.name(request)}
    try:
        with texts.counted(request, phone):
            texts.send_now(phone, texts.device_code(devices.start(user), **here))
    except texts.TooSoon:
        messages.error(request, texts.TOO_SOON)
    except texts.NotSent:
        devices.take_back(user)
        messages.error(request, texts.NOT_SENT)
    return redirect(request.get_full_path())


def _token(request: HttpRequest, user: User, form: forms.SentCodeForm) -> str:
    """The device's token, or nothing and what is wrong at the field."""
    try:
        return devices.finish(
            user, sent=form.cleaned_data["sent"], name=browsers.name(request), at=timezone.now()
        )
    except sent_codes.WrongSentCode as wrong:
        form.add_error(
            "sent", _("This is not the code that we sent. Tries left: %(left)s.") % {"left": wrong.tries_left}
        )
    except sent_codes.NoSentCode:
        form.add_error(None, _("The code that we sent counts no more. Ask for another."))
    return ""


def _next(request: HttpRequest) -> str:
    """Where they came from, on this site."""
    wanted = request.GET.get("next", "")
    return wanted if url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) else "devices"
