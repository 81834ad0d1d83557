"""Somebody's label, asked of their network while a page waits: for a second, and only when it is old."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.utils import timezone

from accounts import identities, lookups
from accounts.models import Identity, User

X = Identity.Network.X
Standing = Identity.Standing


class Network:
    """Says what it is told to say, and remembers who was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.handle, self.standing = "bobby", Standing.PUBLIC
        self.is_silent = False
        self.goes_on = threading.Event()
        self.goes_on.set()

    def __call__(self, external_id: str) -> identities.Label:
        self.asked.append(external_id)
        self.goes_on.wait(timeout=30)
        if self.is_silent:
            raise lookups.Silent
        return identities.Label(external_id, self.handle, "Bob", standing=self.standing)


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Iterator[Network]:
    made = Network()
    monkeypatch.setattr(lookups, "_ASKS", {})
    monkeypatch.setattr(lookups, "_resting", {})
    lookups.of(X)(made)
    yield made
    made.goes_on.set()


@pytest.mark.django_db
class TestRefresh:
    def test_knows_the_label_of_now(self, bob: Identity, network: Network) -> None:
        now = timezone.now()
        assert lookups.refresh(bob, at=now)
        assert (bob.handle, bob.standing, bob.described_at) == ("bobby", Standing.PUBLIC, now)
        assert [row.handle for row in bob.handles.all()] == ["bob", "bobby"]

    def test_keeps_the_handle_of_somebody_suspended(self, bob: Identity, network: Network) -> None:
        network.handle, network.standing = "", Standing.SUSPENDED
        assert lookups.refresh(bob, at=timezone.now())
        assert (bob.handle, bob.standing) == ("bob", Standing.SUSPENDED)

    def test_asks_again_after_ten_minutes(self, bob: Identity, network: Network) -> None:
        now = timezone.now()
        for minutes in (0, 9, 11):
            assert lookups.refresh(bob, at=now + timedelta(minutes=minutes))
        assert network.asked == ["2001", "2001"]

    def test_says_that_a_network_is_silent_and_lets_it_rest(self, bob: Identity, network: Network) -> None:
        network.is_silent = True
        assert not lookups.refresh(bob, at=timezone.now())
        network.is_silent = False
        assert not lookups.refresh(bob, at=timezone.now())
        assert network.asked == ["2001"]

    def test_asks_a_silent_network_again_later(
        self, bob: Identity, network: Network, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        network.is_silent = True
        lookups.refresh(bob, at=timezone.now())
        network.is_silent = False
        monkeypatch.setattr(lookups, "_resting", {"x": time.monotonic() - 1})
        assert lookups.refresh(bob, at=timezone.now())

    def test_waits_for_a_second_at_most(self, bob: Identity, network: Network) -> None:
        network.goes_on.clear()
        began = time.monotonic()
        assert not lookups.refresh(bob, at=timezone.now())
        assert time.monotonic() - began < 2  # A busy machine's clock is not ours.
        assert bob.described_at is None

    def test_asks_nobody_where_there_is_nobody_to_ask(
        self, bob: Identity, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(lookups, "_ASKS", {})
        assert lookups.refresh(bob, at=timezone.now())


@pytest.mark.django_db(transaction=True)
def test_asks_in_no_transaction(bob: Identity, network: Network) -> None:
    inside: list[Any] = []
    ask = network.__call__

    def looking(external_id: str) -> identities.Label:
        inside.append(connection.in_atomic_block)
        return ask(external_id)

    lookups.of(X)(looking)
    assert lookups.refresh(bob, at=timezone.now())
    assert inside == [False]


@pytest.mark.django_db
class TestStanding:
    def test_is_known_with_the_moment_of_the_description(self, bob: Identity) -> None:
        with pytest.raises(IntegrityError, match="identity_has_a_standing_once_it_is_described"):
            Identity.objects.filter(pk=bob.pk).update(standing="PUBLIC", described_at=None)

    def test_is_one_that_there_is(self, bob: Identity) -> None:
        with pytest.raises(IntegrityError, match="identity_has_a_standing_once_it_is_described"):
            Identity.objects.filter(pk=bob.pk).update(standing="FAMOUS", described_at=timezone.now())

    def test_stays_when_somebody_is_only_mentioned(self, bob: Identity) -> None:
        now = timezone.now()
        see = [identities.Label("2001", "bob", standing=Standing.PROTECTED)]
        identities.see(see, network=X, at=now)
        identities.see([identities.Label("2001", "bob")], network=X, at=now + timedelta(seconds=1))
        bob.refresh_from_db()
        assert (bob.standing, bob.described_at) == (Standing.PROTECTED, now)


@pytest.mark.django_db
class TestHandles:
    def test_are_kept_whichever_way_they_change(self, bob: Identity) -> None:
        now = timezone.now()
        identities.see([identities.Label("2001", "bob_2")], network=X, at=now)
        identities.see([identities.Label("2001", "bob_2")], network=X, at=now + timedelta(days=1))
        identities.see([identities.Label("2001", "")], network=X, at=now + timedelta(days=2))
        Identity.objects.filter(pk=bob.pk).update(handle="bob_3")
        assert [row.handle for row in bob.handles.all()] == ["bob", "bob_2", "bob_3"]
        assert bob.handles.all()[1].since == now

    def test_go_with_who_has_left(self, armand: User) -> None:
        armand.identities.update(handle="chez_armand", standing="PUBLIC", described_at=timezone.now())
        (identity,) = identities.erase(armand)
        assert not identity.handles.exists()

    def test_are_not_written_by_an_older_page(self, bob: Identity) -> None:
        identities.see([identities.Label("2001", "before")], network=X, at=timezone.now() - timedelta(days=1))
        assert [row.handle for row in bob.handles.all()] == ["bob"]
