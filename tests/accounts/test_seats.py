"""Seats: who has one is locked before the organisation, and what an owner invited ends with their own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from accounts import seats
from accounts.models import Organisation, Role, Seat, User
from payments import life
from tests.people import wait_until_blocked


@pytest.mark.django_db
class TestInvitation:
    def test_ends_with_its_makers_seat(
        self, acf: Organisation, lea: User, armand: User, claire: User
    ) -> None:
        owner = seats.accept(seats.invite(acf, Role.OWNER, by=lea), by=armand)
        token = seats.invite(acf, Role.OWNER, by=armand)
        seats.leave(acf, owner.pk, by=lea)
        assert not seats.open_at(acf).exists()
        for guest in (armand, claire):
            with pytest.raises(seats.Unknown):
                seats.accept(token, by=guest)
        assert [seat.user for seat in seats.at(acf)] == [lea]

    def test_ends_with_its_makers_role(self, acf: Organisation, lea: User, armand: User) -> None:
        owner = seats.accept(seats.invite(acf, Role.OWNER, by=lea), by=armand)
        token = seats.invite(acf, Role.OWNER, by=armand)
        seats.change(acf, owner.pk, Role.READER, by=lea)
        with pytest.raises(seats.Unknown):
            seats.invitation(token)

    def test_does_not_come_back_with_them(self, acf: Organisation, lea: User, armand: User) -> None:
        owner = seats.accept(seats.invite(acf, Role.OWNER, by=lea), by=armand)
        token = seats.invite(acf, Role.OWNER, by=armand)
        seats.leave(acf, owner.pk, by=lea)
        seats.accept(seats.invite(acf, Role.OWNER, by=lea), by=armand)
        with pytest.raises(seats.Unknown):
            seats.invitation(token)


@pytest.mark.django_db(transaction=True)
class TestLocks:
    @pytest.mark.parametrize("act", ["change", "accept"])
    def test_go_from_the_member_to_the_organisation(
        self, acf: Organisation, lea: User, armand: User, at_once: Callable[..., list[Any]], act: str
    ) -> None:
        """Whoever leaves us takes both in that order, so neither waits for the other."""
        token, is_leaving = seats.invite(acf, Role.READER, by=lea), threading.Event()
        seat = Seat.objects.get(user=lea)
        if act == "change":
            seat = seats.accept(token, by=armand)

        def work(number: int) -> None:
            if number:
                assert is_leaving.wait(20)
                if act == "change":
                    seats.change(acf, seat.pk, Role.TREASURER, by=lea)
                else:
                    seats.accept(token, by=armand)
                return
            with transaction.atomic():
                life.lock_payer(armand)
                is_leaving.set()
                wait_until_blocked()
                list(Organisation.objects.filter(pk=acf.pk).select_for_update(no_key=True))

        assert at_once(2, work) == [None, None]
        assert Seat.objects.filter(user=armand, left_at=None).exists()

    def test_a_link_is_not_taken_while_its_maker_loses_their_seat(
        self, acf: Organisation, lea: User, armand: User, claire: User, at_once: Callable[..., list[Any]]
    ) -> None:
        owner = seats.accept(seats.invite(acf, Role.OWNER, by=lea), by=armand)
        token, is_leaving = seats.invite(acf, Role.OWNER, by=armand), threading.Event()

        def work(number: int) -> None:
            if number:
                assert is_leaving.wait(20)
                seats.accept(token, by=claire)
                return
            with transaction.atomic():
                seats.leave(acf, owner.pk, by=lea)
                is_leaving.set()
                wait_until_blocked()

        left, refused = at_once(2, work)
        assert left is None
        assert isinstance(refused, seats.Unknown)
