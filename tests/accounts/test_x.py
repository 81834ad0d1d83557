"""Linking X through the pages, and the ways to abuse it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.contrib.messages import get_messages
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts import codes
from accounts.models import Identity, IdentityLink, User
from tests.accounts.conftest import PASSWORD, Outside
from tests.people import CODE

pytestmark = pytest.mark.django_db(transaction=True)

START, BACK = "/account/x_account/login/", "/account/x_account/login/callback/"


def signed_in(user: User) -> Client:
    """A browser in which they are at home; armand and léa have no password, so they come in by the side."""
    client = Client()
    client.force_login(user)
    return client


def said(response: Any) -> str:
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


def go_to_x(client: Client) -> str:
    page = client.post(START, HTTP_ACCEPT_LANGUAGE="en")
    assert page.status_code == 302
    return str(page.headers["Location"])


@pytest.fixture
def in_english(member: User) -> User:
    User.objects.update(language="en")
    return member


@pytest.mark.usefixtures("in_english")
class TestLink:
    def test_links_who_x_says_it_is(self, at_home: Client, member: User, outside: Outside) -> None:
        back = at_home.get(BACK, outside.agree(go_to_x(at_home)))
        assert back.headers["Location"] == "/settings/"
        identity = Identity.objects.get(user=member)
        assert (identity.external_id, identity.handle, identity.name) == (
            "2244994945",
            "camille_x",
            "Camille",
        )
        assert identity.joined_network_at
        assert identity.joined_network_at.year == 2013
        assert IdentityLink.objects.get().user == member
        assert "@camille_x" in at_home.get("/settings/").content.decode()

    def test_asks_x_for_reading_only_and_with_pkce(self, at_home: Client, outside: Outside) -> None:
        address = at_home.post(f"{START}?scope=tweet.write&auth_params=a%3Db&process=login").headers[
            "Location"
        ]
        assert address.startswith(f"{outside.url}/i/oauth2/authorize?")
        assert "code_challenge_method=S256" in address
        assert "write" not in address
        assert "a=b" not in address
        assert "users.read" in address

    def test_keeps_no_token(self, at_home: Client, outside: Outside) -> None:
        at_home.get(BACK, outside.agree(go_to_x(at_home)))
        assert not SocialAccount.objects.exists()
        assert not SocialToken.objects.exists()
        assert not any("canary" in str(session.get_decoded()) for session in Session.objects.all())

    def test_starts_by_post_only(self, at_home: Client) -> None:
        assert at_home.get(START).status_code == 405

    def test_waits_until_sign_up_is_finished(self, client: Client, armand: User, outside: Outside) -> None:
        client.force_login(armand)
        assert client.post(START).headers["Location"] == "/welcome/"

    def test_says_that_it_is_somebody_elses(self, at_home: Client, armand: User, outside: Outside) -> None:
        outside.x_person["id"] = "1002"
        back = at_home.get(BACK, outside.agree(go_to_x(at_home)))
        assert "linked to another account" in said(back)
        assert Identity.objects.get(external_id="1002").user == armand

    def test_says_that_there_is_another(self, at_home: Client, member: User, outside: Outside) -> None:
        at_home.get(BACK, outside.agree(go_to_x(at_home)))
        outside.x_person |= {"id": "77", "username": "second"}
        assert "Unlink it first" in said(at_home.get(BACK, outside.agree(go_to_x(at_home))))
        assert Identity.objects.get(user=member).external_id == "2244994945"

    def test_is_declined_on_x(self, at_home: Client, outside: Outside) -> None:
        state = outside.agree(go_to_x(at_home))["state"]
        back = at_home.get(BACK, {"error": "access_denied", "state": state})
        assert "declined" in said(back)
        assert back.headers["Location"] == "/settings/"

    def test_survives_what_x_answers(self, at_home: Client, outside: Outside) -> None:
        agreed = outside.agree(go_to_x(at_home))
        outside.challenges.clear()
        back = at_home.get(BACK, agreed)
        assert "no valid answer" in said(back)
        assert not Identity.objects.filter(user__isnull=False).exists()

    @pytest.mark.parametrize(
        "person",
        [
            {"name": "no id"},
            {"id": "12; DROP", "username": "a"},
            {"id": "1", "username": "<b>"},
            {"id": 9, "username": ""},
        ],
    )
    def test_survives_whom_x_tells_of(
        self, at_home: Client, outside: Outside, person: dict[str, Any]
    ) -> None:
        outside.x_person = person
        assert "no valid answer" in said(at_home.get(BACK, outside.agree(go_to_x(at_home))))
        assert not Identity.objects.exists()

    def test_survives_x_being_away(self, at_home: Client, outside: Outside, settings: Any) -> None:
        agreed = outside.agree(go_to_x(at_home))
        settings.X_API_URL = "http://127.0.0.1:9"
        assert "no valid answer" in said(at_home.get(BACK, agreed))


@pytest.mark.usefixtures("in_english")
class TestAttacks:
    def test_a_link_that_somebody_else_began_is_refused(
        self, at_home: Client, armand: User, outside: Outside
    ) -> None:
        """CSRF: armand agrees on X and makes Camille's browser finish."""
        codes.choose(armand, CODE)
        agreed = outside.agree(go_to_x(signed_in(armand)))
        back = at_home.get(BACK, agreed)
        assert back.status_code == 302
        assert not Identity.objects.filter(external_id="2244994945").exists()

    def test_a_code_of_another_session_is_refused(
        self, at_home: Client, armand: User, outside: Outside
    ) -> None:
        """Injection: Camille's own state, with a code that X gave for armand's session."""
        codes.choose(armand, CODE)
        stolen = outside.agree(go_to_x(signed_in(armand)))["code"]
        own = outside.agree(go_to_x(at_home))["state"]
        assert "no valid answer" in said(at_home.get(BACK, {"code": stolen, "state": own}))
        assert not Identity.objects.filter(external_id="2244994945").exists()

    @pytest.mark.parametrize("state", ["", "guessed", None])
    def test_a_wrong_state_is_refused(self, at_home: Client, outside: Outside, state: str | None) -> None:
        code = outside.agree(go_to_x(at_home))["code"]
        at_home.get(BACK, {"code": code} | ({} if state is None else {"state": state}))
        assert not Identity.objects.exists()

    def test_a_state_counts_once(self, at_home: Client, member: User, outside: Outside) -> None:
        agreed = outside.agree(go_to_x(at_home))
        at_home.get(BACK, agreed)
        at_home.post("/settings/x/unlink/")
        outside.challenges[agreed["code"]] = "anything"
        at_home.get(BACK, agreed)
        assert not Identity.objects.filter(user=member).exists()

    def test_nobody_signs_in_by_x(self, at_home: Client, member: User, outside: Outside) -> None:
        at_home.get(BACK, outside.agree(go_to_x(at_home)))
        stranger = Client()
        assert stranger.post(START).headers["Location"].startswith("/account/login/")
        stranger.get(BACK, {"code": "x", "state": "y"})
        assert "_auth_user_id" not in stranger.session
        assert User.objects.count() == 1

    def test_signing_out_on_the_way_links_nobody(self, at_home: Client, outside: Outside) -> None:
        agreed = outside.agree(go_to_x(at_home))
        at_home.post("/account/logout/")
        at_home.get(BACK, agreed)
        assert not Identity.objects.exists()

    def test_somebody_else_signing_in_on_the_way_links_neither(
        self, at_home: Client, armand: User, outside: Outside
    ) -> None:
        """Fixation: the browser changes hands between going to X and coming back."""
        agreed = outside.agree(go_to_x(at_home))
        at_home.post("/account/logout/")
        armand.set_password(PASSWORD)
        armand.save()
        at_home.post("/account/login/", {"login": str(armand.phone), "password": PASSWORD})
        at_home.get(BACK, agreed)
        assert not Identity.objects.filter(external_id="2244994945").exists()

    def test_one_x_account_goes_to_one_of_many_at_once(
        self, member: User, armand: User, lea: User, outside: Outside, at_once: Callable[..., list[Any]]
    ) -> None:
        Identity.objects.update(user=None, linked_at=None)
        for user in (armand, lea):
            codes.choose(user, CODE)
        ways = []
        for user in (member, armand, lea):
            browser = signed_in(user)
            ways.append((browser, outside.agree(go_to_x(browser))))

        def come_back(number: int) -> int:
            browser, agreed = ways[number]
            status = browser.get(BACK, agreed).status_code
            connection.close()
            return status

        assert at_once(3, come_back) == [302, 302, 302]
        assert Identity.objects.get(user__isnull=False).linked_at is not None
        assert IdentityLink.objects.count() == 1


@pytest.mark.usefixtures("in_english")
class TestUnlink:
    def test_takes_it_away_and_keeps_the_history(
        self, at_home: Client, member: User, outside: Outside
    ) -> None:
        at_home.get(BACK, outside.agree(go_to_x(at_home)))
        assert "no longer linked" in said(at_home.post("/settings/x/unlink/"))
        assert IdentityLink.objects.get(unlinked_at__lte=timezone.now()).user == member

    def test_twice_is_fine(self, at_home: Client) -> None:
        assert at_home.post("/settings/x/unlink/").headers["Location"] == "/settings/"
