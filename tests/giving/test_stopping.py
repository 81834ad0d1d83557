"""Staff stop a campaign or a pot that breaks the rules: what was set aside goes back, and who did is kept."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from accounts import audit
from accounts.models import Organisation, Role, Seat, User
from giving import campaigns, endings, monthly_gifts, pot_closings
from giving.models import Campaign, MonthlyGift
from payments import notices, orders, purposes
from payments.models import Notification, Order, OrderEvent
from tests.giving.conftest import give, given, promise, terms
from tests.giving.pots import held, opened
from tests.people import CODE
from tests.staff import at_desk, page_of

Kind = Notification.Kind
REASON = "Collects for what the law forbids"
pytestmark = pytest.mark.django_db


@pytest.mark.usefixtures("any_code")
class TestCampaign:
    def test_gives_back_what_was_set_aside(self, bet: Campaign, claire: User, odile: User) -> None:
        gift = given(bet, claire)
        endings.stop(bet, by=odile, reason=REASON)
        endings.decide_due()
        gift.refresh_from_db()
        bet.refresh_from_db()
        assert (gift.status, bet.outcome, bet.collected) == ("RETURNED", "STOPPED", 20_00)
        assert Notification.objects.filter(user=claire, kind=Kind.PAYMENT_RETURNED, order=gift).exists()
        assert OrderEvent.objects.get(order=gift, status="RETURNED").detail == "the campaign was stopped"

    def test_gives_back_though_its_goal_was_reached(self, bet: Campaign, claire: User, odile: User) -> None:
        gift = given(bet, claire, 60_00)
        endings.stop(bet, by=odile, reason=REASON)
        endings.decide_due()
        gift.refresh_from_db()
        assert gift.status == "RETURNED"

    def test_gives_a_sponsor_back_what_others_have_earned(
        self, acf: Organisation, claire: User, odile: User
    ) -> None:
        """And what was paid at once stays paid: that money is the organisation's."""
        well = campaigns.open_(acf, terms(deadline=timezone.now() + timedelta(days=3)))
        matched = promise(well, claire)
        orders.confirm(matched, code=CODE)
        gift = given(well, claire, 20_00)
        endings.stop(well, by=odile, reason=REASON)
        endings.decide_due()
        matched.refresh_from_db()
        gift.refresh_from_db()
        assert (matched.status, gift.status) == ("RETURNED", "PAID")

    def test_takes_no_more(self, well: Campaign, claire: User, odile: User) -> None:
        waiting = give(well, claire)
        endings.stop(well, by=odile, reason=REASON)
        with pytest.raises(campaigns.CampaignOver):
            give(well, claire)
        with pytest.raises(purposes.Over):
            orders.confirm(waiting, code=CODE)
        assert Order.objects.get(pk=waiting.pk).status == "VOIDED"

    def test_is_told_to_who_handles_its_money_and_kept(
        self, well: Campaign, lea: User, armand: User, claire: User, odile: User
    ) -> None:
        for user, role in ((armand, Role.TREASURER), (claire, Role.READER)):
            Seat.objects.create(organisation=well.organisation, user=user, role=role)
        endings.stop(well, by=odile, reason=REASON)
        told = Notification.objects.filter(kind=Kind.CAMPAIGN_STOPPED)
        assert {row.user for row in told} == {lea, armand}
        (entry,) = audit.of(well)
        assert (entry.act, entry.staff, entry.reason) == ("campaign.stopped", odile, REASON)
        assert audit.verify() is None

    def test_ends_once(self, well: Campaign, odile: User) -> None:
        endings.stop(well, by=odile, reason=REASON)
        with pytest.raises(campaigns.CampaignOver):
            endings.stop(well, by=odile, reason=REASON)
        with pytest.raises(campaigns.CampaignOver):
            endings.end(well)
        assert audit.of(well).count() == 1

    def test_goes_on_where_nobody_could_be_told(
        self, well: Campaign, odile: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(*_args: object, **_facts: object) -> None:
            raise IntegrityError

        monkeypatch.setattr(notices, "tell_all", fail)
        with pytest.raises(IntegrityError), transaction.atomic():
            endings.stop(well, by=odile, reason=REASON)
        well.refresh_from_db()
        assert (well.ended_at, audit.of(well).count()) == (None, 0)

    def test_is_stopped_by_whoever_decides_for_a_reason(
        self, well: Campaign, agathe: User, bruno: User
    ) -> None:
        act = f"{page_of(well).removesuffix('change/')}act/stop/"
        assert at_desk(agathe).post(act, {"reason": REASON}).status_code == 403
        desk = at_desk(bruno)
        assert "/act/stop/" in desk.get(page_of(well)).content.decode()
        assert desk.post(act, {"reason": ""}).status_code == 200
        assert Campaign.objects.get(pk=well.pk).ended_at is None
        assert desk.post(act, {"reason": REASON}).status_code == 302
        assert Campaign.objects.get(pk=well.pk).outcome == "STOPPED"
        assert desk.post(act, {"reason": REASON}).status_code == 403
        assert "/act/stop/" not in desk.get(page_of(well)).content.decode()

    def test_says_so_on_its_page_but_not_why(self, well: Campaign, odile: User) -> None:
        endings.stop(well, by=odile, reason=REASON)
        page = Client(HTTP_ACCEPT_LANGUAGE="en").get(f"/c/{well.slug}/").content.decode()
        assert "S-Money has stopped this campaign" in page
        assert REASON not in page

    def test_asks_for_no_monthly_gift_of_it(self, well: Campaign, claire: User, odile: User) -> None:
        monthly = MonthlyGift.objects.create(payer=claire, campaign=well, amount=5_00, day=1)
        endings.stop(well, by=odile, reason=REASON)
        assert monthly_gifts.place_due() == 0
        monthly.refresh_from_db()
        assert monthly.ended_at is not None


class TestPot:
    def test_gives_everybody_theirs_back(self, armand: User, claire: User, odile: User) -> None:
        pot = opened(armand)
        order = held(pot, claire)
        pot_closings.stop(pot, by=odile, reason=REASON)
        pot_closings.decide_due()
        order.refresh_from_db()
        pot.refresh_from_db()
        assert (order.status, pot.status) == ("RETURNED", "RETURNED")

    def test_is_told_to_its_organiser_and_kept(self, armand: User, odile: User) -> None:
        pot = opened(armand)
        pot_closings.stop(pot, by=odile, reason=REASON)
        assert Notification.objects.get(kind=Kind.POT_STOPPED).user == armand
        (entry,) = audit.of(pot)
        assert (entry.act, entry.staff, entry.reason) == ("pot.stopped", odile, REASON)

    def test_ends_once(self, armand: User, odile: User) -> None:
        pot = pot_closings.give_back(opened(armand))
        with pytest.raises(pot_closings.PotEnded):
            pot_closings.stop(pot, by=odile, reason=REASON)
        assert not audit.of(pot)

    def test_is_stopped_by_whoever_decides_for_a_reason_that_names_nobody(
        self, armand: User, agathe: User, bruno: User
    ) -> None:
        pot = opened(armand)
        act = f"{page_of(pot).removesuffix('change/')}act/stop/"
        assert at_desk(agathe).post(act, {"reason": REASON}).status_code == 403
        desk = at_desk(bruno)
        assert desk.post(act, {"reason": f"{armand.name} again"}).status_code == 200
        pot.refresh_from_db()
        assert pot.status == "OPEN"
        assert desk.post(act, {"reason": REASON}).status_code == 302
        pot.refresh_from_db()
        assert pot.status == "RETURNED"
