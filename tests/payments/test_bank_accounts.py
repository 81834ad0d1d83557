"""A bank account: its number read or refused, its holder's name asked of the bank, the choice kept."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.core.management import CommandError, call_command

from accounts import codes
from accounts.models import User
from launch.people import until
from payments import bank_accounts, bank_answers, outside, payout_batches, proofs, tasks
from payments.bank import Bank, Listed, NotToBeHad, Refused
from payments.bank_accounts import Slip
from payments.models import BankAccount, BankFile, Payout, PayoutBatch
from tests.payments import answers
from tests.payments.test_payouts import IBAN, ask, balance
from tests.people import CODE, agreed, bank_account
from tests.sandbox.running import Sandbox

CAMILLE = "FR7630004000310001010000158"
SILENT = "FR7640618802600004040404011"
pytestmark = pytest.mark.django_db(transaction=True)


def break_bank(bank: Sandbox, kind: str, seconds: float = 0) -> None:
    bank.send("POST", "/sandbox/faults", {"service": "bank", "kind": kind, "seconds": seconds})


def add(user: User, *, number: str, holder_name: str) -> BankAccount:
    """As they add it on a device that is known; their code has tests of its own."""
    proof = agreed(proofs.of_account(user, iban=number), user)
    with mock.patch.object(codes, "verify"):
        return bank_accounts.add(user, number=number, holder_name=holder_name, code=CODE, proof=proof)


class TestRead:
    @pytest.mark.parametrize(
        "written",
        [
            IBAN,
            IBAN.lower(),
            "FR14 2004 1010 0505 0001 3M02 606",
            "FR14\u00a02004\u202f1010 05050001-3M02.606",
        ],
    )
    def test_takes_numbers_as_people_write_them(self, written: str) -> None:
        assert bank_accounts.read(written) == IBAN

    @pytest.mark.parametrize(
        ("written", "slip"),
        [
            ("", Slip.LETTERS),
            ("20041010050500013M02606", Slip.LETTERS),
            ("FR٣٤2004", Slip.LETTERS),
            ("QQ1420041010050500013M02606", Slip.COUNTRY),
            (IBAN[:-1], Slip.LENGTH),
            (IBAN + "1", Slip.LENGTH),
            ("FR1420041010050500013M02607", Slip.CHECK),
            ("FR1420041010050500013M0260é", Slip.LETTERS),
            ("FR14!0041010050500013M02606", Slip.STRUCTURE),
            ("BR1800360305000010009795493C1", Slip.ZONE),
        ],
    )
    def test_says_what_is_wrong_and_not_the_number(self, written: str, slip: Slip) -> None:
        with pytest.raises(bank_accounts.NotAnIban) as refusal:
            bank_accounts.read(written)
        assert refusal.value.slip is slip
        assert refusal.value.__suppress_context__ or refusal.value.__context__ is None
        assert not written or written not in str(refusal.value)


class TestAdd:
    @pytest.mark.parametrize(
        ("number", "name", "outcome", "suggested"),
        [
            (CAMILLE, "Camille Durand", "MATCH", ""),
            (CAMILLE, "DURAND camille", "MATCH", ""),
            (CAMILLE, "Camile Durant", "CLOSE", "Camille Durand"),
            (CAMILLE, "Claire Martin", "NO_MATCH", ""),
            (SILENT, "Claire Martin", "NOT_POSSIBLE", ""),
            (IBAN, "Claire Martin", "MATCH", ""),
        ],
    )
    def test_keeps_what_the_bank_said(  # noqa: PLR0913, PLR0917  # a question, and all of its answer
        self, bank: Sandbox, claire: User, number: str, name: str, outcome: str, suggested: str
    ) -> None:
        account = add(claire, number=number, holder_name=name)
        assert (account.outcome, account.suggested_name) == (outcome, suggested)
        assert account.is_usable == (outcome == "MATCH")
        assert (account.country, account.last4) == ("FR", number[-4:])
        assert bank_accounts.iban_of(account) == number

    @pytest.mark.parametrize("fault", ["500", "429", "bad_json", "half_body", "500_after"])
    def test_bank_that_does_not_answer_could_not_say(self, bank: Sandbox, claire: User, fault: str) -> None:
        break_bank(bank, fault)
        assert add(claire, number=IBAN, holder_name="Claire Martin").outcome == "NOT_POSSIBLE"

    def test_choice_to_go_on_is_kept_with_its_time(self, bank: Sandbox, claire: User) -> None:
        account = add(claire, number=CAMILLE, holder_name="Claire Martin")
        accepted = bank_accounts.accept(account)
        assert accepted.is_usable
        assert bank_accounts.accept(account).accepted_at == accepted.accepted_at, "the first time counts"

    def test_suggested_name_is_asked_with_again(self, bank: Sandbox, claire: User) -> None:
        close = add(claire, number=CAMILLE, holder_name="Camile Durant")
        account = bank_accounts.correct(close)
        assert (account.holder_name, account.outcome) == ("Camille Durand", "MATCH")
        assert bank_accounts.of(claire) == [account]
        with pytest.raises(bank_accounts.NothingToChoose):
            bank_accounts.correct(account)

    def test_same_account_is_there_once(self, bank: Sandbox, claire: User, lea: User) -> None:
        account = add(claire, number=IBAN, holder_name="Claire Martin")
        with pytest.raises(bank_accounts.AlreadyRegistered) as known:
            add(claire, number=IBAN, holder_name="Claire Martin")
        assert known.value.account == account
        assert add(lea, number=IBAN, holder_name="Léa Petit").user == lea
        bank_accounts.remove(account)
        assert add(claire, number=IBAN, holder_name="Claire Martin").pk != account.pk

    def test_names_are_asked_ten_times_a_day(self, bank: Sandbox, claire: User) -> None:
        """Or anybody could ask who holds an account until the bank says nearly."""
        for number in range(bank_accounts.CHECKS_A_DAY):
            add(claire, number=CAMILLE, holder_name=f"Claire {'x' * (number + 1)}")
        with pytest.raises(bank_accounts.TooMany):
            add(claire, number=CAMILLE, holder_name="Camille Durand")

    @pytest.mark.parametrize("name", ["", "  ", "12", "\x01Claire", "Claire\x7f", "💶", "x" * 71, "<Claire>"])
    def test_name_that_no_bank_prints_is_refused(self, claire: User, name: str) -> None:
        """One such name would keep the whole file from being made."""
        with pytest.raises(bank_accounts.NotAName):
            add(claire, number=IBAN, holder_name=name)


class TestSending:
    @pytest.mark.parametrize("fault", ["500", "500_after", "half_body", "bad_json"])
    def test_is_repeated_until_it_is_answered_and_pays_once(
        self, bank: Sandbox, claire: User, with_code: Any, fault: str
    ) -> None:
        payout = ask(bank_account(with_code(claire)), 10_00)
        payout_batches.export_due()
        break_bank(bank, fault)
        assert payout_batches.send_due() == 0
        break_bank(bank, "none")
        assert payout_batches.send_due() == 0, "its lease goes on"
        PayoutBatch.objects.update(due_at=payout.requested_at)
        assert payout_batches.send_due() == 1
        assert payout_batches.send_due() == 0
        arrived = bank.get("/sandbox/bank/payments").json()
        assert [it["amount"] for it in arrived if it["end_to_end_id"] == payout.pk.hex] == [10_00]

    def test_refused_wakes_a_person_and_moves_nothing(
        self, bank: Sandbox, claire: User, with_code: Any, settings: Any, caplog: pytest.LogCaptureFixture
    ) -> None:
        settings.BANK_IBAN = CAMILLE  # Not the account of the bank's customer.
        ask(bank_account(with_code(claire)), 10_00)
        payout_batches.export_due()
        assert payout_batches.send_due() == 0
        assert "CRITICAL" in caplog.text
        assert (PayoutBatch.objects.get().sent_at, balance(claire)) == (None, 90_00)

    def test_wrong_key_is_refused(self, bank: Sandbox, settings: Any) -> None:
        settings.BANK_API_KEY = "another"
        outside.bank.cache_clear()
        with pytest.raises(Refused):
            outside.bank().files()


class TestTasks:
    def test_cash_out_from_end_to_end(self, bank: Sandbox, claire: User, with_code: Any) -> None:
        """One arrives, one is refused, one is sent back; each is told by the bank's files."""
        numbers = {
            "SETTLED": IBAN,
            "REJECTED": "FR7630002005500000015784164",
            "RETURNED": "FR7610278060000002020010240",
        }
        with_code(claire)
        asked = {
            status: ask(bank_account(claire, number=number), 10_00) for status, number in numbers.items()
        }
        tasks.export_payouts()

        def is_over() -> bool:
            tasks.ask_bank()
            return all(Payout.objects.get(pk=it.pk).status == status for status, it in asked.items())

        until(is_over, "a payout is not over")
        assert balance(claire) == 90_00
        before = BankFile.objects.count()
        tasks.ask_bank()
        assert BankFile.objects.count() == before, "each file is read once"

    def test_leaves_payouts_to_an_operator_where_there_is_no_gateway(
        self, claire: User, with_code: Any, settings: Any
    ) -> None:
        settings.BANK_API_KEY = ""
        ask(bank_account(with_code(claire)), 10_00)
        tasks.export_payouts()
        tasks.ask_bank()
        assert not PayoutBatch.objects.exists()
        assert payout_batches.carry() is not None

    def test_waits_for_a_bank_that_is_away(self, bank: Sandbox, claire: User) -> None:
        break_bank(bank, "500")
        tasks.ask_bank()
        assert not BankFile.objects.exists()

    def test_passes_over_a_file_that_cannot_be_had(
        self,
        bank: Sandbox,
        claire: User,
        with_code: Any,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        first, second = _answered(claire, with_code)
        lost = Listed(id="no-such-file", digest="0" * 64)
        changed = replace(first, digest="0" * 64)
        monkeypatch.setattr(Bank, "files", lambda _self, **_after: [lost, changed, second])
        assert bank_answers.fetch() == 3
        problems = dict(BankFile.objects.exclude(problem="").values_list("pk", "problem"))
        assert problems == {lost.id: "HTTP 404", changed.id: "it is not the file that was listed"}
        assert caplog.text.count("A file of the bank cannot be read") == 2
        assert bank_answers.fetch() == 0

    def test_takes_no_file_without_an_end(
        self, bank: Sandbox, claire: User, with_code: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        listed = _answered(claire, with_code)[0]
        assert outside.bank().fetch(listed)
        monkeypatch.setattr("payments.bank.BIGGEST", 10)
        with pytest.raises(NotToBeHad):
            outside.bank().fetch(listed)

    def test_notes_a_file_that_is_none_and_goes_on(
        self, claire: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        monkeypatch.setattr(outside, "bank", _Odd)
        assert bank_answers.fetch() == 1
        assert BankFile.objects.get().problem == "it is no XML, or not all of it"
        assert "CRITICAL" in caplog.text
        assert bank_answers.fetch() == 0


def _answered(member: User, with_code: Any) -> list[Listed]:
    """The newest two files that the bank has for us once it has taken and paid a payout."""
    ask(bank_account(with_code(member)), 10_00)
    payout_batches.export_due()
    payout_batches.send_due()
    until(lambda: len(outside.bank().files()) > 1, "the bank says nothing")
    return outside.bank().files()[-2:]


class _Odd:
    """A bank whose only file is none."""

    def files(self, *, after: str) -> list[Listed]:
        return [Listed(id="odd-1", digest="")]

    def fetch(self, listed: Listed) -> bytes:
        return b"<html>"


class TestCommand:
    def test_carries_a_file_there_and_an_answer_back(
        self, claire: User, with_code: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        payout = ask(bank_account(with_code(claire)), 10_00)
        file = tmp_path / "out.xml"
        call_command("payouts", "export", str(file))
        batch = PayoutBatch.objects.get()
        assert file.stat().st_mode & 0o777 == 0o600
        assert payout.pk.hex in file.read_text()
        call_command("payouts", "export", str(tmp_path / "again.xml"), again=batch.message_id)
        assert (tmp_path / "again.xml").read_bytes() == file.read_bytes()
        answer = tmp_path / "answer.xml"
        answer.write_bytes(answers.returned(Payout.objects.get()))
        for _ in range(2):
            call_command("payouts", "read", str(answer))
        said = capsys.readouterr().out
        assert "1 took effect, 0 were known" in said
        assert "0 took effect, 1 were known" in said
        assert IBAN not in said
        assert balance(claire) == 100_00

    def test_says_when_nothing_waits(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        call_command("payouts", "export", str(tmp_path / "out.xml"))
        assert "Nothing waits" in capsys.readouterr().out

    def test_refuses_what_is_no_answer(self, tmp_path: Path) -> None:
        file = tmp_path / "out.xml"
        file.write_bytes(b"<html/>")
        with pytest.raises(CommandError, match="cannot be read"):
            call_command("payouts", "read", str(file))
        with pytest.raises(CommandError, match="there already"):
            call_command("payouts", "export", str(file))
        with pytest.raises(CommandError, match="no such file"):
            call_command("payouts", "export", str(tmp_path / "x"), again="1")


def test_no_log_line_holds_an_account_number(
    bank: Sandbox, claire: User, with_code: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for fault in ("none", "500", "bad_json"):
        break_bank(bank, fault)
        account = add(with_code(claire), number=CAMILLE, holder_name="Claire Martin")
        ask(bank_accounts.accept(account), 10_00)
        tasks.export_payouts()
        tasks.ask_bank()
        bank_accounts.remove(account)
    logged = json.dumps(
        [{**vars(record), "exc_info": record.exc_text} for record in caplog.records], default=str
    )
    assert BankAccount.objects.count() == 3
    assert CAMILLE not in logged
    assert CAMILLE[4:14] not in logged
