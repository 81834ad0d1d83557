"""The tables of money, by noun."""

from payments.models.cards import AcquirerEvent, Card, Funding
from payments.models.ledger import Balance, Entry, LedgerAccount, Transfer
from payments.models.notices import Delivery, Notification
from payments.models.orders import Limit, Order, OrderEvent
from payments.models.proposals import Proposal
from payments.models.risk import Confirmation, HeldOrder, Review, RiskFinding

__all__ = [
    "AcquirerEvent",
    "Balance",
    "Card",
    "Confirmation",
    "Delivery",
    "Entry",
    "Funding",
    "HeldOrder",
    "LedgerAccount",
    "Limit",
    "Notification",
    "Order",
    "OrderEvent",
    "Proposal",
    "Review",
    "RiskFinding",
    "Transfer",
]
