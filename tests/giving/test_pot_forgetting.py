"""Whoever leaves closes their pots first; then nothing of them is left in what they opened or gave."""

from __future__ import annotations

import pytest
from django.utils import translation

from accounts.models import User
from giving import pot_closings, pot_forgetting, pots
from payments import erasures, forgetting
from payments.forgetting import Traces
from tests.giving.pots import held, opened

pytestmark = pytest.mark.django_db


def words(user: User) -> str:
    with translation.override("en"):
        return " ".join(str(obstacle.words) for obstacle in erasures.in_the_way(user))


def test_an_open_pot_stands_in_the_way(lea: User) -> None:
    pot = opened(lea)
    assert "money pot of yours is open" in words(lea)
    pot_closings.give_back(pot)
    assert words(lea) == ""


def test_what_waits_in_a_closed_one_does_too(claire: User, lea: User) -> None:
    pot = opened(lea)
    held(pot, claire)
    pot_closings.give_back(pot)
    assert "on its way to you" in words(lea)
    assert "has not arrived" in words(claire)
    pot_closings.decide_due()
    assert words(lea) == ""


def test_its_words_are_emptied_and_its_page_is_gone(lea: User) -> None:
    pot = opened(lea)
    pot_closings.give_back(pot)
    assert pot_forgetting.forget in erasures.STEPS
    for _ in range(2):
        assert not pot_forgetting.forget(Traces(lea.pk, (), (), ()))
    pot.refresh_from_db()
    assert (pot.title, pot.story, pots.find(pot.slug)) == ("", "", None)


def test_what_they_wrote_when_they_gave_is_emptied(claire: User, lea: User) -> None:
    pot = opened(lea)
    held(pot, claire)
    forgetting.own_words(claire)
    (share,) = pots.shares(pot, to=None)
    assert share.message == ""
