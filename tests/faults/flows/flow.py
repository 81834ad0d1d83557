"""One piece of work: how it begins, what it does, how it is taken up again, how it must have ended."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import F

from accounts.models import Identity, User
from payments import fundings, ledger
from payments.models import BankAccount, Card, Funding, Notification, Order
from tests.sandbox.running import Sandbox

AMOUNT = 1_00
BACK = "http://localhost:9/load/{funding}/"


@dataclass(frozen=True)
class World:
    claire: User
    armand: User
    card: Card  # armand's
    bob: Identity  # who has not joined
    newcomer: User
    account: BankAccount  # claire's
    odile: User  # She and Bruno are of staff, and decide.
    bruno: User
    outside: Sandbox

    def held(self) -> tuple[int, int]:
        return ledger.balance(ledger.wallet(self.claire)), ledger.balance(ledger.wallet(self.armand))


class Flow(ABC):
    """One piece of work."""

    def begin(self, world: World) -> Any:
        """What the work is about, if it needs a beginning; not watched."""
        return None

    @abstractmethod
    def go(self, world: World, about: Any) -> None:
        """The work itself, broken off at each of its points."""

    def again(self, world: World, about: Any) -> None:
        """What a sweep, a webhook that is sent again or a person does when nothing came of it."""
        self.go(world, about)

    @abstractmethod
    def ended(self, world: World, about: Any) -> None:
        """What must be true in the end, wherever it was broken off."""


def told(order: Order) -> list[tuple[int, str]]:
    return list(Notification.objects.filter(order=order).order_by("pk").values_list("user_id", "kind"))


def sweep_fundings() -> None:
    """Those that are open are asked about now, and again when they are lost for certain."""
    for age in (timedelta(minutes=1), timedelta(minutes=10)):
        Funding.objects.update(checked_at=F("checked_at") - age, created_at=F("created_at") - age)
        fundings.resolve_open()
