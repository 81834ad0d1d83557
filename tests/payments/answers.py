"""What a bank writes of payouts, for tests: its files, of these payouts or with anything changed in them."""

from __future__ import annotations

from django.conf import settings
from django.utils import timezone

from payments.models import Payout
from sandbox.bank import files


def paid(*payouts: Payout, amount: int | None = None) -> bytes:
    """They were booked: camt.054."""
    return _notification(payouts, amount=amount, reason="", is_return=False)


def returned(*payouts: Payout, amount: int | None = None, reason: str = "MD07") -> bytes:
    """They came back: camt.054."""
    return _notification(payouts, amount=amount, reason=reason, is_return=True)


def refused(
    *payouts: Payout, amount: int | None = None, message_id: str | None = None, group: str = "PART"
) -> bytes:
    """They were refused when their file was looked at, of which that is said: pain.002."""
    batch = payouts[0].batch
    name = message_id or (batch.message_id if batch else "")
    told = files.report(name, [], _bookings(payouts, amount=amount, reason="AC04"), at=timezone.now())
    return told.replace("<GrpSts>RJCT", f"<GrpSts>{group}").encode()


def refused_file(message_id: str, *, count: int, control_sum: int) -> bytes:
    """A whole file was refused, without a word on its payments: pain.002."""
    return (
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><CstmrPmtStsRpt><GrpHdr/>'
        f"<OrgnlGrpInfAndSts><OrgnlMsgId>{message_id}</OrgnlMsgId><OrgnlNbOfTxs>{count}</OrgnlNbOfTxs>"
        f"<OrgnlCtrlSum>{files.money(control_sum)}</OrgnlCtrlSum><GrpSts>RJCT</GrpSts>"
        "<StsRsnInf><Rsn><Cd>FF01</Cd></Rsn></StsRsnInf></OrgnlGrpInfAndSts></CstmrPmtStsRpt></Document>"
    ).encode()


def _notification(payouts: tuple[Payout, ...], *, amount: int | None, reason: str, is_return: bool) -> bytes:
    return files.notification(
        _bookings(payouts, amount=amount, reason=reason),
        iban=settings.BANK_IBAN,
        is_return=is_return,
        number="camt054-00000001",
        at=timezone.now(),
    ).encode()


def _bookings(payouts: tuple[Payout, ...], *, amount: int | None, reason: str) -> list[files.Booking]:
    return [
        files.Booking(end_to_end_id=it.pk.hex, amount=it.amount if amount is None else amount, reason=reason)
        for it in payouts
    ]
