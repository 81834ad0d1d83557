"""What the bank answers takes effect here: each fact on its payout, once; what is not believed is alarmed.

A file may be read again, whole or in part, in any order: each fact is harmless when it is known.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings

from payments import bank, bank_files, outside, payouts
from payments.bank_files import Fact, Kind, RefusedFile
from payments.models import BankFile, Payout, PayoutBatch

logger = logging.getLogger(__name__)

FILES_AT_ONCE = 20  # In a round: each is fetched within 10 s, and most in a moment.

_OURS = re.compile("[0-9a-f]{32}")  # What our own ids look like in a file.


@dataclass(kw_only=True)
class Tally:
    """What came of a file."""

    kind: str
    taken: int = 0
    known: int = 0
    refused: int = 0
    others: int = 0  # About payments that are not payouts: fees, salaries, whatever else the account pays.


class NotBelieved(Exception):
    """A fact that contradicts what we know; the words say how."""


def take(content: bytes) -> Tally:
    """Let the bank's file take effect.

    :raises bank_files.NotAnAnswer: if it is no such file
    """
    answer = bank_files.read(content)
    tally = Tally(kind=answer.kind)
    if answer.accounts - {settings.BANK_IBAN}:
        tally.refused += 1
        _alarm("A statement is of another account", kind=answer.kind)
        return tally
    disbelieved = [fact for fact in answer.facts if not _take(fact, tally)]
    for refused in answer.refused_files:
        if not set(refused.told) & set(disbelieved):
            _refuse_file(refused, tally)
    return tally


def fetch() -> int:
    """Read the bank's files that were not read yet; return how many. One that cannot be had is passed over.

    :raises bank.Unreachable, bank.Refused: files that were read before it are read
    """
    if not settings.BANK_API_KEY:
        return 0
    read = 0
    newest = BankFile.objects.order_by("-read_at").values_list("pk", flat=True).first()
    for listed in outside.bank().files(after=newest or "")[:FILES_AT_ONCE]:
        if not BankFile.objects.filter(pk=listed.id).exists():
            _read(listed)
            read += 1
    return read


def _read(listed: bank.Listed) -> None:
    """Take a file and note that it was read; one that is none is noted too, and a person told."""
    problem = ""
    try:
        tally = take(outside.bank().fetch(listed))
    except (bank.NotToBeHad, bank_files.NotAnAnswer) as refusal:
        tally, problem = Tally(kind=""), str(refusal)
        _alarm("A file of the bank cannot be read", file=listed.id)
    BankFile.objects.get_or_create(
        pk=listed.id,
        defaults={
            "kind": tally.kind,
            "digest": listed.digest[:64],
            "taken": tally.taken,
            "known": tally.known,
            "refused": tally.refused,
            "problem": problem,
        },
    )


def _refuse_file(refused: RefusedFile, tally: Tally) -> None:
    """The bank refused a whole file of ours, so it refused each payout in it."""
    batch = (
        PayoutBatch.objects.filter(pk=refused.message_id).first() if _is_ours(refused.message_id) else None
    )
    if batch is None:
        tally.others += 1
        return
    if refused.count not in {None, batch.count} or refused.control_sum not in {None, batch.control_sum}:
        tally.refused += 1
        _alarm("The bank refused a file of payouts with other figures", batch=batch.message_id)
        return
    for payout in batch.payouts.all():
        fact = Fact(
            kind=Kind.REFUSED,
            end_to_end_id=payout.pk.hex,
            amount=None,
            reason=refused.reason,
            message_id=refused.message_id,
        )
        _take(fact, tally)


def _take(fact: Fact, tally: Tally) -> bool:
    """One fact, if it is believed; what is not moves nothing and keeps no other fact from being taken."""
    if not _is_ours(fact.end_to_end_id):
        tally.others += 1
        return False
    try:
        is_news = _happen(fact)
    except NotBelieved as problem:
        tally.refused += 1
        _alarm("The bank's word on a payout is not believed", payout=fact.end_to_end_id, why=str(problem))
        return False
    tally.taken += is_news
    tally.known += not is_news
    return True


def _happen(fact: Fact) -> bool:
    """:raises NotBelieved: if it cannot be so"""
    payout = Payout.objects.filter(pk=UUID(fact.end_to_end_id)).first()
    if payout is None:
        raise NotBelieved("there is no such payout")
    if fact.message_id and fact.message_id != (payout.batch_id.hex if payout.batch_id else ""):
        raise NotBelieved("it was in another file")
    try:
        match fact.kind:
            case Kind.PAID:
                return payouts.settle(payout, amount=fact.amount)
            case Kind.REFUSED:
                return payouts.reject(payout, amount=fact.amount, reason=fact.reason)
            case Kind.RETURNED:
                return payouts.take_back(payout, amount=fact.amount, reason=fact.reason)
    except payouts.OtherAmount as problem:
        raise NotBelieved("the amount is another") from problem
    except payouts.PayoutClosed as problem:
        raise NotBelieved(f"{fact.kind}, but it is {problem.payout.status}") from problem


def _is_ours(name: str) -> bool:
    return _OURS.fullmatch(name) is not None


def _alarm(message: str, **about: str) -> None:
    """A person has to look: the level is what wakes one."""
    logger.critical(message, extra=about)
