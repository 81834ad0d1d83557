"""Each rule alone, and what is known of a payer and a payee."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import devices
from accounts.models import Device, Identity, User
from payments import risk
from payments.models import Confirmation, Funding, Order, RiskFinding
from tests.people import join, load, place

pytestmark = pytest.mark.guarded
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=900)
KNOWN = risk.Facts(at=NOW, joined_at=LONG_AGO, changed_at=LONG_AGO, payee_on_network_since=LONG_AGO)
ALLOW, FACTOR, REVIEW, REFUSE = risk.Verdict
DAY = timedelta(days=1)
NEW = {"has_paid_before": False}
SINCE = "payee_on_network_since"


def an_order(amount: int, handle: str = "bob") -> Order:
    return Order(amount=amount, payee=Identity(handle=handle))


@pytest.mark.parametrize(
    ("rule", "amount", "facts", "verdict"),
    [
        (risk.new_payee_large, 12_99, NEW, ALLOW),
        (risk.new_payee_large, 30_00, NEW, ALLOW),
        (risk.new_payee_large, 30_01, NEW, FACTOR),
        (risk.new_payee_large, 150_00, NEW, FACTOR),
        (risk.new_payee_large, 150_01, NEW, REVIEW),
        (risk.new_payee_large, 250_00, {}, ALLOW),
        (risk.many_payees, 5_00, {"other_payees": 5}, ALLOW),
        (risk.many_payees, 5_00, {"other_payees": 6}, REVIEW),
        (risk.burst, 5_00, {"just_confirmed": 4}, ALLOW),
        (risk.burst, 5_00, {"just_confirmed": 5}, FACTOR),
        (risk.handle_changed, 5_00, {"handle_before": "BOB"}, ALLOW),
        (risk.handle_changed, 5_00, {"handle_before": ""}, ALLOW),
        (risk.handle_changed, 5_00, {"handle_before": "robert"}, FACTOR),
        (risk.handle_taken_over, 5_00, {}, ALLOW),
        (risk.handle_taken_over, 30_00, {"was_anothers_handle": True}, FACTOR),
        (risk.handle_taken_over, 30_01, {"was_anothers_handle": True}, REVIEW),
        (risk.handle_taken_over, 31_00, {"was_anothers_handle": True, SINCE: NOW - DAY}, REFUSE),
        (risk.young_account, 250_00, NEW, ALLOW),
        (risk.young_account, 250_00, {**NEW, SINCE: None}, ALLOW),
        (risk.young_account, 12_99, {**NEW, SINCE: NOW - DAY}, ALLOW),
        (risk.young_account, 31_00, {**NEW, SINCE: NOW - DAY}, REVIEW),
        (risk.young_account, 31_00, {**NEW, SINCE: NOW - 9 * DAY}, FACTOR),
        (risk.young_account, 101_00, {**NEW, SINCE: NOW - 9 * DAY}, REVIEW),
        (risk.young_account, 101_00, {SINCE: NOW - 9 * DAY}, ALLOW),
        (risk.young_account, 101_00, {**NEW, SINCE: NOW - 30 * DAY}, ALLOW),
        (risk.new_device, 101_00, {**NEW, "device_since": NOW - DAY}, ALLOW),
        (risk.new_device, 101_00, {**NEW, "device_since": NOW - DAY / 2}, REVIEW),
        (risk.new_device, 100_00, {**NEW, "device_since": NOW - DAY / 2}, ALLOW),
        (risk.new_device, 101_00, {"device_since": NOW - DAY / 2}, ALLOW),
        (risk.new_device, 101_00, {**NEW, "device_since": None}, ALLOW),
        (risk.changed_lately, 250_00, {}, ALLOW),
        (risk.changed_lately, 250_00, {"changed_at": NOW - DAY / 2, "joined_at": NOW - DAY / 2}, ALLOW),
        (risk.changed_lately, 30_00, {"changed_at": NOW - DAY / 2}, ALLOW),
        (risk.changed_lately, 30_01, {"changed_at": NOW - DAY / 2}, FACTOR),
        (risk.changed_lately, 100_01, {"changed_at": NOW - DAY / 2}, REVIEW),
        (risk.changed_lately, 100_01, {"changed_at": NOW - DAY}, ALLOW),
        (risk.cards_refused, 250_00, {"cards_refused": 2}, ALLOW),
        (risk.cards_refused, 5_00, {"cards_refused": 3}, FACTOR),
        (risk.cards_refused, 31_00, {"cards_refused": 3}, REVIEW),
        (risk.returned_funds, 250_00, {}, ALLOW),
        (risk.returned_funds, 5_00, {"had_funds_returned": True}, FACTOR),
        (risk.returned_funds, 150_00, {"had_funds_returned": True}, FACTOR),
        (risk.returned_funds, 150_01, {"had_funds_returned": True}, REVIEW),
        (risk.returned_funds, 30_00, {"was_charged_back": True}, FACTOR),
        (risk.returned_funds, 30_01, {"was_charged_back": True, "had_funds_returned": True}, REVIEW),
        (risk.collecting, 5_00, {"new_payers": 8, "from_new_payers": 499_99}, ALLOW),
        (risk.collecting, 5_00, {"new_payers": 7, "from_new_payers": 900_00}, ALLOW),
        (risk.collecting, 5_00, {"new_payers": 8, "from_new_payers": 500_00}, REVIEW),
    ],
)  # fmt: skip
def test_rule(rule: object, amount: int, facts: dict[str, Any], verdict: risk.Verdict) -> None:
    assert callable(rule)
    assert rule(an_order(amount), replace(KNOWN, **facts)) is verdict


class TestStrictest:
    def test_wins(self) -> None:
        assert risk.strictest([FACTOR, REFUSE, REVIEW]) is REFUSE
        assert risk.strictest([FACTOR, REVIEW, FACTOR]) is REVIEW
        assert risk.strictest([]) is ALLOW

    def test_every_rule_has_its_name(self) -> None:
        assert set(risk.RULES) == set(risk.Rule)


def confirmed(order: Order, **changes: object) -> Confirmation:
    facts: dict[str, object] = {
        "order": order, "payer": order.payer, "payee": order.payee, "payee_handle": order.payee.handle,
        "amount": order.amount, "factor": "CODE",
    }  # fmt: skip
    return Confirmation.objects.create(**(facts | changes))


@pytest.mark.django_db
class TestGather:
    def test_is_one_statement(self, claire: User, armand: User) -> None:
        order = place(claire, armand)
        risk.gather(order)  # A connection plans it once.
        with CaptureQueriesContext(connection) as queries:
            risk.gather(order)
        assert len(queries) == 1

    def test_of_a_first_payment_to_a_friend(self, claire: User, armand: User) -> None:
        facts = risk.gather(place(claire, armand))
        assert not facts.has_paid_before
        assert (facts.other_payees, facts.just_confirmed, facts.handle_before) == (0, 0, "")
        assert not facts.was_anothers_handle

    def test_counts_what_was_just_confirmed_and_to_whom(self, claire: User, armand: User, lea: User) -> None:
        confirmed(place(claire, lea))
        confirmed(place(claire, armand), at=timezone.now() - timedelta(minutes=30))
        confirmed(place(lea, armand))
        facts = risk.gather(place(claire, armand))
        assert (facts.other_payees, facts.just_confirmed) == (1, 1)

    def test_knows_the_handle_that_was_paid_last(self, claire: User, armand: User, lea: User) -> None:
        confirmed(place(claire, armand))
        armand.identities.update(handle="armand_officiel")
        lea.identities.update(handle="ArmandDosSantos")
        renamed, taken_over = risk.gather(place(claire, armand)), risk.gather(place(claire, lea))
        assert (renamed.handle_before, renamed.was_anothers_handle) == ("armanddossantos", False)
        assert (taken_over.handle_before, taken_over.was_anothers_handle) == ("", True)

    def test_knows_when_the_device_was_registered(self, claire: User, armand: User) -> None:
        devices.register(claire, name="Firefox", at=NOW)
        facts = risk.gather(place(claire, armand), device_id=Device.objects.get().pk)
        assert facts.device_since == NOW

    def test_takes_the_newest_change_of_password_number_and_code(self, claire: User, armand: User) -> None:
        claire.set_password("le pont de bercy 1864")
        claire.save()
        facts = risk.gather(place(claire, armand))
        assert facts.changed_at == claire.password_changed_at

    def test_counts_refused_cards_of_a_day(self, claire: User, armand: User) -> None:
        card = load(claire, 10_00).card
        for key in ("pi_1", "pi_2"):
            Funding.objects.create(
                user=claire, card=card, amount=10_00, status="FAILED", intent_id=key, problem="declined"
            )
        assert risk.gather(place(claire, armand)).cards_refused == 2

    def test_knows_of_a_charge_that_failed_within_a_week(self, claire: User, armand: User) -> None:
        order = place(claire, armand)
        assert not risk.gather(order).had_funds_returned
        card = load(claire, 10_00).card
        failed = {"user": claire, "card": card, "amount": 10_00, "status": "FAILED", "problem": "declined"}
        Funding.objects.create(**failed, intent_id="pi_1", created_at=timezone.now() - 8 * DAY)
        assert not risk.gather(order).had_funds_returned
        Funding.objects.create(**failed, intent_id="pi_2")
        assert risk.gather(order).had_funds_returned
        assert risk.assess(order, device_id=None).fired == {risk.Rule.RETURNED_FUNDS: FACTOR}


@pytest.mark.django_db
class TestAssess:
    def test_lets_a_dinner_with_a_friend_through(self, claire: User, armand: User) -> None:
        """Claire has just joined, and Armand was never paid."""
        assessment = risk.assess(place(claire, armand), device_id=None)
        assert (assessment.verdict, assessment.fired) == (ALLOW, {})

    def test_lets_a_friend_be_paid_from_a_phone_of_today(self, claire: User, armand: User) -> None:
        devices.register(claire, name="Safari, iPhone", at=timezone.now())
        assessment = risk.assess(place(claire, armand, 60_00), device_id=Device.objects.get().pk)
        assert assessment.verdict is FACTOR

    def test_records_what_fired_and_what_it_saw(self, claire: User, armand: User) -> None:
        order = place(claire, armand, 200_00)
        assessment = risk.assess(order, device_id=None)
        risk.record(order, assessment)
        finding = RiskFinding.objects.get()
        assert (finding.rule, finding.verdict) == ("NEW_PAYEE_LARGE", "REVIEW")
        assert finding.facts["has_paid_before"] is False

    def test_a_finding_asks_for_something(self, claire: User, armand: User) -> None:
        with pytest.raises(IntegrityError, match="finding_asks_for_something"), transaction.atomic():
            RiskFinding.objects.create(order=place(claire, armand), rule="BURST", verdict="ALLOW", facts={})

    def test_sees_who_collects_from_many_new_members(self, claire: User, lea: User) -> None:
        facts = risk.gather(place(claire, lea))
        assert (facts.new_payers, facts.from_new_payers) == (0, 0)
        payer = join("Marc Roy", phone="+33612340008", handle="marc_roy", external_id="1008")
        order = place(payer, lea, 20_00)
        assert risk.gather(order).new_payers == 0, "an order that waits collects nothing"
