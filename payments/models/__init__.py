"""The tables of money, by noun."""

from payments.models.cards import AcquirerEvent, Card, Funding
from payments.models.debts import DebtDecision, Repayment
from payments.models.erasures import Erasure
from payments.models.guards import Halt, SafeguardingDay
from payments.models.ledger import Balance, Entry, LedgerAccount, Transfer
from payments.models.limits import Limit, OwnLimit
from payments.models.notices import Delivery, Notification
from payments.models.orders import Order, OrderEvent
from payments.models.payouts import BankAccount, BankFile, Payout, PayoutBatch, PayoutEvent
from payments.models.proposals import Proposal
from payments.models.refunds import Chargeback, Refund
from payments.models.risk import Confirmation, HeldOrder, Review, RiskFinding

__all__ = [
    "AcquirerEvent",
    "Balance",
    "BankAccount",
    "BankFile",
    "Card",
    "Chargeback",
    "Confirmation",
    "DebtDecision",
    "Delivery",
    "Entry",
    "Erasure",
    "Funding",
    "Halt",
    "HeldOrder",
    "LedgerAccount",
    "Limit",
    "Notification",
    "Order",
    "OrderEvent",
    "OwnLimit",
    "Payout",
    "PayoutBatch",
    "PayoutEvent",
    "Proposal",
    "Refund",
    "Repayment",
    "Review",
    "RiskFinding",
    "SafeguardingDay",
    "Transfer",
]
