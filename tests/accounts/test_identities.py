from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from accounts import identities
from accounts.models import Identity, IdentityLink, User

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)


def link(user: User, external_id: str = "5005", *, handle: str = "somebody", at: datetime = NOW) -> Identity:
    return identities.link(
        user,
        network=Identity.Network.X,
        external_id=external_id,
        handle=handle,
        name="Some Body",
        picture_url="https://pbs.twimg.com/a.jpg",
        joined_network_at=datetime(2014, 10, 9, tzinfo=UTC),
        at=at,
    )


class TestLink:
    def test_makes_an_identity_that_nobody_spoke_of_before(self, camille: User) -> None:
        identity = link(camille)
        assert (identity.user, identity.linked_at, identity.handle) == (camille, NOW, "somebody")

    def test_finds_the_identity_that_money_waits_for(self, camille: User) -> None:
        waiting = Identity.objects.create(network="x", external_id="5005", handle="old_handle")
        assert link(camille).pk == waiting.pk
        waiting.refresh_from_db()
        assert (waiting.user, waiting.handle) == (camille, "somebody")

    def test_goes_by_the_number_never_the_handle(self, camille: User, armand: User) -> None:
        link(camille, "6006", handle="armanddossantos")
        assert Identity.objects.get(external_id="1002").user == armand

    def test_refuses_what_is_somebody_elses(self, camille: User, armand: User) -> None:
        with pytest.raises(identities.AlreadyLinked):
            link(camille, "1002")
        assert Identity.objects.get(external_id="1002").user == armand
        assert not IdentityLink.objects.exists()

    def test_refuses_a_second_one(self, armand: User) -> None:
        with pytest.raises(identities.HasAnother) as has:
            link(armand)
        assert has.value.identity.external_id == "1002"
        assert Identity.objects.get(external_id="5005").user is None
        assert not IdentityLink.objects.exists()

    def test_refreshes_what_is_linked_already(self, camille: User) -> None:
        link(camille)
        again = link(camille, handle="renamed", at=NOW + timedelta(days=1))
        assert (again.handle, again.linked_at) == ("renamed", NOW)
        assert IdentityLink.objects.count() == 1

    def test_gives_one_identity_to_one_of_many(
        self, camille: User, armand: User, lea: User, at_once: Callable[..., list[Any]]
    ) -> None:
        Identity.objects.filter(user__in=[armand, lea]).update(user=None, linked_at=None)
        people = [camille, armand, lea]
        outcomes = Counter(type(one) for one in at_once(12, lambda number: link(people[number % 3])))
        assert set(outcomes) == {Identity, identities.AlreadyLinked}
        winner = Identity.objects.get(external_id="5005").user
        assert IdentityLink.objects.get().user == winner
        assert outcomes[Identity] == 4  # The winner's other tabs.

    def test_gives_one_of_many_identities_to_one_user(
        self, camille: User, at_once: Callable[..., list[Any]]
    ) -> None:
        outcomes = Counter(type(one) for one in at_once(8, lambda number: link(camille, str(9000 + number))))
        assert outcomes == {Identity: 1, identities.HasAnother: 7}
        assert Identity.objects.filter(user=camille).count() == IdentityLink.objects.count() == 1


class TestHandles:
    def test_are_those_of_before_as_well(self, camille: User) -> None:
        link(camille, handle="old_handle")
        link(camille)
        identities.unlink(camille, network=Identity.Network.X, at=NOW)
        assert identities.handles(camille, network=Identity.Network.X) == {"old_handle", "somebody"}

    def test_are_not_what_somebody_else_is_called_now(self, camille: User) -> None:
        """Else whoever leaves would take others' posts along."""
        link(camille, handle="old_handle")
        link(camille)
        Identity.objects.create(network="x", external_id="6006", handle="Old_Handle")
        assert identities.handles(camille, network=Identity.Network.X) == {"somebody"}


class TestUnlink:
    def test_keeps_the_identity_and_the_history(self, camille: User) -> None:
        identity = link(camille)
        identities.unlink(camille, network=Identity.Network.X, at=NOW + timedelta(days=2))
        identity.refresh_from_db()
        assert identity.user is None
        history = IdentityLink.objects.get()
        assert (history.linked_at, history.unlinked_at) == (NOW, NOW + timedelta(days=2))

    def test_lets_somebody_else_link_it(self, camille: User, armand: User) -> None:
        identities.unlink(armand, network=Identity.Network.X, at=NOW)
        assert link(camille, "1002").user == camille

    def test_needs_one(self, camille: User) -> None:
        with pytest.raises(identities.NotLinked):
            identities.unlink(camille, network=Identity.Network.X, at=NOW)
