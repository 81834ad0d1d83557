"""Staff: what each role may do; they come in by number, password and a second factor.

The first ones are enrolled at the console, by the tables' owner: the application's role cannot make
anybody staff (`migrations/sql/0031_rights.sql`). Later ones by two others (`payments.approvals`).
"""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.models import Group, Permission
from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.models import User

APPS = ("accounts", "payments", "giving", "shop", "social")


class Role(models.TextChoices):
    """A group of Django's, by its name."""

    STAFF = "Staff", _("looks at everything but identity documents; freezes members")
    DECISIONS = "Decisions", _("proposes, and approves what another proposed")
    IDENTITY = "Identity", _("opens identity documents and decides on them")


# Beside the right to look.
_RIGHTS: dict[Role, tuple[str, ...]] = {
    Role.STAFF: ("add_freeze",),
    Role.DECISIONS: ("decide_proposal",),
    Role.IDENTITY: ("review_dossier",),
}


def enrol(  # noqa: PLR0913  # all that is known of who is enrolled
    phone: str, *, name: str, password: str, at: datetime, roles: tuple[Role, ...] = (Role.STAFF,), using: str
) -> str:
    """Make a member of staff, or give one a new password and second factor; return its otpauth address.

    The address holds the secret of the authenticator: it is shown once and kept nowhere else.
    """
    with transaction.atomic(using=using):
        known = User.objects.using(using).filter(phone=phone, phone_verified_at__isnull=False)
        user = known.first() or User(phone=phone, phone_verified_at=at)
        user.name, user.is_staff, user.is_active = name, True, True
        user.set_password(password)
        user.save(using=using)
        make_roles(using=using)
        user.groups.add(*Group.objects.using(using).filter(name__in={Role.STAFF, *roles}))
        TOTPDevice.objects.using(using).filter(user=user).delete()
        device = TOTPDevice.objects.using(using).create(user=user, name="authenticator", confirmed=True)
    return str(device.config_url)


def make_roles(*, using: str) -> None:
    """The group of each role, with its rights as they are now."""
    for role in Role:
        group, _created = Group.objects.using(using).get_or_create(name=role)
        rights = Q(content_type__app_label__in=APPS, codename__in=_RIGHTS[role])
        if role is Role.STAFF:
            rights |= Q(content_type__app_label__in=APPS, codename__startswith="view_")
        group.permissions.set(Permission.objects.using(using).filter(rights))
