"""What is known: members, what they hold, and each thing that has a life."""

from __future__ import annotations

from dataclasses import dataclass, field

LIFETIME, CLAIM_LIFETIME, REVIEW_LIFETIME = 24, 168, 120
PROPOSAL_LIFETIME = 168
OPEN_AT_ONCE, PLACED_A_DAY, TRIES = 3, 10, 5
DAY, MONTH, WALLET = 200_00, 500_00, 900_00  # of the policy, as the lives are begun with it
COUNTED = {"FUNDING", "REVIEW", "HELD", "PAID"}
CAP = 250_00
OUT_DAY, OUT_MONTH = 150_00, 300_00  # of what is cashed out
NEW = 24
OF_OLD = 9 * 24


@dataclass
class Order:
    payer: str
    account: str  # the payee's, on X
    payee: str  # the member who held that account then, or nobody
    amount: int
    status: str = "PENDING"
    age: int = 0
    left: int = LIFETIME  # until its code, or its claim, comes too late
    since_code: int = 0
    since_review: int = 0
    is_watched: bool = False  # a rule wanted it looked at when its code was given
    is_unsaid: bool = False  # its post was taken back while a card was asked

    @property
    def is_due(self) -> bool:
        return self.status == "PENDING" and self.left > 0

    @property
    def is_stuck(self) -> bool:
        return (self.status in {"PENDING", "HELD"} and self.left < 0) or (
            self.status == "REVIEW" and self.since_code > REVIEW_LIFETIME + 24
        )

    def grow_older(self, hours: int) -> None:
        self.age += hours
        self.left -= hours
        self.since_code += hours
        self.since_review += hours


@dataclass
class Funding:
    """Money that is asked of a member's card, for an order or for themselves."""

    member: str
    amount: int
    order: Order | None = None
    status: str = "CREATED"
    charge: str = ""  # at the processor: taken, asks, refused; nothing where it is not known there
    age: int = 0

    @property
    def is_open(self) -> bool:
        return self.status not in {"SUCCEEDED", "FAILED"}

    def grow_older(self, hours: int) -> None:
        self.age += hours


@dataclass
class Refund:
    """Of an order to its payer, of a top-up to its card, or one, then the other."""

    amount: int
    order: Order | None = None
    funding: Funding | None = None
    status: str = "SUCCEEDED"
    at_processor: str = ""  # taken, waits, refused; nothing where it is not known there
    is_of_system: bool = False


@dataclass
class Dispute:
    """A top-up that a cardholder's bank takes back."""

    funding: Funding
    amount: int
    stated: str = "OPEN"  # by the processor
    status: str = ""  # by us; nothing as long as we have not heard
    taken: int = 0
    to_collect: int = 0  # as two of staff decided: so much of what is owed, as money comes in
    collected: int = 0
    borne: int = 0  # by us, as two of staff decided

    @property
    def owed(self) -> int:
        return 0 if self.status in {"", "WON"} else self.amount - self.taken - self.repaid

    @property
    def repaid(self) -> int:
        return self.collected + self.borne


@dataclass
class File:
    """Payouts on their way to the bank."""

    payouts: list[Payout]
    is_sent: bool = False
    age: int = 0
    again_in: int = 0  # hours until a file that the bank refused is sent again

    def grow_older(self, hours: int) -> None:
        self.age += hours
        self.again_in -= hours


@dataclass
class Payout:
    member: str
    amount: int
    status: str = "REQUESTED"
    wait: int = 0  # hours until it may leave, counted on below nothing
    age: int = 0
    file: File | None = None

    @property
    def is_stuck(self) -> bool:
        if self.status == "EXPORTED" and self.file:
            return self.file.age > (168 if self.file.is_sent else 24)
        return self.status == "REQUESTED" and min(self.age, -self.wait) > 24

    def grow_older(self, hours: int) -> None:
        self.age += hours
        self.wait -= hours


@dataclass
class Proposal:
    """What one of staff wants to do to something, and another has to allow."""

    kind: str
    about: object
    by: str
    amount: int = 0
    to_card: bool = False
    status: str = "OPEN"
    age: int = 0

    def grow_older(self, hours: int) -> None:
        self.age += hours


@dataclass
class Facts:
    members: tuple[str, ...]
    accounts: dict[str, str]  # an account on X → the member who linked it, or nothing
    wallets: dict[str, int]
    tries: dict[str, int] = field(default_factory=dict)
    by_code_alone: dict[str, list[int]] = field(default_factory=dict)  # since something more was shown
    since_change: dict[str, int] = field(default_factory=dict)  # hours that all about them is as it was
    frozen: set[str] = field(default_factory=set)
    refusing: set[str] = field(default_factory=set)  # accounts that want no money
    verdicts: dict[str, str] = field(default_factory=dict)  # of a rule, on orders to an account
    cap: int = CAP
    orders: list[Order] = field(default_factory=list)
    fundings: list[Funding] = field(default_factory=list)
    refunds: list[Refund] = field(default_factory=list)
    disputes: list[Dispute] = field(default_factory=list)
    to_collect: list[Dispute] = field(default_factory=list)  # in the order in which it was decided
    payouts: list[Payout] = field(default_factory=list)
    files: list[File] = field(default_factory=list)
    proposals: list[Proposal] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.put_in = sum(self.wallets.values())
        self.tries = dict.fromkeys(self.members, 0)
        self.since_change = dict.fromkeys(self.members, OF_OLD)
        self.by_code_alone = {member: [] for member in self.members}

    def check_code(self, member: str, *, is_right: bool) -> str:
        """Why they may not go on, if anything."""
        if self.tries[member] >= TRIES:
            return "CodeLocked"
        if not is_right:
            self.tries[member] += 1
            return "WrongCode"
        self.tries[member] = 0
        return ""

    def unlock(self, member: str) -> None:
        """By a new code."""
        self.tries[member] = self.since_change[member] = 0

    @property
    def elsewhere(self) -> dict[str, int]:
        """What the accounts hold that are nobody's wallet; all that there is came from cards."""
        aside = sum(order.amount for order in self.orders if order.status in {"HELD", "REVIEW"})
        leaving = sum(one.amount for one in self.payouts if one.status in {"REQUESTED", "EXPORTED"})
        gone = sum(one.amount for one in self.payouts if one.status == "SETTLED")
        owed = sum(dispute.owed for dispute in self.disputes)
        borne = sum(dispute.borne for dispute in self.disputes)
        there = {"HELD": aside, "PAYOUT": leaving, "BANK": gone, "RECEIVABLE": -owed, "LOSSES": -borne}
        return there | {"CARD_CLEARING": -(sum(self.wallets.values()) + sum(there.values()))}

    @property
    def of_cards(self) -> int:
        """What cards have paid in, and was not given back: what clearing must hold, counted the other way."""
        paid = sum(one.amount for one in self.fundings if one.status == "SUCCEEDED")
        back = sum(one.amount for one in self.refunds if one.funding and one.status != "FAILED")
        contested = sum(one.amount for one in self.disputes if one.status in {"OPEN", "LOST"})
        return self.put_in + paid - back - contested
