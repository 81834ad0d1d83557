"""What the payer is told of a payee before the code."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone, translation

from accounts.models import Identity, User
from payments import cautions, risk
from payments.models import Order
from payments.views import words
from tests.payments.test_risk import confirmed
from tests.people import place, settled

Kind = cautions.Kind


def said(order: Order, *, is_asked: bool = True) -> list[Kind]:
    return [one.kind for one in cautions.of(order, risk.gather(order), is_asked=is_asked)]


@pytest.mark.parametrize("kind", list(Kind))
def test_each_has_its_words_in_french(kind: cautions.Kind) -> None:
    told = cautions.Caution(kind, handle="bob", name="Bob Petit", since=timezone.now())
    with translation.override("en"):
        english = words.caution(told)
    with translation.override("fr"):
        assert words.caution(told) not in {"", english}


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

    def test_a_look_alike_of_somebody_who_paid_them(self, claire: User, armand: User) -> None:
        settled(place(claire, armand))
        twin = Identity.objects.create(network="x", external_id="9", handle="claire_rnartin")
        order = place(armand, twin)
        (caution,) = cautions.of(order, risk.gather(order))
        assert (caution.kind, caution.handle) == (Kind.LOOK_ALIKE, "claire_martin")

    def test_a_look_alike_of_the_handle_of_then_and_of_the_handle_of_now(
        self, claire: User, armand: User
    ) -> None:
        confirmed(place(claire, armand))
        armand.identities.update(handle="chez_armand")
        for number, handle in (("8", "armandossantos"), ("9", "chez_arrnand")):
            twin = Identity.objects.create(network="x", external_id=number, handle=handle)
            assert said(place(claire, twin)) == [Kind.LOOK_ALIKE]

    def test_a_namesake_in_other_letters(self, claire: User, armand: User) -> None:
        confirmed(place(claire, armand))
        double = Identity.objects.create(
            network="x", external_id="9", handle="cuisine_paris", name="Аrmand Dоs Santos"
        )
        order = place(claire, double)
        (caution,) = cautions.of(order, risk.gather(order))
        assert (caution.kind, caution.handle, caution.name) == (
            Kind.NAMESAKE,
            "armanddossantos",
            "Armand Dos Santos",
        )

    @pytest.mark.parametrize("standing", ["SUSPENDED", "GONE", "PROTECTED"])
    def test_an_account_that_x_does_not_show_to_all(self, claire: User, armand: User, standing: str) -> None:
        confirmed(place(claire, armand))
        armand.identities.update(standing=standing, described_at=timezone.now())
        assert said(place(claire, armand)) == [getattr(Kind, standing)]

    def test_that_x_could_not_be_asked(self, claire: User, armand: User) -> None:
        assert said(place(claire, armand), is_asked=False) == [Kind.UNASKED, Kind.NEVER_PAID]

    def test_the_gravest_first(self, claire: User, armand: User) -> None:
        confirmed(place(claire, armand))
        armand.identities.update(
            handle="armand_officiel",
            standing="SUSPENDED",
            described_at=timezone.now(),
            joined_network_at=timezone.now(),
        )
        order = place(claire, armand)
        assert said(order, is_asked=False) == [Kind.SUSPENDED, Kind.RENAMED, Kind.YOUNG, Kind.UNASKED]

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
