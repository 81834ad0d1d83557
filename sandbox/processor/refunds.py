"""Money that goes back to a card: the only writer of a refund's status.

A slow bank takes it later; and a bank may send back what it took (its account is closed).
"""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db.models import Sum
from django.utils import timezone

from sandbox.processor import disputes, events, shapes
from sandbox.processor.models import Charge, Method, Refund
from sandbox.processor.problems import Refused

Status = Refund.Status


def give(charge: Charge, *, amount: int | None, reason: str, metadata: dict[str, str]) -> Refund:
    """Give back a part, or by default what is left.

    :raises Refused: if that is more than is left, or the cardholder contests the charge
    """
    if disputes.of(charge) is not None:
        raise Refused(
            f"Charge {charge.pk} has been charged back; cannot issue a refund.", code="charge_disputed"
        )
    left = charge.amount - refunded(charge)
    if left == 0:
        raise Refused(f"Charge {charge.pk} has already been refunded.", code="charge_already_refunded")
    wanted = left if amount is None else amount
    if not 0 < wanted <= left:
        words = f"Refund amount ({wanted}) is not between 1 and the unrefunded amount on charge ({left})"
        raise Refused(words, param="amount")
    made = Refund(charge=charge, amount=wanted, reason=reason, metadata=metadata)
    if charge.method.behaviour == Method.Behaviour.SLOW:
        made.status = Status.PENDING
        made.settles_at = timezone.now() + timedelta(seconds=settings.PROCESSOR_SLOW_SECONDS)
    made.save()
    _tell("refund.created", made)
    events.record("charge.refunded", shapes.charge(charge), method=charge.method)
    return made


def settle(refund: Refund) -> None:
    """Let the slow bank take it; once."""
    if refund.status == Status.PENDING:
        _move(refund, Status.SUCCEEDED, "refund.updated")


def fail(refund: Refund) -> None:
    """Play the bank that sends it back, also after it took it; once."""
    if refund.status != Status.FAILED:
        _move(refund, Status.FAILED, "refund.failed")


def refunded(charge: Charge) -> int:
    """What of the charge was given back, or is on its way, in cents."""
    given = charge.refunds.exclude(status=Status.FAILED)
    return given.aggregate(total=Sum("amount"))["total"] or 0


def _move(refund: Refund, status: Refund.Status, kind: str) -> None:
    refund.status, refund.settles_at = status, None
    refund.save(update_fields=["status", "settles_at"])
    _tell(kind, refund)


def _tell(kind: str, refund: Refund) -> None:
    events.record(kind, shapes.refund(refund), method=refund.charge.method)
