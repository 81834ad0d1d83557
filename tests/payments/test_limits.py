"""What may be paid: by tier, in a day, a month and a night, to somebody new; by many at once."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts import tiers
from accounts.models import User
from payments import clock, ledger, limits, migrations, orders, own_limits, proposals
from payments.limits import is_night
from payments.models import Limit, Order, OwnLimit, Proposal
from tests import database
from tests.people import CODE, join, load, place, set_limit

Name, Tier = Limit.Name, User.Tier
POLICY = Path(migrations.__file__).parent / "sql" / "0020_policy.sql"
HOUR = timedelta(hours=1)


@pytest.fixture
def rich(claire: User, any_code: None, monkeypatch: pytest.MonkeyPatch) -> User:
    """Claire, with more than she may pay, a code that is not hashed, and no pace to keep."""
    load(claire, 2_000_00)
    monkeypatch.setattr(orders, "OPEN_AT_ONCE", 100)
    monkeypatch.setattr(orders, "PLACED_A_DAY", 100)
    return claire


@pytest.fixture
def figures() -> Callable[..., None]:
    """Set figures of the policy for the identified, in a test whose transaction is rolled back."""

    def change(**amounts: int) -> None:
        for name, amount in amounts.items():
            set_limit(name, amount, tier=Tier.IDENTIFIED)

    return change


@pytest.fixture
def enhance(odile: User, bruno: User) -> Callable[[User], None]:
    """Two of staff agree that a member's means are known."""

    def known(user: User) -> None:
        terms = {"tier": Tier.ENHANCED}
        proposal = proposals.propose(odile, Proposal.Kind.TIER, about=user, terms=terms, reason="Means seen")
        proposals.approve(proposal, bruno)
        user.refresh_from_db()

    return known


def pay(payer: User, payee: User, amount: int) -> Order:
    return orders.confirm(place(payer, payee, amount), code=CODE)


def refused(order: Order, *, at: datetime | None = None) -> limits.OverLimit:
    with pytest.raises(limits.OverLimit) as refusal:
        limits.check_order(order, at=at)
    return refusal.value


def later(hours: int) -> datetime:
    return clock.now() + hours * HOUR


@pytest.mark.django_db
class TestPolicy:
    def test_has_each_figure_for_each_tier(self) -> None:
        known = set(Limit.objects.values_list("tier", "name"))
        assert known == {(tier, name) for tier in Tier.values for name in Name.values}

    def test_keeps_the_figures_of_the_articles(self) -> None:
        of = dict(Limit.objects.filter(tier=Tier.IDENTIFIED).values_list("name", "amount"))
        assert (of["ORDER_TO_PERSON"], of["ORDER_TO_ORGANISATION"]) == (250_00, 500_00)
        assert (of["DAY"], of["MONTH"], of["WALLET"]) == (500_00, 2_000_00, 2_500_00)

    def test_began_with_the_figures_that_staff_had_changed(self) -> None:
        """As the migration does it, undone at the end."""
        before = {
            "ORDER_TO_PERSON": 200_00,
            "ORDER_TO_ORGANISATION": 500_00,
            "TOP_UP": 90_00,
            "WALLET": 3_000_00,
        }
        with contextlib.closing(database.as_owner()) as owner, owner.cursor() as cursor:
            cursor.execute("BEGIN; DELETE FROM payments_limit")
            cursor.execute("CREATE TEMPORARY TABLE limits_before (name varchar, amount bigint)")
            for row in before.items():
                cursor.execute("INSERT INTO limits_before VALUES (%s, %s)", row)
            cursor.execute(POLICY.read_text(encoding="utf-8"))
            cursor.execute("SELECT tier, name, amount FROM payments_limit")
            now = {(tier, name): amount for tier, name, amount in cursor.fetchall()}
            cursor.execute("ROLLBACK")
        assert {name: now["IDENTIFIED", name] for name in before} == before
        assert (now["PHONE", "ORDER_TO_PERSON"], now["PHONE", "TOP_UP"]) == (150_00, 90_00)
        assert (now["ENHANCED", "WALLET"], now["ENHANCED", "DAY"]) == (10_000_00, 1_000_00)

    def test_lets_a_number_alone_spend_150_euros_in_30_days(self, rich: User, armand: User) -> None:
        User.objects.filter(pk=rich.pk).update(tier=Tier.PHONE)
        pay(rich, armand, 50_00)
        order = place(rich, armand, 100_00)
        with pytest.raises(limits.OverLimit) as refusal:
            place(rich, armand, 100_01)
        assert (refusal.value.limit, refusal.value.allowed) == (Name.MONTH, 100_00)
        limits.check_order(order, at=later(5))

    def test_is_changed_by_two_of_staff_to_what_they_agreed_on(self, odile: User, bruno: User) -> None:
        limit = Limit.objects.get(tier=Tier.PHONE, name=Name.ORDER_TO_PERSON)
        terms = {"before": 150_00, "amount": 0}
        proposal = proposals.propose(odile, Proposal.Kind.LIMIT, about=limit, terms=terms, reason="The law")
        proposals.approve(proposal, bruno)
        limit.refresh_from_db()
        assert limit.amount == 0

    def test_is_changed_by_nobody_alone_whatever_the_code_does(self) -> None:
        with pytest.raises(IntegrityError, match="a limit takes two of staff"), transaction.atomic():
            limits.set_policy(Tier.PHONE, Name.ORDER_TO_PERSON, amount=0)
        with pytest.raises(IntegrityError, match="a limit takes two of staff"), transaction.atomic():
            Limit.objects.filter(tier=Tier.PHONE).update(tier="GOLD")

    def test_is_changed_by_an_approval_to_its_own_figure_alone(
        self, odile: User, bruno: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Approved is one figure of one limit: another, in the same transaction, is not."""
        limit = Limit.objects.get(tier=Tier.PHONE, name=Name.DAY)
        other = Limit.objects.get(tier=Tier.PHONE, name=Name.MONTH)

        def try_more(_proposal: Proposal, _by: User) -> None:
            for row, amount in ((limit, 99_00), (limit, 999_00), (other, 99_00)):
                with contextlib.suppress(IntegrityError), transaction.atomic():
                    Limit.objects.filter(pk=row.pk).update(amount=amount)

        monkeypatch.setitem(proposals.EFFECTS, Proposal.Kind.LIMIT, try_more)
        terms = {"before": limit.amount, "amount": 99_00}
        proposal = proposals.propose(odile, Proposal.Kind.LIMIT, about=limit, terms=terms, reason="Prudence")
        proposals.approve(proposal, bruno)
        figures = dict(Limit.objects.filter(tier=Tier.PHONE).values_list("name", "amount"))
        assert (figures["DAY"], figures["MONTH"]) == (99_00, 150_00)

    def test_of_another_tier_takes_documents_or_two_of_staff(
        self, claire: User, enhance: Callable[[User], None]
    ) -> None:
        rule = "a tier takes documents, or two of staff"
        with pytest.raises(IntegrityError, match=rule), transaction.atomic():
            tiers.raise_to(claire, Tier.ENHANCED)
        enhance(claire)
        assert claire.tier == Tier.ENHANCED

    def test_of_nought_lets_nothing_pass(
        self, rich: User, armand: User, figures: Callable[..., None]
    ) -> None:
        figures(ORDER_TO_PERSON=0)
        with pytest.raises(limits.OverLimit):
            place(rich, armand, 1)

    @pytest.mark.parametrize(
        ("row", "constraint"),
        [
            ({"amount": -1}, "limit_is_not_negative"),
            ({"tier": "ROYAL"}, "limit_is_for_a_known_tier"),
            ({"name": "YEAR"}, "limit_is_known"),
            ({}, "tier_has_each_limit_once"),
        ],
    )
    def test_is_guarded_by_its_table(self, row: dict[str, object], constraint: str) -> None:
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            Limit.objects.create(**{"tier": "PHONE", "name": "DAY", "amount": 1} | row)


@pytest.mark.django_db
class TestTier:
    def test_is_raised_and_never_lowered(self, claire: User, enhance: Callable[[User], None]) -> None:
        enhance(claire)
        for tier in (Tier.IDENTIFIED, Tier.ENHANCED):
            with pytest.raises(tiers.NotHigher) as answer:
                tiers.raise_to(claire, tier)
            assert answer.value.tier == Tier.ENHANCED
        assert User.objects.get(pk=claire.pk).tier == Tier.ENHANCED

    def test_gives_more_room_at_once(self, rich: User, enhance: Callable[[User], None]) -> None:
        before = limits.standing(rich)
        enhance(rich)
        after = limits.standing(rich)
        assert (before.figure(Name.DAY), after.figure(Name.DAY)) == (500_00, 1_000_00)

    def test_is_a_known_one(self, claire: User) -> None:
        with pytest.raises(IntegrityError, match="member_tier_is_known"), transaction.atomic():
            User.objects.filter(pk=claire.pk).update(tier="ROYAL")

    def test_begins_with_the_number_alone(self) -> None:
        assert User.objects.create_user("+33612349999", name="Nour").tier == Tier.PHONE


@pytest.mark.django_db
class TestSums:
    def test_of_24_hours_leave_out_what_is_older(self, rich: User, armand: User) -> None:
        pay(rich, armand, 100_00)
        for hours, used in ((0, 100_00), (23, 100_00), (25, 0)):
            assert limits.standing(rich, at=later(hours)).used[Name.DAY] == used

    def test_of_30_days_leave_out_what_is_older(self, rich: User, armand: User) -> None:
        pay(rich, armand, 100_00)
        for days, used in ((1, 100_00), (29, 100_00), (31, 0)):
            assert limits.standing(rich, at=later(24 * days)).used[Name.MONTH] == used

    def test_stop_the_order_that_goes_over_and_no_other(
        self, rich: User, armand: User, lea: User, figures: Callable[..., None]
    ) -> None:
        figures(DAY=100_00)
        pay(rich, armand, 60_00)
        with pytest.raises(limits.OverLimit) as refusal:
            place(rich, lea, 40_01)
        over = refusal.value
        assert (over.limit, over.allowed, over.figure, over.is_own) == (Name.DAY, 40_00, 100_00, False)
        pay(rich, lea, 40_00)
        assert limits.standing(rich).left(Name.DAY) == 0

    def test_are_looked_at_again_at_the_code(
        self, rich: User, armand: User, figures: Callable[..., None]
    ) -> None:
        figures(DAY=100_00)
        first, second = place(rich, armand, 60_00), place(rich, armand, 60_00)
        orders.confirm(first, code=CODE)
        with pytest.raises(limits.OverLimit):
            orders.confirm(second, code=CODE)
        assert ledger.balance(ledger.wallet(armand)) == 60_00

    @pytest.mark.parametrize("status", ["DECLINED", "VOIDED", "EXPIRED"])
    def test_count_nothing_that_was_not_paid(self, rich: User, armand: User, status: str) -> None:
        order = place(rich, armand, 60_00)
        orders.decline(order)
        assert limits.standing(rich).used[Name.MONTH] == 0

    def test_count_what_waits_for_a_payee_who_has_not_joined(self, rich: User, armand: User) -> None:
        identity = armand.identities.get()
        armand.identities.update(user=None, linked_at=None)
        identity.refresh_from_db()
        orders.confirm(place(rich, identity, 60_00), code=CODE)
        assert Order.objects.get().status == Order.Status.HELD
        assert limits.standing(rich).used[Name.DAY] == 60_00

    def test_are_each_payers_own(self, rich: User, armand: User) -> None:
        pay(rich, armand, 60_00)
        assert limits.standing(armand).used == {Name.DAY: 0, Name.MONTH: 0, Name.NIGHT: 0}

    def test_take_one_query(self, rich: User, armand: User, django_assert_num_queries: Any) -> None:
        order = place(rich, armand, 60_00)
        with django_assert_num_queries(1):
            limits.check_order(order)


@pytest.mark.django_db
class TestNight:
    @pytest.fixture(autouse=True)
    def _falls(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(limits, "is_night", is_night)

    @pytest.mark.parametrize(
        ("hour", "is_it"),
        [("21:59", False), ("22:00", True), ("02:00", True), ("04:59", True), ("05:00", False)],
    )
    def test_is_from_23_to_6_in_paris(self, hour: str, is_it: bool) -> None:
        """Paris is an hour before UTC in winter, two in summer."""
        winter = datetime.fromisoformat(f"2026-12-01T{hour}:00+00:00")
        summer = datetime.fromisoformat(f"2026-07-01T{hour}:00+00:00") - HOUR
        assert limits.is_night(winter) is limits.is_night(summer) is is_it

    def test_lets_less_pass_and_says_until_when(
        self, rich: User, armand: User, figures: Callable[..., None]
    ) -> None:
        figures(NIGHT=50_00)
        order = place(rich, armand, 60_00)
        for at, until in (
            (datetime(2026, 12, 1, 22, 30, tzinfo=UTC), datetime(2026, 12, 2, 5, 0, tzinfo=UTC)),
            (datetime(2026, 12, 2, 3, 30, tzinfo=UTC), datetime(2026, 12, 2, 5, 0, tzinfo=UTC)),
            # The night in which the clocks go back.
            (datetime(2026, 10, 24, 22, 0, tzinfo=UTC), datetime(2026, 10, 25, 5, 0, tzinfo=UTC)),
        ):
            over = refused(order, at=at)
            assert (over.limit, over.allowed, over.until) == (Name.NIGHT, 50_00, until)
        limits.check_order(order, at=datetime(2026, 12, 2, 5, 0, tzinfo=UTC))

    def test_counts_what_was_paid_since_it_fell(
        self, rich: User, armand: User, figures: Callable[..., None], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        figures(NIGHT=50_00)
        monkeypatch.setattr(limits, "is_night", lambda _at: False)
        order = pay(rich, armand, 30_00)
        assert order.confirmed_at is not None
        local = order.confirmed_at.astimezone(limits.PARIS)
        fell = local.replace(hour=23, minute=0, second=0, microsecond=0)
        same_night = fell - timedelta(days=1) if local.hour < 23 else fell
        next_night = same_night + timedelta(days=1)
        monkeypatch.setattr(limits, "is_night", lambda _at: True)
        used = [limits.standing(rich, at=at).used[Name.NIGHT] for at in (local, next_night + HOUR)]
        assert used == [30_00, 0]

    def test_is_not_counted_by_day(self, rich: User, armand: User, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(limits, "is_night", lambda _at: False)
        pay(rich, armand, 30_00)
        assert limits.standing(rich).used[Name.NIGHT] == 0

    def test_keeps_nobody_from_placing_an_order_for_the_morning(
        self, rich: User, armand: User, figures: Callable[..., None], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        figures(NIGHT=50_00)
        monkeypatch.setattr(limits, "is_night", lambda _at: True)
        assert place(rich, armand, 60_00).status == Order.Status.PENDING

    def test_keeps_from_placing_what_ends_before_the_morning(
        self, rich: User, armand: User, figures: Callable[..., None]
    ) -> None:
        figures(NIGHT=50_00)
        order, night = place(rich, armand, 60_00), datetime(2026, 12, 2, 3, 30, tzinfo=UTC)
        order.expires_at = night + timedelta(minutes=15)
        with pytest.raises(limits.OverLimit) as refusal:
            limits.check_new(order, at=night)
        over = refusal.value
        assert (over.limit, over.until) == (Name.NIGHT, datetime(2026, 12, 2, 5, 0, tzinfo=UTC))
        assert over.until
        order.expires_at = over.until
        limits.check_new(order, at=night)


@pytest.mark.django_db
class TestFirstPayee:
    def test_waits_four_hours_above_an_amount(self, rich: User, armand: User) -> None:
        order = place(rich, armand, 150_01)
        over = refused(order)
        assert (over.limit, over.allowed, over.figure) == (Name.FIRST_PAYEE, 150_00, 150_00)
        assert over.until == order.created_at + 4 * HOUR
        limits.check_order(order, at=over.until)

    def test_lives_on_while_it_waits(self, rich: User, armand: User) -> None:
        order = place(rich, armand, 200_00)
        with pytest.raises(limits.OverLimit):
            orders.confirm(order, code=CODE)
        order.refresh_from_db()
        assert order.status == Order.Status.PENDING
        Order.objects.filter(pk=order.pk).update(created_at=timezone.now() - 4 * HOUR)
        orders.confirm(order, code=CODE)
        assert ledger.balance(ledger.wallet(armand)) == 200_00

    def test_may_have_small_amounts_at_once_but_not_many_of_them(self, rich: User, armand: User) -> None:
        pay(rich, armand, 100_00)
        over = refused(place(rich, armand, 60_00))
        assert (over.limit, over.allowed) == (Name.FIRST_PAYEE, 50_00)

    def test_is_new_until_four_hours_after_the_first_payment(self, rich: User, armand: User) -> None:
        first = pay(rich, armand, 1_00)
        order = place(rich, armand, 200_00)
        assert first.confirmed_at is not None
        assert refused(order).until == min(order.created_at, first.confirmed_at) + 4 * HOUR
        limits.check_order(order, at=first.confirmed_at + 4 * HOUR)

    def test_is_somebody_else_than_who_was_paid(self, rich: User, armand: User, lea: User) -> None:
        pay(rich, armand, 1_00)
        order = place(rich, lea, 200_00)
        assert refused(order, at=order.created_at + 3 * HOUR).limit == Name.FIRST_PAYEE


@pytest.mark.django_db
class TestCeiling:
    def test_of_the_payee_refuses_the_order_without_telling_what_they_hold(
        self, rich: User, armand: User
    ) -> None:
        load(armand, 2_450_00)
        place(rich, armand, 50_00)
        with pytest.raises(limits.PayeeIsFull) as refusal:
            place(rich, armand, 50_01)
        assert (refusal.value.allowed, refusal.value.figure) == (0, 0)

    def test_of_the_payee_is_looked_at_again_at_the_code(self, rich: User, armand: User) -> None:
        order = place(rich, armand, 60_00)
        load(armand, 2_450_00)
        with pytest.raises(limits.PayeeIsFull):
            orders.confirm(order, code=CODE)

    def test_is_of_the_payees_tier(self, rich: User, armand: User, enhance: Callable[[User], None]) -> None:
        load(armand, 2_450_00)
        enhance(armand)
        pay(rich, armand, 100_00)

    def test_says_to_its_owner_how_much_more_fits(self, claire: User) -> None:
        load(claire, 2_300_00)
        limits.check_top_up(claire, amount=100_00)
        with pytest.raises(limits.OverLimit) as refusal:
            limits.check_top_up(claire, amount=100_01)
        over = refusal.value
        assert (over.limit, over.allowed, over.figure) == (Name.WALLET, 100_00, 2_500_00)


@pytest.mark.django_db(transaction=True)
class TestRaces:
    """Under the payer's lock: 40 orders of 10 € meet what allows 5."""

    def test_forty_at_a_cap_pay_five(
        self, rich: User, armand: User, at_once: Callable[..., list[object]]
    ) -> None:
        own_limits.ask(rich, {OwnLimit.Name.DAY: 50_00})
        waiting = [place(rich, armand, 10_00) for _ in range(40)]
        outcomes = at_once(40, lambda number: orders.confirm(waiting[number], code=CODE))
        assert len([outcome for outcome in outcomes if isinstance(outcome, Order)]) == 5
        assert len([outcome for outcome in outcomes if isinstance(outcome, limits.OverLimit)]) == 35
        assert ledger.balance(ledger.wallet(armand)) == 50_00

    def test_channels_share_the_cap(
        self, rich: User, armand: User, lea: User, at_once: Callable[..., list[object]]
    ) -> None:
        own_limits.ask(rich, {OwnLimit.Name.MONTH: 50_00})
        waiting = [
            place(rich, [armand, lea][number % 2], 10_00, channel=["x", "sms", "dm"][number % 3])
            for number in range(20)
        ]
        outcomes = at_once(20, lambda number: orders.confirm(waiting[number], code=CODE))
        assert len([outcome for outcome in outcomes if isinstance(outcome, Order)]) == 5

    def test_a_limit_that_is_lowered_meanwhile_counts_for_whoever_comes_after(
        self, rich: User, armand: User, at_once: Callable[..., list[object]]
    ) -> None:
        waiting = [place(rich, armand, 10_00) for _ in range(10)]

        def work(number: int) -> object:
            if number == 10:
                return own_limits.ask(rich, {OwnLimit.Name.DAY: 0})
            return orders.confirm(waiting[number], code=CODE)

        outcomes = at_once(11, work)
        lowered = OwnLimit.objects.get()
        paid = Order.objects.filter(status=Order.Status.PAID)
        assert len([outcome for outcome in outcomes if isinstance(outcome, Order)]) == paid.count()
        assert isinstance(outcomes[10], list)
        assert not paid.filter(confirmed_at__gt=lowered.asked_at).exists()


def test_are_looked_at_within_the_query_that_asks(claire: User) -> None:
    """A page of posts asks for a hundred payers: a function of its own would be called as often."""
    with connection.cursor() as cursor:
        cursor.execute(
            "EXPLAIN SELECT seen.* FROM accounts_user u, look_at_limits(u.id, NULL, NULL, NULL, 7, NULL) seen"
        )
        assert "look_at_limits" not in str(cursor.fetchall())


def test_joins_are_of_people_whose_identity_is_known(db: None) -> None:
    assert join("Zoé", phone="+33612340077", handle="zoe", external_id="77").tier == Tier.IDENTIFIED
