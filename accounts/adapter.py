"""How allauth deals with us: numbers are French mobiles, codes go by SMS, X is for linking alone.

Whoever asks about a number gets the same answer, whether it is a member's or not; its owner is
told the rest by SMS.
"""

from __future__ import annotations

import logging
from typing import Any, NoReturn

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.base import AuthError, AuthProcess
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts import browsers, identities, members, numbers, organisations, phones, seats, texts
from accounts.models import Identity, Role, User

logger = logging.getLogger(__name__)


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # untyped
    """Members are known by their mobile number."""

    def get_login_stages(self) -> list[str]:
        by_sms, *others = super().get_login_stages()
        return [by_sms, "accounts.stages.SecretCodeStage", *others]

    def phone_form_field(self, **options: Any) -> phones.PhoneField:
        # allauth's label is not ours.
        return phones.PhoneField(required=options.get("required", True))

    def save_user(self, request: HttpRequest, user: User, form: Form, commit: bool = True) -> User:
        """Write the sign-up in one go; an e-mail address and a way to sign in come later."""
        user.name = form.cleaned_data["name"]
        user.language = translation.get_language()[:2]
        user.set_unusable_password()
        with transaction.atomic():
            user.save()
            self.set_phone(user, form.cleaned_data["phone"], verified=False)
        return user

    def set_password(self, user: User, password: str) -> None:
        """Write it alone: number, tier and all else may have changed since they were read."""
        user.set_password(password)
        user.save(update_fields=["password", "password_changed_at"])

    def set_phone(self, user: User, phone: str, verified: bool) -> None:
        if verified:
            self.set_phone_verified(user, phone)
        else:
            members.claim_phone(user, phone)

    def set_phone_verified(self, user: User, phone: str) -> None:
        try:
            _verify(user, phone, by=context.request.user)
            browsers.note_number_verified(context.request, user)
            self.after_verifying(user)
        except members.NumberTaken:
            _answer(
                messages.ERROR, _("This number was verified elsewhere. Sign in with it."), to="account_login"
            )

    def after_verifying(self, user: User) -> None:
        """Whoever builds on this app may do here what waited for the number."""

    def get_phone(self, user: User) -> tuple[str, bool] | None:
        return (str(user.phone), user.phone_verified_at is not None) if user.phone else None

    def get_user_by_phone(self, phone: str) -> User | None:
        return members.by_phone(phone)

    def send_verification_code_sms(self, user: User, phone: str, code: str, **_kwargs: Any) -> None:
        with translation.override(user.language):
            self._text(phone, texts.code(code, site=context.request.get_host()))

    def send_account_already_exists_sms(self, phone: str) -> None:
        self._text(
            phone,
            _("S-Money: this number has an account already. If it was you who signs up, sign in: %(site)s")
            % {"site": settings.SITE_URL},
        )

    def send_unknown_account_sms(self, phone: str, **_kwargs: Any) -> None:
        self._text(
            phone,
            _("S-Money: this number has no account. If it was you who signs in, sign up: %(site)s")
            % {"site": settings.SITE_URL},
        )

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        # allauth's leaves the number out: five wrong passwords of anybody would stop everybody.
        return str(credentials.get("phone", ""))

    def _text(self, phone: str, text: str) -> None:
        """Send it, or say why it was not sent where they asked for it."""
        request = context.request
        try:
            with texts.counted(request, phone):
                texts.send_now(phone, text)
        except texts.TooSoon:
            _answer(messages.ERROR, texts.TOO_SOON, to=request.path)
        except texts.NotSent:
            _answer(messages.ERROR, texts.NOT_SENT, to=request.path)


class SocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # untyped
    """X is linked by whoever is signed in; `identities` keeps it, and allauth keeps nothing."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> NoReturn:
        """Always end here: allauth would go on to sign people in, and to store tokens."""
        if not isinstance(request.user, User) or sociallogin.state.get("process") != AuthProcess.CONNECT:
            _answer(messages.ERROR, _("Sign in to S-Money first, then link X."), to="account_login")
        if members.step(request.user) is not members.Step.DONE:
            _answer(messages.ERROR, _("Finish signing up first, then link X."), to="onboarding")
        account = _account(request.user, sociallogin.state)
        answer = _linked(account, sociallogin.account.extra_data)
        self.after_linking(account)
        _answer(*answer, to=_page(sociallogin.state))

    def after_linking(self, user: User) -> None:
        """Whoever builds on this app may do here what waited for the link."""

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: str = AuthError.UNKNOWN,
        exception: Exception | None = None,
        extra_context: dict[str, Any] | None = None,
    ) -> NoReturn:
        """Say what happened where they came from; nothing was linked."""
        page = _page((extra_context or {}).get("state") or {})
        if error == AuthError.CANCELLED:
            _answer(messages.INFO, _("X was not linked: you declined there."), to=page)
        logger.warning("X was not linked", extra={"problem": type(exception).__name__})
        _answer(messages.ERROR, _("X was not linked: it gave no valid answer. Please try again."), to=page)


def _account(user: User, state: dict[str, Any]) -> User:
    """Whose X is linked: theirs, or their organisation's, if they went for it and own it still."""
    slug = _organisation(state)
    if not slug:
        return user
    try:
        organisation = seats.held(slug, by=user, roles=frozenset({Role.OWNER})).organisation
    except seats.NoSeat:
        _answer(messages.ERROR, _("You do not own this organisation any more."), to="organisations")
    if not organisations.is_reviewed(organisation):
        _answer(messages.ERROR, _("X is linked once we have looked at the organisation."), to=_page(state))
    return organisation.account


def _organisation(state: dict[str, Any]) -> str:
    """The address of the organisation for which somebody went to X, as our own session kept it."""
    return str((state.get("data") or {}).get("organisation", ""))


def _page(state: dict[str, Any]) -> str:
    """Where they came from."""
    slug = _organisation(state)
    return reverse("organisation", args=[slug]) if slug else "settings"


def _verify(user: User, phone: str, *, by: object) -> None:
    """Make it theirs; whose it is already has it since then, and does not get it anew by each code.

    :raises members.NumberTaken: if they have another by now, and are not signed in to change it
    """
    known = User.objects.filter(pk=user.pk, phone_verified_at__isnull=False).first()
    if known is None or (known.phone != phone and by == user):
        numbers.verify(user, phone, at=timezone.now())
    elif known.phone != phone:
        raise members.NumberTaken


def _linked(user: User, profile: dict[str, Any]) -> tuple[int, str]:
    """What became of linking the profile that X told of."""
    try:
        identity = identities.link(
            user,
            network=Identity.Network.X,
            external_id=str(profile["id"]),
            handle=str(profile["username"]),
            name=str(profile.get("name", ""))[:80],
            picture_url=_picture(profile),
            joined_network_at=parse_datetime(str(profile.get("created_at", ""))),
            at=timezone.now(),
        )
    except identities.AlreadyLinked as taken:
        return messages.ERROR, _("%(identity)s is linked to another account of S-Money.") % {
            "identity": taken.identity
        }
    except identities.HasAnother as other:
        return messages.ERROR, _("Your account is linked to %(identity)s. Unlink it first.") % {
            "identity": other.identity
        }
    return messages.SUCCESS, _("%(identity)s is linked.") % {"identity": identity}


def _picture(profile: dict[str, Any]) -> str:
    url = str(profile.get("profile_image_url") or "")
    return url if url.startswith(("https://", "http://")) and len(url) <= 300 else ""  # noqa: PLR2004  # the length of the column that keeps it


def _answer(level: int, message: str | Promise, *, to: str) -> NoReturn:
    messages.add_message(context.request, level, str(message))
    response: HttpResponse = redirect(to)
    raise ImmediateHttpResponse(response)
