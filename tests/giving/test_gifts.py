"""Gifts: an order like any other, counted when its money moves, exactly, however many give at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import Organisation, User
from giving import campaigns, endings, gifts, matches, tallies
from giving.models import Campaign, Gift, Match, Tally
from giving.tallies import Total
from payments import claims, ledger, orders, purposes, refunds
from payments.models import Order
from tests.giving.conftest import give, given, let_deadline_pass, promise, terms
from tests.people import CODE, join, load, place

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("any_code")]
AtOnce = Callable[..., list[Any]]
GIVERS = 40


def cents(user: User) -> int:
    return ledger.balance(ledger.wallet(user))


def counted(campaign: Campaign) -> Total:
    """What the orders themselves say: the truth that the total must be equal to."""
    there = Order.objects.filter(gift__campaign=campaign, status__in=["HELD", "PAID"])
    back = sum(refund.amount for order in there for refund in refunds.of(order))
    return Total(
        sum(order.amount for order in there) - back,
        sum(refunds.left(o) > 0 or o.status == "HELD" for o in there),
    )


class TestGive:
    def test_waits_for_the_code_and_counts_nothing_yet(self, well: Campaign, claire: User) -> None:
        order = give(well, claire, message="Courage !", is_anonymous=False)
        assert (order.status, order.kind, order.payee.user) == ("PENDING", "GIFT", well.organisation.account)
        assert (order.gift.message, order.gift.is_anonymous) == ("Courage !", False)
        assert tallies.of(well) == Total(0, 0)

    def test_pays_the_organisation(self, well: Campaign, claire: User, acf: Organisation) -> None:
        order = given(well, claire)
        assert (order.status, cents(claire), cents(acf.account)) == ("PAID", 80_00, 20_00)
        assert tallies.of(well) == counted(well) == Total(20_00, 1)

    def test_says_what_it_is_for(self, well: Campaign, claire: User) -> None:
        assert purposes.shown(give(well, claire)) == purposes.Shown("Un puits à Kaya", "/c/un-puits-a-kaya/")

    def test_of_a_form_happens_once(self, well: Campaign, claire: User) -> None:
        give(well, claire, channel_id="a form")
        with pytest.raises(orders.AlreadyPlaced):
            give(well, claire, channel_id="a form")

    def test_is_void_when_the_campaign_is_over(self, well: Campaign, claire: User) -> None:
        order = give(well, claire)
        endings.end(well)
        with pytest.raises(purposes.Over):
            orders.confirm(order, code=CODE)
        order.refresh_from_db()
        assert (order.status, cents(claire), tallies.of(well)) == ("VOIDED", 100_00, Total(0, 0))

    def test_is_void_after_the_deadline_though_nobody_ended_it_yet(self, bet: Campaign, claire: User) -> None:
        order = give(bet, claire)
        let_deadline_pass(bet)
        with pytest.raises(purposes.Over):
            orders.confirm(order, code=CODE)
        with pytest.raises(campaigns.CampaignOver):
            give(bet, claire)

    def test_of_all_or_nothing_is_set_aside(self, bet: Campaign, claire: User) -> None:
        order = given(bet, claire)
        assert (order.status, tallies.of(bet)) == ("HELD", Total(20_00, 1))
        assert bet.deadline
        assert order.expires_at == bet.deadline + gifts.TIME_TO_DECIDE

    def test_that_is_taken_back_is_taken_off(self, bet: Campaign, claire: User) -> None:
        order = given(bet, claire)
        claims.take_back(order)
        assert (tallies.of(bet), cents(claire)) == (Total(0, 0), 100_00)


class TestRefund:
    def test_takes_off_what_went_back(self, well: Campaign, claire: User, acf: Organisation) -> None:
        order = given(well, claire)
        refunds._give(order, amount=5_00, key=uuid4())  # noqa: SLF001  # round the code
        assert tallies.of(well) == Total(15_00, 1)
        refunds._give(order, amount=15_00, key=uuid4())  # noqa: SLF001  # round the code
        assert tallies.of(well) == counted(well) == Total(0, 0)
        tallies.fold()
        assert tallies.of(well) == Total(0, 0)


class TestFold:
    def test_changes_nothing_that_is_read(self, well: Campaign, claire: User) -> None:
        for _ in range(2):
            given(well, claire)
        assert tallies.fold() == 2
        assert (tallies.of(well), Tally.objects.count()) == (Total(40_00, 2), 0)
        given(well, claire)
        assert tallies.of(well) == Total(60_00, 3)
        assert (tallies.fold(), tallies.fold(), tallies.of(well)) == (1, 0, Total(60_00, 3))

    def test_of_one_campaign_leaves_the_others(self, well: Campaign, bet_: Campaign, claire: User) -> None:
        given(well, claire)
        given(bet_, claire, 30_00)
        tallies.fold()
        assert (tallies.of(well), tallies.of(bet_)) == (Total(20_00, 1), Total(30_00, 1))


@pytest.fixture
def bet_(acf: Organisation) -> Campaign:
    """Another campaign of acf's, beside the well."""
    return campaigns.open_(acf, terms(title="École", hashtag="ecole"))


class TestLatest:
    def test_are_those_whose_money_is_there(self, well: Campaign, claire: User) -> None:
        paid = given(well, claire)
        give(well, claire)
        assert [gift.order for gift in gifts.latest(well)] == [paid]


@pytest.mark.django_db(transaction=True)
class TestManyAtOnce:
    def test_lose_nothing_and_count_right(self, well: Campaign, acf: Organisation, at_once: AtOnce) -> None:
        """Folded meanwhile, and asked for: never more than was given, and never less than before."""
        givers = [
            join(f"Ami {n}", phone=f"+3361234{n:04}", handle=f"giver_{n}", external_id=f"80{n}")
            for n in range(100, 100 + GIVERS)
        ]
        for giver in givers:
            load(giver, 10_00)
        waiting = [give(well, giver, 5_00 + number) for number, giver in enumerate(givers)]
        seen: list[int] = []

        def work(number: int) -> None:
            if number < GIVERS:
                orders.confirm(waiting[number], code=CODE)
                return
            for _ in range(20):
                tallies.fold()
                seen.append(tallies.of(well).amount)

        assert at_once(GIVERS + 1, work) == [None] * (GIVERS + 1)
        whole = sum(5_00 + number for number in range(GIVERS))
        assert tallies.of(well) == counted(well) == Total(whole, GIVERS)
        assert cents(acf.account) == whole
        assert seen == sorted(seen)

    def test_do_not_wait_for_each_other(self, well: Campaign, claire: User, armand: User) -> None:
        """Two who give at once both hold the campaign's key: neither waits."""
        load(armand, 50_00)
        first, second = give(well, claire), give(well, armand)
        problems: list[Exception] = []

        def confirm_second() -> None:
            import threading  # noqa: PLC0415  # for this test alone

            def work() -> None:
                try:
                    with transaction.atomic(), connection.cursor() as cursor:
                        cursor.execute("SET LOCAL lock_timeout = '2s'")
                        orders.confirm(second, code=CODE)
                except Exception as problem:  # noqa: BLE001  # the test looks at it
                    problems.append(problem)
                finally:
                    connection.close()

            thread = threading.Thread(target=work)
            thread.start()
            thread.join()

        with transaction.atomic():
            orders.confirm(first, code=CODE)
            confirm_second()
        assert problems == []
        assert tallies.of(well) == Total(40_00, 2)

    def test_fold_each_tally_once(self, well: Campaign, claire: User, at_once: AtOnce) -> None:
        for _ in range(3):
            given(well, claire)
        assert sum(at_once(8, lambda _number: tallies.fold())) == 3
        assert tallies.of(well) == Total(60_00, 3)


class TestDatabase:
    def test_knows_what_a_gift_is_an_order_of(self, well: Campaign, claire: User, armand: User) -> None:
        plain = place(claire, armand)
        with (
            pytest.raises(IntegrityError, match="is no gift to campaign"),
            transaction.atomic(),
        ):
            Gift.objects.create(order=plain, campaign=well)
        with (
            pytest.raises(IntegrityError, match="is no gift to campaign"),
            transaction.atomic(),
        ):
            Match.objects.create(order=plain, campaign=well, threshold=1)

    def test_keeps_what_a_gift_is_for(self, well: Campaign, bet_: Campaign, claire: User) -> None:
        order = give(well, claire)
        with pytest.raises(IntegrityError, match="giving_gift is kept"), transaction.atomic():
            Gift.objects.filter(order=order).update(campaign=bet_)

    def test_tallies_a_status_once(self, well: Campaign, claire: User) -> None:
        order = given(well, claire)
        with pytest.raises(IntegrityError, match="order_is_tallied_once"), transaction.atomic():
            Tally.objects.create(order=order, campaign=well, why="PAID", amount=1, gifts=1)

    @pytest.mark.parametrize(
        ("why", "amount", "number"),
        [
            ("PAID", -1, 1),
            ("HELD", 1, 2),
            ("RETURNED", 1, -1),
            ("CANCELLED", -1, 1),
            ("REFUNDED", -1, 0),
            ("?", 1, 1),
        ],
    )
    def test_knows_what_a_tally_is(
        self, well: Campaign, claire: User, why: str, amount: int, number: int
    ) -> None:
        order = give(well, claire)
        with pytest.raises(IntegrityError, match="tally_adds_or_takes_off"), transaction.atomic():
            Tally.objects.create(order=order, campaign=well, why=why, amount=amount, gifts=number)

    def test_has_no_negative_total(self, well: Campaign, claire: User) -> None:
        order = give(well, claire)
        Tally.objects.create(order=order, campaign=well, why="RETURNED", amount=-1, gifts=-1)
        with pytest.raises(IntegrityError, match="total_is_never_negative"), transaction.atomic():
            tallies.fold()

    def test_keeps_promises_to_an_end(self, bet: Campaign, claire: User) -> None:
        """Looked at under the campaign's key: it was changed since its page was read."""
        campaigns.change(Campaign.objects.get(pk=bet.pk), terms())
        with pytest.raises(matches.NoDeadline):
            promise(bet, claire)
        assert not Order.objects.exists()

    def test_knows_what_a_promise_is(self, bet: Campaign, claire: User) -> None:
        order = promise(bet, claire)
        with pytest.raises(IntegrityError, match="match_has_a_threshold"), transaction.atomic():
            Match(order=order, campaign=bet, threshold=0).save(force_insert=True)
        with pytest.raises(IntegrityError, match="giving_match is kept"), transaction.atomic():
            Match.objects.filter(order=order).update(threshold=1)
