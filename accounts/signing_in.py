"""How members prove who they are: allauth's forms, where ours are stricter.

Apart from `forms`, which allauth's own forms import to extend sign-up.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from allauth.account import forms as allauth_forms
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.phone_verification import PHONE_VERIFICATION_SESSION_KEY
from allauth.account.models import EmailAddress
from allauth.core import context
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django.conf import settings
from django.core.cache import cache
from django.utils.translation import gettext_lazy as _

from accounts.models import UNLOCK_TRIES, User


class LoginForm(allauth_forms.LoginForm):  # type: ignore[misc]  # untyped
    """Number and password; a passkey or a code by SMS have their own buttons.

    allauth drops the password because sign-up does not ask for one.
    """

    password = allauth_forms.PasswordField(label=_("Password"), autocomplete="current-password")

    def _setup_password_field(self) -> None:
        """Keep it."""


class LoginCodeForm(allauth_forms.ConfirmLoginCodeForm):  # type: ignore[misc]  # untyped
    """What was sent by SMS to sign in."""

    def clean_code(self) -> str:
        _count_try()
        code: str = super().clean_code()
        return code


class VerifyPhoneForm(allauth_forms.VerifyPhoneForm):  # type: ignore[misc]  # untyped
    """What was sent to a number, to make it theirs."""

    def clean_code(self) -> str:
        _count_try()
        code: str = super().clean_code()
        return code


class PasskeyForm(AddWebAuthnForm):  # type: ignore[misc]  # untyped
    """A passkey signs in by itself, so it has to have verified who held it."""

    passwordless = None

    def clean(self) -> dict[str, Any]:
        self.cleaned_data["passwordless"] = True
        cleaned: dict[str, Any] = super().clean()
        return cleaned


class ResetPasswordForm(allauth_forms.ResetPasswordForm):  # type: ignore[misc]  # untyped
    """Writes to confirmed addresses only: a mistyped one would give the account to its reader."""

    users: list[User]

    def clean_email(self) -> str:
        email: str = super().clean_email()
        confirmed = set(
            EmailAddress.objects.filter(email=email, verified=True).values_list("user_id", flat=True)
        )
        self.users = [user for user in self.users if user.pk in confirmed]
        return email


def _count_try() -> None:
    """Count it before the code is looked at: allauth counts in the session, where those sent at once are one.

    One too many is told what a wrong one is.
    """
    request = context.request
    stage = getattr(request, "_login_stage", None)
    waiting = stage.state if stage else request.session[PHONE_VERIFICATION_SESSION_KEY]
    asked = sha256(f"{waiting.get('phone')} {waiting['at']}".encode()).hexdigest()
    cache.add(f"sent-code:{asked}", 0, timeout=settings.ACCOUNT_LOGIN_TIMEOUT)  # Longer than any code counts.
    if cache.incr(f"sent-code:{asked}") > UNLOCK_TRIES:
        raise get_adapter().validation_error("incorrect_code")
