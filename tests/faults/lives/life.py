"""One life: the model beside the product, what each calls the same thing, and what holds after every step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant

from accounts import codes, freezes, identities
from payments import (
    approvals,
    debts,
    fundings,
    limits,
    orders,
    payouts,
    proposals,
    refunds,
    reviews,
    settlement,
    strong,
)
from payments.models import Order
from tests.faults import plain
from tests.faults.lives import world as worlds
from tests.faults.lives.world import HANDLES, ON_X, World
from tests.faults.plain import facts

MEMBERS = st.sampled_from(list(HANDLES))
ACCOUNTS = st.sampled_from(ON_X)
STAFF = st.sampled_from(["odile", "odile", "bruno", "bruno", "agathe"])
ANY = st.integers(0, 999)
MOSTLY = st.sampled_from([True, True, True, True, False])
DOES = st.sampled_from(["takes", "takes", "asks", "refuses", "unheard", "away"])
BOOKS_EACH = 10  # steps; and at the end of each life
OUTCOMES = (
    orders.OrderClosed, orders.InsufficientFunds, orders.Refused, codes.WrongCode, codes.CodeLocked,
    limits.OverLimit, settlement.PayeeChanged, settlement.PayeeIsPayer, settlement.PayeeRefuses,
    fundings.TooSmall, identities.AlreadyLinked, identities.HasAnother, identities.NotLinked, freezes.Frozen,
    strong.ProofNeeded, proposals.NotAllowed, proposals.OwnProposal, proposals.ProposalClosed,
    proposals.AlreadyProposed, approvals.Outdated, reviews.NotInReview, reviews.TakesTwo, refunds.NotPaid,
    refunds.TooMuch, refunds.InsufficientFunds, payouts.TooSmall, payouts.InsufficientFunds,
    payouts.PayoutClosed, debts.NothingOwed, debts.TooMuch,
)  # fmt: skip
T = TypeVar("T")


def outcome(act: Callable[[], Any]) -> str:
    """What came of it, in the model's words: an exception's name, or its result's status."""
    try:
        result = act()
    except OUTCOMES as problem:
        return type(problem).__name__
    return str(getattr(result, "status", result))


class Life(RuleBasedStateMachine):
    steps: ClassVar[int] = 0
    seen: ClassVar[Counter[str]] = Counter()  # what came of what was done, to see that all of it happens
    world: ClassVar[World]

    def __init__(self) -> None:
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic._from_testcase = True  # type: ignore[attr-defined]  # noqa: SLF001  # durable blocks may begin in it, as in Django's own tests
        self.atomic.__enter__()
        self.age = 0
        # The product's names of the model's rows, one beside the other.
        self.posts: list[Any] = []
        self.orders: list[Any] = []
        self.fundings: list[Any] = []
        self.payouts: list[Any] = []
        self.proposals: list[Any] = []
        self.disputes: list[str] = []

    @initialize()
    def begin(self) -> None:
        self.book: plain.Book = self.world.begin()

    def teardown(self) -> None:
        try:
            if hasattr(self, "book"):
                assert worlds.breaches() == self.book.breaches
        finally:
            transaction.set_rollback(True)
            self.atomic.__exit__(None, None, None)

    @invariant()
    def agrees(self) -> None:
        if not hasattr(self, "book"):
            return
        Life.steps += 1
        self.age += 1
        book, found = self.book, worlds.state()
        assert found["wallets"] == book.wallets
        assert book.elsewhere == found["elsewhere"] | dict.fromkeys(
            [
                kind
                for kind, amount in book.elsewhere.items()
                if amount == 0 and kind not in found["elsewhere"]
            ],
            0,
        )
        assert book.elsewhere["CARD_CLEARING"] == -book.of_cards
        assert _statuses(found["orders"], self.orders) == [order.status for order in book.orders]
        assert _statuses(found["fundings"], self.fundings) == [funding.status for funding in book.fundings]
        assert _statuses(found["payouts"], self.payouts) == [payout.status for payout in book.payouts]
        assert _statuses(found["proposals"], self.proposals) == [one.status for one in book.proposals]
        assert sorted(map(self._refund_of_row, found["refunds"] or [])) == sorted(
            map(self._refund, book.refunds)
        )
        assert (found["disputes"] or {}) == {
            name: [one.status, one.taken, one.repaid]
            for name, one in zip(self.disputes, book.disputes, strict=True)
            if one.status
        }
        assert set(found["frozen"] or []) == book.frozen
        assert found["tries"] == book.tries
        if self.age % BOOKS_EACH == 0:
            assert worlds.breaches() == book.breaches

    # --- For the steps --------------------------------------------------------------------------

    def agree(self, expected: str, act: Callable[[], Any]) -> None:
        assert outcome(act) == expected
        self.seen[expected] += 1

    def pick(self, which: int, rows: list[T], names: list[Any], *wanted: str) -> tuple[T, Any]:
        """One of the model's, and the product's name of it: in a wanted status, four times of five."""
        apt = [number for number, row in enumerate(rows) if getattr(row, "status", "") in wanted]
        choice = apt if apt and which % 5 else range(len(rows))
        number = choice[which // 5 % len(choice)] if which >= 0 else which
        return rows[number], names[number]

    def pick_order(self, which: int, *wanted: str) -> tuple[facts.Order, Order]:
        order, pk = self.pick(which, self.book.orders, self.orders, *wanted)
        return order, Order.objects.select_related("payer", "payee", "payee_user").get(pk=pk)

    def _refund(self, refund: facts.Refund) -> tuple[str, str, int, str]:
        order = self.orders[_index(self.book.orders, refund.order)] if refund.order else ""
        funding = self.fundings[_index(self.book.fundings, refund.funding)] if refund.funding else ""
        return str(order), str(funding), refund.amount, refund.status

    def _refund_of_row(self, row: list[Any]) -> tuple[str, str, int, str]:
        _id, order, funding, amount, status = row
        return order or "", funding or "", amount, status


def _index(rows: list[T], row: T) -> int:
    return next(number for number, one in enumerate(rows) if one is row)


def _statuses(found: dict[str, str] | None, names: list[Any]) -> list[str]:
    return [(found or {})[str(name)] for name in names]
