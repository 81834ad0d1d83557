"""`manage.py payouts`: writes a file for an operator to carry to the bank, and reads the bank's answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from payments import bank_answers, bank_files, payout_batches, standstill
from payments.models import PayoutBatch

PRIVATE = 0o600


class Command(BaseCommand):
    help = "Payout files by hand, where the bank's gateway cannot be asked."

    def add_arguments(self, parser: CommandParser) -> None:
        ways = parser.add_subparsers(dest="way", required=True)
        export = ways.add_parser("export", help="write what waits as pain.001; you carry it to the bank")
        export.add_argument("file", type=Path)
        export.add_argument("--again", metavar="MESSAGE_ID", help="write that file out once more instead")
        read = ways.add_parser("read", help="read a pain.002, camt.053 or camt.054 of the bank")
        read.add_argument("file", type=Path)

    def handle(self, *, way: str, file: Path, again: str | None = None, **_options: Any) -> None:
        if way == "read":
            self._read(file)
        else:
            self._export(file, again=again)

    def _export(self, file: Path, *, again: str | None) -> None:
        if file.exists():
            raise CommandError(f"{file} is there already.")
        batch = self._carried(again) if again else self._carry()
        if batch is None:
            self.stdout.write("Nothing waits to be paid out.")
            return
        file.touch(mode=PRIVATE)  # It holds account numbers.
        file.write_bytes(payout_batches.document(batch))
        self.stdout.write(f"{batch.message_id}: {batch.count} payouts in {file}. Carry it to the bank once.")

    def _carry(self) -> PayoutBatch | None:
        try:
            return payout_batches.carry()
        except standstill.MoneyStandsStill as problem:
            raise CommandError("Money stands still: two of staff lift the halt first.") from problem

    def _carried(self, message_id: str) -> PayoutBatch:
        try:
            return payout_batches.carried(message_id)
        except (payout_batches.NotCarried, ValidationError) as problem:
            raise CommandError("There is no such file, or it is sent without you.") from problem

    def _read(self, file: Path) -> None:
        try:
            tally = bank_answers.take(file.read_bytes())
        except (OSError, bank_files.NotAnAnswer) as problem:
            raise CommandError(f"{file} cannot be read: {problem}.") from problem
        self.stdout.write(
            f"{tally.kind}: {tally.taken} took effect, {tally.known} were known,"
            f" {tally.refused} are not believed, {tally.others} are about something else."
        )
        if tally.refused:
            raise CommandError("Look into the log for what is not believed.")
