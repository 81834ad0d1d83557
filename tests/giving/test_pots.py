"""Money pots: who may give until when, what everybody sees of it, and how each order in it ends once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import freezes, identities, numbers
from accounts.models import Identity, User
from giving import pot_closings, pots, tags
from giving.models import Contribution, Pot
from payments import claims, clock, ledger, life, limits, orders, purposes, reviews, risk, settlement
from payments.models import Delivery, Notification, Order
from tests.giving.pots import given, held, later, opened, opened_by_number
from tests.people import CODE, load, place, set_limit

pytestmark = pytest.mark.django_db


@pytest.fixture
def pot(lea: User) -> Pot:
    return opened(lea)


def cents(user: User) -> int:
    return ledger.balance(ledger.wallet(user))


def status(order: Order) -> str:
    order.refresh_from_db()
    return order.status


class TestBegin:
    def test_pays_its_organiser_as_they_are_on_x(self, pot: Pot, lea: User) -> None:
        assert (pot.payee, pot.status) == (lea.identities.get(network="x"), "OPEN")

    def test_pays_somebody_who_is_not_on_x_by_their_number(self, lea: User) -> None:
        identities.unlink(lea, network=Identity.Network.X, at=timezone.now())
        pot = opened(lea)
        assert (pot.payee.network, pot.payee.user) == ("phone", lea)

    def test_has_an_address_that_nobody_guesses_and_a_code_that_is_no_word(self, pot: Pot, lea: User) -> None:
        other = opened(lea)
        assert len(pot.slug) == 16
        assert (pot.slug, pot.code) != (other.slug, other.code)
        assert any(letter.isdigit() for letter in pot.code)

    def test_is_open_until_the_end_of_its_last_day(self, pot: Pot) -> None:
        day = timezone.localdate() + timedelta(days=30)
        assert pot.closes_on == day
        assert timezone.localtime(pot.closes_at).date() == day + timedelta(days=1)

    @pytest.mark.parametrize("days", [-1, 366, 4000])
    def test_refuses_a_day_that_is_over_or_too_far(self, lea: User, days: int) -> None:
        with pytest.raises(pots.WrongClosingDay):
            opened(lea, days=days)

    @pytest.mark.parametrize("days", [0, 365])
    def test_may_close_today_or_in_twelve_months(self, lea: User, days: int) -> None:
        assert opened(lea, days=days).status == "OPEN"

    def test_may_be_opened_in_the_hour_of_summer_time(
        self, lea: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The table counts its twelve months in hours, and from summer on to winter there is one more."""
        zone = timezone.get_default_timezone()
        for day in range(24, 32):
            moment = datetime(2028, 10, day, 0, 5, tzinfo=zone)
            monkeypatch.setattr(clock, "now", lambda moment=moment: moment)
            pot = opened(lea, closes_on=moment.date() + timedelta(days=pots.MOST_DAYS))
            pot_closings.give_back(pot)

    def test_is_not_for_the_frozen(self, lea: User) -> None:
        freezes.freeze(lea, reason="test")
        with pytest.raises(freezes.Frozen):
            opened(lea)

    def test_is_not_for_who_wants_no_payments(self, lea: User) -> None:
        identities.refuse_payments(lea.identities.get(), at=timezone.now())
        with pytest.raises(settlement.PayeeRefuses):
            opened(lea)

    def test_takes_so_many_of_one_member(self, lea: User, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(pots, "OPEN_AT_ONCE", 2)
        pot_closings.give_back(opened(lea))
        opened(lea)
        opened(lea)
        with pytest.raises(pots.TooManyPots):
            opened(lea)


class TestContribute:
    def test_waits_for_the_code_then_is_set_aside(self, pot: Pot, claire: User) -> None:
        one = given(pot, claire)
        assert (one.order.status, one.order.kind, one.is_in) == ("PENDING", "POT", False)
        assert pots.tally(pot) == pots.Tally(total=0, people=0)
        order = held(pot, claire, 15_00)
        assert (status(order), cents(claire)) == ("HELD", 85_00)
        assert order.expires_at == pot.closes_at + timedelta(days=30)
        assert pots.tally(pot) == pots.Tally(total=15_00, people=1)
        assert Notification.objects.filter(user=claire, kind="PROMISE_HELD").count() == 1
        assert not Notification.objects.filter(user=pot.organiser).exists()

    def test_of_one_person_twice_is_one_person(self, pot: Pot, claire: User) -> None:
        held(pot, claire)
        held(pot, claire)
        assert pots.tally(pot) == pots.Tally(total=20_00, people=1)

    def test_of_ones_own_makes_no_sense(self, pot: Pot, lea: User) -> None:
        with pytest.raises(settlement.PayeeIsPayer):
            given(pot, lea)

    def test_has_the_limit_of_organisations(self, pot: Pot, claire: User) -> None:
        set_limit("ORDER_TO_PERSON", 20_00)
        set_limit("ORDER_TO_ORGANISATION", 50_00)
        assert given(pot, claire, 50_00).order.amount == 50_00
        with pytest.raises(limits.OverLimit) as refusal:
            given(pot, claire, 50_01)
        assert refusal.value.limit == "ORDER_TO_ORGANISATION"

    def test_is_not_where_nothing_may_be_paid_to_people(self, pot: Pot, claire: User) -> None:
        order = given(pot, claire).order
        set_limit("ORDER_TO_PERSON", 0)
        with pytest.raises(limits.OverLimit) as refusal:
            given(pot, claire, 1_00)
        assert (refusal.value.limit, refusal.value.figure) == ("ORDER_TO_PERSON", 0)
        with pytest.raises(limits.OverLimit):
            limits.check_order(order)

    def test_comes_too_late_after_the_last_day(self, pot: Pot, claire: User) -> None:
        with pytest.raises(pots.PotOver):
            given(later(pot, days=31), claire)

    def test_comes_too_late_after_it_was_closed(self, pot: Pot, claire: User) -> None:
        pot_closings.close(pot)
        with pytest.raises(pots.PotOver):
            given(pot, claire)

    def test_waits_for_its_code_no_longer_than_the_pot(self, lea: User, claire: User) -> None:
        pot = opened(lea, days=0)
        assert given(pot, claire).order.expires_at <= pot.closes_at

    def test_needs_the_organiser_to_be_who_they_were(self, pot: Pot, claire: User, lea: User) -> None:
        identities.unlink(lea, network=Identity.Network.X, at=timezone.now())
        with pytest.raises(pots.OrganiserChanged):
            given(pot, claire)

    def test_takes_so_many(self, pot: Pot, claire: User, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(pots, "MOST_CONTRIBUTIONS", 2)
        first = held(pot, claire)
        held(pot, claire)
        with pytest.raises(pots.PotFull):
            given(pot, claire)
        claims.take_back(first)
        assert given(pot, claire).pot == pot


class TestConfirm:
    """What was ordered in time is void once nothing may be given any more."""

    @pytest.fixture
    def payer(self, claire: User, with_code: Callable[[User], User]) -> User:
        return with_code(claire)

    def refused(self, order: Order) -> None:
        with pytest.raises((purposes.Over, settlement.PayeeChanged)):
            orders.confirm(order, code=CODE)
        assert status(order) == "VOIDED"

    def test_sets_it_aside(self, pot: Pot, payer: User) -> None:
        order = orders.confirm(given(pot, payer).order, code=CODE)
        assert (status(order), pots.tally(pot).total) == ("HELD", 10_00)

    def test_voids_it_once_the_pot_is_closed(self, pot: Pot, payer: User) -> None:
        order = given(pot, payer).order
        pot_closings.close(pot)
        self.refused(order)

    def test_voids_it_once_the_pot_is_full(
        self, pot: Pot, payer: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(pots, "MOST_CONTRIBUTIONS", 1)
        first, second = given(pot, payer).order, given(pot, payer).order
        orders.confirm(first, code=CODE)
        self.refused(second)
        assert pots.tally(pot).total == 10_00

    def test_voids_it_once_the_organiser_is_another(self, pot: Pot, payer: User, lea: User) -> None:
        order = given(pot, payer).order
        identities.unlink(lea, network=Identity.Network.X, at=timezone.now())
        self.refused(order)


class TestShares:
    def test_are_shown_as_each_chose(self, pot: Pot, claire: User, armand: User, lea: User) -> None:
        load(armand, 50_00)
        held(pot, claire, hides_name=True)
        held(pot, armand, 5_00, hides_amount=True)
        assert [(one.name, one.amount) for one in pots.shares(pot, to=None)] == [
            ("Armand Dos Santos", None),
            ("", 10_00),
        ]
        assert [(one.name, one.amount) for one in pots.shares(pot, to=lea)] == [
            ("Armand Dos Santos", 5_00),
            ("Claire Martin", 10_00),
        ]
        assert [(one.name, one.amount, one.is_own) for one in pots.shares(pot, to=armand)] == [
            ("Armand Dos Santos", 5_00, True),
            ("", 10_00, False),
        ]

    def test_have_no_amount_where_the_total_is_hidden(self, lea: User, claire: User, armand: User) -> None:
        pot = opened(lea, hides_total=True)
        held(pot, claire)
        assert pots.shares(pot, to=armand)[0].amount is None
        assert pots.shares(pot, to=claire)[0].amount == pots.shares(pot, to=lea)[0].amount == 10_00

    def test_lose_their_message_with_the_order(self, pot: Pot, claire: User) -> None:
        orders.forget_words(held(pot, claire))
        assert pots.shares(pot, to=None)[0].message == ""

    def test_leave_out_what_is_taken_back(self, pot: Pot, claire: User) -> None:
        claims.take_back(held(pot, claire))
        assert (pots.shares(pot, to=None), pots.tally(pot).total, cents(claire)) == ([], 0, 100_00)


class TestClose:
    def test_pays_the_organiser_all_of_it(self, pot: Pot, claire: User, armand: User, lea: User) -> None:
        load(armand, 50_00)
        made = [held(pot, claire, 30_00), held(pot, armand, 5_00)]
        pot_closings.close(pot)
        assert pot_closings.decide_due() == 2
        assert {status(order) for order in made} == {"PAID"}
        assert (cents(lea), cents(claire), cents(armand)) == (35_00, 70_00, 45_00)
        assert pots.tally(pot).total == 35_00
        assert pot_closings.decide_due() == 0

    def test_tells_the_organiser_in_the_app_alone(self, pot: Pot, claire: User, lea: User) -> None:
        User.objects.filter(pk=lea.pk).update(email="lea@exemple.fr")
        held(pot, claire)
        pot_closings.close(pot)
        pot_closings.decide_due()
        assert Notification.objects.filter(user=lea, kind="PAYMENT_RECEIVED").count() == 1
        assert not Delivery.objects.filter(notification__user=lea).exists()

    def test_gives_everybody_their_money_back(self, pot: Pot, claire: User, lea: User) -> None:
        order = held(pot, claire)
        pot_closings.give_back(pot)
        assert pot_closings.decide_due() == 1
        assert (status(order), cents(claire), cents(lea)) == ("RETURNED", 100_00, 0)
        assert Notification.objects.filter(user=claire, kind="PAYMENT_RETURNED").count() == 1

    def test_happens_once(self, pot: Pot) -> None:
        pot_closings.close(pot)
        for again in (pot_closings.close, pot_closings.give_back):
            with pytest.raises(pot_closings.PotEnded):
                again(pot)

    def test_goes_on_where_it_broke_off(
        self, pot: Pot, claire: User, lea: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(pot_closings, "BATCH", 2)
        for _ in range(5):
            held(pot, claire)
        pot_closings.close(pot)
        assert [pot_closings.decide_due() for _ in range(4)] == [2, 2, 1, 0]
        assert cents(lea) == 50_00

    def test_is_not_for_the_frozen_but_giving_back_is(self, pot: Pot, lea: User) -> None:
        freezes.freeze(lea, reason="test")
        with pytest.raises(freezes.Frozen):
            pot_closings.close(pot)
        assert pot_closings.give_back(pot).status == "RETURNED"

    @pytest.mark.parametrize("who", ["payer", "organiser"])
    def test_leaves_what_is_of_the_frozen_until_its_time_is_over(
        self, pot: Pot, claire: User, lea: User, who: str
    ) -> None:
        order = held(pot, claire)
        pot_closings.close(pot)
        freezes.freeze(claire if who == "payer" else lea, reason="test")
        assert (pot_closings.decide_due(), status(order)) == (0, "HELD")
        later(pot, days=61)
        assert (pot_closings.decide_due(), status(order), cents(claire)) == (1, "RETURNED", 100_00)

    def test_is_not_while_the_organiser_cannot_be_paid(self, pot: Pot, claire: User, lea: User) -> None:
        held(pot, claire)
        Identity.objects.filter(pk=pot.payee_id).update(refuses_since=timezone.now())
        with pytest.raises(settlement.PayeeRefuses):
            pot_closings.close(pot)
        Identity.objects.filter(pk=pot.payee_id).update(refuses_since=None)
        identities.unlink(lea, network=Identity.Network.X, at=timezone.now())
        with pytest.raises(pots.OrganiserChanged):
            pot_closings.close(pot)
        assert pot_closings.give_back(pot).status == "RETURNED"

    def test_gives_back_what_the_organiser_cannot_be_paid(self, pot: Pot, claire: User, lea: User) -> None:
        order = held(pot, claire)
        pot_closings.close(pot)
        identities.unlink(lea, network=Identity.Network.X, at=timezone.now())
        assert (pot_closings.decide_due(), status(order)) == (1, "RETURNED")

    def test_pays_nobody_else_who_has_the_organisers_handle_now(
        self, pot: Pot, claire: User, lea: User, armand: User
    ) -> None:
        order = held(pot, claire)
        pot_closings.close(pot)
        for user in (lea, armand):
            identities.unlink(user, network=Identity.Network.X, at=timezone.now())
        Identity.objects.filter(pk=pot.payee_id).update(user=armand, linked_at=timezone.now())
        assert (pot_closings.decide_due(), status(order), cents(armand)) == (1, "RETURNED", 0)

    def test_gives_back_what_the_organiser_refuses(self, pot: Pot, claire: User) -> None:
        order = held(pot, claire)
        pot_closings.close(pot)
        Identity.objects.filter(pk=pot.payee_id).update(refuses_since=timezone.now())
        assert (pot_closings.decide_due(), status(order)) == (1, "RETURNED")


class TestTakeBack:
    def test_may_be_until_it_is_closed(self, pot: Pot, claire: User) -> None:
        order = held(pot, claire)
        pot_closings.close(pot)
        with pytest.raises(life.OrderClosed):
            claims.take_back(order)
        assert (status(order), Contribution.objects.get().is_in) == ("HELD", True)

    def test_is_not_undone_by_what_ends_claims(self, pot: Pot, claire: User) -> None:
        order = held(pot, claire)
        assert (claims.release_due(), claims.return_due(), status(order)) == (0, 0, "HELD")


class TestLetLie:
    def test_reminds_twice_then_gives_all_back(self, pot: Pot, claire: User, lea: User) -> None:
        order = held(pot, claire)
        told = Notification.objects.filter(user=lea)
        for days, kinds in ((30, 0), (1, 1), (19, 1), (2, 2), (5, 2)):
            later(pot, days=days)
            assert pot_closings.return_due() == 0
            pot_closings.remind_due()
            pot_closings.remind_due()
            assert told.filter(kind="POT_TO_CLOSE").count() == kinds, days
        later(pot, days=3)
        assert (pot_closings.return_due(), pot_closings.decide_due()) == (1, 1)
        assert (status(order), cents(claire)) == ("RETURNED", 100_00)
        assert told.filter(kind="POT_RETURNED").count() == 1

    def test_may_be_closed_after_its_last_day(self, pot: Pot, claire: User, lea: User) -> None:
        held(pot, claire)
        pot_closings.close(later(pot, days=50))
        pot_closings.decide_due()
        assert cents(lea) == 10_00

    def test_ends_quietly_where_nothing_is_in_it(self, pot: Pot, lea: User) -> None:
        later(pot, days=31)
        assert (pot_closings.return_due(), pot_closings.remind_due()) == (1, 0)
        assert not Notification.objects.filter(user=lea).exists()


class TestReview:
    @pytest.fixture
    def looked_at(self, pot: Pot, claire: User, with_code: Any, monkeypatch: pytest.MonkeyPatch) -> Order:
        rule = {risk.Rule.HANDLE_CHANGED: lambda _order, _facts: risk.Verdict.REVIEW}
        monkeypatch.setattr(risk, "RULES", rule)
        return orders.confirm(given(pot, with_code(claire)).order, code=CODE)

    def test_counts_but_is_not_shown_until_it_is_over(self, pot: Pot, looked_at: Order, odile: User) -> None:
        assert (looked_at.status, pots.tally(pot).total, Contribution.objects.get().is_in) == (
            "REVIEW",
            0,
            True,
        )
        reviews.release(looked_at, staff=odile, note="Fine")
        assert (status(looked_at), pots.tally(pot).total) == ("HELD", 10_00)

    def test_that_ends_after_the_pot_is_decided_as_it_ended(
        self, pot: Pot, looked_at: Order, odile: User, lea: User
    ) -> None:
        pot_closings.close(pot)
        assert pot_closings.decide_due() == 0
        reviews.release(looked_at, staff=odile, note="Fine")
        assert (pot_closings.decide_due(), status(looked_at), cents(lea)) == (1, "PAID", 10_00)


class TestMeant:
    def test_is_the_pot_of_its_hashtag(self, pot: Pot) -> None:
        for text in (f"@Smoneyfr #donner 10€ @lea_petit #pot{pot.code}", f"#POT{pot.code.lower()}!"):
            assert pots.meant(text, payee=pot.payee) == pot

    def test_is_none_where_none_is_named(self, pot: Pot) -> None:
        for text in (
            "10€ @lea_petit",
            "#potagers",
            "#potABCDEF",
            f"##pot{pot.code}",
            f"#pot{pot.code}X",
            "#pot",
        ):
            assert pots.meant(text, payee=pot.payee) is None, text

    def test_is_refused_where_it_is_doubtful(self, pot: Pot, armand: User, lea: User) -> None:
        other = opened(lea)
        for text, payee in (
            ("#potZZZZ99", pot.payee),
            (f"#pot{pot.code} #pot{other.code}", pot.payee),
            (f"#pot{pot.code}", armand.identities.get()),
        ):
            with pytest.raises(pots.NoSuchPot):
                pots.meant(text, payee=payee)

    def test_of_a_number_is_meant_by_that_number_alone(self, lea: User) -> None:
        pot = opened_by_number(lea)
        assert pots.meant(f"#pot{pot.code}", payee=pot.payee) == pot
        with pytest.raises(pots.NoSuchPot):
            pots.meant(f"#pot{pot.code}", payee=lea.identities.get(network="x"))

    def test_of_a_handle_is_meant_by_the_number_as_well(self, pot: Pot, lea: User) -> None:
        number = numbers.identity(str(lea.phone), at=timezone.now())
        assert pots.meant(f"#pot{pot.code}", payee=number) == pot

    def test_is_taken_out_of_the_message(self, pot: Pot) -> None:
        assert tags.POT.without(f"bon  voyage #pot{pot.code} et #potagers") == "bon voyage et #potagers"


class TestDatabase:
    @pytest.mark.parametrize(
        ("change", "rule"),
        [
            ({"goal": 0}, "pot_aims_at_something"),
            ({"goal": -1}, "pot_aims_at_something"),
            ({"status": "CLOSED"}, "ended_pot_ended_at_a_moment"),
            ({"ended_at": timezone.now()}, "ended_pot_ended_at_a_moment"),
            ({"status": "ELSE"}, "ended_pot_ended_at_a_moment"),
            ({"closes_at": timezone.now() - timedelta(days=9)}, "pot_closes_within_twelve_months"),
            ({"closes_at": timezone.now() + timedelta(days=400)}, "pot_closes_within_twelve_months"),
            ({"slug": "another"}, "giving_pot_code"),
            ({"code": "ABCD23"}, "giving_pot_slug"),
        ],
    )
    def test_knows_what_a_pot_is(self, pot: Pot, change: dict[str, Any], rule: str) -> None:
        pot.pk = None
        if not {"slug", "code"} & set(change):
            pot.slug, pot.code = "another", "ABCD23"
        for name, value in change.items():
            setattr(pot, name, value)
        with pytest.raises(IntegrityError, match=rule), transaction.atomic():
            pot.save(force_insert=True)

    @pytest.mark.parametrize(
        "change",
        [
            {"goal": 1},
            {"slug": "another"},
            {"code": "ABCD23"},
            {"hides_total": True},
            {"closes_at": timezone.now()},
            {"title": "Un autre"},
            {"story": "Une autre"},
        ],
    )
    def test_changes_no_terms_of_a_pot(self, pot: Pot, change: dict[str, Any]) -> None:
        with pytest.raises(IntegrityError, match="giving_pot is append-only"), transaction.atomic():
            Pot.objects.filter(pk=pot.pk).update(**change)

    def test_opens_no_pot_again(self, pot: Pot) -> None:
        pot_closings.give_back(pot)
        for change in ({"status": "OPEN", "ended_at": None}, {"status": "CLOSED"}, {"to_bank": True}):
            with pytest.raises(IntegrityError, match="giving_pot is append-only"), transaction.atomic():
                Pot.objects.filter(pk=pot.pk).update(**change)

    def test_pays_the_organiser_alone(self, pot: Pot, claire: User, armand: User) -> None:
        for order in (place(claire, armand, kind="POT"), place(claire, pot.payee)):
            with pytest.raises(IntegrityError, match="does not pay the organiser"), transaction.atomic():
                Contribution.objects.create(order=order, pot=pot)

    def test_keeps_a_contribution_where_it_is(self, pot: Pot, claire: User, lea: User) -> None:
        one = given(pot, claire)
        with pytest.raises(IntegrityError, match="giving_contribution is append-only"), transaction.atomic():
            Contribution.objects.filter(pk=one.pk).update(pot=opened(lea))

    def test_opens_nothing_for_who_has_left(self, pot: Pot, armand: User) -> None:
        pot.pk, pot.slug, pot.code, pot.organiser = None, "another", "ABCD23", armand
        gone = {"erased_at": timezone.now(), "name": "", "phone": None, "phone_verified_at": None}
        with transaction.atomic():
            User.objects.filter(pk=armand.pk).update(is_active=False, **gone)
            with pytest.raises(IntegrityError, match="has left"), transaction.atomic():
                pot.save(force_insert=True)
            transaction.set_rollback(True)
