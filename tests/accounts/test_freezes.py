"""A frozen member's money stands still until two of staff let it move."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from accounts import freezes
from accounts.models import AuditEntry, Freeze, User


@pytest.mark.django_db
class TestFreeze:
    def test_stops_the_member_and_says_why(self, claire: User, agathe: User) -> None:
        freezes.check(claire)
        freezes.freeze(claire, reason="Her phone was stolen", by=agathe)
        with pytest.raises(freezes.Frozen):
            freezes.check(claire)
        entry = AuditEntry.objects.get()
        assert (entry.staff, entry.act, entry.reason) == (agathe, "member.frozen", "Her phone was stolen")

    def test_needs_nobody_of_staff(self, claire: User) -> None:
        """A rule freezes, and “this was not me”."""
        assert freezes.freeze(claire, reason="This was not me").by is None
        assert freezes.is_frozen(claire)

    def test_twice_is_once_for_the_first_reason(self, claire: User, agathe: User) -> None:
        first = freezes.freeze(claire, reason="One", by=agathe)
        assert freezes.freeze(claire, reason="Two") == first
        assert Freeze.objects.get().reason == "One"

    def test_ends(self, claire: User, agathe: User) -> None:
        freezes.freeze(claire, reason="One")
        freezes.end(claire, by=agathe)
        assert not freezes.is_frozen(claire)
        freezes.freeze(claire, reason="Two")
        assert Freeze.objects.count() == 2

    @pytest.mark.django_db(transaction=True)
    def test_at_once_is_once(self, claire: User, at_once: Callable[..., list[Any]]) -> None:
        made = at_once(8, lambda n: freezes.freeze(claire, reason=f"Reason {n}"))
        assert {freeze.pk for freeze in made} == {Freeze.objects.get().pk}
        assert AuditEntry.objects.count() == 1


@pytest.mark.django_db
class TestRules:
    def test_member_is_frozen_once(self, claire: User) -> None:
        freezes.freeze(claire, reason="One")
        with pytest.raises(IntegrityError, match="member_is_frozen_once"), transaction.atomic():
            Freeze.objects.create(user=claire, reason="Two")

    def test_freeze_says_why(self, claire: User) -> None:
        with pytest.raises(IntegrityError, match="freeze_says_why"), transaction.atomic():
            Freeze.objects.create(user=claire, reason="")

    def test_freeze_is_ended_by_somebody(self, claire: User) -> None:
        freezes.freeze(claire, reason="One")
        with pytest.raises(IntegrityError, match="freeze_is_ended_by_somebody"), transaction.atomic():
            Freeze.objects.update(ended_at=Now())

    def test_what_it_says_stays(self, claire: User) -> None:
        freezes.freeze(claire, reason="One")
        with pytest.raises(IntegrityError, match="kept as it was written"), transaction.atomic():
            Freeze.objects.update(reason="Two")
