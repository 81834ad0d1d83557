"""The tables of money, by noun."""

from payments.models.callbacks import ApiKey, Callback, CallbackDelivery, Horizon, ReplacedSecret
from payments.models.cards import AcquirerEvent, Card, Funding
from payments.models.debts import DebtDecision, Repayment
from payments.models.erasures import Erasure
from payments.models.feed import FeedEntry, Publicity
from payments.models.fees import FeeBracket, FeeCharge
from payments.models.guards import Halt, SafeguardingDay
from payments.models.ledger import Balance, Entry, LedgerAccount, Transfer
from payments.models.limits import Limit, OwnLimit
from payments.models.notices import Delivery, Notification
from payments.models.orders import Order, OrderEvent
from payments.models.payout_plans import PayoutPlan
from payments.models.payouts import BankAccount, BankFile, Payout, PayoutBatch, PayoutEvent
from payments.models.proposals import Proposal
from payments.models.refunds import Chargeback, Refund
from payments.models.requests import NoStrangers, Request, RequestEvent, Split
from payments.models.risk import Confirmation, HeldOrder, Review, RiskFinding
from payments.models.silences import Silence

__all__ = [
    "AcquirerEvent",
    "ApiKey",
    "Balance",
    "BankAccount",
    "BankFile",
    "Callback",
    "CallbackDelivery",
    "Card",
    "Chargeback",
    "Confirmation",
    "DebtDecision",
    "Delivery",
    "Entry",
    "Erasure",
    "FeeBracket",
    "FeeCharge",
    "FeedEntry",
    "Funding",
    "Halt",
    "HeldOrder",
    "Horizon",
    "LedgerAccount",
    "Limit",
    "NoStrangers",
    "Notification",
    "Order",
    "OrderEvent",
    "OwnLimit",
    "Payout",
    "PayoutBatch",
    "PayoutEvent",
    "PayoutPlan",
    "Proposal",
    "Publicity",
    "Refund",
    "Repayment",
    "ReplacedSecret",
    "Request",
    "RequestEvent",
    "Review",
    "RiskFinding",
    "SafeguardingDay",
    "Silence",
    "Split",
    "Transfer",
]
