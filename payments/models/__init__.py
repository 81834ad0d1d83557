"""The tables of money, by noun."""

from payments.models.cards import AcquirerEvent, Card, Funding
from payments.models.ledger import Balance, Entry, LedgerAccount, Transfer
from payments.models.limits import Limit, OwnLimit
from payments.models.notices import Delivery, Notification
from payments.models.orders import Order, OrderEvent
from payments.models.payouts import BankAccount, BankFile, Payout, PayoutBatch, PayoutEvent

__all__ = [
    "AcquirerEvent",
    "Balance",
    "BankAccount",
    "BankFile",
    "Card",
    "Delivery",
    "Entry",
    "Funding",
    "LedgerAccount",
    "Limit",
    "Notification",
    "Order",
    "OrderEvent",
    "OwnLimit",
    "Payout",
    "PayoutBatch",
    "PayoutEvent",
    "Transfer",
]
