"""Cashing out: reserved under the payer's lock, one file, one end, back once, whatever the bank says."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils import timezone

from accounts import codes, freezes
from accounts.models import Device, SecretCode, User
from launch.people import until
from payments import (
    bank_accounts,
    bank_answers,
    halts,
    ledger,
    limits,
    own_limits,
    payout_batches,
    payout_limits,
    payouts,
    proofs,
    risk,
    self_check,
    standstill,
    strong,
)
from payments.models import (
    BankAccount,
    LedgerAccount,
    Notification,
    OwnLimit,
    Payout,
    PayoutBatch,
    PayoutEvent,
    Refund,
    Transfer,
)
from sandbox.bank import files
from tests.payments import answers
from tests.people import CODE, agreed, bank_account, hurried, known_device, load, place

IBAN = "FR1420041010050500013M02606"
Outcome = list[Any]
BROKEN = [self_check.Breach("a balance equals its transfers", 1)]
SHOWN: dict[str, Any] = {"factor": "PASSKEY", "passkey_id": 1}


def balance(user: User) -> int:
    return ledger.balance(ledger.wallet(user))


def of_system(kind: LedgerAccount.Kind) -> int:
    return ledger.balance(ledger.system(kind))


def ask(account: BankAccount, amount: int = 40_00, key: UUID | None = None, code: str = CODE) -> Payout:
    proof = agreed(proofs.of_payout(account, amount=amount), account.user)
    return payouts.request(account, amount=amount, code=code, key=key or uuid4(), proof=proof)


def exported(account: BankAccount, amount: int = 40_00) -> Payout:
    """On its way to the bank, in a file of its own."""
    payout = ask(account, amount)
    assert payout_batches.export_due() == 1
    return again(payout)


def again(payout: Payout) -> Payout:
    return Payout.objects.select_related("batch", "bank_account").get(pk=payout.pk)


@pytest.fixture
def account(claire: User, with_code: Callable[[User], User]) -> BankAccount:
    return bank_account(with_code(claire))


@pytest.mark.django_db(transaction=True)
class TestRequest:
    def test_reserves_the_money(self, claire: User, account: BankAccount) -> None:
        payout = ask(account, 40_00)
        assert (payout.status, payout.reservation_id) == ("REQUESTED", payout.pk)
        assert (balance(claire), of_system(LedgerAccount.Kind.PAYOUT)) == (60_00, 40_00)
        assert Notification.objects.get(payout=payout).kind == "PAYOUT_REQUESTED"

    def test_takes_all_and_no_more(self, claire: User, account: BankAccount) -> None:
        ask(account, 100_00)
        assert balance(claire) == 0
        with pytest.raises(payouts.InsufficientFunds) as short:
            ask(account, 1_00)
        assert short.value.available == 0

    def test_is_not_for_the_frozen(self, claire: User, account: BankAccount) -> None:
        freezes.freeze(claire, reason="a stolen phone")
        with pytest.raises(freezes.Frozen):
            ask(account, 40_00)
        assert balance(claire) == 100_00

    def test_waits_while_the_member_is_frozen(self, claire: User, account: BankAccount) -> None:
        payout = ask(account, 40_00)
        freezes.freeze(claire, reason="this was not me")
        payout_batches.export_due()
        payout.refresh_from_db()
        assert payout.status == "REQUESTED"

    def test_wants_the_code_and_counts_a_wrong_one(self, claire: User, account: BankAccount) -> None:
        with pytest.raises(codes.WrongCode):
            ask(account, 40_00, code="000001")
        assert SecretCode.objects.get(user=claire).tries == 1
        assert (balance(claire), Payout.objects.count()) == (100_00, 0)

    def test_refuses_less_than_a_euro_before_the_code(self, claire: User, account: BankAccount) -> None:
        with pytest.raises(payouts.TooSmall):
            ask(account, 99, code="000001")
        assert SecretCode.objects.get(user=claire).tries == 0

    @pytest.mark.parametrize("outcome", ["CLOSE", "NO_MATCH", "NOT_POSSIBLE"])
    def test_waits_for_the_members_choice_on_a_name(
        self, claire: User, account: BankAccount, outcome: str
    ) -> None:
        bank_accounts.remove(account)
        doubtful = bank_account(claire, outcome=outcome)
        with pytest.raises(payouts.AccountNotUsable):
            ask(doubtful)
        assert ask(bank_accounts.accept(doubtful)).status == "REQUESTED"

    def test_refuses_an_account_that_was_removed(self, account: BankAccount) -> None:
        bank_accounts.remove(account)
        with pytest.raises(payouts.AccountNotUsable):
            ask(account)

    def test_asks_once_for_a_form_that_is_sent_twice(self, claire: User, account: BankAccount) -> None:
        key = uuid4()
        assert ask(account, 40_00, key) == ask(account, 40_00, key)
        assert balance(claire) == 60_00
        assert ask(account, 10_00, key).amount == 10_00, "filled in otherwise, it is another form"
        assert balance(claire) == 50_00


@pytest.mark.django_db(transaction=True)
class TestProof:
    """PSD2: whoever lets money leave shows a known device or a passkey beside the code."""

    def test_is_asked_for_before_a_try_at_the_code(self, claire: User, account: BankAccount) -> None:
        with pytest.raises(strong.ProofNeeded):
            payouts.request(account, amount=1_00, code="000001", key=uuid4())
        assert SecretCode.objects.get(user=claire).tries == 0

    def test_is_kept(self, claire: User, account: BankAccount) -> None:
        payout = ask(account)
        assert (payout.factor, payout.device) == ("DEVICE", known_device(claire))

    def test_is_of_that_amount_and_account(self, claire: User, lea: User, account: BankAccount) -> None:
        other = bank_account(lea, number="FR7630004000310001010000158")
        for terms in (
            proofs.of_payout(account, amount=39_99),
            proofs.of_payout(other, amount=40_00),
            proofs.of_account(claire, iban=IBAN),
        ):
            with pytest.raises(strong.ProofRejected):
                payouts.request(account, amount=40_00, code=CODE, key=uuid4(), proof=agreed(terms, claire))
        assert balance(claire) == 100_00

    def test_is_fresh_and_their_own(self, claire: User, lea: User, account: BankAccount) -> None:
        terms = proofs.of_payout(account, amount=40_00)
        forgotten = Device.objects.create(
            user=claire,
            name="x",
            digest="x",
            registered_at=timezone.now(),
            last_used_at=timezone.now(),
            removed_at=timezone.now(),
        )
        for proof in (
            agreed(terms, lea),
            proofs.by_device(terms, forgotten, at=timezone.now()),
            proofs.by_passkey(terms, 1, at=timezone.now()),
            proofs.by_device(terms, known_device(claire), at=timezone.now() - timedelta(minutes=6)),
        ):
            with pytest.raises(strong.ProofRejected):
                payouts.request(account, amount=40_00, code=CODE, key=uuid4(), proof=proof)

    def test_is_asked_for_by_the_database(self, account: BankAccount) -> None:
        key = load(account.user, 1_00).pk
        with pytest.raises(IntegrityError, match="a known device or a passkey"):
            Payout.objects.create(
                id=key, user=account.user, bank_account=account, amount=1, form_key=key, reservation_id=key
            )
        with pytest.raises(IntegrityError, match="payout_names_what_was_shown"):
            Payout.objects.create(
                id=key,
                user=account.user,
                bank_account=account,
                amount=1,
                form_key=key,
                reservation_id=key,
                factor="DEVICE",
            )
        with pytest.raises(IntegrityError, match="a known device or a passkey"):
            BankAccount.objects.create(user=account.user, iban=b"", fingerprint="1", outcome="MATCH")
        with pytest.raises(IntegrityError, match="bank_account_names_what_was_shown"):
            BankAccount.objects.create(
                user=account.user, iban=b"", fingerprint="1", outcome="MATCH", factor="PASSKEY"
            )


@pytest.mark.django_db(transaction=True)
class TestLimits:
    @pytest.fixture
    def account(self, account: BankAccount) -> BankAccount:
        """Claire has more than she may cash out."""
        load(account.user, 2_000_00)
        return account

    def test_counts_what_left_and_what_waits(self, claire: User, account: BankAccount) -> None:
        for amount in (400_00, 500_00):
            ask(account, amount)
        with pytest.raises(limits.OverLimit) as over:
            ask(account, 100_01)
        assert (over.value.limit, over.value.allowed) == ("PAYOUT_DAY", 100_00)
        assert payout_limits.left(payout_limits.standing(claire)) == 100_00

    def test_makes_room_for_what_never_left_or_came_back(self, claire: User, account: BankAccount) -> None:
        payouts.cancel(ask(account, 900_00))
        bank_answers.take(answers.refused(exported(account, 100_00)))
        assert payout_limits.left(payout_limits.standing(claire)) == 1_000_00

    def test_is_ones_own_where_that_is_lower(self, claire: User, account: BankAccount) -> None:
        own_limits.ask(claire, {OwnLimit.Name.PAYOUT_DAY: 50_00})
        with pytest.raises(limits.OverLimit) as over:
            ask(account, 50_01)
        assert over.value.is_own

    def test_begins_anew_after_a_day_and_after_thirty(self, claire: User, account: BankAccount) -> None:
        ask(account, 900_00)
        for days, left in ((2, 1_000_00), (31, 1_000_00)):
            at = timezone.now() - timedelta(days=days)
            Payout.objects.update(requested_at=at)
            assert payout_limits.left(payout_limits.standing(claire)) == left
        used = payout_limits.standing(claire).used
        assert (used["PAYOUT_DAY"], used["PAYOUT_MONTH"]) == (0, 0)


@pytest.mark.django_db(transaction=True)
class TestWaits:
    """More than 100 euros a day waits while something about the member is new."""

    @pytest.fixture
    def old(self, claire: User, with_code: Callable[[User], User]) -> BankAccount:
        """Everything of Claire's is days old."""
        load(with_code(claire), 900_00)
        since = timezone.now() - timedelta(days=3)
        User.objects.filter(pk=claire.pk).update(
            joined_at=since, phone_verified_at=since, password_changed_at=since
        )
        SecretCode.objects.update(changed_at=since)
        account = bank_account(claire)
        BankAccount.objects.update(checked_at=since)
        return account

    def test_for_nothing_where_all_is_old(self, old: BankAccount) -> None:
        assert ask(old, 500_00).waits_until is None

    def test_for_a_new_bank_account(self, old: BankAccount) -> None:
        BankAccount.objects.update(checked_at=timezone.now() - timedelta(hours=23))
        assert ask(old, 100_01).is_waiting

    @pytest.mark.parametrize("what", ["phone_verified_at", "password_changed_at"])
    def test_for_a_new_number_or_password(self, old: BankAccount, what: str) -> None:
        User.objects.filter(pk=old.user_id).update(**{what: timezone.now()})
        assert ask(old, 100_01).is_waiting

    def test_for_a_new_code(self, old: BankAccount) -> None:
        SecretCode.objects.update(changed_at=timezone.now())
        assert ask(old, 100_01).is_waiting

    def test_for_a_new_device(self, old: BankAccount) -> None:
        Device.objects.update(registered_at=timezone.now(), last_used_at=timezone.now())
        assert ask(old, 100_01).is_waiting

    def test_counts_small_ones_together(self, claire: User, account: BankAccount) -> None:
        load(claire, 100_00)
        assert [ask(account, 60_00).is_waiting for _ in range(2)] == [False, True]

    def test_is_told_and_left_out_of_files_until_then(self, claire: User, account: BankAccount) -> None:
        load(claire, 100_00)
        payout = ask(account, 150_00)
        assert Notification.objects.get(payout=payout).kind == "PAYOUT_WAITS"
        assert payout_batches.export_due() == 0
        with pytest.raises(IntegrityError, match="it waits until"), transaction.atomic():
            payouts.export(
                [payout],
                batch=PayoutBatch.objects.create(
                    way="API", document=b"", digest="", count=1, control_sum=150_00
                ),
            )
        assert self_check.run() == []
        payouts.cancel(payout)
        assert balance(claire) == 200_00

    def test_leaves_when_its_time_has_come(
        self, account: BankAccount, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        load(account.user, 100_00)
        since = timezone.now() - payout_limits.NEW + timedelta(milliseconds=300)
        BankAccount.objects.update(checked_at=since)
        User.objects.update(joined_at=timezone.now())
        payout = ask(account, 150_00)
        until(lambda: payout_batches.export_due() == 1, "it never left")
        assert again(payout).status == "EXPORTED"

    def test_is_not_shortened(self, claire: User, account: BankAccount) -> None:
        load(claire, 100_00)
        payout = ask(account, 150_00)
        with pytest.raises(IntegrityError, match="append-only"):
            Payout.objects.filter(pk=payout.pk).update(waits_until=None)

    def test_frozen_or_waiting_is_not_stuck(self, claire: User, account: BankAccount) -> None:
        """Else a frozen member would stop everybody's money."""
        payout = ask(account, 40_00)
        freezes.freeze(claire, reason="x")
        Payout.objects.filter(pk=payout.pk).update(requested_at=timezone.now() - timedelta(days=2))
        assert self_check.run() == []


@pytest.mark.django_db(transaction=True)
class TestHalt:
    def test_refuses_before_a_try_at_the_code(self, claire: User, account: BankAccount) -> None:
        halts.halt_for(BROKEN)
        with pytest.raises(standstill.MoneyStandsStill):
            ask(account, 40_00, code="000001")
        assert SecretCode.objects.get(user=claire).tries == 0

    def test_makes_and_sends_no_file(self, claire: User, account: BankAccount) -> None:
        batch = exported(account, 10_00).batch
        ask(account, 40_00)
        halts.halt_for(BROKEN)
        assert (payout_batches.export_due(), payout_batches.send_due()) == (0, 0)
        with pytest.raises(standstill.MoneyStandsStill):
            payout_batches.carry()
        with pytest.raises(CommandError, match="Money stands still"):
            call_command("payouts", "export", "/nowhere/a-file.xml")
        assert list(PayoutBatch.objects.all()) == [batch]

    def test_is_held_by_the_database(self, claire: User, account: BankAccount) -> None:
        halts.halt_for(BROKEN)
        with pytest.raises(OperationalError, match="money stands still"):
            PayoutBatch.objects.create(way="API", document=b"", digest="", count=1, control_sum=1)
        with pytest.raises(OperationalError, match="money stands still"):
            Refund.objects.create(origin="PAYEE", amount=1)


@pytest.mark.django_db(transaction=True)
class TestCancel:
    def test_gives_the_money_back_once(self, claire: User, account: BankAccount) -> None:
        payout = payouts.cancel(ask(account))
        assert (payout.status, balance(claire)) == ("CANCELLED", 100_00)
        with pytest.raises(payouts.PayoutClosed):
            payouts.cancel(payout)
        assert (balance(claire), of_system(LedgerAccount.Kind.PAYOUT)) == (100_00, 0)

    def test_comes_too_late_for_a_file(self, claire: User, account: BankAccount) -> None:
        payout = exported(account)
        with pytest.raises(payouts.PayoutClosed):
            payouts.cancel(payout)
        assert balance(claire) == 60_00


@pytest.mark.django_db(transaction=True)
class TestRemovedAccount:
    """The member is told of a new account so that they can remove it if it was not them."""

    def test_gives_back_what_waits_to_go_there(self, claire: User, account: BankAccount) -> None:
        load(claire, 100_00)
        elsewhere = ask(bank_account(claire, number="FR7630004000310001010000158"), 10_00)
        waits = ask(account, 150_00)
        assert waits.is_waiting
        bank_accounts.remove(account)
        assert (again(waits).status, again(elsewhere).status) == ("CANCELLED", "REQUESTED")
        assert balance(claire) == 190_00

    def test_leaves_to_the_bank_what_is_in_a_file(self, claire: User, account: BankAccount) -> None:
        payout = exported(account)
        bank_accounts.remove(account)
        assert (again(payout).status, balance(claire)) == ("EXPORTED", 60_00)

    def test_waits_for_a_request_that_has_found_it_usable(
        self,
        claire: User,
        account: BankAccount,
        at_once: Callable[[int, Callable[[int], Any]], Outcome],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        is_read, is_tried, checked = threading.Event(), threading.Event(), payouts._checked  # noqa: SLF001  # where the account was read

        def check_later(*args: Any, **facts: Any) -> Payout:
            is_read.set()
            assert is_tried.wait(20)
            return checked(*args, **facts)

        def run(number: int) -> object:
            if not number:
                return ask(account)
            assert is_read.wait(20)
            try:
                return hurried(lambda: bank_accounts.remove(account))
            finally:
                is_tried.set()

        monkeypatch.setattr(payouts, "_checked", check_later)
        payout, removed = at_once(2, run)
        assert (type(payout), type(removed)) == (Payout, OperationalError)
        bank_accounts.remove(account)
        assert (again(payout).status, balance(claire)) == ("CANCELLED", 100_00)


@pytest.mark.django_db(transaction=True)
class TestFile:
    def test_asks_for_what_was_reserved(self, claire: User, account: BankAccount) -> None:
        payout = exported(account)
        batch = payout.batch
        assert batch is not None
        asked = files.read(payout_batches.document(batch))
        (wish,) = asked.wishes
        assert (asked.message_id, asked.payer) == (batch.message_id, "FR7630006000011234567890189")
        assert (wish.end_to_end_id, wish.iban, wish.amount) == (payout.pk.hex, IBAN, 40_00)
        assert wish.name == "Claire Martin"
        assert (batch.count, batch.control_sum) == (1, 40_00)

    def test_is_not_made_of_nothing(self, account: BankAccount) -> None:
        assert payout_batches.export_due() == 0
        assert payout_batches.carry() is None

    def test_leaves_out_what_was_cancelled(self, account: BankAccount) -> None:
        payouts.cancel(ask(account))
        assert payout_batches.export_due() == 0

    def test_prints_names_as_banks_do(self, claire: User, account: BankAccount) -> None:
        bank_accounts.remove(account)
        claire.name = "Zoë L’Œil & Çelik"
        payout = exported(bank_account(claire))
        assert payout.batch
        assert files.read(payout_batches.document(payout.batch)).wishes[0].name == "Zoe L'OEil & Celik"

    def test_keeps_no_account_number_in_clear(self, account: BankAccount) -> None:
        exported(account)
        ask(account, 10_00)
        with connection.cursor() as cursor:
            for table in ("bankaccount", "payout", "payoutbatch", "payoutevent", "notification", "delivery"):
                cursor.execute(f"SELECT t::text FROM payments_{table} t")
                assert not [row for row in cursor.fetchall() if IBAN in row[0] or IBAN[4:14] in row[0]]

    def test_carried_by_an_operator_is_never_sent_as_well(self, account: BankAccount) -> None:
        ask(account)
        batch = payout_batches.carry()
        assert batch is not None
        assert payout_batches.send_due() == 0
        assert payout_batches.carried(batch.message_id) == batch

    def test_sent_by_ourselves_is_never_carried_as_well(self, account: BankAccount) -> None:
        batch = exported(account).batch
        assert batch is not None
        with pytest.raises(payout_batches.NotCarried):
            payout_batches.carried(batch.message_id)


@pytest.mark.django_db(transaction=True)
class TestAnswer:
    def test_settles_once(self, claire: User, account: BankAccount) -> None:
        payout = exported(account)
        assert [bank_answers.take(answers.paid(payout)).taken for _ in range(3)] == [1, 0, 0]
        assert again(payout).status == "SETTLED"
        assert (balance(claire), of_system(LedgerAccount.Kind.BANK)) == (60_00, 40_00)
        assert Notification.objects.filter(payout=payout, kind="PAYOUT_ARRIVED").count() == 1

    def test_refused_is_on_the_wallet_once(self, claire: User, account: BankAccount) -> None:
        payout = exported(account)
        assert [bank_answers.take(answers.refused(payout)).taken for _ in range(3)] == [1, 0, 0]
        payout = again(payout)
        assert (payout.status, payout.reason, balance(claire)) == ("REJECTED", "AC04", 100_00)
        assert Notification.objects.filter(payout=payout, kind="PAYOUT_RETURNED").count() == 1

    @pytest.mark.parametrize("says", [answers.refused, answers.returned])
    def test_that_came_back_is_known_to_the_rules(
        self, claire: User, armand: User, account: BankAccount, says: Callable[..., bytes]
    ) -> None:
        payout, order = exported(account), place(claire, armand)
        assert not risk.gather(order).had_funds_returned
        bank_answers.take(says(payout))
        assert risk.gather(order).had_funds_returned

    def test_sent_back_is_on_the_wallet_once(self, claire: User, account: BankAccount) -> None:
        payout = exported(account)
        bank_answers.take(answers.paid(payout))
        assert [bank_answers.take(answers.returned(payout)).taken for _ in range(3)] == [1, 0, 0]
        payout = again(payout)
        assert (payout.status, payout.reason, balance(claire)) == ("RETURNED", "MD07", 100_00)
        assert of_system(LedgerAccount.Kind.BANK) == 0

    @pytest.mark.parametrize(
        "order",
        [
            order
            for length in (1, 2, 3)
            for order in itertools.product(("paid", "returned", "refused"), repeat=length)
            if {"returned", "refused"} & set(order)
        ],
        ids=",".join,
    )
    def test_credits_once_in_whatever_order(
        self, claire: User, account: BankAccount, order: tuple[str, ...]
    ) -> None:
        """Paid and then refused is a contradiction: the money is back when a statement says so."""
        payout = exported(account)
        written = {name: getattr(answers, name)(payout) for name in set(order)}
        for name in order:
            bank_answers.take(written[name])
        is_back = "returned" in order or order.index("refused") < (
            order.index("paid") if "paid" in order else len(order)
        )
        assert balance(claire) == (100_00 if is_back else 60_00)
        credits_ = Transfer.objects.filter(kind=Transfer.Kind.PAYOUT_BACK)
        assert credits_.count() == is_back

    @pytest.mark.parametrize("write", [answers.paid, answers.returned, answers.refused])
    @pytest.mark.parametrize("amount", [39_99, 40_01, 0, 4_000_00])
    def test_of_another_amount_is_refused_and_alarmed(
        self,
        claire: User,
        account: BankAccount,
        caplog: pytest.LogCaptureFixture,
        write: Callable[..., bytes],
        amount: int,
    ) -> None:
        payout = exported(account)
        assert bank_answers.take(write(payout, amount=amount)).refused == 1
        assert (again(payout).status, balance(claire)) == ("EXPORTED", 60_00)
        assert "CRITICAL" in caplog.text

    def test_of_another_amount_is_refused_when_it_is_over_too(
        self, claire: User, account: BankAccount
    ) -> None:
        payout = exported(account)
        bank_answers.take(answers.paid(payout))
        assert bank_answers.take(answers.returned(payout, amount=80_00)).refused == 1
        assert balance(claire) == 60_00

    def test_of_an_unknown_payout_is_refused_and_alarmed(
        self, account: BankAccount, caplog: pytest.LogCaptureFixture
    ) -> None:
        payout = Payout(bank_account=account, amount=40_00)
        for written in (answers.paid(payout), answers.returned(payout), answers.refused(payout)):
            assert bank_answers.take(written).refused == 1
        assert caplog.text.count("not believed") >= 3

    def test_of_what_is_no_payout_is_left_alone(self, account: BankAccount) -> None:
        payout = exported(account)
        salary = answers.paid(payout).replace(payout.pk.hex.encode(), b"SALARY 11/2026")
        tally = bank_answers.take(salary)
        assert (tally.others, tally.taken, tally.refused) == (1, 0, 0)

    def test_keeps_nothing_else_of_its_file_from_being_taken(
        self, claire: User, account: BankAccount
    ) -> None:
        payout = exported(account)
        stranger = Payout(bank_account=account, amount=1_00)
        tally = bank_answers.take(answers.paid(stranger, payout))
        assert (tally.taken, tally.refused) == (1, 1)

    def test_on_a_file_that_it_was_not_in_is_refused(self, claire: User, account: BankAccount) -> None:
        payout = exported(account, 40_00)
        other = exported(account, 10_00)
        assert other.batch
        written = answers.refused(payout, message_id=other.batch.message_id)
        assert bank_answers.take(written).refused == 1
        assert balance(claire) == 50_00

    def test_on_what_never_left_is_refused(self, claire: User, account: BankAccount) -> None:
        waits, cancelled = ask(account, 10_00), payouts.cancel(ask(account, 5_00))
        for payout in (waits, cancelled):
            for written in (answers.paid(payout), answers.returned(payout), answers.refused(payout)):
                assert bank_answers.take(written).refused == 1
        assert balance(claire) == 90_00

    def test_of_another_account_is_refused(self, claire: User, account: BankAccount) -> None:
        payout = exported(account)
        written = answers.returned(payout).replace(b"FR7630006000011234567890189", IBAN.encode())
        assert bank_answers.take(written).refused == 1
        assert balance(claire) == 60_00

    def test_money_from_somebody_who_knows_our_number_is_no_return(
        self, claire: User, account: BankAccount
    ) -> None:
        """Anybody can write any reference on a transfer to us; a return has its reason."""
        payout = exported(account)
        bank_answers.take(answers.paid(payout))
        gift = answers.returned(payout).replace(b"<RtrInf><Rsn><Cd>MD07</Cd></Rsn></RtrInf>", b"")
        assert bank_answers.take(gift.replace(b"RRTN", b"ESCT")).taken == 0
        assert balance(claire) == 60_00

    def test_on_a_whole_file_is_on_each_of_its_payouts(self, claire: User, account: BankAccount) -> None:
        ask(account, 10_00)
        batch = exported(account, 20_00).batch
        assert batch is not None
        other_sum = answers.refused_file(batch.message_id, count=2, control_sum=40_00)
        assert bank_answers.take(other_sum).refused == 1
        written = answers.refused_file(batch.message_id, count=2, control_sum=30_00)
        assert [bank_answers.take(written).taken for _ in range(2)] == [2, 0]
        assert balance(claire) == 100_00

    def test_on_a_whole_file_that_names_who_offends_is_on_the_others_too(
        self, claire: User, account: BankAccount
    ) -> None:
        other = ask(account, 10_00)
        written = answers.refused(exported(account, 20_00), group="RJCT")
        assert again(other).status == "EXPORTED"
        assert [bank_answers.take(written).taken for _ in range(2)] == [2, 0]
        assert (again(other).status, balance(claire)) == ("REJECTED", 100_00)

    @pytest.mark.parametrize("change", [{"amount": 20_01}, {"group": "PART"}, {"stranger": True}])
    def test_on_some_of_a_file_is_on_no_others(
        self, claire: User, account: BankAccount, change: dict[str, Any]
    ) -> None:
        other = ask(account, 10_00)
        payout = exported(account, 20_00)
        told = [payout, *([Payout(bank_account=account, amount=1_00)] if "stranger" in change else [])]
        group = change.get("group", "RJCT")
        bank_answers.take(answers.refused(*told, amount=change.get("amount"), group=group))
        assert (again(other).status, balance(claire)) == ("EXPORTED", 70_00 if "amount" in change else 90_00)

    def test_not_booked_yet_says_nothing(self, account: BankAccount) -> None:
        payout = exported(account)
        bank_answers.take(answers.paid(payout).replace(b"BOOK", b"PDNG"))
        assert again(payout).status == "EXPORTED"


@pytest.mark.django_db(transaction=True)
class TestRaces:
    def test_two_requests_over_one_balance_reserve_it_once(
        self, claire: User, account: BankAccount, at_once: Callable[[int, Callable[[int], Any]], Outcome]
    ) -> None:
        """Five at most: more codes at once than may be wrong are refused unread."""
        results = at_once(5, lambda _: ask(account, 60_00))
        assert sum(isinstance(it, Payout) for it in results) == 1
        assert sum(isinstance(it, payouts.InsufficientFunds) for it in results) == 4
        assert balance(claire) == 40_00

    def test_one_form_sent_by_many_reserves_once(
        self, claire: User, account: BankAccount, at_once: Callable[[int, Callable[[int], Any]], Outcome]
    ) -> None:
        key = uuid4()
        results = at_once(5, lambda _: ask(account, 10_00, key))
        assert len({it.pk for it in results}) == 1
        assert balance(claire) == 90_00

    def test_a_return_read_fifty_times_at_once_credits_once(
        self, claire: User, account: BankAccount, at_once: Callable[[int, Callable[[int], Any]], Outcome]
    ) -> None:
        payout = exported(account)
        written = answers.returned(payout)
        results = at_once(50, lambda _: bank_answers.take(written).taken)
        assert sorted(results) == [0] * 49 + [1]
        assert balance(claire) == 100_00

    def test_refused_and_returned_at_once_credits_once(
        self, claire: User, account: BankAccount, at_once: Callable[[int, Callable[[int], Any]], Outcome]
    ) -> None:
        payout = exported(account)
        written = [answers.refused(payout), answers.returned(payout), answers.paid(payout)]
        at_once(12, lambda number: bank_answers.take(written[number % 3]))
        assert balance(claire) <= 100_00
        bank_answers.take(written[1])
        assert balance(claire) == 100_00

    def test_a_payout_is_in_one_file(
        self, claire: User, account: BankAccount, at_once: Callable[[int, Callable[[int], Any]], Outcome]
    ) -> None:
        for _ in range(5):
            ask(account, 5_00)
        at_once(6, lambda _: payout_batches.export_due())
        assert sum(batch.count for batch in PayoutBatch.objects.all()) == 5

    def test_a_file_waits_for_nobody_and_leaves_out_what_somebody_holds(
        self, claire: User, account: BankAccount, at_once: Callable[[int, Callable[[int], Any]], Outcome]
    ) -> None:
        held, free = ask(account, 5_00), ask(account, 6_00)
        with transaction.atomic():
            payouts._lock(held.pk)  # noqa: SLF001  # as a member who is about to cancel it
            (files_,) = at_once(1, lambda _: hurried(payout_batches.export_due))
        assert (files_, again(held).status, again(free).status) == (1, "REQUESTED", "EXPORTED")

    def test_limit_of_a_day_is_not_raced_past(
        self, claire: User, account: BankAccount, at_once: Callable[[int, Callable[[int], Any]], Outcome]
    ) -> None:
        load(claire, 2_000_00)
        shown = strong.Shown(shown_at=timezone.now(), device_id=known_device(claire).pk)
        results = at_once(
            12,
            lambda _: payouts._reserve(account, amount=300_00, key=uuid4(), shown=shown),  # noqa: SLF001  # hashing would put them in a row
        )
        assert sum(isinstance(it, Payout) for it in results) == 3
        assert sum(isinstance(it, limits.OverLimit) for it in results) == 9

    def test_cancelled_or_exported_but_not_both(
        self, claire: User, account: BankAccount, at_once: Callable[[int, Callable[[int], Any]], Outcome]
    ) -> None:
        payout = ask(account, 5_00)
        cancelled, files_ = at_once(
            2, lambda number: payout_batches.export_due() if number else payouts.cancel(payout)
        )
        assert isinstance(cancelled, Payout) != (files_ == 1)
        assert balance(claire) == (100_00 if isinstance(cancelled, Payout) else 95_00)


@pytest.mark.django_db(transaction=True)
class TestTable:
    def test_is_reserved_by_its_own_number(self, account: BankAccount) -> None:
        with pytest.raises(IntegrityError, match="payout_is_reserved_by_its_own_number"):
            Payout.objects.create(
                user=account.user,
                bank_account=account,
                amount=1_00,
                form_key=uuid4(),
                reservation_id=uuid4(),
                **SHOWN,
            )

    @pytest.mark.parametrize("status", ["SETTLED", "RETURNED", "CANCELLED", "REJECTED"])
    def test_has_the_transfers_of_its_status(self, account: BankAccount, status: str) -> None:
        payout = ask(account)
        batch = None
        if status != "CANCELLED":
            batch = exported(account, 1_00).batch
        with pytest.raises(
            IntegrityError, match=r"payout_has_the_transfers_of_its_status|exported_payout_has_its_file"
        ):
            Payout.objects.filter(pk=payout.pk).update(status=status, batch=batch)

    def test_exported_has_its_file(self, account: BankAccount) -> None:
        payout = ask(account)
        with pytest.raises(IntegrityError, match="exported_payout_has_its_file"):
            Payout.objects.filter(pk=payout.pk).update(status="EXPORTED")

    def test_pays_something(self, account: BankAccount) -> None:
        key = load(account.user, 1_00).pk
        with pytest.raises(IntegrityError, match="payout_pays_something"):
            Payout.objects.create(
                id=key,
                user=account.user,
                bank_account=account,
                amount=0,
                form_key=key,
                reservation_id=key,
                **SHOWN,
            )

    def test_is_asked_for_once_by_a_form(self, account: BankAccount) -> None:
        payout = ask(account)
        load_id = load(account.user, 40_00).pk
        with pytest.raises(IntegrityError, match="form_asks_for_one_payout"):
            Payout.objects.create(
                id=load_id,
                user=account.user,
                bank_account=account,
                amount=40_00,
                form_key=payout.form_key,
                reservation_id=load_id,
                **SHOWN,
            )

    @pytest.mark.parametrize("change", [{"amount": 1}, {"form_key": uuid4()}])
    def test_never_changes_its_terms(self, account: BankAccount, change: dict[str, Any]) -> None:
        payout = ask(account)
        with pytest.raises(IntegrityError, match=r"payout_terms_never_change|append-only"):
            Payout.objects.filter(pk=payout.pk).update(**change)

    def test_never_changes_its_file(self, account: BankAccount) -> None:
        payout = exported(account)
        with pytest.raises(IntegrityError, match="append-only"):
            Payout.objects.filter(pk=payout.pk).update(batch=exported(account, 1_00).batch)

    def test_reaches_a_status_once(self, account: BankAccount) -> None:
        payout = ask(account)
        with pytest.raises(IntegrityError, match="payout_reaches_a_status_once"):
            PayoutEvent.objects.create(payout=payout, status="REQUESTED")

    def test_is_told_once(self, account: BankAccount) -> None:
        payout = ask(account)
        with pytest.raises(IntegrityError, match="payout_is_told_once"):
            Notification.objects.create(user=account.user, kind="PAYOUT_REQUESTED", payout=payout)

    def test_file_pays_something(self, account: BankAccount) -> None:
        with pytest.raises(IntegrityError, match="payout_file_pays_something"):
            PayoutBatch.objects.create(way="API", document=b"", digest="", count=0, control_sum=0)

    def test_carried_file_is_never_sent_as_well(self, account: BankAccount) -> None:
        with pytest.raises(IntegrityError, match="carried_file_is_never_sent_as_well"):
            PayoutBatch.objects.create(way="FILE", document=b"", digest="", count=1, control_sum=1)

    def test_file_never_changes(self, account: BankAccount) -> None:
        batch = exported(account).batch
        assert batch is not None
        with pytest.raises(IntegrityError, match="append-only"):
            PayoutBatch.objects.filter(pk=batch.pk).update(control_sum=1)


@pytest.mark.django_db(transaction=True)
class TestBankAccountTable:
    def test_is_registered_once(self, account: BankAccount) -> None:
        with pytest.raises(IntegrityError, match="bank_account_is_registered_once"):
            bank_account(account.user)

    def test_close_name_comes_with_the_banks(self, account: BankAccount) -> None:
        with pytest.raises(IntegrityError, match="close_name_comes_with_the_banks"):
            BankAccount.objects.create(user=account.user, iban=b"", fingerprint="1", outcome="CLOSE", **SHOWN)

    def test_matching_name_leaves_no_choice(self, account: BankAccount) -> None:
        with pytest.raises(IntegrityError, match="matching_name_leaves_no_choice"):
            BankAccount.objects.filter(pk=account.pk).update(accepted_at=timezone.now())

    def test_name_check_is_known(self, account: BankAccount) -> None:
        with pytest.raises(IntegrityError, match="name_check_is_known"):
            BankAccount.objects.create(user=account.user, iban=b"", fingerprint="1", outcome="MAYBE", **SHOWN)

    def test_never_changes_whose_it_is(self, account: BankAccount) -> None:
        with pytest.raises(IntegrityError, match="append-only"):
            BankAccount.objects.filter(pk=account.pk).update(holder_name="Somebody Else")
