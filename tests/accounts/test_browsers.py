"""Whether somebody is at the page: five minutes without opening one end what being signed in counts for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone, translation

from accounts import browsers
from accounts.models import User

pytestmark = [pytest.mark.django_db, pytest.mark.guarded]
COOKIE = settings.PRESENCE_COOKIE_NAME


def is_attended(client: Client, user: User) -> bool:
    request = RequestFactory().get("/")
    request.user, request.session = user, client.session
    request.COOKIES = {name: cookie.value for name, cookie in client.cookies.items()}
    return browsers.is_attended(request)


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        yield clock


class TestIsAttended:
    def test_for_five_minutes_after_signing_in(self, clock: Any, at_home: Client, member: User) -> None:
        clock.shift(timedelta(minutes=4, seconds=59))
        assert is_attended(at_home, member)
        clock.shift(timedelta(seconds=2))
        assert not is_attended(at_home, member)

    def test_as_long_as_pages_are_opened(self, clock: Any, at_home: Client, member: User) -> None:
        for _ in range(4):
            clock.shift(timedelta(minutes=4))
            at_home.get("/wallet/")
        assert is_attended(at_home, member)

    def test_what_a_page_fetches_by_itself_is_nobody(self, clock: Any, at_home: Client, member: User) -> None:
        for _ in range(2):
            clock.shift(timedelta(minutes=4))
            at_home.get("/wallet/summary/", headers={"HX-Request": "true"})
        assert not is_attended(at_home, member)

    def test_once_ended_a_page_does_not_bring_it_back(
        self, clock: Any, at_home: Client, member: User
    ) -> None:
        clock.shift(timedelta(minutes=6))
        at_home.get("/wallet/")
        assert not is_attended(at_home, member)

    def test_is_no_other_sessions(self, clock: Any, at_home: Client, member: User) -> None:
        clock.shift(timedelta(minutes=4))
        at_home.get("/wallet/")
        thief = Client()
        thief.force_login(member)
        thief.cookies[COOKIE] = at_home.cookies[COOKIE].value
        assert is_attended(at_home, member)
        assert not is_attended(thief, member)


class TestName:
    @pytest.mark.parametrize(
        ("agent", "name"),
        [
            ("Mozilla/5.0 (iPhone; like Mac OS X) Version/18.0 Mobile Safari/604.1", "Safari, iPhone"),
            ("Mozilla/5.0 (Linux; Android 15) Chrome/140.0 Mobile Safari/537.36", "Chrome, Android"),
            ("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge, Windows"),
            ("curl/8", "Unknown browser"),
        ],
    )  # fmt: skip
    def test_is_what_its_owner_knows_it_by(self, agent: str, name: str) -> None:
        with translation.override("en"):
            assert browsers.name(RequestFactory().get("/", headers={"User-Agent": agent})) == name


def test_cookies_are_for_pages_of_this_site_alone() -> None:
    response = HttpResponse()
    browsers.keep(response, "token")
    assert response.cookies[settings.DEVICE_COOKIE_NAME]["samesite"] == "Lax"
