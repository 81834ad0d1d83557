"""Staff in tests: somebody who may look at everything, and two who decide, each with a second factor."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import staff
from accounts.models import User

NO_WRITING = ('name="_save"', 'name="_continue"', 'name="_addanother"', "deletelink", "addlink")


PASSWORD = "demo-rivoli-vendredi"


def hire(name: str, phone: str, *roles: staff.Role, is_superuser: bool = False) -> User:
    """A member of staff with a second factor, in the test's own transaction."""
    return appointed(name, phone, ["Staff", *roles], is_superuser=is_superuser)


def appointed(name: str, phone: str, roles: list[str], *, is_superuser: bool = False) -> User:
    """As `hire` does, in these roles alone."""
    user = User.objects.create_user(phone, PASSWORD, name=name, phone_verified_at=timezone.now())
    with connection.cursor() as cursor:
        cursor.execute("SELECT appoint(%s, %s, %s)", [user.pk, is_superuser, roles])
    TOTPDevice.objects.create(user=user, name="authenticator", confirmed=True)
    return User.objects.get(pk=user.pk)


def at_desk(user: User) -> Client:
    """Their browser, past the second factor."""
    client = Client()
    client.force_login(user)
    session = client.session
    session[DEVICE_ID_SESSION_KEY] = TOTPDevice.objects.get(user=user).persistent_id
    session.save()
    return client


@pytest.fixture
def agathe(db: None) -> User:
    """Looks at everything, and decides nothing."""
    return hire("Agathe Moreau", "+33612340009")


@pytest.fixture
def odile(db: None) -> User:
    """Proposes and decides, and checks identities."""
    return hire("Odile Chef", "+33612340010", staff.Role.DECISIONS, staff.Role.IDENTITY)


@pytest.fixture
def bruno(db: None) -> User:
    """Proposes and decides."""
    return hire("Bruno Adjoint", "+33612340011", staff.Role.DECISIONS)


@pytest.fixture
def desk(agathe: User) -> Client:
    return at_desk(agathe)


def list_of(model: type[Model]) -> str:
    about = model._meta  # noqa: SLF001  # Django's documented name
    return reverse(f"admin:{about.app_label}_{about.model_name}_changelist")


def page_of(row: Model) -> str:
    about = row._meta  # noqa: SLF001  # Django's documented name
    return reverse(f"admin:{about.app_label}_{about.model_name}_change", args=[row.pk])


def read(desk: Client, address: str) -> str:
    """The page, which must offer no way to write."""
    response = desk.get(address)
    assert response.status_code == 200, address
    text = response.content.decode()
    assert not [word for word in NO_WRITING if word in text], address
    assert 'style="' not in text, address
    return text
