"""A campaign's end: decided once, carried out for each order once, whoever breaks off or comes between."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from accounts import freezes, prepared
from accounts.models import Organisation, User
from giving import campaigns, endings, gifts, tallies
from giving.campaigns import CampaignOver
from giving.models import Campaign
from giving.tallies import Total
from payments import claims, glance, ledger, life, orders, purposes, settlement, strong
from payments.models import Order, OrderEvent
from tests.giving.conftest import give, given, let_deadline_pass, promise, terms
from tests.people import CODE, hurried, load

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("any_code")]
AtOnce = Callable[..., list[Any]]


def cents(user: User) -> int:
    return ledger.balance(ledger.wallet(user))


def ended(campaign: Campaign) -> Campaign:
    """Its deadline has passed, and everything was decided."""
    let_deadline_pass(campaign)
    endings.end_due()
    endings.decide_due()
    campaign.refresh_from_db()
    return campaign


class TestEnd:
    def test_pays_what_was_set_aside_if_the_goal_is_reached(
        self, bet: Campaign, claire: User, acf: Organisation
    ) -> None:
        orders_ = [given(bet, claire, 20_00), given(bet, claire, 30_00)]
        assert ended(bet).outcome == "REACHED"
        for order in orders_:
            order.refresh_from_db()
            assert order.status == "PAID"
        assert (cents(acf.account), cents(claire), tallies.of(bet)) == (50_00, 50_00, Total(50_00, 2))

    def test_gives_everything_back_if_it_is_missed_by_a_cent(
        self, bet: Campaign, claire: User, acf: Organisation
    ) -> None:
        given(bet, claire, 49_99)
        assert ended(bet).outcome == "MISSED"
        assert (cents(acf.account), cents(claire), tallies.of(bet)) == (0, 100_00, Total(0, 0))
        assert bet.collected == 49_99

    def test_comes_once(self, bet: Campaign) -> None:
        endings.end(bet)
        with pytest.raises(CampaignOver):
            endings.end(bet)

    def test_does_not_come_before_the_deadline(self, bet: Campaign) -> None:
        assert (endings.end_due(), endings.decide_due()) == (0, 0)

    def test_of_a_plain_campaign_is_no_more_than_that(self, well: Campaign, claire: User) -> None:
        given(well, claire)
        endings.end(well)
        well.refresh_from_db()
        assert (well.outcome, well.collected, endings.decide_due()) == ("CLOSED", 20_00, 0)

    def test_goes_on_where_somebody_broke_off(self, bet: Campaign, claire: User) -> None:
        for _ in range(5):
            given(bet, claire, 10_00)
        let_deadline_pass(bet)
        endings.end_due()
        assert [endings.decide_due(limit=2) for _ in range(4)] == [2, 2, 1, 0]
        assert OrderEvent.objects.filter(status="PAID").count() == 5

    def test_counts_nothing_that_a_frozen_member_gave(
        self, bet: Campaign, claire: User, armand: User, acf: Organisation
    ) -> None:
        """It goes back before the goal is looked at: others' money would go where nobody meant it to."""
        load(armand, 20_00)
        orders_ = [given(bet, claire, 40_00), given(bet, armand, 20_00)]
        freezes.freeze(claire, reason="a test")
        ended(bet)
        for order in orders_:
            order.refresh_from_db()
            assert order.status == "RETURNED"
        assert (bet.outcome, bet.collected, cents(armand), cents(acf.account)) == ("MISSED", 20_00, 20_00, 0)

    def test_gives_back_what_somebody_gave_who_was_frozen_since(self, bet: Campaign, claire: User) -> None:
        order = given(bet, claire, 50_00)
        let_deadline_pass(bet)
        endings.end_due()
        freezes.freeze(claire, reason="a test")
        ended(bet)
        order.refresh_from_db()
        assert (bet.outcome, order.status) == ("REACHED", "RETURNED")

    def test_leaves_what_a_frozen_member_promised_elsewhere(
        self, bet: Campaign, claire: User, acf: Organisation
    ) -> None:
        other = campaigns.open_(acf, terms(hashtag="autre"))
        promised = orders.confirm(promise(bet, claire, 20_00), code=CODE)
        freezes.freeze(claire, reason="a test")
        endings.end(other)
        promised.refresh_from_db()
        assert promised.status == "HELD"
        endings.end(bet)
        promised.refresh_from_db()
        assert promised.status == "RETURNED"

    def test_lets_nobody_take_theirs_back_any_more(
        self, bet: Campaign, claire: User, acf: Organisation
    ) -> None:
        """What counted for the goal is paid, be it a gift or a promise."""
        gift = given(bet, claire, 50_00)
        promised = orders.confirm(promise(bet, claire, 20_00, threshold=10_00), code=CODE)
        let_deadline_pass(bet)
        endings.end_due()
        for order in (gift, promised):
            with pytest.raises(life.OrderClosed):
                claims.take_back(order)
        endings.decide_due()
        assert (cents(acf.account), cents(claire)) == (70_00, 30_00)

    def test_lets_them_take_it_back_until_it_comes(self, bet: Campaign, claire: User) -> None:
        order = given(bet, claire, 50_00)
        let_deadline_pass(bet)
        assert claims.take_back(order).status == "CANCELLED"
        assert ended(bet).outcome == "MISSED"

    def test_decides_on_what_was_under_review_until_later(self, bet: Campaign, claire: User) -> None:
        """It was confirmed in time, and released by staff after the end: it shares its campaign's fate."""
        order = give(bet, claire)
        with transaction.atomic():
            seen = glance.lock(order, device_id=None)
            order, order.confirmed_at = seen.order, seen.at
            prepared.run(strong.accepting(order, proof=None, is_asked=False, spent=seen.spent))
            orders._review(order)  # noqa: SLF001  # as a rule would
        assert tallies.of(bet) == Total(0, 0)
        ended(bet)
        settlement.release(order)
        order.refresh_from_db()
        assert order.status == "HELD"
        endings.decide_due()
        order.refresh_from_db()
        assert (order.status, tallies.of(bet), cents(claire)) == ("RETURNED", Total(0, 0), 100_00)


class TestMatch:
    def test_is_paid_in_full_if_the_others_come_together(
        self, bet: Campaign, claire: User, armand: User, acf: Organisation
    ) -> None:
        load(armand, 30_00)
        promised = orders.confirm(promise(bet, armand, 30_00, threshold=50_00), code=CODE)
        assert (promised.status, tallies.of(bet)) == ("HELD", Total(0, 0))
        given(bet, claire, 50_00)
        ended(bet)
        assert (cents(acf.account), cents(armand), tallies.of(bet).amount) == (80_00, 0, 80_00)

    def test_goes_back_if_they_do_not(self, bet: Campaign, claire: User, armand: User) -> None:
        load(armand, 30_00)
        orders.confirm(promise(bet, armand, 30_00, threshold=60_00), code=CODE)
        given(bet, claire, 50_00)
        ended(bet)
        assert (bet.outcome, cents(armand), tallies.of(bet).amount) == ("REACHED", 30_00, 50_00)

    def test_does_not_count_for_the_goal(self, bet: Campaign, claire: User, armand: User) -> None:
        load(armand, 50_00)
        orders.confirm(promise(bet, armand, 50_00, threshold=10_00), code=CODE)
        given(bet, claire, 20_00)
        ended(bet)
        assert (bet.outcome, cents(armand), cents(claire)) == ("MISSED", 50_00, 100_00)


@pytest.mark.django_db(transaction=True)
class TestRaces:
    def test_two_sweeps_decide_each_order_once(
        self, bet: Campaign, claire: User, acf: Organisation, at_once: AtOnce
    ) -> None:
        for _ in range(8):
            given(bet, claire, 10_00)
        let_deadline_pass(bet)

        def work(_number: int) -> tuple[int, int]:
            return endings.end_due(), endings.decide_due()

        found = at_once(4, work)
        endings.decide_due()
        assert sum(ends for ends, _ in found) == 1
        assert (cents(acf.account), OrderEvent.objects.filter(status="PAID").count()) == (80_00, 8)
        assert tallies.of(bet) == Total(80_00, 8)

    def test_a_take_back_and_the_end_agree(
        self, bet: Campaign, claire: User, acf: Organisation, at_once: AtOnce
    ) -> None:
        order = given(bet, claire, 60_00)
        let_deadline_pass(bet)

        def work(number: int) -> object:
            return (endings.end_due(), endings.decide_due()) if number else claims.take_back(order)

        at_once(2, work)
        endings.decide_due()
        order.refresh_from_db()
        bet.refresh_from_db()
        assert (order.status, bet.outcome) in {("PAID", "REACHED"), ("CANCELLED", "MISSED")}
        assert cents(acf.account) == (60_00 if order.status == "PAID" else 0)
        assert cents(claire) + cents(acf.account) == 100_00
        assert OrderEvent.objects.filter(order=order, status__in=["PAID", "CANCELLED"]).count() == 1

    def test_the_end_waits_for_whoever_just_takes_theirs_back(
        self, bet: Campaign, claire: User, at_once: AtOnce
    ) -> None:
        order = given(bet, claire, 60_00)
        with transaction.atomic():
            claims.take_back(order)
            (problem,) = at_once(1, lambda _number: hurried(lambda: endings.end(bet)))
            assert "lock timeout" in str(problem)
        assert endings.end(bet).outcome == "MISSED"

    def test_whoever_takes_theirs_back_waits_for_the_end(
        self, bet: Campaign, claire: User, at_once: AtOnce
    ) -> None:
        order = given(bet, claire, 60_00)
        with transaction.atomic():
            endings.end(bet)
            (problem,) = at_once(1, lambda _number: hurried(lambda: claims.take_back(order)))
            assert "lock timeout" in str(problem)
        with pytest.raises(life.OrderClosed):
            claims.take_back(order)

    def test_the_end_waits_for_whoever_is_just_giving(
        self, bet: Campaign, claire: User, at_once: AtOnce
    ) -> None:
        """Who gave before it counts: a gift that holds the campaign's key is waited for."""
        order = give(bet, claire, 50_00)
        with transaction.atomic():
            locked = life.lock(order)
            gifts.GiftPurpose().check(locked)
            (problem,) = at_once(1, lambda _number: hurried(lambda: endings.end(bet)))
            assert "lock timeout" in str(problem)

    def test_a_gift_and_the_end_agree(self, bet: Campaign, claire: User, at_once: AtOnce) -> None:
        order = give(bet, claire, 50_00)

        def work(number: int) -> object:
            return endings.end(bet) if number else orders.confirm(order, code=CODE)

        at_once(2, work)
        endings.decide_due()
        order.refresh_from_db()
        bet.refresh_from_db()
        assert (order.status, bet.outcome, bet.collected) in {
            ("PAID", "REACHED", 50_00),
            ("VOIDED", "MISSED", 0),
        }
        assert issubclass(purposes.Over, Exception)
        assert Order.objects.count() == 1
