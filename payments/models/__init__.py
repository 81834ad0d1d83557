"""The tables of money, by noun."""

from payments.models.cards import AcquirerEvent, Card, Funding
from payments.models.guards import Halt, SafeguardingDay
from payments.models.ledger import Balance, Entry, LedgerAccount, Transfer
from payments.models.limits import Limit, OwnLimit
from payments.models.notices import Delivery, Notification
from payments.models.orders import Order, OrderEvent
from payments.models.proposals import Proposal
from payments.models.refunds import Chargeback, Refund

__all__ = [
    "AcquirerEvent",
    "Balance",
    "Card",
    "Chargeback",
    "Delivery",
    "Entry",
    "Funding",
    "Halt",
    "LedgerAccount",
    "Limit",
    "Notification",
    "Order",
    "OrderEvent",
    "OwnLimit",
    "Proposal",
    "Refund",
    "SafeguardingDay",
    "Transfer",
]
