"""Known devices: made known by a code to the number, forgotten by their member, nobody else's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from accounts import codes, devices, sent_codes
from accounts.models import Device, DeviceCode, User
from tests.accounts.conftest import PASSWORD, PHONE, Outside
from tests.people import CODE

HERE = settings.DEVICE_COOKIE_NAME


def other(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06}"


@pytest.fixture
def stranger(db: None) -> User:
    user = User.objects.create_user("+33612345679", PASSWORD, name="Marc", phone_verified_at=timezone.now())
    codes.choose(user, CODE)
    return user


@pytest.mark.django_db(transaction=True)
class TestFinish:
    def test_knows_who_brings_what_was_sent(self, member: User) -> None:
        token = devices.finish(member, sent=devices.start(member), name="Firefox", at=timezone.now())
        found = devices.recognised(member, token, at=timezone.now())
        assert found
        assert found.name == "Firefox"

    def test_keeps_no_token(self, member: User) -> None:
        token = devices.register(member, name="Firefox", at=timezone.now())
        assert token not in str(Device.objects.values().get())

    def test_takes_a_code_once_and_three_tries(self, member: User) -> None:
        sent = devices.start(member)
        for _ in range(3):
            with pytest.raises(sent_codes.WrongSentCode):
                devices.finish(member, sent=other(sent), name="", at=timezone.now())
        with pytest.raises(sent_codes.NoSentCode):
            devices.finish(member, sent=sent, name="", at=timezone.now())

    def test_takes_no_code_that_was_sent_to_unlock(self, member: User) -> None:
        from accounts import unlocks  # noqa: PLC0415  # this test's alone

        with pytest.raises(sent_codes.NoSentCode):
            devices.finish(member, sent=unlocks.start(member), name="", at=timezone.now())

    def test_knows_one_device_of_five_at_once(self, member: User, at_once: Callable[..., list[Any]]) -> None:
        sent = devices.start(member)
        outcomes = at_once(5, lambda _: devices.finish(member, sent=sent, name="", at=timezone.now()))
        kinds = Counter(type(one) for one in outcomes)
        assert kinds[str] == 1
        assert Device.objects.count() == 1


@pytest.mark.django_db
class TestRecognised:
    def test_is_the_members_alone(self, member: User, stranger: User) -> None:
        token = devices.register(member, name="Firefox", at=timezone.now())
        assert devices.recognised(stranger, token, at=timezone.now()) is None

    def test_is_no_longer_what_was_forgotten(self, member: User) -> None:
        token = devices.register(member, name="Firefox", at=timezone.now())
        assert devices.forget(member, Device.objects.get().pk, at=timezone.now())
        assert devices.recognised(member, token, at=timezone.now()) is None

    def test_is_new_for_a_day(self, member: User) -> None:
        at = timezone.now()
        devices.register(member, name="Firefox", at=at)
        device = Device.objects.get()
        assert devices.is_new(device, at=at + timedelta(hours=23))
        assert not devices.is_new(device, at=at + timedelta(hours=24))

    def test_forgets_all_but_one(self, member: User, stranger: User) -> None:
        at = timezone.now()
        here = devices.register(member, name="here", at=at)
        devices.register(member, name="elsewhere", at=at)
        theirs = devices.register(stranger, name="theirs", at=at)
        assert devices.forget_others(member, but=devices.recognised(member, here, at=at), at=at) == 1
        assert [device.name for device in devices.of(member)] == ["here"]
        assert devices.recognised(stranger, theirs, at=at)

    def test_a_token_is_of_one_device(self, member: User, stranger: User) -> None:
        devices.register(member, name="here", at=timezone.now())
        twin = Device.objects.get()
        with pytest.raises(IntegrityError, match="device_token_is_of_one_device"), transaction.atomic():
            Device.objects.create(
                user=stranger,
                digest=twin.digest,
                registered_at=twin.registered_at,
                last_used_at=twin.last_used_at,
            )

    def test_is_removed_after_it_was_registered(self, member: User) -> None:
        devices.register(member, name="here", at=timezone.now())
        early = timezone.now() - timedelta(days=1)
        with (
            pytest.raises(IntegrityError, match="device_is_used_and_removed_after_it_was_registered"),
            transaction.atomic(),
        ):
            Device.objects.update(removed_at=early)

    def test_a_code_is_tried_three_times(self, member: User) -> None:
        devices.start(member)
        with (
            pytest.raises(IntegrityError, match="device_code_is_tried_three_times_at_most"),
            transaction.atomic(),
        ):
            DeviceCode.objects.update(tries=4)


@pytest.mark.django_db(transaction=True)
class TestPages:
    def make_known(self, client: Client, outside: Outside, **headers: str) -> Any:
        client.post("/settings/devices/this/", {"action": "send"}, headers=headers)
        return client.post("/settings/devices/this/", {"sent": outside.last_code()}, headers=headers)

    def test_a_code_by_sms_makes_the_browser_known(self, at_home: Client, outside: Outside) -> None:
        agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
        answer = self.make_known(at_home, outside, **{"User-Agent": agent})
        assert answer.status_code == 302
        cookie = answer.cookies[HERE]
        assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Lax", 31536000)
        page = at_home.get("/settings/devices/").content.decode()
        assert "Firefox, Windows" in page
        assert "Firefox, Windows" in outside.texts[-1]["Body"]
        assert CODE not in outside.texts[-1]["Body"]

    def test_the_cookie_goes_over_https_alone_where_the_site_does(
        self, at_home: Client, outside: Outside, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(settings, "SESSION_COOKIE_SECURE", True)
        assert self.make_known(at_home, outside).cookies[HERE]["secure"]

    def test_a_wrong_code_is_said_so(self, at_home: Client, outside: Outside) -> None:
        at_home.post("/settings/devices/this/", {"action": "send"})
        answer = at_home.post("/settings/devices/this/", {"sent": other(outside.last_code())})
        assert answer.status_code == 422
        assert HERE not in answer.cookies

    def test_a_code_that_cannot_be_sent_counts_for_nothing(self, at_home: Client, outside: Outside) -> None:
        outside.carrier_answers = (500, {})
        at_home.post("/settings/devices/this/", {"action": "send"})
        assert not DeviceCode.objects.exists()
        outside.carrier_answers = None
        assert self.make_known(at_home, outside).status_code == 302  # At once: it was not their doing.

    def test_asks_who_it_is_when_signing_in_was_long_ago(self, at_home: Client, outside: Outside) -> None:
        with time_machine.travel(timezone.now() + timedelta(minutes=20)):
            answer = at_home.post("/settings/devices/this/", {"action": "send"})
        assert "/reauthenticate/" in answer["Location"]
        assert outside.texts == []

    def test_goes_back_to_this_site_alone(self, at_home: Client, outside: Outside) -> None:
        self.make_known(at_home, outside)
        for place in ("https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example"):
            answer = at_home.get("/settings/devices/this/", {"next": place})
            assert answer["Location"] == "/settings/devices/"

    def test_forgets_nobody_elses(self, at_home: Client, stranger: User) -> None:
        devices.register(stranger, name="theirs", at=timezone.now())
        device = Device.objects.get()
        at_home.post(f"/settings/devices/{device.pk}/forget/")
        at_home.post("/settings/devices/others/forget/")
        device.refresh_from_db()
        assert device.removed_at is None
        assert "theirs" not in at_home.get("/settings/devices/").content.decode()

    def test_the_browser_of_the_sign_up_is_known(self, client: Client, outside: Outside) -> None:
        client.post("/account/signup/", {"name": "Camille Roux", "phone": PHONE})
        client.post("/account/phone/verify/", {"code": outside.last_code()})
        client.post("/welcome/sign-in/", {"password1": PASSWORD, "password2": PASSWORD})
        client.post("/welcome/code/", {"code": CODE, "again": CODE})
        user = User.objects.get()
        assert devices.recognised(user, client.cookies[HERE].value, at=timezone.now())

    def test_finishing_a_sign_up_elsewhere_makes_nothing_known(self, client: Client, camille: User) -> None:
        client.post("/account/login/", {"login": "06 12 34 56 78", "password": PASSWORD})
        client.post("/welcome/code/", {"code": CODE, "again": CODE})
        assert HERE not in client.cookies
        assert not Device.objects.exists()
