"""Who somebody on X is now: asked of X over HTTP, and never for long."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.test import Client
from django.utils import timezone

from accounts import lookups
from accounts.models import Identity, SecretCode, User
from social import posts, profiles
from tests.payments.test_risk import confirmed
from tests.people import place
from tests.sandbox.running import Sandbox

Standing = Identity.Standing


class TestLookUp:
    def test_tells_how_x_describes_them(self, x_sandbox: Sandbox) -> None:
        person = x_sandbox.person(name="Bob", joined_at="2026-11-20T10:00:00+00:00")
        label = profiles.look_up(person["id"])
        assert (label.handle, label.name, label.standing) == (person["handle"], "Bob", Standing.PUBLIC)
        assert label.joined_network_at == datetime(2026, 11, 20, 10, tzinfo=UTC)
        assert label.picture_url

    def test_tells_that_they_are_protected(self, x_sandbox: Sandbox) -> None:
        person = x_sandbox.person(is_protected=True)
        assert profiles.look_up(person["id"]).standing == Standing.PROTECTED

    def test_tells_that_they_are_suspended(self, x_sandbox: Sandbox) -> None:
        person = x_sandbox.person(is_suspended=True)
        label = profiles.look_up(person["id"])
        assert (label.handle, label.standing) == ("", Standing.SUSPENDED)

    def test_tells_that_there_is_nobody(self, x_sandbox: Sandbox) -> None:
        assert profiles.look_up("404404404").standing == Standing.GONE

    @pytest.mark.parametrize("kind", ["429", "500", "slow", "half_body", "bad_json"])
    def test_says_that_x_is_silent(self, fail: Callable[..., None], kind: str) -> None:
        fail(kind)
        with pytest.raises(lookups.Silent):
            profiles.look_up("1001")


@pytest.mark.django_db
class TestPageOfTheCode:
    """From X to the words that the payer reads before the code."""

    @pytest.fixture(autouse=True)
    def _asks(self, x_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(lookups, "_resting", {})
        lookups.of(Identity.Network.X)(profiles.look_up)

    @pytest.fixture
    def payee(self, x_sandbox: Sandbox) -> Identity:
        person = x_sandbox.person(name="Bob Petit", joined_at="2014-10-14T10:00:00+00:00")
        return Identity.objects.create(
            network="x", external_id=person["id"], handle=person["handle"], name="Bob Petit"
        )

    def page(self, client: Client, payer: User, payee: Identity) -> str:
        SecretCode.objects.get_or_create(user=payer, defaults={"digest": "-", "changed_at": timezone.now()})
        order = place(payer, payee)
        client.force_login(payer)
        return client.get(f"/orders/{order.reference}/confirm/").text

    def test_calls_the_payee_as_x_does_now(
        self, client: Client, claire: User, payee: Identity, x_sandbox: Sandbox
    ) -> None:
        confirmed(place(claire, payee))
        before, now = payee.handle, f"{payee.handle}_fr"[-15:]
        x_sandbox.send("PUT", f"/sandbox/x/people/{payee.external_id}", {"handle": now})
        page = self.page(client, claire, payee)
        assert f"s’appelait @{before}" in page
        assert f'class="person-handle">@{now}<' in page
        assert [row.handle for row in payee.handles.all()] == [before, now]

    def test_says_that_the_payee_is_suspended(
        self, client: Client, claire: User, payee: Identity, x_sandbox: Sandbox
    ) -> None:
        x_sandbox.send("PUT", f"/sandbox/x/people/{payee.external_id}", {"is_suspended": True})
        assert "X a suspendu ce compte" in self.page(client, claire, payee)

    def test_says_that_the_payee_is_protected(
        self, client: Client, claire: User, payee: Identity, x_sandbox: Sandbox
    ) -> None:
        x_sandbox.send("PUT", f"/sandbox/x/people/{payee.external_id}", {"is_protected": True})
        assert "Les posts de ce compte sont protégés" in self.page(client, claire, payee)

    def test_says_that_x_could_not_be_asked_and_goes_on(
        self, client: Client, claire: User, payee: Identity, fail: Callable[..., None]
    ) -> None:
        fail("500")
        page = self.page(client, claire, payee)
        assert "Nous n’avons pas pu demander à X" in page
        assert "Votre code secret" in page


class TestPerson:
    @pytest.mark.parametrize(
        ("raw", "absence"),
        [
            (
                {
                    "errors": [
                        {
                            "title": "Forbidden",
                            "detail": "User has been suspended: [7].",
                            "type": "https://api.twitter.com/2/problems/resource-not-found",
                        }
                    ]
                },
                posts.Absence.SUSPENDED,
            ),
            (
                {
                    "errors": [
                        {
                            "title": "Not Found Error",
                            "detail": "Could not find user with id: [7].",
                            "type": "https://api.twitter.com/2/problems/resource-not-found",
                        }
                    ]
                },
                posts.Absence.GONE,
            ),
        ],
    )
    def test_is_absent_for_a_reason(self, raw: posts.Json, absence: posts.Absence) -> None:
        assert posts.person(raw) is absence

    @pytest.mark.parametrize("raw", [{}, {"errors": []}, {"data": []}, {"data": {"id": "x"}}, {"errors": {}}])
    def test_is_not_guessed(self, raw: posts.Json) -> None:
        with pytest.raises(posts.Malformed):
            posts.person(raw)

    def test_stands_nowhere_where_x_did_not_say(self) -> None:
        person = posts.person({"data": {"id": "7", "username": "bob"}})
        assert isinstance(person, posts.Person)
        assert profiles.label(person).standing == ""
