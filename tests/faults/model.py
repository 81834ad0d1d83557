"""S-Money in plain Python, without a database: what every act must come to, and what everybody holds then.

Written apart from the product, from its rules; outcomes are words. Time is whole hours, money cents. Sums of
a day, a month, a night, and what a wallet may hold are without limit here.
"""

from __future__ import annotations

from dataclasses import dataclass, field

LIFETIME, CLAIM_LIFETIME, OPEN_AT_ONCE, PLACED_A_DAY, TRIES = 24, 168, 3, 10, 5
SMALLEST_LOAD, LARGEST_LOAD = 5_00, 500_00
CAP = 250_00


@dataclass
class Order:
    payer: str
    account: str  # the payee's, on X
    payee: str  # the member who held that account then, or nobody
    amount: int
    status: str = "PENDING"
    age: int = 0
    left: int = LIFETIME  # until its code, or its claim, comes too late

    @property
    def is_due(self) -> bool:
        return self.status == "PENDING" and self.left > 0


@dataclass
class Funding:
    member: str
    amount: int
    status: str = "CREATED"
    charge: str = (
        ""  # how it stands at the processor: taken, asks, refused; nothing where it is not known there
    )
    age: int = 0

    @property
    def is_open(self) -> bool:
        return self.status not in {"SUCCEEDED", "FAILED"}


@dataclass
class Book:
    """All that is true."""

    members: tuple[str, ...]
    accounts: dict[str, str]  # an account on X → the member who linked it, or nothing
    wallets: dict[str, int] = field(default_factory=dict)
    tries: dict[str, int] = field(default_factory=dict)
    orders: list[Order] = field(default_factory=list)
    fundings: list[Funding] = field(default_factory=list)
    refusing: set[str] = field(default_factory=set)  # accounts that want no money
    cap: int = CAP

    def __post_init__(self) -> None:
        self.wallets = dict.fromkeys(self.members, 0) | self.wallets
        self.tries = dict.fromkeys(self.members, 0)

    # --- On X ---------------------------------------------------------------------------------

    def link(self, member: str, account: str) -> str:
        if self.accounts[account] == member:
            return "linked"
        if self.accounts[account]:
            return "AlreadyLinked"
        if member in self.accounts.values():
            return "HasAnother"
        self.accounts[account] = member
        self.release()  # What waited for its owner is theirs at once.
        return "linked"

    def unlink(self, member: str) -> str:
        for account, owner in self.accounts.items():
            if owner == member:
                self.accounts[account] = ""
                return "unlinked"
        return "NotLinked"

    def post(self, author: str, account: str, amount: int) -> str:
        """An order posted by an account, to an account."""
        payer, payee = self.accounts[author], self.accounts[account]
        if not payer:
            return "not_linked"
        if payee == payer:
            return "payee_is_payer"
        if account in self.refusing:
            return "payee_refuses"
        if amount > self.cap:
            return "over_limit"
        mine = [order for order in self.orders if order.payer == payer and order.age < LIFETIME]
        if sum(order.is_due for order in mine) >= OPEN_AT_ONCE or len(mine) >= PLACED_A_DAY:
            return "too_many"
        self.orders.append(Order(payer, account, payee, amount))
        return "ORDER"

    def unsay(self, order: Order) -> None:
        """Its post is edited or deleted."""
        if order.status == "PENDING":
            order.status = "VOIDED"

    # --- On the site ----------------------------------------------------------------------------

    def confirm(self, order: Order, *, is_right: bool) -> str:  # noqa: PLR0911  # a list of rules
        if not order.is_due:
            return "OrderClosed"
        if self.tries[order.payer] >= TRIES:
            return "CodeLocked"
        if not is_right:
            self.tries[order.payer] += 1
            return "WrongCode"
        self.tries[order.payer] = 0
        holder = self.accounts[order.account]
        if why := self._why_not(order, holder):
            order.status = "VOIDED"
            return why
        if order.amount > self.cap:
            return "OverLimit"
        if order.amount > self.wallets[order.payer]:
            return "InsufficientFunds"
        self.wallets[order.payer] -= order.amount
        if holder:
            self._pay(order, holder)
        else:
            order.status, order.left = "HELD", CLAIM_LIFETIME
        return order.status

    def _why_not(self, order: Order, holder: str) -> str:
        if holder == order.payer:
            return "PayeeIsPayer"
        if order.account in self.refusing:
            return "PayeeRefuses"
        return "PayeeChanged" if order.payee and order.payee != holder else ""

    def _pay(self, order: Order, holder: str) -> None:
        self.wallets[holder] += order.amount
        order.status, order.payee = "PAID", holder

    # --- Money that waits for its owner ---------------------------------------------------------

    def release(self) -> None:
        """Whoever has joined has what waited for them; the payer, who nobody pays, has it back."""
        for order in self._held():
            holder = self.accounts[order.account]
            if holder and self._why_not(order, holder):
                self._give_back(order, "RETURNED")
            elif holder:
                self._pay(order, holder)

    def cancel(self, order: Order) -> str:
        if order.status != "HELD":
            return "OrderClosed"
        self._give_back(order, "CANCELLED")
        return "CANCELLED"

    def _give_back(self, order: Order, status: str) -> None:
        self.wallets[order.payer] += order.amount
        order.status = status

    def _held(self) -> list[Order]:
        return [order for order in self.orders if order.status == "HELD"]

    def decline(self, order: Order) -> str:
        if order.status != "PENDING":
            return "OrderClosed"
        order.status = "DECLINED"
        return "DECLINED"

    def unlock(self, member: str) -> None:
        self.tries[member] = 0

    # --- The card -------------------------------------------------------------------------------

    def load(self, member: str, amount: int, *, processor: str) -> str:
        """`processor` takes it, asks, refuses, takes it unheard, or is away."""
        if amount < SMALLEST_LOAD:
            return "TooSmall"
        if amount > LARGEST_LOAD:
            return "OverLimit"
        funding = Funding(member, amount)
        self.fundings.append(funding)
        funding.charge = {"takes": "taken", "asks": "asks", "refuses": "refused", "unheard": "taken"}.get(
            processor, ""
        )
        if processor in {"unheard", "away"}:
            funding.status = "UNKNOWN"
        else:
            self.hear(funding)
        return funding.status

    def answer_bank(self, funding: Funding, *, is_yes: bool) -> None:
        """The cardholder answers; nobody tells us."""
        if funding.charge == "asks":
            funding.charge = "taken" if is_yes else "refused"

    def hear(self, funding: Funding) -> None:
        """We are told how it stands at the processor."""
        if funding.status == "SUCCEEDED":
            return
        if funding.charge == "taken":
            funding.status = "SUCCEEDED"
            self.wallets[funding.member] += funding.amount
        elif funding.is_open:
            funding.status = {"asks": "ACTION", "refused": "FAILED"}.get(funding.charge, funding.status)

    # --- Time -----------------------------------------------------------------------------------

    def wait(self, hours: int) -> None:
        for order in self.orders:
            order.age += hours
            order.left -= hours
        for funding in self.fundings:
            funding.age += hours

    def sweep(self) -> None:
        for order in self.orders:
            if order.status == "PENDING" and order.left <= 0:
                order.status = "EXPIRED"
        self.release()
        for order in self._held():
            if order.left <= 0 or order.account in self.refusing:
                self._give_back(order, "RETURNED")
        for funding in self.fundings:
            if not funding.is_open:
                continue
            if funding.age and funding.charge == "asks" and funding.status != "UNKNOWN":
                funding.charge = "refused"  # Whoever has not answered in an hour will not.
            if funding.age and not funding.charge:
                funding.status = "FAILED"
            self.hear(funding)

    @property
    def breaches(self) -> set[str]:
        """What the self-check must find now, and nothing else."""
        is_stuck = any(order.status in {"PENDING", "HELD"} and order.left < 0 for order in self.orders)
        return {"no order is stuck"} if is_stuck else set()
