"""The cards that the processor knows: test numbers only, so that nobody's real card is ever taken."""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from hashlib import sha256

from django.conf import settings

from sandbox.processor.models import Method

Behaviour = Method.Behaviour


@dataclass(frozen=True)
class Card:
    number: str
    brand: str
    country: str
    behaviour: Behaviour
    funding: str = "debit"

    @property
    def last4(self) -> str:
        return self.number[-4:]

    @property
    def grouped(self) -> str:
        return " ".join(re.findall("[0-9]{1,4}", self.number))

    @property
    def fingerprint(self) -> str:
        """The same for the same number, and of no use to find the number."""
        return hmac.new(settings.SECRET_KEY.encode(), self.number.encode(), sha256).hexdigest()[:16]


CARDS = [
    Card("4000002500000003", "visa", "FR", Behaviour.SUCCEEDS),
    Card("5555552500000003", "mastercard", "FR", Behaviour.SUCCEEDS),
    Card("4000002500003155", "visa", "FR", Behaviour.ASKS),
    Card("4000002500009996", "visa", "FR", Behaviour.LACKS_FUNDS),
    Card("4000002500000011", "visa", "FR", Behaviour.REFUSED),
    Card("4242424242424242", "visa", "US", Behaviour.SUCCEEDS, "credit"),
    Card("4000002500000201", "visa", "FR", Behaviour.SLOW),
    Card("4000002500000300", "visa", "FR", Behaviour.LATE),
]
BY_NUMBER = {card.number: card for card in CARDS}


def is_valid(number: str) -> bool:
    """Whether Luhn's check digit holds (ISO/IEC 7812-1)."""
    if not re.fullmatch("[0-9]{12,19}", number):
        return False
    doubled = [sum(divmod(2 * int(digit), 10)) for digit in number[-2::-2]]
    plain = [int(digit) for digit in number[-1::-2]]
    return sum(doubled + plain) % 10 == 0


def find(number: str) -> Card | None:
    return BY_NUMBER.get(number)
