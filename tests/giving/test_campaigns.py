"""Campaigns: an organisation opens and changes them, and keeps the terms that somebody gave on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts import organisations
from accounts.models import Organisation, User
from giving import campaigns, endings
from giving.models import Campaign
from tests.addresses import meet
from tests.bodies import facts
from tests.giving.conftest import all_or_nothing, give, let_deadline_pass, terms
from tests.people import hurried

pytestmark = pytest.mark.django_db
AtOnce = Callable[..., list[Any]]


class TestOpen:
    def test_takes_gifts_from_then_on(self, well: Campaign) -> None:
        assert campaigns.is_collecting(well)
        assert (well.slug, campaigns.at("un-puits-a-kaya")) == ("un-puits-a-kaya", well)

    def test_that_cannot_be_kept_is_no_taken_address(self, acf: Organisation) -> None:
        """Its message repeats the title; looked for there, the next free address was sought without end."""
        words = terms(title="le_slug_du_jardin", goal=0)
        with pytest.raises(IntegrityError, match="campaign_has_a_goal_or_none"), transaction.atomic():
            campaigns.open_(acf, words)

    def test_gives_each_an_address_of_its_own(self, well: Campaign, acf: Organisation) -> None:
        assert campaigns.open_(acf, terms(hashtag="kaya")).slug == "un-puits-a-kaya-2"

    def test_waits_for_the_review(self, armand: User) -> None:
        new = organisations.found(facts(name="Nouvelle", siren="552 100 554"), by=armand)
        with pytest.raises(campaigns.NotReviewed):
            campaigns.open_(new, terms())

    def test_of_a_hashtag_happens_once_at_a_time(self, well: Campaign, acf: Organisation) -> None:
        with pytest.raises(campaigns.HashtagTaken):
            campaigns.open_(acf, terms(title="Un autre"))
        endings.end(well)
        assert campaigns.open_(acf, terms(title="Un autre")).hashtag == "puits"

    def test_needs_a_deadline_to_come(self, acf: Organisation) -> None:
        with pytest.raises(campaigns.DeadlinePassed):
            campaigns.open_(acf, terms(deadline=timezone.now() - timedelta(minutes=1)))
        assert not Campaign.objects.exists()


class TestHashtag:
    @pytest.mark.parametrize(
        ("written", "kept"),
        [("#Puits", "puits"), (" Été2026 ", "été2026"), ("a_b", "a_b"), ("e\u0301te\u0301", "été")],
    )
    def test_is_kept_in_small_letters(self, written: str, kept: str) -> None:
        assert campaigns.hashtag(written) == kept

    @pytest.mark.parametrize("written", ["", "#", "12", "deux mots", "a-b", "##a", "_", "a" * 31, "<b>"])
    def test_is_what_x_reads_as_one(self, written: str) -> None:
        with pytest.raises(campaigns.NotAHashtag):
            campaigns.hashtag(written)


class TestTagged:
    def test_finds_the_one_that_is_meant(self, well: Campaign, acf: Organisation) -> None:
        assert campaigns.tagged(acf.account, {"Puits", "merci"}) == well
        assert campaigns.tagged(acf.account, {"merci"}) is None
        assert campaigns.tagged(acf.account, set()) is None

    def test_does_not_choose_between_two(self, well: Campaign, acf: Organisation) -> None:
        campaigns.open_(acf, terms(hashtag="kaya"))
        assert campaigns.tagged(acf.account, {"puits", "kaya"}) is None

    def test_finds_none_that_is_over_or_another_ones(
        self, bet: Campaign, claire: User, acf: Organisation
    ) -> None:
        assert campaigns.tagged(claire, {"puits"}) is None
        let_deadline_pass(bet)
        assert campaigns.tagged(acf.account, {"puits"}) is None


class TestChange:
    def test_is_free_while_nobody_gave(self, well: Campaign) -> None:
        changed = campaigns.change(well, all_or_nothing(title="Deux puits", hashtag="deuxpuits"))
        assert (changed.title, changed.goal, changed.is_all_or_nothing) == ("Deux puits", 50_00, True)
        assert changed.slug == "un-puits-a-kaya"

    def test_keeps_the_terms_once_somebody_gives(self, well: Campaign, claire: User) -> None:
        give(well, claire)
        with pytest.raises(campaigns.TermsKept):
            campaigns.change(well, terms(goal=1_00))
        assert campaigns.change(well, terms(title="Un puits", story="Merci !")).title == "Un puits"

    def test_is_over_at_the_end(self, well: Campaign) -> None:
        endings.end(well)
        with pytest.raises(campaigns.CampaignOver):
            campaigns.change(well, terms(title="Un puits"))


@pytest.mark.django_db(transaction=True)
class TestRaces:
    def test_of_one_title_each_has_an_address_of_its_own(
        self, acf: Organisation, at_once: AtOnce, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """All look for a free one before any is kept."""
        meet(monkeypatch, 3)
        found = at_once(3, lambda number: campaigns.open_(acf, terms(hashtag=f"kaya{number}")))
        assert sorted(campaign.slug for campaign in found) == [
            "un-puits-a-kaya",
            "un-puits-a-kaya-2",
            "un-puits-a-kaya-3",
        ]

    def test_of_one_title_and_hashtag_there_is_one(
        self, acf: Organisation, at_once: AtOnce, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        meet(monkeypatch, 2)
        found = at_once(2, lambda _number: campaigns.open_(acf, terms()))
        assert sorted(type(one).__name__ for one in found) == ["Campaign", "HashtagTaken"]

    def test_a_change_waits_for_whoever_is_just_giving(
        self, well: Campaign, claire: User, at_once: AtOnce
    ) -> None:
        """They were shown these terms: without the row's lock both would be done."""
        with transaction.atomic():
            give(well, claire)
            (problem,) = at_once(1, lambda _n: hurried(lambda: campaigns.change(well, terms(goal=9_00))))
            assert "lock timeout" in str(problem)
        with pytest.raises(campaigns.TermsKept):
            campaigns.change(well, terms(goal=9_00))


class TestDatabase:
    @pytest.mark.parametrize(
        ("change", "rule"),
        [
            ({"goal": 0}, "campaign_has_a_goal_or_none"),
            ({"is_all_or_nothing": True}, "all_or_nothing_has_goal_and_deadline"),
            ({"hashtag": "Puits"}, "hashtag_is_in_small_letters"),
            ({"hashtag": ""}, "hashtag_is_in_small_letters"),
            ({"outcome": "CLOSED"}, "ended_campaign_has_its_outcome"),
            ({"ended_at": timezone.now()}, "ended_campaign_has_its_outcome"),
            (
                {"ended_at": timezone.now(), "outcome": "REACHED", "collected": 0},
                "ended_campaign_has_its_outcome",
            ),
        ],
    )
    def test_knows_what_a_campaign_is(self, well: Campaign, change: dict[str, Any], rule: str) -> None:
        with pytest.raises(IntegrityError, match=rule), transaction.atomic():
            Campaign.objects.filter(pk=well.pk).update(**change)

    def test_knows_whether_the_goal_was_reached(self, bet: Campaign) -> None:
        wrong = {"ended_at": timezone.now(), "outcome": "REACHED", "collected": 49_99}
        with (
            pytest.raises(IntegrityError, match="ended_campaign_has_its_outcome"),
            transaction.atomic(),
        ):
            Campaign.objects.filter(pk=bet.pk).update(**wrong)

    def test_has_a_hashtag_once(self, well: Campaign, acf: Organisation) -> None:
        other = campaigns.open_(acf, terms(hashtag="kaya"))
        with (
            pytest.raises(IntegrityError, match="organisation_has_one_open_campaign_of_a_hashtag"),
            transaction.atomic(),
        ):
            Campaign.objects.filter(pk=other.pk).update(hashtag="puits")

    @pytest.mark.parametrize("change", [{"goal": 5_00}, {"hashtag": "kaya"}, {"deadline": timezone.now()}])
    def test_keeps_the_terms(self, well: Campaign, claire: User, change: dict[str, Any]) -> None:
        give(well, claire)
        with pytest.raises(IntegrityError, match="keeps the terms"), transaction.atomic():
            Campaign.objects.filter(pk=well.pk).update(**change)

    def test_ends_once(self, well: Campaign) -> None:
        endings.end(well)
        for change in ({"ended_at": None, "outcome": "", "collected": None}, {"collected": 7}):
            with pytest.raises(IntegrityError, match="giving_campaign is kept"), transaction.atomic():
                Campaign.objects.filter(pk=well.pk).update(**change)

    def test_keeps_its_address(self, well: Campaign) -> None:
        with pytest.raises(IntegrityError, match="giving_campaign is kept"), transaction.atomic():
            Campaign.objects.filter(pk=well.pk).update(slug="another")

    def test_lets_nobody_write_a_total(self, well: Campaign) -> None:
        for statement in (
            "INSERT INTO giving_campaigntotal VALUES (1, 1, 1)",
            "UPDATE giving_campaigntotal SET amount = 1",
            "UPDATE giving_tally SET amount = 1",
            "DELETE FROM giving_tally",
            "DELETE FROM giving_gift",
            "DELETE FROM giving_campaign",
        ):
            with (
                pytest.raises(Exception, match="permission denied"),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute(statement)
