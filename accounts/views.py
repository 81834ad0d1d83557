"""A member's own pages: finishing sign-up, settings, the secret code, language."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.account.decorators import reauthentication_required
from allauth.account.forms import SetPasswordForm
from allauth.account.internal import flows
from allauth.account.internal.decorators import login_stage_required
from allauth.mfa.webauthn.internal import auth as webauthn
from allauth.mfa.webauthn.views import AddWebAuthnView, RemoveWebAuthnView
from django import forms as django_forms
from django.conf import settings as project
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views import i18n
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from accounts import (
    access,
    browsers,
    codes,
    devices,
    forms,
    identities,
    members,
    sent_codes,
    signing_in,
    texts,
    unlocks,
)
from accounts.models import Identity, SecretCode, User
from accounts.stages import SecretCodeStage

# --- Finishing sign-up --------------------------------------------------------------------------


@login_required
@require_GET
def onboarding(request: HttpRequest) -> HttpResponse:
    """Go on where it was left."""
    step = members.step(access.member(request))
    return redirect(
        {
            members.Step.SIGN_IN: "onboarding_signin",
            members.Step.CODE: "onboarding_code",
            members.Step.DONE: project.LOGIN_REDIRECT_URL,
        }[step]
    )


@sensitive_post_parameters()
@login_required
@never_cache
def onboarding_signin(request: HttpRequest) -> HttpResponse:
    """Choose a password here, or follow the link to add a passkey."""
    user = access.member(request)
    if members.step(user) is not members.Step.SIGN_IN:
        return redirect("onboarding")
    form = SetPasswordForm(user, request.POST or None)
    if form.is_valid():
        form.save()
        flows.password_change.finalize_password_set(request, user)
        return redirect("onboarding")
    return render(request, "onboarding_signin.html", {"form": form})


@sensitive_post_parameters()
@login_required
@never_cache
def onboarding_code(request: HttpRequest) -> HttpResponse:
    user = access.member(request)
    if members.step(user) is not members.Step.CODE:
        return redirect("onboarding")
    form = forms.ChooseCodeForm(request.POST or None, user=user)
    if form.is_valid():
        codes.choose(user, form.cleaned_data["code"])
        return _remembered(request, user, redirect("onboarding"))
    return render(request, "onboarding_code.html", {"form": form})


def _remembered(request: HttpRequest, user: User, response: HttpResponse) -> HttpResponse:
    """The browser that the number was verified in is a known device from the start; somebody sits at it."""
    browsers.attend(request, response)
    if browsers.take_number_verified(request, user):
        browsers.keep(response, devices.register(user, name=browsers.name(request), at=timezone.now()))
    return response


# --- Signing in ---------------------------------------------------------------------------------


@sensitive_post_parameters()
@login_stage_required(stage=SecretCodeStage.key, redirect_urlname="account_request_login_code")  # type: ignore[untyped-decorator]  # allauth has no types
def login_secret_code(request: HttpRequest) -> HttpResponse:
    """After a code by SMS: the secret code, instead of a password or passkey that may be lost."""
    stage: SecretCodeStage = request._login_stage  # type: ignore[attr-defined]  # noqa: SLF001  # allauth keeps it there, and has no other way to it
    user = stage.login.user
    form = forms.SecretCodeForm(request.POST or None)
    if form.is_valid() and _passes(form, "code", lambda: codes.verify(user, form.cleaned_data["code"])):
        flows.login.record_authentication(request, user, method=stage.key, reauthenticated=True)
        stage.replace_passkey()
        return stage.exit()  # type: ignore[no-any-return]  # untyped
    return render(request, "login_secret_code.html", {"form": form})


@sensitive_post_parameters()
@login_required
@reauthentication_required(app="allauth.account")  # type: ignore[untyped-decorator]  # allauth has no types
@never_cache
def password(request: HttpRequest) -> HttpResponse:
    """Set or change the password; whoever just signed in by SMS and secret code needs no old one."""
    user = access.member(request)
    form = SetPasswordForm(user, request.POST or None)
    if form.is_valid():
        form.save()
        flows.password_change.finalize_password_change(request, user)
        return redirect("settings")
    return render(request, "account/password_set.html", {"form": form})


class AddPasskey(AddWebAuthnView):  # type: ignore[misc]  # untyped
    """A passkey that signs in without number and password."""

    form_class = signing_in.PasskeyForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        context["js_data"] = {
            "creation_options": webauthn.begin_registration(self.request.user, passwordless=True)
        }
        return context

    def get_success_url(self) -> str:
        done = members.step(access.member(self.request)) is members.Step.DONE
        return reverse("settings" if done else "onboarding")


class RemovePasskey(RemoveWebAuthnView):  # type: ignore[misc]  # untyped
    """The last passkey stays until there is a password: nobody may lock themselves out."""

    def form_valid(self, form: django_forms.Form) -> HttpResponse:
        user = access.member(self.request)
        if not user.has_usable_password() and len(members.passkeys(user)) == 1:
            messages.error(self.request, _("It is your only way to sign in. Set a password first."))
            return redirect("settings")
        super().form_valid(form)
        return redirect("settings")


# --- Settings -----------------------------------------------------------------------------------


@access.member_required
@access.attended_required()
def settings(request: HttpRequest) -> HttpResponse:
    user = access.member(request)
    form = forms.ProfileForm(request.POST or None, instance=user)
    if form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect("settings")
    return render(
        request,
        "settings.html",
        {
            "form": form,
            "identities": Identity.objects.filter(user=user, network=Identity.Network.X),
            "has_messenger": bool(project.MESSENGER_PAGE_ID),
            "code": SecretCode.objects.defer("digest").get(user=user),
            "passkeys": len(members.passkeys(user)),
            "devices": len(devices.of(user)),
        },
    )


@access.member_required
@access.attended_required()
@require_POST
def x_unlink(request: HttpRequest) -> HttpResponse:
    try:
        identity = identities.unlink(access.member(request), network=Identity.Network.X, at=timezone.now())
    except identities.NotLinked:
        return redirect("settings")
    messages.success(request, _("%(identity)s is no longer linked.") % {"identity": identity})
    return redirect("settings")


@access.member_required
@access.attended_required()
@require_POST
def x_payments(request: HttpRequest) -> HttpResponse:
    """Whether their account on X may be paid."""
    identity = identities.of(access.member(request), network=Identity.Network.X)
    if identity is not None and request.POST.get("wish") == "refuse":
        identities.refuse_payments(identity, at=timezone.now())
        messages.success(request, _("Nobody can pay %(identity)s now.") % {"identity": identity})
    elif identity is not None:
        identities.accept_payments(identity)
        messages.success(request, _("%(identity)s can be paid again.") % {"identity": identity})
    return redirect("settings")


@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Django's view, which sets a cookie; a member's choice is kept with them as well."""
    language = request.POST.get(i18n.LANGUAGE_QUERY_PARAMETER, "")
    if isinstance(request.user, User) and language in dict(project.LANGUAGES):
        User.objects.filter(pk=request.user.pk).update(language=language)
    return i18n.set_language(request)


# --- The secret code ----------------------------------------------------------------------------


@sensitive_post_parameters()
@access.member_required
@never_cache
def code_change(request: HttpRequest) -> HttpResponse:
    user = access.member(request)
    form = forms.ChangeCodeForm(request.POST or None, user=user)
    data = form.cleaned_data if form.is_valid() else {}
    if data and _passes(form, "old", lambda: codes.change(user, old=data["old"], new=data["code"])):
        messages.success(request, _("Your secret code is changed."))
        return redirect("settings")
    return render(request, "code_change.html", {"form": form})


@sensitive_post_parameters()
@access.member_required
@reauthentication_required(app="allauth.account")  # type: ignore[untyped-decorator]  # allauth has no types
@never_cache
def code_unlock(request: HttpRequest) -> HttpResponse:
    """A new secret code, by password or passkey and a code by SMS."""
    user = access.member(request)
    if request.POST.get("action") == "send":
        return _send_unlock_code(request, user)
    is_sent = unlocks.is_started(user)
    form = forms.UnlockForm(request.POST or None, user=user)
    if is_sent and form.is_valid() and _is_unlocked(form, user):
        messages.success(request, _("Your secret code is changed, and works again."))
        return redirect("settings")
    return render(request, "code_unlock.html", {"form": form, "is_sent": is_sent, **_whose(user)})


def _whose(user: User) -> dict[str, object]:
    """Of the number its end is enough: whoever reads it over a shoulder learns little."""
    return {"sent_to": f"•• {str(user.phone)[-2:]}", "is_locked": SecretCode.objects.get(user=user).is_locked}


def _send_unlock_code(request: HttpRequest, user: User) -> HttpResponse:
    phone = str(user.phone)
    try:
        with texts.counted(request, phone):
            texts.send_now(phone, texts.code(unlocks.start(user), site=request.get_host()))
    except texts.TooSoon:
        messages.error(request, texts.TOO_SOON)
    except texts.NotSent:
        unlocks.take_back(user)
        messages.error(request, texts.NOT_SENT)
    return redirect("code_unlock")


def _is_unlocked(form: forms.UnlockForm, user: User) -> bool:
    try:
        unlocks.finish(user, sent=form.cleaned_data["sent"], new_code=form.cleaned_data["code"])
    except sent_codes.WrongSentCode as wrong:
        form.add_error(
            "sent", _("This is not the code that we sent. Tries left: %(left)s.") % {"left": wrong.tries_left}
        )
    except sent_codes.NoSentCode:
        form.add_error(None, _("The code that we sent counts no more. Ask for another."))
    return not form.errors


def _passes(form: django_forms.Form, field: str, act: Callable[[], None]) -> bool:
    """Do what needs the secret code; what is wrong with it is said at the field."""
    try:
        act()
    except codes.WrongCode as wrong:
        form.add_error(field, _("Wrong secret code. Tries left: %(left)s.") % {"left": wrong.tries_left})
    except (codes.CodeLocked, codes.NoCode):
        form.add_error(
            field, _("Your secret code is locked. Sign in with your password or passkey to unlock it.")
        )
    return not form.errors
