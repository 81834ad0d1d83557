"""The books hold whatever is asked of them, also around the code that asks."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable

import psycopg2
import pytest
from django.db import Error, IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from uuid_utils.compat import uuid7

from accounts.models import User
from payments import ledger, self_check
from payments.models import Balance, Entry, LedgerAccount, Transfer

pytestmark = pytest.mark.bare_transfers

CLEARING = LedgerAccount.Kind.CARD_CLEARING
TOP_UP = Transfer.Kind.TOP_UP
PAYMENT = Transfer.Kind.PAYMENT


def pay(source: LedgerAccount, target: LedgerAccount, amount: int) -> ledger.Posting:
    return ledger.Posting(id=uuid7(), source=source, target=target, amount=amount, kind=PAYMENT)


@pytest.mark.django_db
class TestPost:
    def test_moves_money_between_two_wallets(self, claire: User, armand: User) -> None:
        mine, theirs = ledger.wallet(claire), ledger.wallet(armand)
        ledger.post(pay(mine, theirs, 30_01))
        assert (ledger.balance(mine), ledger.balance(theirs)) == (69_99, 30_01)

    def test_moves_nothing_when_it_is_repeated(self, claire: User, armand: User) -> None:
        posting = pay(ledger.wallet(claire), ledger.wallet(armand), 10_00)
        assert [ledger.post(posting), ledger.post(posting)] == [1, 0]
        assert ledger.balance(ledger.wallet(armand)) == 10_00

    def test_refuses_a_known_id_with_other_terms(self, claire: User, armand: User) -> None:
        posting = pay(ledger.wallet(claire), ledger.wallet(armand), 10_00)
        ledger.post(posting)
        with pytest.raises(ledger.TermsDiffer), transaction.atomic():
            ledger.post(ledger.Posting(**(vars(posting) | {"amount": 10_01})))

    def test_refuses_to_overdraw_a_wallet(self, claire: User, armand: User) -> None:
        with pytest.raises(ledger.InsufficientFunds), transaction.atomic():
            ledger.post(pay(ledger.wallet(claire), ledger.wallet(armand), 100_01))
        assert ledger.balance(ledger.wallet(claire)) == 100_00

    def test_posts_all_or_none(self, claire: User, armand: User) -> None:
        mine, theirs = ledger.wallet(claire), ledger.wallet(armand)
        with pytest.raises(ledger.InsufficientFunds), transaction.atomic():
            ledger.post(pay(mine, theirs, 60_00), pay(mine, theirs, 60_00))
        assert ledger.balance(theirs) == 0

    def test_refuses_to_overdraw_an_appended_account(self, claire: User) -> None:
        fees = ledger.system(LedgerAccount.Kind.FEES)
        ledger.post(pay(ledger.wallet(claire), fees, 5_00))
        ledger.roll_up()
        ledger.post(pay(ledger.wallet(claire), fees, 1_00))
        with pytest.raises(ledger.InsufficientFunds), transaction.atomic():
            ledger.post(pay(fees, ledger.wallet(claire), 6_01))
        ledger.post(pay(fees, ledger.wallet(claire), 6_00))
        assert ledger.balance(fees) == 0

    def test_tells_the_balance_after_each_transfer(self, claire: User, armand: User) -> None:
        ledger.post(pay(ledger.wallet(claire), ledger.wallet(armand), 40_00))
        newest = ledger.transfers(ledger.wallet(claire))[0]
        assert (newest.source_after, newest.target_after) == (60_00, 40_00)


@pytest.mark.django_db
class TestAppend:
    def test_lets_a_wallet_be_appended_to_once(self, claire: User, armand: User) -> None:
        charity = ledger.wallet(armand)
        ledger.post(pay(ledger.wallet(claire), charity, 40_00))
        assert [ledger.append(charity), ledger.append(charity)] == [True, False]
        assert ledger.balance(charity) == 40_00

    def test_leaves_it_exact_and_never_overdrawn(self, claire: User, armand: User) -> None:
        charity, mine = ledger.wallet(armand), ledger.wallet(claire)
        ledger.post(pay(mine, charity, 40_00))
        ledger.append(charity)
        ledger.post(pay(mine, charity, 2_00))
        with pytest.raises(ledger.InsufficientFunds), transaction.atomic():
            ledger.post(pay(charity, mine, 42_01))
        ledger.post(pay(charity, mine, 41_00))
        ledger.roll_up()
        assert (ledger.balance(charity), ledger.balance(mine)) == (1_00, 99_00)


@pytest.mark.django_db
class TestRollUp:
    def test_leaves_every_balance_as_it_was(self, claire: User) -> None:
        clearing = ledger.system(CLEARING)
        before = ledger.balance(clearing)
        assert ledger.roll_up() > 0
        assert ledger.balance(clearing) == before
        assert not Entry.objects.exists()


@pytest.mark.django_db
class TestTransfers:
    def test_turns_pages_newest_first(self, claire: User, armand: User) -> None:
        mine = ledger.wallet(claire)
        for amount in (1, 2, 3):
            ledger.post(pay(mine, ledger.wallet(armand), amount))
        first = ledger.transfers(mine, limit=2)
        rest = ledger.transfers(mine, before=first[-1].number, limit=10)
        assert [row.amount for row in first + rest] == [3, 2, 1, 100_00]

    def test_is_in_the_order_of_booking_whatever_the_ids(self, claire: User, armand: User) -> None:
        """An order's payment has the order's id, made when it was placed, perhaps days before."""
        mine, theirs = ledger.wallet(claire), ledger.wallet(armand)
        old, new = pay(mine, theirs, 1), pay(mine, theirs, 2)
        ledger.post(new)
        ledger.post(old)
        assert [row.amount for row in ledger.transfers(theirs)] == [1, 2]


@pytest.mark.django_db
class TestBooks:
    """Around the domain: what the application's role may write by itself."""

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE payments_transfer SET amount = 1",
            "DELETE FROM payments_transfer",
            "TRUNCATE payments_transfer CASCADE",
            "INSERT INTO payments_entry (account_id, amount) VALUES (1, 1)",
            "UPDATE payments_balance SET amount = 1",
            "UPDATE payments_ledgeraccount SET kind = 'BANK'",
            "DELETE FROM payments_order",
            "UPDATE payments_orderevent SET status = 'PAID'",
            "ALTER TABLE payments_transfer DISABLE TRIGGER ALL",
            "SET session_replication_role = replica",
            "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE sql AS 'SELECT NULL'",
            "SELECT append_entry(1, 100)",
        ],
    )
    def test_are_closed_to_the_application(self, claire: User, statement: str) -> None:
        with pytest.raises(Error, match=r"permission denied|must be owner"), transaction.atomic():
            connection.cursor().execute(statement)

    @pytest.mark.django_db(transaction=True)
    def test_refuse_a_change_even_by_their_owner(self, as_owner: Callable[[str], None], claire: User) -> None:
        for statement in ("UPDATE payments_transfer SET amount = 1", "DELETE FROM payments_transfer"):
            with pytest.raises(psycopg2.Error, match="append-only"):
                as_owner(statement)

    @pytest.mark.parametrize(
        ("amount", "is_same", "constraint"),
        [
            (0, False, "transfer_moves_something"),
            (-5, False, "transfer_moves_something"),
            (5, True, "transfer_moves_between_two_accounts"),
        ],
    )
    def test_refuse_what_is_no_transfer(
        self, claire: User, armand: User, amount: int, is_same: bool, constraint: str
    ) -> None:
        mine = ledger.wallet(claire)
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            ledger.post(pay(mine if is_same else ledger.wallet(armand), mine, amount))

    def test_open_one_wallet_for_a_member(self, claire: User) -> None:
        with pytest.raises(IntegrityError, match="user_has_one_wallet"), transaction.atomic():
            LedgerAccount.objects.create(kind="WALLET", owner=claire)

    def test_open_no_wallet_without_an_owner(self) -> None:
        with pytest.raises(IntegrityError, match="wallet_has_an_owner"), transaction.atomic():
            LedgerAccount.objects.create(kind="WALLET")

    def test_open_a_system_account_once(self) -> None:
        ledger.system(CLEARING)
        with pytest.raises(IntegrityError, match="system_account_is_opened_once"), transaction.atomic():
            LedgerAccount.objects.create(kind=CLEARING)

    def test_open_a_balance_with_each_account(self, claire: User) -> None:
        assert Balance.objects.get(account=ledger.wallet(claire)).mode == Balance.Mode.STORED
        assert Balance.objects.get(account=ledger.system(CLEARING)).mode == Balance.Mode.APPEND


@pytest.mark.django_db(transaction=True)
class TestRaces:
    def test_opposite_transfers_never_wait_for_each_other(
        self, claire: User, armand: User, at_once: Callable[..., list[object]]
    ) -> None:
        """Unordered locks met 452 deadlocks in 1,200 such transfers."""
        mine, theirs = ledger.wallet(claire), ledger.wallet(armand)
        ledger.post(pay(mine, theirs, 50_00))

        def there_and_back(number: int) -> None:
            for _ in range(25):
                ledger.post(pay(mine, theirs, 1) if number % 2 else pay(theirs, mine, 1))

        assert at_once(8, there_and_back) == [None] * 8
        assert ledger.balance(mine) + ledger.balance(theirs) == 100_00

    def test_an_appended_account_is_exact_while_it_is_rolled_up(
        self, claire: User, at_once: Callable[..., list[object]]
    ) -> None:
        fees = ledger.system(LedgerAccount.Kind.FEES)
        mine = ledger.wallet(claire)
        done = threading.Event()

        def work(number: int) -> list[int]:
            if number == 0:
                for _ in range(40):
                    ledger.post(pay(mine, fees, 1_00))
                done.set()
                return []
            if number == 1:
                while not done.is_set():
                    ledger.roll_up()
                return []
            seen = []
            while not done.is_set():
                with transaction.atomic():
                    seen.append(ledger.balance(fees))
            return seen

        seen = at_once(3, work)[2]
        assert isinstance(seen, list)
        assert seen == sorted(seen)
        assert all(amount % 1_00 == 0 for amount in seen)
        assert ledger.balance(fees) == 40_00

    def test_an_appended_wallet_is_spent_once(
        self, claire: User, armand: User, at_once: Callable[..., list[object]]
    ) -> None:
        charity, fees = ledger.wallet(armand), ledger.system(LedgerAccount.Kind.FEES)
        ledger.append(charity)
        ledger.post(pay(ledger.wallet(claire), charity, 3_00))
        results = at_once(12, lambda _number: ledger.post(pay(charity, fees, 1_00)))
        assert results.count(1) == 3
        assert sum(isinstance(result, ledger.InsufficientFunds) for result in results) == 9
        assert ledger.balance(charity) == 0

    def test_an_appended_wallet_is_exact_while_everybody_pays_it(
        self, claire: User, armand: User, lea: User, at_once: Callable[..., list[object]]
    ) -> None:
        """At every moment that somebody asks, with payments, spending and rolling up at once."""
        charity, theirs = ledger.wallet(armand), ledger.wallet(lea)
        ledger.append(charity)
        done = threading.Event()

        def work(number: int) -> list[tuple[int, int]]:
            if number == 0:
                for _ in range(60):
                    ledger.post(pay(ledger.wallet(claire), charity, 1_00))
                done.set()
            seen = []
            while not done.is_set():
                if number == 1:
                    ledger.roll_up()
                elif number in {2, 3}:
                    with contextlib.suppress(ledger.InsufficientFunds):
                        ledger.post(pay(charity, theirs, 50))
                else:
                    seen.append(told_and_moved(charity))
            return seen

        *_others, seen, again = at_once(6, work)
        assert isinstance(seen, list)
        assert isinstance(again, list)
        assert seen
        assert all(told == moved >= 0 for told, moved in seen + again)
        assert ledger.balance(charity) + ledger.balance(theirs) == 60_00


def told_and_moved(account: LedgerAccount) -> tuple[int, int]:
    """Its balance, and the sum of its transfers, at one moment."""
    with transaction.atomic():
        connection.cursor().execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        moved = sum(
            row.amount if row.target_id == account.pk else -row.amount
            for row in ledger.transfers(account, limit=10_000)
        )
        return ledger.balance(account), moved


@pytest.mark.django_db
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(1, 90_00)), max_size=12))
def test_books_balance_after_any_transfers(
    claire: User, armand: User, lea: User, steps: list[tuple[int, int, int]]
) -> None:
    with transaction.atomic():
        places = [ledger.wallet(person) for person in (claire, armand, lea)] + [ledger.system(CLEARING)]
        ledger.append(places[2])
        model = {place.pk: ledger.balance(place) for place in places}
        for source, target, amount in steps:
            if source == target:
                continue
            a, b = places[source], places[target]
            if a.kind == "WALLET" and model[a.pk] < amount:
                with pytest.raises(ledger.InsufficientFunds), transaction.atomic():
                    ledger.post(pay(a, b, amount))
                continue
            ledger.post(pay(a, b, amount))
            model[a.pk] -= amount
            model[b.pk] += amount
        assert {place.pk: ledger.balance(place) for place in places} == model
        books = [breach.rule for breach in self_check.run()]
        assert not [
            rule
            for rule in books
            if rule not in {"every payment has its order", "every top-up has its funding"}
        ]
        transaction.set_rollback(True)
