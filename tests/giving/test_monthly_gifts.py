"""Monthly gifts: asked for once a month, never paid without a code, stopped at any time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from giving import campaigns, endings, monthly_gifts, tallies
from giving.models import Campaign, MonthlyGift
from giving.tallies import Total
from payments import limits, orders
from payments.models import Order
from tests.people import CODE, hurried, place

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("any_code")]


def start(campaign: Campaign, payer: User) -> Order:
    return monthly_gifts.start(campaign, payer=payer, amount=10_00, is_anonymous=True, at=timezone.now())


def as_of_last_month(payer: User, campaign: Campaign) -> MonthlyGift:
    """One that was begun before this month."""
    monthly = MonthlyGift(payer=payer, campaign=campaign, amount=10_00, day=1)
    monthly.save(force_insert=True)
    return monthly


class TestStart:
    def test_asks_for_the_first_at_once(self, well: Campaign, claire: User) -> None:
        order = start(well, claire)
        monthly = MonthlyGift.objects.get()
        assert (order.status, order.channel) == ("PENDING", "monthly")
        assert order.channel_id == f"{monthly.pk}:{timezone.localdate():%Y-%m}"
        assert order.expires_at - order.created_at == timedelta(days=7)
        assert tallies.of(well) == Total(0, 0)
        orders.confirm(order, code=CODE)
        assert tallies.of(well) == Total(10_00, 1)

    def test_of_a_campaign_happens_once(self, well: Campaign, claire: User) -> None:
        start(well, claire)
        with pytest.raises(monthly_gifts.HasOne):
            start(well, claire)

    def test_keeps_nothing_where_the_order_is_refused(self, well: Campaign, claire: User) -> None:
        endings.end(well)
        with pytest.raises(campaigns.CampaignOver):
            start(well, claire)
        assert not MonthlyGift.objects.exists()


class TestPlaceDue:
    def test_asks_once_a_month(self, well: Campaign, claire: User) -> None:
        as_of_last_month(claire, well)
        assert (monthly_gifts.place_due(), monthly_gifts.place_due()) == (1, 0)
        assert Order.objects.get().status == "PENDING"

    def test_does_not_ask_for_what_was_asked_at_the_start(self, well: Campaign, claire: User) -> None:
        start(well, claire)
        assert monthly_gifts.place_due() == 0

    def test_does_not_ask_who_stopped(self, well: Campaign, claire: User) -> None:
        monthly = as_of_last_month(claire, well)
        assert [monthly_gifts.stop(monthly), monthly_gifts.stop(monthly)] == [True, False]
        assert monthly_gifts.place_due() == 0

    def test_ends_with_its_campaign(self, well: Campaign, claire: User) -> None:
        monthly = as_of_last_month(claire, well)
        endings.end(well)
        assert monthly_gifts.place_due() == 0
        monthly.refresh_from_db()
        assert monthly.ended_at

    def test_waits_for_the_morning(
        self, well: Campaign, claire: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Nobody's telephone rings at midnight."""
        as_of_last_month(claire, well)
        monkeypatch.setattr(limits, "is_night", lambda _at: True)
        assert monthly_gifts.place_due() == 0
        monkeypatch.setattr(limits, "is_night", lambda _at: False)
        assert monthly_gifts.place_due() == 1

    def test_waits_where_too_many_orders_do(self, well: Campaign, claire: User, armand: User) -> None:
        as_of_last_month(claire, well)

        for _ in range(orders.OPEN_AT_ONCE):
            place(claire, armand)
        assert monthly_gifts.place_due() == 0
        orders.decline(Order.objects.filter(payer=claire).order_by("pk")[0])
        assert monthly_gifts.place_due() == 1


@pytest.mark.django_db(transaction=True)
class TestRaces:
    def test_nobody_is_asked_who_is_just_stopping(
        self, well: Campaign, claire: User, at_once: Callable[..., list[Any]]
    ) -> None:
        """Whoever places the order waits for the one that stops it, and looks again."""
        monthly = as_of_last_month(claire, well)
        with transaction.atomic():
            monthly_gifts.stop(monthly)
            (problem,) = at_once(1, lambda _number: hurried(monthly_gifts.place_due))
            assert "lock timeout" in str(problem)
        assert (monthly_gifts.place_due(), Order.objects.count()) == (0, 0)


class TestDatabase:
    @pytest.mark.parametrize(
        ("change", "rule"),
        [
            ({"amount": 0}, "monthly_gift_is_something"),
            ({"day": 29}, "monthly_gift_has_a_day_of_every_month"),
        ],
    )
    def test_knows_what_one_is(self, well: Campaign, claire: User, change: dict[str, Any], rule: str) -> None:
        with pytest.raises(IntegrityError, match=rule), transaction.atomic():
            MonthlyGift.objects.create(
                **({"payer": claire, "campaign": well, "amount": 1, "day": 1} | change)
            )

    def test_has_one_of_a_member_to_a_campaign(self, well: Campaign, claire: User) -> None:
        as_of_last_month(claire, well)
        with (
            pytest.raises(IntegrityError, match="member_has_one_monthly_gift_to_a_campaign"),
            transaction.atomic(),
        ):
            as_of_last_month(claire, well)

    def test_lets_one_only_end(self, well: Campaign, claire: User) -> None:
        monthly = as_of_last_month(claire, well)
        for change in ({"amount": 99_00}, {"day": 5}):
            with pytest.raises(IntegrityError, match="giving_monthlygift is kept"), transaction.atomic():
                MonthlyGift.objects.filter(pk=monthly.pk).update(**change)
        monthly_gifts.stop(monthly)
        with pytest.raises(IntegrityError, match="giving_monthlygift is kept"), transaction.atomic():
            MonthlyGift.objects.filter(pk=monthly.pk).update(ended_at=None)
