"""How much is allowed: rows, so that staff can change them; checked under the payer's lock."""

from __future__ import annotations

from accounts.models import User
from payments import ledger
from payments.models import Limit


class OverLimit(Exception):
    """More than a limit allows. `limit` says which, `allowed` how much, in cents."""

    def __init__(self, limit: Limit.Name, *, allowed: int) -> None:
        super().__init__(limit)
        self.limit = limit
        self.allowed = allowed


def figure(name: Limit.Name) -> int:
    """The limit, in cents."""
    return Limit.objects.values_list("amount", flat=True).get(pk=name)


def check_order(*, amount: int) -> None:
    """:raises OverLimit: if one order to a person may not be that large"""
    _check(Limit.Name.ORDER_TO_PERSON, amount)


def check_top_up(user: User, *, amount: int) -> None:
    """:raises OverLimit: if one top-up may not be that large, or the wallet would hold too much"""
    _check(Limit.Name.TOP_UP, amount)
    held = ledger.balance(ledger.wallet(user))
    ceiling = figure(Limit.Name.WALLET)
    if held + amount > ceiling:
        raise OverLimit(Limit.Name.WALLET, allowed=max(0, ceiling - held))


def _check(name: Limit.Name, amount: int) -> None:
    allowed = figure(name)
    if amount > allowed:
        raise OverLimit(name, allowed=allowed)
