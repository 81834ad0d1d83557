"""Posts, orders and their ends."""

from __future__ import annotations

from tests.faults.plain.facts import (
    CLAIM_LIFETIME,
    COUNTED,
    DAY,
    LIFETIME,
    MONTH,
    OPEN_AT_ONCE,
    PLACED_A_DAY,
    REVIEW_LIFETIME,
    WALLET,
    Facts,
    Order,
)

ONE, TOTAL, TIMES = 30_00, 100_00, 5  # What may go by the code alone.


class Orders(Facts):
    # --- On X ---------------------------------------------------------------------------------

    def link(self, member: str, account: str) -> str:
        if self.accounts[account] == member:
            return "linked"
        if self.accounts[account]:
            return "AlreadyLinked"
        if member in self.accounts.values():
            return "HasAnother"
        self.accounts[account] = member
        self.release_claims()  # What waited for its owner is theirs at once.
        return "linked"

    def unlink(self, member: str) -> str:
        for account, owner in self.accounts.items():
            if owner == member:
                self.accounts[account] = ""
                return "unlinked"
        return "NotLinked"

    def post(self, author: str, account: str, amount: int) -> str:  # noqa: PLR0911  # a list of rules
        """An order posted by an account, to an account."""
        payer, payee = self.accounts[author], self.accounts[account]
        if not payer:
            return "not_linked"
        if payee == payer:
            return "payee_is_payer"
        if account in self.refusing:
            return "payee_refuses"
        if payer in self.frozen:
            return "frozen"
        order = Order(payer, account, payee, amount)
        if self._over_limit(order, payee):
            return "over_limit"
        mine = [one for one in self.orders if one.payer == payer and one.age < LIFETIME]
        if sum(one.is_due for one in mine) >= OPEN_AT_ONCE or len(mine) >= PLACED_A_DAY:
            return "too_many"
        self.orders.append(order)
        return "ORDER"

    def unsay(self, order: Order) -> None:
        """Its post is edited or deleted."""
        if order.status == "PENDING":
            order.status = "VOIDED"
        elif order.status == "FUNDING":
            order.is_unsaid = True

    # --- The payer's word -----------------------------------------------------------------------

    def confirm(  # noqa: PLR0911  # a list of rules
        self, order: Order, *, is_right: bool, has_proof: bool = False, by_card: bool = False
    ) -> str:
        """What came of the code; FUNDING is for the caller to go on with."""
        if not order.is_due:
            return "OrderClosed"
        if refusal := self.check_code(order.payer, is_right=is_right):
            return refusal
        if order.payer in self.frozen:
            return "Frozen"
        holder, verdict = self.accounts[order.account], self.verdicts.get(order.account, "")
        if why := self._why_not(order, holder):
            order.status = "VOIDED"
            return why
        if why := self._over_limit(order, holder):
            return why
        if verdict == "REFUSE":
            order.status = "VOIDED"
            return "Refused"
        if not has_proof and (verdict == "FACTOR" or self._wants_proof(order)):
            return "ProofNeeded"
        is_short = order.amount > self.wallets[order.payer]
        if is_short and not by_card:
            return "InsufficientFunds"
        self.by_code_alone[order.payer] = (
            [] if has_proof else [*self.by_code_alone[order.payer], order.amount]
        )
        order.payee, order.since_code, order.is_watched = holder, 0, order.is_watched or verdict == "REVIEW"
        if is_short:
            order.status = "FUNDING"
        else:
            self._settle(order, is_to_review=verdict == "REVIEW")
        return order.status

    def decline(self, order: Order) -> str:
        if order.status != "PENDING":
            return "OrderClosed"
        order.status = "DECLINED"
        return "DECLINED"

    def take_back(self, order: Order) -> str:
        return self._give_back(order, "CANCELLED") if order.status == "HELD" else "OrderClosed"

    def alarm(self, order: Order) -> str:
        """“This was not me”: the payer's money stands still, and what has not ended does."""
        self.frozen.add(order.payer)
        self.decline(order)
        self.take_back(order)
        if order.status == "REVIEW":
            self._give_back(order, "RETURNED")
        return order.status

    # --- A card was asked for what lacked --------------------------------------------------------

    def resume(self, order: Order) -> bool:
        """The card has paid its part: whether that pays the order."""
        if order.status != "FUNDING":
            return False
        holder = self.accounts[order.account]
        is_frozen = order.payer in self.frozen
        why = "" if is_frozen else self._why_not(order, holder)
        if is_frozen or why or order.amount > self.wallets[order.payer]:
            self.wait_again(order, is_void=bool(why))
            return False
        order.payee = holder
        self._settle(order, is_to_review=order.is_watched)
        return True

    def wait_again(self, order: Order, *, is_void: bool = False) -> None:
        order.status = "VOIDED" if is_void or order.is_unsaid else "PENDING"

    # --- Money that waits ------------------------------------------------------------------------

    def release_claims(self) -> None:
        """Whoever has joined has what waited for them; the payer, who nobody pays, has it back.

        What a frozen payer ordered waits on.
        """
        for order in self._of("HELD"):
            if order.payer in self.frozen:
                continue
            holder = self.accounts[order.account]
            if holder and self._why_not(order, holder):
                self._give_back(order, "RETURNED")
            elif holder:
                self._pay(order, holder)

    def release_review(self, order: Order) -> str:
        """As staff decide."""
        if order.status != "REVIEW":
            return "NotInReview"
        if order.payer in self.frozen:
            return "Frozen"
        holder = self.accounts[order.account]
        if why := self._why_not(order, holder):
            return why
        self._pay_or_hold(order, holder)
        return order.status

    def return_review(self, order: Order) -> str:
        return self._give_back(order, "RETURNED") if order.status == "REVIEW" else "NotInReview"

    def expire(self) -> None:
        for order in self._of("PENDING"):
            if order.left <= 0:
                order.status = "EXPIRED"

    def return_claims(self) -> None:
        for order in self._of("HELD"):
            if order.left <= 0 or order.account in self.refusing:
                self._give_back(order, "RETURNED")

    def return_reviews(self) -> None:
        for order in self._of("REVIEW"):
            if order.since_review >= REVIEW_LIFETIME:
                self._give_back(order, "RETURNED")

    # --- Rules -----------------------------------------------------------------------------------

    def _over_limit(self, order: Order, holder: str) -> str:
        given = [
            one
            for one in self.orders
            if one.payer == order.payer and one is not order and one.status in COUNTED
        ]
        month = sum(one.amount for one in given if one.since_code < 30 * 24)
        day = sum(one.amount for one in given if one.since_code < 24)
        if order.amount > self.cap or month + order.amount > MONTH or day + order.amount > DAY:
            return "OverLimit"
        return "PayeeIsFull" if holder and self.wallets[holder] + order.amount > WALLET else ""

    def _wants_proof(self, order: Order) -> bool:
        alone = self.by_code_alone[order.payer]
        return order.amount > ONE or sum(alone) + order.amount > TOTAL or len(alone) >= TIMES

    def _why_not(self, order: Order, holder: str) -> str:
        if holder == order.payer:
            return "PayeeIsPayer"
        if order.account in self.refusing:
            return "PayeeRefuses"
        return "PayeeChanged" if order.payee and order.payee != holder else ""

    def _settle(self, order: Order, *, is_to_review: bool) -> None:
        self.wallets[order.payer] -= order.amount
        if is_to_review:
            order.status, order.since_review = "REVIEW", 0
        else:
            self._pay_or_hold(order, self.accounts[order.account])

    def _pay_or_hold(self, order: Order, holder: str) -> None:
        if holder:
            self._pay(order, holder)
        else:
            order.status, order.left = "HELD", CLAIM_LIFETIME

    def _pay(self, order: Order, holder: str) -> None:
        self.wallets[holder] += order.amount
        order.status, order.payee = "PAID", holder

    def _give_back(self, order: Order, status: str) -> str:
        self.wallets[order.payer] += order.amount
        order.status = status
        return status

    def _of(self, status: str) -> list[Order]:
        return [order for order in self.orders if order.status == status]
