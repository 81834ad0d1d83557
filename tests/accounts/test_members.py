from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from accounts import members
from accounts.models import User
from tests.accounts.conftest import PASSWORD, PHONE


def signed_up(name: str) -> User:
    user = User(name=name)
    user.set_unusable_password()
    user.save()
    members.claim_phone(user, PHONE)
    return user


class TestNumber:
    def test_is_nobodys_before_it_is_verified(self, db: None) -> None:
        user = signed_up("Camille")
        assert members.by_phone(PHONE) is None
        members.verify_phone(user, PHONE, at=timezone.now())
        assert members.by_phone(PHONE) == user

    def test_goes_to_the_next_sign_up_when_the_last_was_left(self, db: None) -> None:
        squatter, owner = signed_up("Squatter"), signed_up("Camille")
        assert list(User.objects.all()) == [owner]
        with pytest.raises(members.NumberTaken):
            members.verify_phone(squatter, PHONE, at=timezone.now())
        assert members.by_phone(PHONE) is None

    def test_stays_with_whom_verified_it(self, camille: User) -> None:
        with pytest.raises(members.NumberTaken):
            signed_up("Squatter")
        assert members.by_phone(PHONE) == camille

    def test_of_staff_stays_theirs(self, db: None) -> None:
        User.objects.create_user(PHONE, PASSWORD, name="Staff", is_staff=True)
        with pytest.raises(members.NumberTaken):
            signed_up("Squatter")
        assert User.objects.filter(phone=PHONE, is_staff=True).exists()

    def test_of_a_form_that_was_sent_many_times_is_signed_up_once(self, at_once: Callable[..., list[Any]]) -> None:
        def sign_up(number: int) -> User:
            with transaction.atomic():
                return signed_up(f"Camille {number}")

        outcomes = at_once(8, sign_up)
        assert all(isinstance(one, User) for one in outcomes), outcomes
        assert User.objects.get().phone == PHONE


class TestStep:
    def test_is_the_way_in_and_then_the_code(self, camille: User, member: User) -> None:
        assert members.step(member) is members.Step.DONE

    def test_asks_for_a_password_or_passkey_first(self, db: None) -> None:
        user = signed_up("Camille")
        assert members.step(user) is members.Step.SIGN_IN
        user.set_password(PASSWORD)
        assert members.step(user) is members.Step.CODE

    def test_superusers_are_made_with_a_number_that_counts(self, db: None) -> None:
        staff = User.objects.create_superuser(PHONE, PASSWORD, name="Staff")
        assert members.by_phone(PHONE) == staff
