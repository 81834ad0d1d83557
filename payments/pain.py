"""Writes pain.001.001.09, the file that asks our bank to pay: ISO 20022, checked against its schema.

Amounts are cents. The file names itself by the message id that it is given, and each payment by its own id
(EndToEndId), which the bank gives back in all that it says of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from schwifty import IBAN
from schwifty.exceptions import SchwiftyException
from sepaxml import SepaTransfer

SCHEMA = "pain.001.001.09"
CURRENCY = "EUR"


@dataclass(frozen=True, kw_only=True)
class Party:
    """An account and its holder. Printed, it does not show the number."""

    name: str
    iban: str

    def __repr__(self) -> str:
        return f"Party(…{self.iban[-4:]})"


@dataclass(frozen=True, kw_only=True)
class Payment:
    end_to_end_id: str
    amount: int
    to: Party
    text: str


def write(payments: list[Payment], *, message_id: str, payer: Party, on: date) -> bytes:
    """The file that asks for all of these payments, to be made on that day."""
    account = {"name": payer.name, "IBAN": payer.iban, "batch": True, "currency": CURRENCY}
    initiation = _Initiation(account | _bic(payer.iban), message_id=message_id)
    for payment in payments:
        initiation.add_payment(
            {
                "name": payment.to.name,
                "IBAN": payment.to.iban,
                "amount": payment.amount,
                "execution_date": on,
                "description": payment.text,
                "endtoend_id": payment.end_to_end_id,
            }
        )
    document: bytes = initiation.export()
    return document


def _bic(iban: str) -> dict[str, str]:
    """The bank's code, where it is known: SEPA has not needed it since 2016, some banks like it."""
    try:
        bic = IBAN(iban).bic
    except SchwiftyException:
        return {}
    return {"BIC": str(bic)} if bic else {}


class _Initiation(SepaTransfer):  # type: ignore[misc]  # the library has no types
    """The library makes a new message id each time; ours is known before, and stays."""

    def __init__(self, account: dict[str, object], *, message_id: str) -> None:
        self._ours = message_id
        super().__init__(account, schema=SCHEMA, clean=True)

    def _create_header(self) -> None:
        self.msg_id = self._ours
        super()._create_header()
