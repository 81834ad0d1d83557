"""Staff in tests: somebody who may look at everything, with a second factor."""

from __future__ import annotations

import pytest
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import staff
from accounts.models import User

NO_WRITING = ('name="_save"', 'name="_continue"', 'name="_addanother"', "deletelink", "addlink")


@pytest.fixture
def agathe(db: None) -> User:
    phone = "+33612340009"
    staff.enrol(phone, name="Agathe Moreau", password="demo-rivoli-vendredi", at=timezone.now())
    return User.objects.get(phone=phone)


@pytest.fixture
def desk(agathe: User) -> Client:
    """Her browser, past the second factor."""
    client = Client()
    client.force_login(agathe)
    session = client.session
    session[DEVICE_ID_SESSION_KEY] = TOTPDevice.objects.get(user=agathe).persistent_id
    session.save()
    return client


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
