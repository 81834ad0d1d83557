"""An organisation's own X account: linked to the organisation by an owner of it, and never to the owner."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts import organisations, seats
from accounts.models import Identity, Organisation, Role, SecretCode, User
from tests.accounts.conftest import Outside
from tests.accounts.test_x import BACK
from tests.bodies import facts

pytestmark = pytest.mark.django_db


def start(organisation: Organisation) -> str:
    return f"/account/x_account/organisations/{organisation.slug}/"


@pytest.fixture
def owner(lea: User) -> Client:
    """Léa's browser; with a code that nothing opens, as hashing takes its time."""
    digest = "none that any code has"
    SecretCode.objects.create(user=lea, digest=digest, changed_at=timezone.now())
    client = Client()
    client.force_login(lea)
    return client


def go(client: Client, organisation: Organisation, outside: Outside) -> dict[str, Any]:
    """To X and their yes there; what X sends them back with."""
    return outside.agree(str(client.post(start(organisation)).headers["Location"]))


class TestLink:
    def test_is_the_organisations(self, acf: Organisation, owner: Client, outside: Outside) -> None:
        back = owner.get(BACK, go(owner, acf, outside))
        assert back.headers["Location"] == f"/organisations/{acf.slug}/"
        assert Identity.objects.get(external_id="2244994945").user == acf.account
        assert "@camille_x" in owner.get(f"/organisations/{acf.slug}/").content.decode()
        assert "@camille_x" in owner.get(f"/o/{acf.slug}/").content.decode()

    def test_starts_by_post_only(self, acf: Organisation, owner: Client) -> None:
        assert owner.get(start(acf)).status_code == 405

    def test_waits_for_the_review(self, owner: Client, lea: User, outside: Outside) -> None:
        founded = organisations.found(facts(), by=lea)
        back = owner.get(BACK, go(owner, founded, outside))
        assert back.headers["Location"] == f"/organisations/{founded.slug}/"
        assert not Identity.objects.filter(external_id="2244994945").exists()

    def test_is_an_owners_alone(self, acf: Organisation, owner: Client, armand: User, lea: User) -> None:
        seats.change(acf, self._second_owner(acf, lea, armand), Role.TREASURER, by=armand)
        assert owner.post(start(acf)).status_code == 404

    def test_is_no_more_whose_seat_ended_on_the_way(
        self, acf: Organisation, owner: Client, armand: User, lea: User, outside: Outside
    ) -> None:
        agreed = go(owner, acf, outside)
        seats.leave(acf, self._second_owner(acf, lea, armand), by=armand)
        assert owner.get(BACK, agreed).headers["Location"] == "/organisations/"
        assert not Identity.objects.filter(external_id="2244994945").exists()

    def test_that_was_declined_comes_back_to_the_organisation(
        self, acf: Organisation, owner: Client, outside: Outside
    ) -> None:
        state = go(owner, acf, outside)["state"]
        back = owner.get(BACK, {"error": "access_denied", "state": state})
        assert back.headers["Location"] == f"/organisations/{acf.slug}/"

    def test_is_taken_back(self, acf: Organisation, owner: Client, outside: Outside, lea: User) -> None:
        owner.get(BACK, go(owner, acf, outside))
        owner.post(f"/organisations/{acf.slug}/x/unlink/")
        assert Identity.objects.get(external_id="2244994945").user is None
        assert Identity.objects.filter(user=lea, network="x").exists()

    @staticmethod
    def _second_owner(acf: Organisation, lea: User, armand: User) -> int:
        """The number of léa's seat, now that armand owns it too."""
        seats.take(acf, armand, Role.OWNER)
        return seats.of(lea).get().pk
