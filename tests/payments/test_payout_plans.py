"""Organisations are paid out: now, by who handles its money, and by themselves, as those have agreed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import Mock
from uuid import uuid4

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import Error, IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from accounts import crypto, devices, freezes, organisations, seats
from accounts.models import Organisation, Role, Seat, User
from payments import clock, fees, ledger, limits, payout_plans, payouts, proofs, strong, tasks
from payments.models import BankAccount, FeeCharge, Limit, Notification, Payout, PayoutPlan
from tests.people import CODE, agreed, known_device, load, place, settled

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("any_code")]
Period = PayoutPlan.Period
NUMBER = "FR1420041010050500013M02606"


def added(organisation: Organisation, by: User, **changes: Any) -> BankAccount:
    terms: dict[str, Any] = {
        "user": organisation.account,
        "iban": crypto.encrypt(NUMBER),
        "fingerprint": crypto.fingerprint(NUMBER, of="iban"),
        "country": "FR",
        "last4": "2606",
        "bank_name": "LA BANQUE POSTALE",
        "holder_name": str(organisation),
        "outcome": "MATCH",
        "factor": "DEVICE",
        "device": known_device(by),
        "checked_at": timezone.now() - timedelta(days=3),
    }
    return BankAccount.objects.create(**(terms | changes))


@pytest.fixture
def account(acf: Organisation, lea: User) -> BankAccount:
    """Of acf, as léa added it on her device."""
    return added(acf, lea)


@pytest.fixture
def seat(acf: Organisation, lea: User) -> Seat:
    return seats.held(acf.slug, by=lea, roles=frozenset({Role.OWNER}))


@pytest.fixture
def given(acf: Organisation, claire: User) -> int:
    """What acf has received today."""
    load(claire, 300_00)
    settled(place(claire, organisations.identity(acf), 300_00))
    return 300_00


def on(day: int, month: int = 11) -> datetime:
    """Noon in Paris; 23 November 2026 is a Monday."""
    return datetime(2026, month, day, 11, tzinfo=UTC)


def owes(organisation: Organisation, amount: int) -> None:
    """Its wallet was empty when it was charged for the first of November."""
    terms: dict[str, Any] = {"organisation": organisation, "day": on(1).date(), "receipts": 1_000_00}
    FeeCharge.objects.create(**terms, fee=amount, amount=0, owed=amount)


def reserve(account: BankAccount, amount: int, *, by: User, **changes: Any) -> Payout:
    shown = strong.Shown(shown_at=timezone.now(), device_id=known_device(by).pk)
    facts: dict[str, Any] = {"amount": amount, "key": uuid4(), "shown": shown, "by": by}
    return payouts.reserve(account, **(facts | changes))


def plan_of(
    seat: Seat, account: BankAccount, period: PayoutPlan.Period = Period.DAY, **changes: Any
) -> PayoutPlan:
    minimum: int = changes.pop("minimum", 20_00)
    terms = proofs.of_plan(account, period=period, minimum=minimum)
    facts: dict[str, Any] = {"proof": agreed(terms, seat.user), "at": on(1)}
    return payout_plans.set_plan(
        seat, account, period=period, minimum=minimum, code=CODE, **(facts | changes)
    )


class TestNow:
    def test_is_by_the_members_own_code_and_device(
        self, acf: Organisation, account: BankAccount, lea: User, given: int
    ) -> None:
        proof = agreed(proofs.of_payout(account, amount=100_00), lea)
        made = payouts.request(account, amount=100_00, code=CODE, key=uuid4(), proof=proof, by=lea)
        assert (made.user, made.amount, made.device) == (acf.account, 100_00, known_device(lea))
        assert ledger.balance(ledger.wallet(acf.account)) == given - 100_00
        assert Notification.objects.get(payout=made).user == lea

    def test_is_not_by_somebody_elses_device(
        self, account: BankAccount, lea: User, armand: User, given: int
    ) -> None:
        proof = agreed(proofs.of_payout(account, amount=100_00), armand)
        with pytest.raises(strong.ProofRejected):
            payouts.request(account, amount=100_00, code=CODE, key=uuid4(), proof=proof, by=lea)

    def test_leaves_what_is_owed_in_fees(
        self, acf: Organisation, account: BankAccount, lea: User, given: int
    ) -> None:
        owes(acf, 14_00)
        with pytest.raises(payouts.InsufficientFunds) as short:
            reserve(account, given, by=lea)
        assert short.value.available == given - 14_00
        reserve(account, given - 14_00, by=lea)
        assert ledger.balance(ledger.wallet(acf.account)) == 14_00

    def test_is_by_who_handles_its_money_alone(
        self, acf: Organisation, account: BankAccount, armand: User, given: int
    ) -> None:
        seats.take(acf, armand, Role.READER)
        proof = agreed(proofs.of_payout(account, amount=100_00), armand)
        with pytest.raises(seats.NoSeat):
            payouts.request(account, amount=100_00, code=CODE, key=uuid4(), proof=proof, by=armand)

    @pytest.mark.parametrize("has_passkey", [False, True])
    def test_waits_while_whoever_agreed_to_it_is_frozen(
        self, account: BankAccount, lea: User, agathe: User, given: int, has_passkey: bool
    ) -> None:
        passkey = Authenticator.objects.create(user=lea, type=Authenticator.Type.WEBAUTHN, data={})
        shown = strong.Shown(shown_at=timezone.now(), passkey_id=passkey.pk)
        made = reserve(account, 20_00, by=lea, **({"shown": shown} if has_passkey else {}))
        freezes.freeze(lea, reason="this was not me")
        with transaction.atomic():
            assert payouts.waiting(limit=9) == []
        freezes.end(lea, by=agathe)
        with transaction.atomic():
            assert payouts.waiting(limit=9) == [made]

    @pytest.mark.parametrize("is_planned", [False, True])
    def test_waits_for_the_frozen_though_their_passkey_is_removed(
        self, account: BankAccount, lea: User, agathe: User, given: int, is_planned: bool
    ) -> None:
        """Who is frozen still signs in, and takes from their account what they will."""
        passkey = Authenticator.objects.create(user=lea, type=Authenticator.Type.WEBAUTHN, data={})
        shown = strong.Shown(shown_at=timezone.now(), passkey_id=passkey.pk)
        made = reserve(account, 20_00, by=lea, shown=shown, is_planned=is_planned)
        freezes.freeze(lea, reason="this was not me")
        passkey.delete()
        with transaction.atomic():
            assert payouts.waiting(limit=9) == []
        freezes.end(lea, by=agathe)
        with transaction.atomic():
            assert payouts.waiting(limit=9) == [made]

    def test_keeps_who_agreed_to_it(self, account: BankAccount, lea: User, agathe: User, given: int) -> None:
        made = reserve(account, 20_00, by=lea)
        assert made.agreed_by == lea
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            Payout.objects.filter(pk=made.pk).update(agreed_by=agathe)

    def test_is_told_to_who_handles_its_money(
        self, acf: Organisation, account: BankAccount, lea: User, armand: User, given: int
    ) -> None:
        seats.take(acf, armand, Role.TREASURER)
        seats.take(acf, User.objects.get(name="Claire Martin"), Role.READER)
        proof = agreed(proofs.of_payout(account, amount=100_00), armand)
        made = payouts.request(account, amount=100_00, code=CODE, key=uuid4(), proof=proof, by=armand)
        told = Notification.objects.filter(payout=made).values_list("user", flat=True)
        assert set(told) == {lea.pk, armand.pk}


class TestPlan:
    def test_pays_all_out_each_day(
        self, acf: Organisation, account: BankAccount, seat: Seat, given: int
    ) -> None:
        plan_of(seat, account)
        assert [payout_plans.pay_due(at=on(day)) for day in (1, 2, 2)] == [0, 1, 0]
        made = Payout.objects.get()
        assert (made.amount, made.bank_account, made.factor) == (given, account, "DEVICE")
        assert ledger.balance(ledger.wallet(acf.account)) == 0

    def test_pays_after_fees(self, acf: Organisation, account: BankAccount, seat: Seat, given: int) -> None:
        tomorrow = timezone.now() + timedelta(days=1)
        plan_of(seat, account, at=timezone.now())
        payout_plans.pay_due(at=tomorrow)
        brackets = fees.brackets(timezone.localdate())
        assert Payout.objects.get().amount == given - fees.fee(given, brackets)

    def test_leaves_what_is_owed_in_fees(
        self, acf: Organisation, account: BankAccount, seat: Seat, given: int
    ) -> None:
        owes(acf, 14_00)
        plan_of(seat, account)
        payout_plans.pay_due(at=on(2))
        assert Payout.objects.get().amount == given - 14_00

    @pytest.mark.parametrize(
        "problem",
        [
            payouts.InsufficientFunds(available=0),
            limits.OverLimit(Limit.Name.PAYOUT_DAY, allowed=0, figure=0),
            RuntimeError(),
        ],
    )
    def test_is_tried_again_where_another_was_faster(
        self,
        account: BankAccount,
        seat: Seat,
        given: int,
        monkeypatch: pytest.MonkeyPatch,
        problem: Exception,
    ) -> None:
        plan_of(seat, account, Period.MONTH)
        with monkeypatch.context() as patched:
            patched.setattr(payouts, "reserve", Mock(side_effect=problem))
            assert payout_plans.pay_due(at=on(1, 12)) == 0
        assert payout_plans.pay_due(at=on(1, 12)) == 1

    def test_begins_minutes_after_midnight(
        self, account: BankAccount, seat: Seat, given: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        plan_of(seat, account)
        for minutes, count in ((5, 0), (11, 1)):
            monkeypatch.setattr(clock, "now", lambda: datetime(2026, 11, 1, 23, minutes, tzinfo=UTC))  # noqa: B023  # called at once
            tasks.pay_organisations_out()
            assert Payout.objects.count() == count

    @pytest.mark.parametrize(
        ("period", "days"), [(Period.WEEK, {23, 30}), (Period.MONTH, {31}), (Period.DAY, set(range(21, 32)))]
    )
    def test_has_its_days(
        self, acf: Organisation, account: BankAccount, seat: Seat, period: PayoutPlan.Period, days: set[int]
    ) -> None:
        """Day 31 of November is the first of December."""
        plan = plan_of(seat, account, period, at=on(20))
        begins = {
            day
            for day in range(21, 32)
            if payout_plans._begin(period, (on(1) + timedelta(days=day - 1)).date())  # noqa: SLF001  # the rule itself
            == (on(1) + timedelta(days=day - 1)).date()
        }
        assert begins == days
        assert plan.looked_on == on(20).date()

    def test_catches_up_with_a_day_on_which_nobody_was_there(
        self, account: BankAccount, seat: Seat, given: int
    ) -> None:
        plan_of(seat, account, Period.WEEK, at=on(20))
        assert [payout_plans.pay_due(at=on(day)) for day in (22, 24, 25)] == [0, 1, 0]

    def test_waits_for_its_least(self, account: BankAccount, seat: Seat, given: int) -> None:
        plan_of(seat, account, minimum=given + 1)
        assert payout_plans.pay_due(at=on(2)) == 0

    def test_stands_still_without_whoever_set_it(
        self, acf: Organisation, account: BankAccount, lea: User, armand: User, given: int
    ) -> None:
        taken = seats.take(acf, armand, Role.TREASURER)
        plan = plan_of(taken, account)
        seats.leave(acf, taken.pk, by=lea)
        assert not payout_plans.stands(plan)
        assert payout_plans.pay_due(at=on(2)) == 0

    def test_gives_way_to_the_next_and_ends(
        self, acf: Organisation, account: BankAccount, seat: Seat, given: int
    ) -> None:
        plan_of(seat, account)
        second = plan_of(seat, account, Period.MONTH)
        assert payout_plans.of(acf) == second
        payout_plans.end(acf)
        assert payout_plans.of(acf) is None
        assert payout_plans.pay_due(at=on(2)) == 0

    def test_is_agreed_to_with_something_of_theirs(
        self, account: BankAccount, seat: Seat, armand: User
    ) -> None:
        with pytest.raises(strong.ProofNeeded):
            plan_of(seat, account, proof=None)
        terms = proofs.of_plan(account, period=Period.DAY, minimum=20_00)
        with pytest.raises(strong.ProofRejected):
            plan_of(seat, account, proof=agreed(terms, armand))

    def test_is_not_set_by_whose_seat_has_ended(
        self, acf: Organisation, account: BankAccount, lea: User, armand: User
    ) -> None:
        taken = seats.take(acf, armand, Role.TREASURER)
        seats.leave(acf, taken.pk, by=lea)
        with pytest.raises(seats.NoSeat):
            plan_of(taken, account)

    def test_goes_to_no_account_of_others(self, seat: Seat, account: BankAccount) -> None:
        BankAccount.objects.filter(pk=account.pk).update(removed_at=timezone.now())
        account.refresh_from_db()
        with pytest.raises(payouts.AccountNotUsable):
            plan_of(seat, account)


@pytest.mark.django_db(transaction=True)
def test_many_pay_a_plan_once(
    account: BankAccount, seat: Seat, given: int, at_once: Callable[..., list[Any]]
) -> None:
    plan_of(seat, account)
    assert sorted(at_once(4, lambda _number: payout_plans.pay_due(at=on(2)))) == [0, 0, 0, 1]
    assert Payout.objects.get().amount == given


class TestTheDatabase:
    @pytest.mark.parametrize(
        ("changes", "name"),
        [
            ({"factor": None, "device": None}, "plan_was_agreed_to_strongly"),
            ({"period": "YEAR"}, "period_of_a_plan_is_known"),
            ({"minimum": 99}, "plan_pays_a_euro_at_least"),
            ({"ended_at": on(1) - timedelta(days=900)}, "plan_ends_after_it_was_set"),
        ],
    )
    def test_refuses_what_is_no_plan(
        self, seat: Seat, account: BankAccount, changes: dict[str, Any], name: str
    ) -> None:
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            self.make(seat, account, **changes)

    def test_has_one_at_a_time(self, seat: Seat, account: BankAccount) -> None:
        self.make(seat, account)
        with (
            pytest.raises(IntegrityError, match="organisation_has_one_plan_at_a_time"),
            transaction.atomic(),
        ):
            self.make(seat, account)

    def test_takes_it_from_who_acts_for_it_alone(
        self, seat: Seat, account: BankAccount, armand: User
    ) -> None:
        with pytest.raises(IntegrityError, match="by who acts for it"), transaction.atomic():
            self.make(seat, account, set_by=armand)

    def test_keeps_what_was_agreed_to(self, seat: Seat, account: BankAccount) -> None:
        plan = self.make(seat, account)
        with pytest.raises(Error, match="payments_payoutplan"), transaction.atomic():
            PayoutPlan.objects.filter(pk=plan.pk).update(minimum=500)

    @staticmethod
    def make(seat: Seat, account: BankAccount, **changes: Any) -> PayoutPlan:
        terms: dict[str, Any] = {
            "organisation": seat.organisation, "bank_account": account, "period": "DAY", "minimum": 100,
            "set_by": seat.user, "looked_on": on(1).date(), "factor": "DEVICE",
            "device": known_device(seat.user),
        }  # fmt: skip
        return PayoutPlan.objects.create(**(terms | changes))


class TestPages:
    @pytest.fixture
    def owner(self, lea: User, with_code: Callable[[User], User]) -> Client:
        client = Client()
        client.force_login(with_code(lea))
        return client

    def test_are_there(self, acf: Organisation, account: BankAccount, owner: Client) -> None:
        home = f"/organisations/{acf.slug}/"
        for path in ("payouts/", "payouts/now/", "payouts/plan/", "bank-accounts/add/", "fees/"):
            assert owner.get(home + path).status_code == 200, path
        assert owner.get(f"{home}bank-accounts/{account.pk}/").status_code == 200
        assert owner.get("/fees/").status_code == 200

    def test_want_a_device_or_passkey(
        self, acf: Organisation, account: BankAccount, owner: Client, given: int
    ) -> None:
        """This browser is not known: what is sent is refused, and nothing is reserved."""
        form = {"amount": "100", "account": account.pk, "code": CODE, "key": uuid4()}
        owner.post(f"/organisations/{acf.slug}/payouts/now/", form)
        assert not Payout.objects.exists()

    def test_take_what_is_agreed_to_on_a_known_device(
        self, acf: Organisation, account: BankAccount, owner: Client, lea: User, given: int
    ) -> None:
        token = devices.register(lea, name="Firefox, Linux", at=timezone.now())
        owner.cookies[settings.DEVICE_COOKIE_NAME], home = token, f"/organisations/{acf.slug}/"
        now = {"amount": "0,50", "account": account.pk, "code": CODE, "key": uuid4()}
        assert owner.post(f"{home}payouts/now/", now).status_code == 422
        assert owner.post(f"{home}payouts/now/", now | {"amount": "100"}).status_code == 302
        assert (Payout.objects.get().amount, Payout.objects.get().factor) == (100_00, "DEVICE")
        plan = {"period": "WEEK", "account": account.pk, "minimum": "20", "code": CODE}
        assert owner.post(f"{home}payouts/plan/", plan).status_code == 302
        assert PayoutPlan.objects.get().minimum == 20_00
        known = {"number": NUMBER, "holder_name": str(acf), "code": CODE}
        assert owner.post(f"{home}bank-accounts/add/", known).status_code == 302
        assert BankAccount.objects.get() == account

    def test_are_not_there_for_a_reader(
        self, acf: Organisation, account: BankAccount, armand: User, with_code: Callable[[User], User]
    ) -> None:
        seats.take(acf, armand, Role.READER)
        client, home = Client(), f"/organisations/{acf.slug}/"
        client.force_login(with_code(armand))
        answers = [
            client.get(home + path).status_code
            for path in ("payouts/", "payouts/now/", "payouts/plan/", "bank-accounts/add/")
        ]
        assert answers == [200, 404, 404, 404]

    def test_cancel_and_remove(
        self, acf: Organisation, account: BankAccount, owner: Client, lea: User, given: int
    ) -> None:
        proof = agreed(proofs.of_payout(account, amount=100_00), lea)
        made = payouts.request(account, amount=100_00, code=CODE, key=uuid4(), proof=proof, by=lea)
        home = f"/organisations/{acf.slug}/"
        owner.post(f"{home}payouts/{made.pk}/cancel/")
        assert ledger.balance(ledger.wallet(acf.account)) == given
        owner.post(f"{home}bank-accounts/{account.pk}/decide/", {"wish": "remove"})
        account.refresh_from_db()
        assert account.removed_at is not None

    @pytest.mark.parametrize(("wish", "is_taken"), [("", False), ("yes", False), ("accept", True)])
    def test_take_an_account_whose_name_does_not_match_by_that_wish_alone(
        self, acf: Organisation, lea: User, owner: Client, wish: str, is_taken: bool
    ) -> None:
        account = added(acf, lea, outcome="NO_MATCH")
        owner.post(f"/organisations/{acf.slug}/bank-accounts/{account.pk}/decide/", {"wish": wish})
        account.refresh_from_db()
        assert account.is_usable == is_taken

    @pytest.mark.parametrize("name", ["A" * 71, "<>"])
    def test_say_that_no_transfer_carries_the_banks_name(
        self, acf: Organisation, lea: User, owner: Client, name: str
    ) -> None:
        account = added(acf, lea, outcome="CLOSE", suggested_name=name)
        answer = owner.post(
            f"/organisations/{acf.slug}/bank-accounts/{account.pk}/decide/", {"wish": "correct"}, follow=True
        )
        assert "que la banque indique" in answer.content.decode()

    def test_say_what_is_kept_for_fees(self, acf: Organisation, account: BankAccount, owner: Client) -> None:
        owes(acf, 14_00)
        for path in ("payouts/", "payouts/now/"):
            assert "frais qui sont dus" in owner.get(f"/organisations/{acf.slug}/{path}").content.decode()
