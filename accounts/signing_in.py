"""How members prove who they are: allauth's forms, where ours are stricter.

Apart from `forms`, which allauth's own forms import to extend sign-up.
"""

from __future__ import annotations

from typing import Any

from allauth.account import forms as allauth_forms
from allauth.account.models import EmailAddress
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django.utils.translation import gettext_lazy as _

from accounts.models import User


class LoginForm(allauth_forms.LoginForm):  # type: ignore[misc]  # untyped
    """Number and password; a passkey or a code by SMS have their own buttons.

    allauth drops the password because sign-up does not ask for one.
    """

    password = allauth_forms.PasswordField(label=_("Password"), autocomplete="current-password")

    def _setup_password_field(self) -> None:
        """Keep it."""


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
