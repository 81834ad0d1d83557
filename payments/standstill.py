"""Whether money stands still: asked before anything begins that would move it.

The database refuses it in any case; asked first, whoever wanted it is told why and spends no try at a code.
"""

from __future__ import annotations

from payments.models import Halt


class MoneyStandsStill(Exception):
    """The books are looked into, so nothing moves until two of staff say so."""


def check() -> None:
    """:raises MoneyStandsStill: while a halt is not lifted"""
    if is_halted():
        raise MoneyStandsStill


def is_halted() -> bool:
    return Halt.objects.filter(lifted_at=None).exists()
