"""What the bank does: takes files once, makes payments when they are due, sends back, and tells of it all."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from hashlib import sha256

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from sandbox.bank import files, rules
from sandbox.bank.models import Payment, PaymentFile, Statement

# Set when something became due; the thread in `background` waits for it.
wake = threading.Event()

Status = Payment.Status


class OtherFile(Exception):
    """The key came with another file before."""


def take(content: bytes, *, key: str) -> PaymentFile:
    """Take a file, once for its key.

    :raises OtherFile: if the key came with another file
    :raises files.BadFile: if it is none, or not of our customer
    """
    digest = sha256(content).hexdigest()
    with transaction.atomic():
        known = PaymentFile.objects.filter(pk=key).first()
        if known is not None:
            if known.digest != digest:
                raise OtherFile
            return known
        return _keep(content, key=key, digest=digest)


def act(at: datetime) -> None:
    """Do what is due."""
    with transaction.atomic():
        due = Payment.objects.filter(acts_at__lte=at).select_related("file").order_by("pk")
        waiting = [it for it in due if it.status == Status.WAITING]
        arrived = [it for it in due if it.status == Status.PAID]
        _make(waiting, at)
        _send_back(arrived, at)


def send_back(payment: Payment, *, reason: str) -> None:
    """Somebody pressed the button: what has arrived is sent back at once."""
    due = Payment.objects.filter(pk=payment.pk, status=Status.PAID)
    due.update(reason=reason, acts_at=timezone.now())
    wake.set()


def _keep(content: bytes, *, key: str, digest: str) -> PaymentFile:
    asked = files.read(content)
    if asked.message_id != key:
        raise files.BadFile("its message id is not its key")
    if asked.payer != settings.BANK_IBAN:
        raise files.BadFile("it is of somebody else's account")
    taken = PaymentFile.objects.create(key=key, digest=digest, body=content.decode())
    acts_at = timezone.now() + timedelta(seconds=settings.BANK_SECONDS)
    Payment.objects.bulk_create(
        Payment(
            file=taken,
            end_to_end_id=wish.end_to_end_id,
            iban=wish.iban,
            name=wish.name,
            amount=wish.amount,
            text=wish.text,
            acts_at=acts_at,
        )
        for wish in asked.wishes
    )
    transaction.on_commit(wake.set)
    return taken


def _make(payments: list[Payment], at: datetime) -> None:
    """Look at each file's payments, and make those that can be made."""
    for key in sorted({it.file_id for it in payments}):
        own = [it for it in payments if it.file_id == key]
        for it in own:
            account = rules.account(it.iban)
            it.reason = account.rejects or account.returns
            it.status = Status.REJECTED if account.rejects else Status.PAID
            it.acts_at = at + timedelta(seconds=settings.BANK_SECONDS) if account.returns else None
            it.save()
        made = [
            files.Booking(end_to_end_id=it.end_to_end_id, amount=it.amount)
            for it in own
            if it.status == Status.PAID
        ]
        refused = [_booking(it) for it in own if it.status == Status.REJECTED]
        Statement.objects.create(kind="pain.002", body=files.report(key, made, refused, at=at))
        _tell(made, is_return=False, at=at)


def _send_back(payments: list[Payment], at: datetime) -> None:
    for it in payments:
        it.status, it.acts_at = Status.RETURNED, None
        it.save()
    _tell([_booking(it) for it in payments], is_return=True, at=at)


def _tell(bookings: list[files.Booking], *, is_return: bool, at: datetime) -> None:
    if bookings:
        statement = Statement.objects.create(kind="camt.054", body="")
        statement.body = files.notification(
            bookings, iban=settings.BANK_IBAN, is_return=is_return, number=statement.name, at=at
        )
        statement.save()


def _booking(payment: Payment) -> files.Booking:
    return files.Booking(end_to_end_id=payment.end_to_end_id, amount=payment.amount, reason=payment.reason)
