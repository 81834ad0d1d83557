"""The tables of money, by noun."""

from payments.models.cards import AcquirerEvent, Card, Funding
from payments.models.ledger import Balance, Entry, LedgerAccount, Transfer
from payments.models.limits import Limit, OwnLimit
from payments.models.notices import Delivery, Notification
from payments.models.orders import Order, OrderEvent

__all__ = [
    "AcquirerEvent",
    "Balance",
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
    "Transfer",
]
