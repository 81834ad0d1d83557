"""What staff see, and what they cannot."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.models import Identity, SecretCode, User
from tests.accounts.conftest import PASSWORD
from tests.people import join
from tests.staff import hire, list_of, page_of, read

pytestmark = pytest.mark.django_db(transaction=True)

STAFF_PHONE = "+33698765432"


@pytest.fixture
def boss() -> User:
    user = hire("Odile Chef", STAFF_PHONE, is_superuser=True)
    TOTPDevice.objects.filter(user=user).delete()
    user.set_password(PASSWORD)
    user.save()
    return user


def sign_in(client: Client, **form: Any) -> Any:
    return client.post("/staff/login/", {"username": "06 98 76 54 32", "password": PASSWORD} | form)


@pytest.fixture
def office(client: Client, boss: User) -> Client:
    device = TOTPDevice.objects.create(user=boss, name="phone", confirmed=True)
    totp = TOTP(device.bin_key, device.step, device.t0, device.digits)
    page = sign_in(client, otp_device=device.persistent_id, otp_token=f"{totp.token():06}")
    assert page.status_code == 302, page.context["form"].errors
    return client


class TestSignIn:
    def test_takes_number_password_and_second_factor(self, office: Client) -> None:
        assert office.get("/staff/accounts/user/").status_code == 200

    def test_is_for_a_day_of_work(self, office: Client) -> None:
        assert timedelta(hours=7) < office.session.get_expiry_date() - timezone.now() <= timedelta(hours=8)

    def test_does_not_go_without_the_second_factor(self, client: Client, boss: User) -> None:
        TOTPDevice.objects.create(user=boss, name="phone", confirmed=True)
        sign_in(client)
        assert client.get("/staff/accounts/user/").status_code == 302

    def test_stops_after_five_wrong_passwords(self, client: Client, boss: User) -> None:
        for number in range(5):
            client.post(
                "/staff/login/", {"username": STAFF_PHONE, "password": "x"}, REMOTE_ADDR=f"192.0.2.{number}"
            )
        page = sign_in(client)
        assert page.status_code == 200
        assert page.context["form"].errors

    @pytest.mark.parametrize("username", ["", "odile", "+44 7911 123456", STAFF_PHONE])
    def test_survives_what_is_typed(self, client: Client, boss: User, username: str) -> None:
        assert client.post("/staff/login/", {"username": username, "password": "x"}).status_code == 200


class TestUsers:
    @pytest.mark.parametrize("query", ["06 12 34 56 78", "0612345678", "+33 6 12 34 5", "roux", "camille_x"])
    def test_are_found_as_people_write(self, office: Client, member: User, armand: User, query: str) -> None:
        Identity.objects.create(
            network="x", external_id="77", handle="camille_x", user=member, linked_at=member.joined_at
        )
        page = office.get("/staff/accounts/user/", {"q": query}).content.decode()
        assert "Camille Roux" in page
        assert "Armand" not in page

    @pytest.mark.parametrize(
        ("state", "names"), [("none", {"Odile Chef"}), ("open", {"Camille Roux"}), ("locked", set())]
    )
    def test_are_filtered_by_the_state_of_the_code(
        self, office: Client, member: User, state: str, names: set[str]
    ) -> None:
        found = office.get("/staff/accounts/user/", {"code": state}).context["cl"].queryset
        assert {user.name for user in found} == names

    def test_show_no_digest(self, office: Client, member: User) -> None:
        page = office.get(f"/staff/accounts/user/{member.pk}/change/").content.decode()
        assert SecretCode.objects.get().digest not in page
        assert "argon2" not in page

    def test_are_switched_off_and_else_unchanged(self, office: Client, member: User) -> None:
        office.post(
            f"/staff/accounts/user/{member.pk}/change/",
            {
                "name": "Other",
                "phone": "+33600000000",
                "identities-TOTAL_FORMS": 0,
                "identities-INITIAL_FORMS": 0,
                "devices-TOTAL_FORMS": 0,
                "devices-INITIAL_FORMS": 0,
            },
        )
        kept = User.objects.get(pk=member.pk)
        assert (kept.name, kept.phone, kept.is_active) == (member.name, member.phone, False)

    def test_are_neither_made_nor_deleted(self, office: Client, member: User) -> None:
        assert office.get("/staff/accounts/user/add/").status_code == 403
        assert office.get(f"/staff/accounts/user/{member.pk}/delete/").status_code == 403

    def test_nobody_changes_their_own_rights(self, office: Client, boss: User) -> None:
        office.post(
            f"/staff/accounts/user/{boss.pk}/change/",
            {"identities-TOTAL_FORMS": 0, "identities-INITIAL_FORMS": 0},
        )
        boss.refresh_from_db()
        assert boss.is_active
        assert boss.is_superuser


class TestIdentities:
    def test_are_looked_at_only(self, office: Client, armand: User) -> None:
        identity = Identity.objects.get()
        assert f"/user/{armand.pk}/change/" in office.get("/staff/accounts/identity/").content.decode()
        assert office.get(f"/staff/accounts/identity/{identity.pk}/change/").status_code == 200

    def test_shows_the_handles_that_an_identity_bore(self, office: Client, armand: User) -> None:
        armand.identities.update(handle="chez_armand")
        identity = armand.identities.get()
        page = office.get(f"/staff/accounts/identity/{identity.pk}/change/").text
        assert "armanddossantos" in page
        found = office.get("/staff/accounts/identity/?q=armanddossantos").text
        assert f"/staff/accounts/identity/{identity.pk}/change/" in found
        assert (
            office.post(f"/staff/accounts/identity/{identity.pk}/change/", {"handle": "x"}).status_code == 403
        )


@pytest.mark.parametrize("model", [User, Identity])
class TestLooking:
    """Staff without other rights see each list and page, and have nothing to write with."""

    def test_asks_no_more_for_more_rows(self, desk: Client, model: type[User | Identity]) -> None:
        self.grow(1, 2)
        read(desk, list_of(model))
        with CaptureQueriesContext(connection) as few:
            read(desk, list_of(model))
        self.grow(*range(3, 11))
        with CaptureQueriesContext(connection) as many:
            read(desk, list_of(model))
        assert len(many) == len(few)

    def test_changes_nothing(self, desk: Client, armand: User, model: type[User | Identity]) -> None:
        row = armand if model is User else armand.identities.get()
        read(desk, page_of(row))
        for address in (page_of(row), page_of(row).replace("change", "delete"), list_of(model) + "add/"):
            assert desk.post(address, {"name": "Autre", "is_active": ""}).status_code == 403
        row.refresh_from_db()
        assert row.name == "Armand Dos Santos"

    def test_is_not_for_members(self, client: Client, armand: User, model: type[User | Identity]) -> None:
        client.force_login(armand)
        assert client.get(list_of(model)).status_code == 302

    @staticmethod
    def grow(*numbers: int) -> None:
        for number in numbers:
            join(
                f"N {number}", phone=f"+336123402{number:02}", handle=f"n{number}", external_id=f"60{number}"
            )
