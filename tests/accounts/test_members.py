from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from accounts import members
from accounts.models import Organisation, User
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

    def test_goes_to_whom_verifies_it_first(self, db: None) -> None:
        squatter, owner = signed_up("Squatter"), signed_up("Camille")
        members.verify_phone(owner, PHONE, at=timezone.now())
        assert list(User.objects.all()) == [owner]
        with pytest.raises(members.NumberTaken):
            members.verify_phone(squatter, PHONE, at=timezone.now())
        assert members.by_phone(PHONE) == owner

    def test_stays_with_whom_verified_it(self, camille: User) -> None:
        squatter = signed_up("Squatter")
        with pytest.raises(members.NumberTaken):
            members.verify_phone(squatter, PHONE, at=timezone.now())
        assert members.by_phone(PHONE) == camille

    def test_is_verified_by_one_of_many_at_once(self, at_once: Callable[..., list[Any]]) -> None:
        claims = [signed_up(f"Camille {number}") for number in range(8)]
        outcomes = Counter(
            type(one)
            for one in at_once(
                8, lambda number: members.verify_phone(claims[number], PHONE, at=timezone.now())
            )
        )
        assert outcomes == {type(None): 1, members.NumberTaken: 7}
        assert User.objects.get() == members.by_phone(PHONE)

    def test_is_forgotten_when_it_was_never_verified(self, armand: User) -> None:
        signed_up("Camille")
        assert members.forget_claims(before=timezone.now() - timedelta(days=1)) == 0
        assert members.forget_claims(before=timezone.now()) == 1
        assert list(User.objects.all()) == [armand]

    def test_is_none_of_an_organisations_account(self, acf: Organisation) -> None:
        signed_up("Camille")
        assert members.forget_claims(before=timezone.now()) == 1
        assert User.objects.filter(pk=acf.account_id).exists()


class TestStep:
    def test_is_the_way_in_and_then_the_code(self, camille: User, member: User) -> None:
        assert members.step(member) is members.Step.DONE

    def test_asks_for_a_password_or_passkey_first(self, db: None) -> None:
        user = signed_up("Camille")
        assert members.step(user) is members.Step.SIGN_IN
        user.set_password(PASSWORD)
        assert members.step(user) is members.Step.CODE

    @pytest.mark.django_db(transaction=True, databases=["default", "owner"])
    def test_superusers_are_made_with_a_number_that_counts(self) -> None:
        """By the tables' owner: the application's role makes nobody staff."""
        User.objects.db_manager("owner").create_superuser(PHONE, PASSWORD, name="Staff")
        connections["owner"].close()
        assert members.by_phone(PHONE) == User.objects.get(is_superuser=True)
