"""What members do on the site with their orders, and time, that passes for all."""

from __future__ import annotations

from uuid import uuid4

from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from accounts import codes
from payments import alarms, claims, expiry, ledger, orders, proposals, refunds, reviews, strong
from payments.models import Order
from tests.faults.lives import world as worlds
from tests.faults.lives.life import ANY, MEMBERS, MOSTLY
from tests.faults.lives.on_x import PAIRS, OnX
from tests.people import CODE

WRONG = "804913"


class OnSite(OnX):
    @precondition(lambda self: self.book.orders)
    @rule(is_right=MOSTLY, has_proof=st.booleans())
    def confirm_newest(self, is_right: bool, has_proof: bool) -> None:
        self.confirm(-1, is_right, has_proof)

    @precondition(lambda self: self.book.orders)
    @rule(which=ANY, is_right=MOSTLY, has_proof=st.booleans())
    def confirm(self, which: int, is_right: bool, has_proof: bool) -> None:
        order, row = self.pick_order(which, "PENDING")
        expected = self.book.confirm(order, is_right=is_right, has_proof=has_proof)
        proof = self.proof_of(row) if has_proof else None
        self.agree(expected, lambda: orders.confirm(row, code=CODE if is_right else WRONG, proof=proof))

    @rule(pair=PAIRS, amount=st.integers(1, 60_00))
    def pay(self, pair: tuple[str, str], amount: int) -> None:
        """Somebody posts and confirms, as most orders go."""
        before = len(self.orders)
        self.post(*pair, amount)
        if len(self.orders) > before:
            self.confirm(-1, True, True)

    @precondition(lambda self: self.book.orders)
    @rule(which=ANY)
    def decline(self, which: int) -> None:
        order, row = self.pick_order(which, "PENDING")
        self.agree(self.book.decline(order), lambda: orders.decline(row))

    @precondition(lambda self: self.book.orders)
    @rule(which=ANY)
    def take_back(self, which: int) -> None:
        order, row = self.pick_order(which, "HELD")
        self.agree(self.book.take_back(order), lambda: claims.take_back(row))

    @precondition(lambda self: self.book.orders and len(self.book.frozen) < 2)
    @rule(which=ANY)
    def say_that_it_was_not_me(self, which: int) -> None:
        order, row = self.pick_order(which)
        self.book.alarm(order)
        alarms.raise_by_payer(row)

    @precondition(lambda self: self.book.orders)
    @rule(which=ANY, part=st.integers(1, 110), is_right=MOSTLY)
    def give_back(self, which: int, part: int, is_right: bool) -> None:
        """The payee gives back so many hundredths of a payment, or a little more than it was."""
        order, row = self.pick_order(which, "PAID")
        amount = max(1, order.amount * part // 100)
        expected = self.book.give(order, amount, is_right=is_right)
        code = CODE if is_right else WRONG
        self.agree(expected, lambda: refunds.give(row, amount=amount, code=code, key=uuid4()))

    @rule(member=MEMBERS)
    def unlock(self, member: str) -> None:
        self.book.unlock(member)
        codes.unlock(self.world.users[member], CODE)

    @rule(hours=st.sampled_from([1, 2, 23, 24, 25, 24 * 7, 24 * 30]))
    def wait(self, hours: int) -> None:
        self.book.wait(hours)
        worlds.grow_older(hours)

    @rule(what=st.sampled_from(["orders", "orders", "claims", "claims", "reviews", "the rest"]))
    def sweep(self, what: str) -> None:
        """One of those that beat runs."""
        match what:
            case "orders":
                self.book.expire()
                expiry.expire_due()
            case "claims":
                self.book.release_claims()
                claims.release_due()
                self.book.return_claims()
                claims.return_due()
            case "reviews":
                self.book.return_reviews()
                reviews.return_due()
            case _:
                self.book.sweep_proposals()
                proposals.expire_due()
                claims.remind_due()
                ledger.roll_up()

    def proof_of(self, row: Order) -> strong.Proof:
        """The payer agrees on a browser that they are known by."""
        device = self.world.devices[row.payer.name]
        return strong.prove_by_device(row, device, at=timezone.now())
