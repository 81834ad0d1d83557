"""Cardholders who contest a charge, and what their banks decide: the only writer of a dispute's status."""

from __future__ import annotations

from sandbox.processor import events, shapes
from sandbox.processor.models import Charge, Dispute

Status = Dispute.Status


def of(charge: Charge) -> Dispute | None:
    return Dispute.objects.filter(charge=charge).first()


def open(charge: Charge) -> None:  # read with its module: disputes.open
    """Play the cardholder who asks their bank for the money back: it is taken at once; once."""
    if of(charge) is None:
        dispute = Dispute.objects.create(charge=charge, amount=charge.amount)
        _tell("charge.dispute.created", dispute)
        _tell("charge.dispute.funds_withdrawn", dispute)


def close(dispute: Dispute, *, is_won: bool) -> None:
    """Play the bank that decides; a contest that the merchant won gives the money back. Once."""
    if dispute.status != Status.NEEDS_RESPONSE:
        return
    dispute.status = Status.WON if is_won else Status.LOST
    dispute.save(update_fields=["status"])
    if is_won:
        _tell("charge.dispute.funds_reinstated", dispute)
    _tell("charge.dispute.closed", dispute)


def _tell(kind: str, dispute: Dispute) -> None:
    events.record(kind, shapes.dispute(dispute), method=dispute.charge.method)
