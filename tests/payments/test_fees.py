"""Fees: degressive by the month, charged by days that add up to it, never more than the wallet holds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import psycopg2
import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st
from uuid_utils.compat import uuid7

from accounts import freezes, organisations
from accounts.models import Organisation, User
from payments import clock, fees, horizon, ledger, refunds, self_check, tasks
from payments.fees import Bracket
from payments.models import FeeBracket, FeeCharge, LedgerAccount, Order, Transfer
from tests.bodies import accept, facts
from tests.people import load, place, set_limit, settled
from tests.staff import hire

Receive = Callable[[int, datetime], Order]
OURS = [Bracket(0, 190), Bracket(1_000_00, 140), Bracket(10_000_00, 90)]
DAYS = st.lists(st.integers(min_value=-10_000_00, max_value=50_000_00), min_size=1, max_size=12)


class TestFee:
    @pytest.mark.parametrize(
        ("receipts", "fee"),
        [
            (0, 0),
            (-5_00, 0),
            (26, 0),
            (27, 1),
            (100_00, 1_90),
            (1_000_00, 19_00),
            (1_000_36, 19_01),
            (2_000_00, 33_00),
            (10_000_00, 145_00),
            (20_000_00, 235_00),
        ],
    )
    def test_is_of_what_each_bracket_holds(self, receipts: int, fee: int) -> None:
        assert fees.fee(receipts, OURS) == fee

    def test_is_none_without_brackets(self) -> None:
        assert fees.fee(1_000_00, []) == 0

    @given(st.integers(min_value=0, max_value=10**12), st.integers(min_value=0, max_value=10**9))
    def test_grows_with_receipts_and_never_faster_than_its_highest_share(self, one: int, more: int) -> None:
        less, greater = fees.fee(one, OURS), fees.fee(one + more, OURS)
        assert less <= greater
        assert greater * fees.WHOLE <= (one + more) * 190 + fees.WHOLE // 2
        assert greater <= one + more

    @given(DAYS)
    def test_of_days_adds_up_to_the_months(self, days: list[int]) -> None:
        totals = [sum(days[: number + 1]) for number in range(len(days))]
        charged = 0
        for total in totals:
            charged += fees.fee(total, OURS) - charged
        assert charged == fees.fee(sum(days), OURS)


def on(day: int) -> datetime:
    """Noon in Paris, in November."""
    return datetime(2026, 11, day, 11, tzinfo=UTC)


def booked(transfer: UUID | None, at: datetime) -> None:
    """As if it had been booked at that moment."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT redate(%s, %s)", [transfer, at])


@pytest.fixture
def receive(acf: Organisation, claire: User) -> Receive:
    """Claire gives to acf, and it is booked at that moment."""

    def give(amount: int, at: datetime) -> Order:
        for name in ("ORDER_TO_ORGANISATION", "DAY", "MONTH") if amount > 400_00 else ():
            set_limit(name, 10**9)  # Kept by what commits, so not for that.
        load(claire, amount)
        order = settled(place(claire, organisations.identity(acf), amount))
        booked(order.transfer_id, at)
        return order

    return give


def charges() -> list[tuple[int, int, int]]:
    """Day of the month, what was charged after it, what is owed still."""
    rows = FeeCharge.objects.order_by("day")
    return [(row.day.day, row.amount, row.owed) for row in rows]


def held(organisation: Organisation) -> int:
    return ledger.balance(ledger.wallet(organisation.account))


def spend(organisation: Organisation, amount: int, *, at: User) -> None:
    """It leaves the organisation's wallet, as no receipt of its own."""
    posting = ledger.Posting(
        id=uuid7(),
        source=ledger.wallet(organisation.account),
        target=ledger.wallet(at),
        amount=amount,
        kind=Transfer.Kind.PAYMENT,
    )
    ledger.post(posting)


@pytest.mark.django_db
class TestCharge:
    def test_is_of_each_day_that_is_over(self, acf: Organisation, receive: Receive) -> None:
        receive(900_00, on(2))
        receive(200_00, on(2))
        receive(100_00, on(4))
        assert fees.charge_due(at=on(4)) == 1
        assert charges() == [(2, 19_00 + 1_40, 0)]
        assert fees.charge_due(at=on(5)) == 1
        assert charges() == [(2, 20_40, 0), (4, 1_40, 0)]
        assert held(acf) == 1_200_00 - fees.fee(1_200_00, OURS)
        assert ledger.balance(ledger.system(LedgerAccount.Kind.FEES)) == fees.fee(1_200_00, OURS)

    def test_is_made_once(self, receive: Receive) -> None:
        receive(100_00, on(2))
        assert [fees.charge_due(at=on(3)) for _ in range(3)] == [1, 0, 0]
        assert Transfer.objects.filter(kind="FEE").count() == 1

    def test_begins_anew_with_each_month_of_paris(self, receive: Receive) -> None:
        """23:30 in Paris on 31 October is 22:30 UTC; half an hour past midnight is November."""
        receive(2_000_00, datetime(2026, 10, 31, 22, 30, tzinfo=UTC))
        receive(100_00, datetime(2026, 10, 31, 23, 30, tzinfo=UTC))
        fees.charge_due(at=on(2))
        assert charges() == [(31, 33_00, 0), (1, 1_90, 0)]

    @pytest.mark.bare_transfers
    def test_waits_for_what_the_wallet_lacks(self, acf: Organisation, claire: User, receive: Receive) -> None:
        receive(1_000_00, on(2))
        spend(acf, 995_00, at=claire)
        fees.charge_due(at=on(3))
        assert charges() == [(2, 5_00, 14_00)]
        assert held(acf) == 0
        fees.charge_due(at=on(4))
        assert charges() == [(2, 5_00, 14_00), (3, 0, 14_00)]
        receive(100_00, on(4))
        fees.charge_due(at=on(5))
        assert charges()[-1] == (4, 14_00 + 1_40, 0)

    def test_gives_back_what_refunds_have_made_too_much(
        self, acf: Organisation, claire: User, receive: Receive
    ) -> None:
        order = receive(1_000_00, on(2))
        receive(1_000_00, on(2))
        fees.charge_due(at=on(3))
        refund = refunds._give(order, amount=600_00, key=uuid4())  # noqa: SLF001  # past the code, which nobody has
        booked(refund.transfer_id, on(3))
        fees.charge_due(at=on(4))
        assert charges() == [(2, 33_00, 0), (3, -(33_00 - fees.fee(1_400_00, OURS)), 0)]
        assert held(acf) == 1_400_00 - fees.fee(1_400_00, OURS)

    def test_is_not_of_who_is_frozen(self, acf: Organisation, agathe: User, receive: Receive) -> None:
        receive(100_00, on(2))
        freezes.freeze(acf.account, reason="A complaint", by=agathe)
        assert fees.charge_due(at=on(3)) == 0

    def test_keeps_nobody_waiting_for_one_that_fails(
        self, acf: Organisation, armand: User, receive: Receive, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        other = accept(
            organisations.found(facts(siren="", rna="W751123456"), by=armand),
            hire("Paul Revue", "+33612340031"),
        )
        receive(100_00, on(2))
        charge = fees.charge

        def fail(organisation: Organisation, *, until: date) -> int:
            if organisation == other:
                raise RuntimeError
            return charge(organisation, until=until)

        monkeypatch.setattr(fees, "charge", fail)
        assert fees.charge_due(at=on(3)) == 1

    def test_reads_on_from_what_was_charged(self, receive: Receive) -> None:
        receive(100_00, on(2))
        fees.charge_due(at=on(3))
        known = (
            Transfer.objects.filter(kind="PAYMENT").order_by("-number").values_list("number", flat=True)[0]
        )
        receive(50_00, on(3))
        with CaptureQueriesContext(connection) as queries:
            fees.charge_due(at=on(4))
        assert any(f"t.number > {known} " in query["sql"] for query in queries)
        assert charges() == [(2, 1_90, 0), (3, 95, 0)]

    def test_begins_minutes_after_midnight(self, receive: Receive, monkeypatch: pytest.MonkeyPatch) -> None:
        """What began before may be seen a moment later."""
        receive(100_00, on(2))
        for minutes, count in ((5, 0), (11, 1)):
            monkeypatch.setattr(clock, "now", lambda: datetime(2026, 11, 2, 23, minutes, tzinfo=UTC))  # noqa: B023  # called at once
            tasks.charge_fees()
            assert len(charges()) == count

    def test_is_of_organisations_alone(self, claire: User, armand: User) -> None:
        booked(settled(place(claire, armand, 50_00)).transfer_id, on(2))
        assert fees.charge_due(at=on(3)) == 0

    def test_takes_the_brackets_of_its_month(self, acf: Organisation) -> None:
        assert fees.brackets(date(2026, 11, 30)) == OURS
        assert fees.brackets(date(2014, 9, 30)) == []


@pytest.mark.django_db
def test_a_boundary_is_as_near_as_can_be(acf: Organisation, receive: Receive) -> None:
    """Also where little has left the wallet, or nothing."""
    receive(10_00, on(2))
    fees.charge_due(at=on(3))
    booked(FeeCharge.objects.get().transfer_id, on(2))
    receive(10_00, on(3))
    receive(10_00, on(4))
    wallet = ledger.wallet(acf.account)
    numbers = Transfer.objects.filter(target=wallet).order_by("number").values_list("number", flat=True)
    assert [horizon.boundary(wallet, on(day)) for day in (2, 4, 5)] == [0, numbers[1], numbers[2]]


@pytest.mark.django_db(transaction=True)
def test_many_charge_a_day_once(
    acf: Organisation, receive: Receive, at_once: Callable[..., list[Any]]
) -> None:
    with transaction.atomic():
        receive(400_00, on(2))
    counts = at_once(4, lambda _number: fees.charge_due(at=on(3)))
    assert sorted(counts) == [0, 0, 0, 1]
    assert held(acf) == 392_40


@pytest.mark.django_db
class TestTheBooks:
    def charge(self, acf: Organisation, **changes: Any) -> FeeCharge:
        terms: dict[str, Any] = {
            "organisation": acf, "day": date(2026, 11, 2), "receipts": 0, "fee": 0, "amount": 0, "owed": 0,
        }  # fmt: skip
        return FeeCharge.objects.create(**(terms | changes))

    @pytest.mark.parametrize(
        ("changes", "name"),
        [
            ({"amount": 1}, "charge_that_moves_money_has_its_transfer"),
            ({"owed": -1}, "fees_and_what_is_owed_are_not_negative"),
            ({"fee": 2, "receipts": 1}, "fees_are_a_part_of_receipts"),
        ],
    )
    def test_refuse_what_is_no_charge(self, acf: Organisation, changes: dict[str, int], name: str) -> None:
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            self.charge(acf, **changes)

    def test_charge_a_day_once(self, acf: Organisation) -> None:
        self.charge(acf)
        with pytest.raises(IntegrityError, match="day_is_charged_once"), transaction.atomic():
            self.charge(acf)

    def test_keep_what_was_charged(self, acf: Organisation) -> None:
        self.charge(acf)
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            FeeCharge.objects.update(fee=1)

    def test_let_nobody_serve_themselves_other_fees(self) -> None:
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            FeeBracket.objects.create(valid_from=date(2030, 1, 1), above=0, rate=0)

    @pytest.mark.bare_transfers
    def test_find_a_fee_that_was_never_charged(self, acf: Organisation, receive: Receive) -> None:
        receive(100_00, on(2))
        with transaction.atomic():
            ledger.post(
                ledger.Posting(
                    id=uuid7(),
                    source=ledger.wallet(acf.account),
                    target=ledger.system(LedgerAccount.Kind.FEES),
                    amount=1_00,
                    kind=Transfer.Kind.FEE,
                )
            )
            assert [breach.rule for breach in self_check.run()] == [
                "every fee has its charge, with its terms"
            ]
            transaction.set_rollback(True)


@pytest.mark.django_db(databases=["default", "owner"], transaction=True)
class TestBrackets:
    """As their owner, who alone writes them."""

    @pytest.mark.parametrize(
        ("row", "name"),
        [
            (("2030-01-01", 0, 191), "fees_are_never_above_their_highest"),
            (("2030-01-01", -1, 100), "fee_bracket_begins_at_an_amount"),
            (("2030-01-02", 0, 100), "fees_change_with_a_month"),
            (("2014-10-01", 0, 100), "fee_bracket_is_there_once"),
        ],
    )
    def test_refuse_what_is_none(
        self, as_owner: Callable[[str], None], row: tuple[str, int, int], name: str
    ) -> None:
        with pytest.raises(psycopg2.IntegrityError, match=name):
            as_owner(
                "INSERT INTO payments_feebracket (valid_from, above, rate) VALUES"
                f" ('{row[0]}', {row[1]}, {row[2]})"
            )

    def test_of_a_month_that_was_charged_stay(
        self, acf: Organisation, as_owner: Callable[[str], None]
    ) -> None:
        FeeCharge.objects.create(organisation=acf, day=date(2026, 11, 2), receipts=0, fee=0, amount=0, owed=0)
        with pytest.raises(psycopg2.IntegrityError, match="were charged already"):
            as_owner("INSERT INTO payments_feebracket (valid_from, above, rate) VALUES ('2026-11-01', 0, 1)")

    def test_are_never_changed(self, as_owner: Callable[[str], None]) -> None:
        with pytest.raises(psycopg2.Error, match="payments_feebracket"):
            as_owner("UPDATE payments_feebracket SET rate = 0")
