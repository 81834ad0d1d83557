"""What makes a member nobody: name, number, ways to sign in, identities and documents go; the row stays.

Called by `payments.erasures`, which has looked at what stands in the way, in its transaction.
"""

from __future__ import annotations

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db.models import Model
from django.db.models.functions import Now
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import devices, dossiers, identities, seats
from accounts.models import DeviceCode, Identity, SecretCode, UnlockCode, User


def forget(user: User) -> list[Identity]:
    """Forget who they are; return their identities as they were. The number and the X id are free again."""
    _sign_out_everywhere(user)
    for model in (SecretCode, UnlockCode, DeviceCode, Authenticator, TOTPDevice, EmailAddress, SocialAccount):
        model._default_manager.filter(user=user).delete()  # noqa: SLF001  # Django's documented name
    devices.erase(user)
    dossiers.erase(user)
    theirs = identities.erase(user)
    _forget_in_log(User, [user.pk])
    _forget_in_log(Identity, [identity.pk for identity in theirs])
    _forget_name(user)
    seats.leave_all(user)  # Whom it concerns reads that a former member acts for it no more.
    return theirs


def _forget_name(user: User) -> None:
    user.set_unusable_password()
    User.objects.filter(pk=user.pk).update(
        name="",
        phone=None,
        phone_verified_at=None,
        email="",
        language="fr",
        password=user.password,
        password_changed_at=None,
        last_login=None,
        is_active=False,
        erased_at=Now(),
    )
    user.refresh_from_db()


def _sign_out_everywhere(user: User) -> None:
    """A session that is not listed is good for nothing either: the password that it was made with is gone."""
    sessions = UserSession.objects.filter(user=user)
    Session.objects.filter(session_key__in=sessions.values("session_key")).delete()
    sessions.delete()


def _forget_in_log(model: type[Model], keys: list[int]) -> None:
    """Django's admin writes the name of what staff changed."""
    entries = LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(model), object_id__in=[str(key) for key in keys]
    )
    entries.update(object_repr="", change_message="")
