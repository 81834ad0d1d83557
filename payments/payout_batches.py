"""Files of payouts for the bank: made and committed, then sent, again with the same bytes until it has them.

The bank takes a file once for its message id, so a file whose end is not known may be sent again, and a
payout is in one file only. A file that an operator carries is never sent as well.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from hashlib import sha256

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone
from uuid_utils.compat import uuid7

from accounts import crypto
from payments import bank, bank_accounts, outside, pain, payouts, standstill
from payments.models import Payout, PayoutBatch

logger = logging.getLogger(__name__)

LARGEST = 200  # Payouts in a file: a page of them is made in a second.
LEASE = timedelta(seconds=60)  # Above the time limit of a task, which is 55 s.
REFUSED_AGAIN_AFTER = timedelta(hours=1)  # A person looks at it; the bank is asked again meanwhile.
AT_ONCE = 3  # Files sent in a round: at the slowest, all of it within a lease.

Way = PayoutBatch.Way


class NotCarried(Exception):
    """The file is not one that an operator carries."""


def export_due() -> int:
    """Put what waits into files that are to be sent; return how many files."""
    if not settings.BANK_API_KEY or standstill.is_halted():
        return 0  # Without a gateway an operator carries them.
    files = 0
    while _export(Way.API) is not None:
        files += 1
    return files


def carry() -> PayoutBatch | None:
    """Put what waits into a file that an operator carries to the bank; nothing if nothing waits.

    :raises standstill.MoneyStandsStill: while there is a halt
    """
    standstill.check()
    return _export(Way.FILE)


def carried(message_id: str) -> PayoutBatch:
    """A file that an operator carries, to be written out again.

    :raises NotCarried: if there is none of that name, or it is sent by ourselves
    """
    for batch in PayoutBatch.objects.filter(way=Way.FILE, pk=message_id):
        return batch
    raise NotCarried


def document(batch: PayoutBatch) -> bytes:
    """The file's bytes, as they were when it was made."""
    content = crypto.decrypt(batch.document).encode()
    if sha256(content).hexdigest() != batch.digest:
        raise crypto.Undecipherable
    return content


def send_due() -> int:
    """Send the files that the bank does not have yet, unless money stands still; return how many it took."""
    if standstill.is_halted():
        return 0
    return sum(_send(batch) for batch in _claimed())


@transaction.atomic
def _export(way: PayoutBatch.Way) -> PayoutBatch | None:
    waiting = payouts.waiting(limit=LARGEST)
    if not waiting:
        return None
    key = uuid7()
    content = pain.write(
        [_payment(payout) for payout in waiting],
        message_id=key.hex,
        payer=pain.Party(name=settings.BANK_HOLDER, iban=settings.BANK_IBAN),
        on=timezone.localdate(),
    )
    batch = PayoutBatch.objects.create(
        pk=key,
        way=way,
        document=crypto.encrypt(content.decode()),
        digest=sha256(content).hexdigest(),
        count=len(waiting),
        control_sum=sum(payout.amount for payout in waiting),
        sent_at=timezone.now() if way == Way.FILE else None,
    )
    payouts.export(waiting, batch=batch)
    return batch


def _payment(payout: Payout) -> pain.Payment:
    account = payout.bank_account
    return pain.Payment(
        end_to_end_id=payout.pk.hex,
        amount=payout.amount,
        to=pain.Party(name=account.holder_name, iban=bank_accounts.iban_of(account)),
        text=f"S-Money {payout.pk.hex[-8:].upper()}",
    )


def _claimed() -> list[PayoutBatch]:
    """Take what is to be sent for the length of a lease."""
    with transaction.atomic():
        due = PayoutBatch.objects.select_for_update(skip_locked=True, no_key=True)
        claimed = list(due.filter(sent_at=None, due_at__lte=Now()).order_by("due_at")[:AT_ONCE])
        PayoutBatch.objects.filter(pk__in=[batch.pk for batch in claimed]).update(due_at=Now() + LEASE)
    return claimed


def _send(batch: PayoutBatch) -> bool:
    """One file, with its own key; what the bank says is its outcome, and silence is none."""
    try:
        outside.bank().send(document(batch), message_id=batch.message_id)
    except bank.Unreachable as problem:
        _note(batch, problem=str(problem))
        return False
    except bank.Refused as problem:
        logger.critical("The bank refused a file of payouts", extra={"batch": batch.message_id})
        _note(batch, problem=str(problem), due_at=Now() + REFUSED_AGAIN_AFTER)
        return False
    _note(batch, problem="", sent_at=Now())
    return True


def _note(batch: PayoutBatch, *, problem: str, **fields: object) -> None:
    PayoutBatch.objects.filter(pk=batch.pk, sent_at=None).update(problem=problem[:200], **fields)
