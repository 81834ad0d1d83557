"""Each constraint, reached around the domain."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Identity, IdentityLink, SecretCode, UnlockCode, User


def fails(constraint: str) -> pytest.RaisesExc[IntegrityError]:
    return pytest.raises(IntegrityError, match=constraint)


class TestUser:
    def test_number_is_of_one_member(self, camille: User) -> None:
        User.objects.create_user(str(camille.phone), name="Claims it")
        with fails("number_is_of_one_member"), transaction.atomic():
            User.objects.create_user(str(camille.phone), name="Another", phone_verified_at=timezone.now())

    def test_verified_member_has_a_phone(self, camille: User) -> None:
        with fails("verified_member_has_a_phone"), transaction.atomic():
            User.objects.filter(pk=camille.pk).update(phone=None)

    def test_member_language_is_known(self, camille: User) -> None:
        with fails("member_language_is_known"), transaction.atomic():
            User.objects.filter(pk=camille.pk).update(language="xx")


class TestIdentity:
    def test_identity_is_known_once(self, armand: User) -> None:
        with fails("identity_is_known_once"), transaction.atomic():
            Identity.objects.create(network="x", external_id="1002", handle="other")

    def test_user_has_one_identity_a_network(self, armand: User) -> None:
        with fails("user_has_one_identity_a_network"), transaction.atomic():
            Identity.objects.create(
                network="x", external_id="7", handle="other", user=armand, linked_at=timezone.now()
            )

    @pytest.mark.parametrize("change", [{"linked_at": None}, {"user": None}])
    def test_identity_is_linked_since_a_moment(self, armand: User, change: dict[str, None]) -> None:
        with fails("identity_is_linked_since_a_moment"), transaction.atomic():
            Identity.objects.filter(user=armand).update(**change)


class TestIdentityLink:
    def test_identity_has_one_user_at_a_time(self, armand: User, lea: User) -> None:
        identity = Identity.objects.get(user=armand)
        IdentityLink.objects.create(identity=identity, user=armand, linked_at=timezone.now())
        with fails("identity_has_one_user_at_a_time"), transaction.atomic():
            IdentityLink.objects.create(identity=identity, user=lea, linked_at=timezone.now())

    def test_identity_is_unlinked_after_it_was_linked(self, armand: User) -> None:
        now = timezone.now()
        with fails("identity_is_unlinked_after_it_was_linked"), transaction.atomic():
            IdentityLink.objects.create(
                identity=Identity.objects.get(user=armand),
                user=armand,
                linked_at=now,
                unlinked_at=now - timedelta(seconds=1),
            )


class TestTries:
    def test_secret_code_is_tried_five_times_at_most(self, member: User) -> None:
        with fails("secret_code_is_tried_five_times_at_most"), transaction.atomic():
            SecretCode.objects.update(tries=6)

    def test_unlock_code_is_tried_three_times_at_most(self, camille: User) -> None:
        with fails("unlock_code_is_tried_three_times_at_most"), transaction.atomic():
            UnlockCode.objects.create(user=camille, digest="", tries=4, expires_at=timezone.now())
