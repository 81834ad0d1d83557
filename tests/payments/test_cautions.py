"""What the payer is told of a payee before the code."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Identity, User
from payments import cautions, risk
from payments.models import Order
from tests.payments.test_risk import confirmed
from tests.people import place

Kind = cautions.Kind


def said(order: Order) -> list[Kind]:
    return [one.kind for one in cautions.of(order, risk.gather(order))]


@pytest.mark.parametrize(
    ("handle", "known"),
    [
        ("annalopez", "anna1opez"),
        ("Paul_Iris", "PauI_lris"),
        ("bob0123", "bobO123"),
        ("le_bonpain", "lebonpain"),
        ("rnarie", "marie"),
        ("armandossantos", "armanddossantos"),
        ("lea_petit", "lea_petti"),
        ("lea_petit", "lea_petiz"),
        ("lea_petit", "lea_petits"),
    ],
)
def test_takes_for_each_other(handle: str, known: str) -> None:
    assert cautions.is_confusable(handle, known)
    assert cautions.is_confusable(known, handle)


@pytest.mark.parametrize(
    ("handle", "known"),
    [
        ("lea_petit", "lea_petit"),
        ("lea_petit", "LEA_PETIT"),
        ("bob", "rob"),
        ("lea_petit", "leo_petiz"),
        ("lea_petit", "lea_grand"),
        ("claire", "armand"),
    ],
)
def test_keeps_apart(handle: str, known: str) -> None:
    assert not cautions.is_confusable(handle, known)


@pytest.mark.django_db
class TestOf:
    def test_somebody_never_paid(self, claire: User, armand: User) -> None:
        assert said(place(claire, armand)) == [Kind.NEVER_PAID]

    def test_a_handle_that_changed_since(self, claire: User, armand: User) -> None:
        confirmed(place(claire, armand))
        armand.identities.update(handle="armand_officiel")
        order = place(claire, armand)
        (caution,) = cautions.of(order, risk.gather(order))
        assert (caution.kind, caution.handle) == (Kind.RENAMED, "armanddossantos")

    def test_a_handle_that_was_another_persons(self, claire: User, armand: User, lea: User) -> None:
        confirmed(place(claire, armand))
        armand.identities.update(handle="armand_officiel")
        lea.identities.update(handle="armanddossantos")
        assert said(place(claire, lea)) == [Kind.TAKEN_OVER]

    def test_a_look_alike(self, claire: User, armand: User) -> None:
        confirmed(place(claire, armand))
        twin = Identity.objects.create(network="x", external_id="9", handle="armandossantos")
        order = place(claire, twin)
        (caution,) = cautions.of(order, risk.gather(order))
        assert (caution.kind, caution.handle) == (Kind.LOOK_ALIKE, "armanddossantos")

    def test_an_account_younger_than_thirty_days(self, claire: User, armand: User) -> None:
        armand.identities.update(joined_network_at=timezone.now() - timedelta(days=29))
        order = place(claire, armand)
        assert said(order) == [Kind.YOUNG]
        armand.identities.update(joined_network_at=timezone.now() - timedelta(days=31))
        assert said(order) == [Kind.NEVER_PAID]

    def test_nothing_of_a_friend(self, claire: User, armand: User) -> None:
        confirmed(place(claire, armand))
        order = place(claire, armand)
        facts = risk.gather(order)
        assert cautions.of(order, replace(facts, has_paid_before=True)) == []
