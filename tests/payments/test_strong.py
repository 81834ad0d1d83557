"""Strong authentication: when the code is not enough, what is shown beside it, and for which order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.db import IntegrityError, ProgrammingError, connection
from django.utils import timezone

from accounts import codes, devices, freezes
from accounts.models import Device, User
from payments import ledger, limits, orders, risk, strong
from payments.models import Confirmation, Notification, Order, RiskFinding
from tests.people import CODE, load, place

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.guarded]
Reason = strong.Reason


@pytest.fixture
def payer(claire: User, with_code: Callable[[User], User], monkeypatch: pytest.MonkeyPatch) -> User:
    """Limits have their own tests."""
    monkeypatch.setattr(limits, "check_order_seen", lambda _order, _seen: None)
    load(claire, 400_00)
    return with_code(claire)


@pytest.fixture
def no_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that only the counters speak."""
    monkeypatch.setattr(risk, "RULES", {})


@pytest.fixture
def two(payer: User, armand: User) -> tuple[User, User]:
    return payer, armand


def device_of(user: User) -> Device:
    at = timezone.now() - timedelta(days=30)
    token = devices.register(user, name="Firefox", at=at)
    found = devices.recognised(user, token, at=at)
    assert found
    return found


def passkey_of(user: User) -> Authenticator:
    return Authenticator.objects.create(user=user, type=Authenticator.Type.WEBAUTHN, data={})


def by_device(order: Order, device: Device) -> strong.Proof:
    return strong.prove_by_device(order, device, at=timezone.now())


def confirm(order: Order) -> Order:
    return orders.confirm(order, code=CODE)


@pytest.mark.usefixtures("no_rules")
class TestRequired:
    def test_above_thirty_euros(self, payer: User, armand: User) -> None:
        order = place(payer, armand, 30_01)
        with pytest.raises(strong.ProofNeeded) as needed:
            confirm(order)
        assert needed.value.reason is Reason.ONE
        assert ledger.balance(ledger.wallet(armand)) == 0
        confirm(place(payer, armand, 30_00))

    def test_above_a_hundred_in_sum(self, payer: User, armand: User) -> None:
        for amount in (30_00, 30_00, 30_00, 10_00):
            confirm(place(payer, armand, amount))
        with pytest.raises(strong.ProofNeeded) as needed:
            confirm(place(payer, armand, 1))
        assert needed.value.reason is Reason.TOTAL

    def test_after_five(self, payer: User, armand: User) -> None:
        for _ in range(5):
            confirm(place(payer, armand, 1_00))
        with pytest.raises(strong.ProofNeeded) as needed:
            confirm(place(payer, armand, 1_00))
        assert needed.value.reason is Reason.TIMES

    def test_counts_from_the_last_strong_one(self, payer: User, armand: User) -> None:
        for _ in range(5):
            confirm(place(payer, armand, 1_00))
        order = place(payer, armand, 1_00)
        orders.confirm(order, code=CODE, proof=by_device(order, device_of(payer)))
        assert strong.required(order) is None
        confirm(place(payer, armand, 1_00))

    def test_counts_each_payer_apart(self, payer: User, armand: User, lea: User) -> None:
        codes.choose(armand, CODE)
        for _ in range(5):
            confirm(place(payer, armand, 1_00))
        confirm(place(armand, lea, 1_00))

    def test_counts_nothing_that_was_not_paid(self, payer: User, armand: User) -> None:
        for _ in range(2):
            with pytest.raises(codes.WrongCode):
                orders.confirm(place(payer, armand, 1_00), code="000000")
        assert not Confirmation.objects.exists()

    @pytest.mark.parametrize(
        ("before", "then", "paid"),
        [([1_00] * 4, 1_00, 1), ([25_00] * 3, 22_50, 1), ([1_00] * 2, 1_00, 3)],
    )
    def test_holds_for_three_at_once(
        self,
        two: tuple[User, User],
        at_once: Callable[..., list[Any]],
        before: list[int],
        then: int,
        paid: int,
    ) -> None:
        for amount in before:
            confirm(place(*two, amount))
        waiting = [place(*two, then) for _ in range(3)]
        outcomes = Counter(type(one) for one in at_once(3, lambda n: confirm(waiting[n])))
        assert outcomes == Counter({Order: paid, strong.ProofNeeded: 3 - paid})


@pytest.mark.usefixtures("no_rules")
class TestProof:
    @pytest.fixture
    def order(self, payer: User, armand: User) -> Order:
        return place(payer, armand, 80_00)

    def test_by_a_known_device(self, payer: User, order: Order) -> None:
        device = device_of(payer)
        assert orders.confirm(order, code=CODE, proof=by_device(order, device)).status == "PAID"
        kept = Confirmation.objects.get()
        assert (kept.order, kept.amount, kept.payee, kept.factor) == (order, 80_00, order.payee, "DEVICE")
        assert kept.device == device

    def test_by_a_passkey(self, payer: User, order: Order) -> None:
        passkey = passkey_of(payer)
        proof = strong.prove_by_passkey(order, passkey.pk, at=timezone.now())
        orders.confirm(order, code=CODE, proof=proof)
        assert Confirmation.objects.get().passkey_id == passkey.pk

    def test_does_not_replace_the_code(self, payer: User, order: Order) -> None:
        with pytest.raises(codes.WrongCode):
            orders.confirm(order, code="000000", proof=by_device(order, device_of(payer)))

    def test_is_rejected_for_another_order(self, payer: User, armand: User, order: Order) -> None:
        proof = by_device(order, device_of(payer))
        with pytest.raises(strong.ProofRejected):
            orders.confirm(place(payer, armand, 80_00), code=CODE, proof=proof)

    @pytest.mark.parametrize("changed", ["amount", "payee_id"])
    def test_is_rejected_for_other_terms(self, payer: User, order: Order, changed: str) -> None:
        terms: dict[str, Any] = {changed: 7}
        proof = replace(by_device(order, device_of(payer)), **terms)
        with pytest.raises(strong.ProofRejected):
            orders.confirm(order, code=CODE, proof=proof)
        order.refresh_from_db()
        assert order.status == "PENDING"

    def test_is_rejected_after_five_minutes(self, payer: User, order: Order) -> None:
        old = timezone.now() - strong.FRESH - timedelta(seconds=1)
        proof = strong.prove_by_device(order, device_of(payer), at=old)
        with pytest.raises(strong.ProofRejected):
            orders.confirm(order, code=CODE, proof=proof)

    def test_is_rejected_of_somebody_elses_device_or_passkey(self, order: Order, armand: User) -> None:
        theirs = device_of(armand)
        for proof in (
            by_device(order, theirs),
            strong.prove_by_passkey(order, passkey_of(armand).pk, at=timezone.now()),
        ):
            with pytest.raises(strong.ProofRejected):
                orders.confirm(order, code=CODE, proof=proof)

    def test_is_rejected_of_a_device_that_was_forgotten(self, payer: User, order: Order) -> None:
        device = device_of(payer)
        devices.forget(payer, device.pk, at=timezone.now())
        with pytest.raises(strong.ProofRejected):
            orders.confirm(order, code=CODE, proof=by_device(order, device))

    def test_what_a_passkey_signs_is_the_order(self, order: Order, lea: User) -> None:
        other = Order(pk=order.pk, amount=order.amount, payee=order.payee)
        same = strong.challenge(order, nonce="n")
        assert strong.challenge(other, nonce="n") == same
        other.amount = 8_00
        assert strong.challenge(other, nonce="n") != same
        other.amount, other.payee = order.amount, lea.identities.get()
        assert strong.challenge(other, nonce="n") != same
        assert strong.challenge(order, nonce="m") != same


class TestConfirmation:
    @pytest.fixture
    def kept(self, payer: User, armand: User) -> Confirmation:
        confirm(place(payer, armand))
        return Confirmation.objects.get()

    def test_names_what_was_shown(self, kept: Confirmation) -> None:
        kept.pk, kept.factor = None, "DEVICE"
        with pytest.raises(IntegrityError, match="confirmation_names_what_was_shown"):
            kept.save(force_insert=True)

    def test_is_of_an_amount(self, kept: Confirmation) -> None:
        kept.pk, kept.amount = None, 0
        with pytest.raises(IntegrityError, match="confirmation_is_of_an_amount"):
            kept.save(force_insert=True)

    def test_never_changes(self, kept: Confirmation, as_owner: Callable[[str], None]) -> None:
        for statement in ("UPDATE payments_confirmation SET amount = 1", "DELETE FROM payments_confirmation"):
            with pytest.raises(ProgrammingError, match="permission denied"), connection.cursor() as cursor:
                cursor.execute(statement)
            with pytest.raises(Exception, match="append-only"):
                as_owner(statement)


class TestRules:
    def test_may_ask_for_a_second_factor(self, payer: User, armand: User) -> None:
        confirm(place(payer, armand, 5_00))
        armand.identities.update(handle="somebody_else")
        order = place(payer, armand, 5_00)
        with pytest.raises(strong.ProofNeeded) as needed:
            confirm(order)
        assert needed.value.reason is Reason.RISK
        assert not RiskFinding.objects.exists()
        orders.confirm(order, code=CODE, proof=by_device(order, device_of(payer)))
        assert RiskFinding.objects.get().rule == "HANDLE_CHANGED"

    def test_may_hold_for_review(self, payer: User, armand: User) -> None:
        order = place(payer, armand, 200_00)
        held = orders.confirm(order, code=CODE, proof=by_device(order, device_of(payer)))
        assert held.status == "REVIEW"
        assert (ledger.balance(ledger.wallet(payer)), ledger.balance(ledger.wallet(armand))) == (300_00, 0)
        told = Notification.objects.filter(user=payer, order=order).order_by("pk")
        assert [one.kind for one in told] == ["ORDER_PENDING", "ORDER_IN_REVIEW"]
        assert not Notification.objects.filter(user=armand).exists()

    def test_may_refuse(self, payer: User, armand: User, lea: User) -> None:
        confirm(place(payer, armand, 5_00))
        lea.identities.update(handle="armanddossantos", joined_network_at=timezone.now())
        order = place(payer, lea, 50_00)
        with pytest.raises(orders.Refused):
            orders.confirm(order, code=CODE, proof=by_device(order, device_of(payer)))
        order.refresh_from_db()
        assert order.status == "VOIDED"
        assert RiskFinding.objects.get(verdict="REFUSE").order == order
        assert ledger.balance(ledger.wallet(lea)) == 0

    def test_see_each_other_at_once(
        self, payer: User, armand: User, at_once: Callable[..., list[Any]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The burst is counted under the payer's lock."""
        monkeypatch.setattr(risk, "BURST", 1)
        waiting = [place(payer, armand, 1_00) for _ in range(3)]
        outcomes = Counter(type(one) for one in at_once(3, lambda n: confirm(waiting[n])))
        assert outcomes == {Order: 1, strong.ProofNeeded: 2}

    def test_nothing_leaves_a_frozen_member(self, payer: User, armand: User) -> None:
        order = place(payer, armand)
        freezes.freeze(payer, reason="test")
        with pytest.raises(freezes.Frozen):
            confirm(order)


class TestPrompts:
    def test_one_at_a_time_goes_to_the_phone(self, payer: User, armand: User) -> None:
        first = place(payer, armand)
        place(payer, armand)
        by_sms = Notification.objects.filter(kind="ORDER_PENDING", deliveries__channel="SMS")
        assert [one.order for one in by_sms] == [first]
        orders.decline(first)
        orders.decline(Order.objects.get(status="PENDING"))
        place(payer, armand)
        assert by_sms.all().count() == 2
