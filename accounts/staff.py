"""Staff: they see everything and change nothing, by number, password and a second factor."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.models import User

GROUP = "Staff"
APPS = ("accounts", "payments", "social")


@transaction.atomic
def enrol(phone: str, *, name: str, password: str, at: datetime) -> str:
    """Make a member of staff, or give one a new password and second factor; return its otpauth address.

    The address holds the secret of the authenticator: it is shown once and kept nowhere else.
    """
    found = User.objects.filter(phone=phone, phone_verified_at__isnull=False).first()
    user = found or User(phone=phone, phone_verified_at=at)
    user.name, user.is_staff, user.is_active = name, True, True
    user.set_password(password)
    user.save()
    user.groups.add(_group())
    TOTPDevice.objects.filter(user=user).delete()
    device = TOTPDevice.objects.create(user=user, name="authenticator", confirmed=True)
    return str(device.config_url)


def _group() -> Group:
    """The group whose members may look."""
    group, _ = Group.objects.get_or_create(name=GROUP)
    looks = Permission.objects.filter(content_type__app_label__in=APPS, codename__startswith="view_")
    group.permissions.set(looks)
    return group
