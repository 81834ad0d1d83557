"""The words of each notification, in the reader's language.

No link to the page of the code: whoever sends one is not us. No display name or note of a stranger
either, since those could say anything; a handle is letters, digits and underscores, a first name letters.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from accounts.models import Identity
from payments import member_wording, money, refund_wording, request_wording, seat_wording
from payments.models import Funding, Notification, Order, Payout, Request


@dataclass(frozen=True)
class Words:
    subject: str
    text: str


def of(notification: Notification, *, language: str) -> Words:  # noqa: PLR0911  # one for each thing that is told of
    """What is said in e-mail, SMS and the app."""
    with override(language):
        kind = Notification.Kind(notification.kind)
        if notification.payout is not None:
            return _about_payout(kind, notification.payout)
        if notification.repayment is not None:
            return Words(*refund_wording.of_repayment(notification.repayment))
        if notification.request is not None:
            return Words(*request_wording.of(kind, notification.request))
        if notification.seat is not None:
            return Words(*seat_wording.of(kind, notification.seat, to=notification.user))
        if about := notification.refund or notification.chargeback:
            return Words(*refund_wording.of(kind, about))
        if kind in member_wording.WORDS:
            subject, text = member_wording.WORDS[kind]
            return Words(str(subject), str(text))
        order = notification.order or (notification.funding.order if notification.funding else None)
        if order is not None and kind in _ABOUT_ORDERS:
            return _about_order(kind, order)
        assert notification.funding
        return _about_funding(kind, notification.funding)


def of_orders(kind: Notification.Kind, orders: Iterable[Order], *, language: str) -> list[Words]:
    """What `of` says where an order is told of, for whoever tells of many; its words are looked up once."""
    with override(language):
        subject, text = map(str, _ABOUT_ORDERS[kind])
        facts = map(_facts_of_order, orders)
        return [Words(subject % fact, text % fact) for fact in facts]


def reply(about: Order | Request, kind: Notification.Kind, *, language: str) -> str:
    """The public reply under its post: never an address, never twice the same words in a row."""
    with override(language):
        if isinstance(about, Request):
            return request_wording.reply(kind, about)
        order = about
        if order.payee.network == Identity.Network.PHONE:  # A number is nobody's business.
            facts = {"amount": amount(order.amount), "reference": order.reference}
            return _("Done: %(amount)s. Reference %(reference)s.") % facts
        facts = {
            "payee": str(order.payee),
            "amount": amount(order.amount),
            "reference": order.reference,
        }
        if kind == Notification.Kind.PAYMENT_HELD:
            return _invitation(order) % facts
        variants = (
            _("Done: %(payee)s has received %(amount)s. Reference %(reference)s."),
            _("Paid! %(amount)s went to %(payee)s. Reference %(reference)s."),
            _("%(payee)s now has the %(amount)s. Reference %(reference)s."),
        )
        return variants[order.pk.int % len(variants)] % facts


def _invitation(order: Order) -> str:
    """To a payee who has not joined: what waits for them, and how they get it."""
    variants = (
        _(
            "%(payee)s, %(amount)s wait for you at S-Money. Sign up in our app or on our site and link this"
            " X account within 7 days. Reference %(reference)s."
        ),
        _(
            "There are %(amount)s for you, %(payee)s: join S-Money within 7 days and link this X account,"
            " and they are yours. Reference %(reference)s."
        ),
    )
    return variants[order.pk.int % len(variants)]


def invitation(order: Order, *, language: str) -> str:
    """To a number that nobody has joined with: no name, since a payer could call themselves anything."""
    with override(language):
        return _(
            "S-Money: %(amount)s wait for this number. Sign up with it in our app or on our site within 7"
            " days, and they are yours. We never ask for a code or a card by message. Reference"
            " %(reference)s. Reply STOP to hear no more."
        ) % {"amount": amount(order.amount), "reference": order.reference}


def amount(cents: int) -> str:
    """The amount as the reader's language writes it."""
    return money.show(cents, get_language() or "fr")


def share(hundredths: int) -> str:
    """Hundredths of a percent as the reader's language writes them."""
    return money.share(hundredths, get_language() or "fr")


def _about_funding(kind: Notification.Kind, funding: Funding) -> Words:
    said = {"amount": amount(funding.amount)}
    if kind == Notification.Kind.WALLET_LOADED:
        return Words(
            _("%(amount)s in your wallet") % said,
            _("S-Money: your wallet was loaded with %(amount)s.") % said,
        )
    return Words(
        _("Your card was refused"),
        _("S-Money: your card was refused for %(amount)s. Nothing was taken.") % said,
    )


def moment(at: datetime | None) -> str:
    """A day and its hour, in the reader's language."""
    if at is None:
        return ""
    local = timezone.localtime(at)
    return _("%(day)s, %(hour)s") % {"day": date_format(local, "j F"), "hour": date_format(local, "H:i")}


def why(reason: str) -> str:
    """What the bank's code for why says to a person (ISO 20022, external status and return reasons)."""
    return str(_REASONS.get(reason, ""))


def _about_payout(kind: Notification.Kind, payout: Payout) -> Words:
    facts = {
        "amount": amount(payout.amount),
        "account": str(payout.bank_account),
        "why": why(payout.reason),
        "until": moment(payout.waits_until),
    }
    subject, text = _ABOUT_PAYOUTS[kind]
    return Words(str(subject) % facts, (str(text) % facts).strip())


def _about_order(kind: Notification.Kind, order: Order) -> Words:
    facts = _facts_of_order(order)
    subject, text = _ABOUT_ORDERS[kind]
    if kind == Notification.Kind.ORDER_VOIDED and order.kind != Order.Kind.SEND:
        text = _OVER
    return Words(str(subject) % facts, str(text) % facts)


def _facts_of_order(order: Order) -> dict[str, str]:
    return {
        "amount": amount(order.amount),
        "payee": str(order.payee),
        "payer": order.payer.get_short_name(),
        "reference": order.reference,
    }


_REASONS = {
    "AC01": _lazy("The account number is wrong."),
    "AC04": _lazy("The account is closed."),
    "AC06": _lazy("The account is blocked."),
    "AG01": _lazy("The account takes no transfers."),
    "BE05": _lazy("The holder’s name is another."),
    "CUST": _lazy("The holder sent it back."),
    "MD07": _lazy("The holder of the account has died."),
    "RC01": _lazy("The bank’s code is wrong."),
}
_ABOUT_PAYOUTS = {
    Notification.Kind.PAYOUT_REQUESTED: (
        _lazy("%(amount)s on their way to your bank"),
        _lazy(
            "S-Money: %(amount)s are reserved for your account %(account)s. You may cancel until they leave."
            " If this was not you, cancel it in your wallet and change your password."
        ),
    ),
    Notification.Kind.PAYOUT_WAITS: (
        _lazy("%(amount)s for your bank wait until %(until)s"),
        _lazy(
            "S-Money: %(amount)s for your account %(account)s leave on %(until)s, because something about"
            " your account is new. If this was not you, cancel it in your wallet and change your password."
        ),
    ),
    Notification.Kind.PAYOUT_ARRIVED: (
        _lazy("%(amount)s were paid to your bank"),
        _lazy("S-Money: %(amount)s were paid to your account %(account)s."),
    ),
    Notification.Kind.PAYOUT_RETURNED: (
        _lazy("%(amount)s are back on your wallet"),
        _lazy(
            "S-Money: the bank did not take %(amount)s for your account %(account)s. They are back on your"
            " wallet. %(why)s"
        ),
    ),
}
_OVER = _lazy(
    "S-Money: order %(reference)s (%(amount)s to %(payee)s) can no longer be paid, for instance because what"
    " it was for has ended. The order is void; nothing was paid."
)
_ABOUT_ORDERS = {
    Notification.Kind.ORDER_PENDING: (
        _lazy("%(amount)s to %(payee)s: enter your code"),
        _lazy(
            "S-Money: %(amount)s to %(payee)s waits for your secret code."
            " Open S-Money yourself to confirm. Order %(reference)s."
        ),
    ),
    Notification.Kind.ORDER_VOIDED: (
        _lazy("Order %(reference)s is void"),
        _lazy(
            "S-Money: the post or the payee of order %(reference)s (%(amount)s to %(payee)s) has changed."
            " The order is void; nothing was paid."
        ),
    ),
    Notification.Kind.ORDER_EXPIRED: (
        _lazy("Order %(reference)s expired"),
        _lazy(
            "S-Money: order %(reference)s (%(amount)s to %(payee)s) was not confirmed in time."
            " Nothing was paid."
        ),
    ),
    Notification.Kind.FUNDING_FAILED: (
        _lazy("Your card did not pay for order %(reference)s"),
        _lazy(
            "S-Money: %(amount)s to %(payee)s could not be paid: your card did not pay its part."
            " Nothing was paid. Open S-Money yourself to try again. Order %(reference)s."
        ),
    ),
    Notification.Kind.PAYMENT_RECEIVED: (
        _lazy("You received %(amount)s"),
        _lazy("S-Money: you received %(amount)s from %(payer)s. Reference %(reference)s."),
    ),
    Notification.Kind.ORDER_IN_REVIEW: (
        _lazy("We look at your %(amount)s to %(payee)s"),
        _lazy(
            "S-Money: before %(payee)s gets your %(amount)s we look at this payment. You will be told, at the"
            " latest in 5 days. If it was not you, say so on the order's page. Reference %(reference)s."
        ),
    ),
    Notification.Kind.PAYMENT_HELD: (
        _lazy("%(amount)s wait for %(payee)s"),
        _lazy(
            "S-Money: %(payee)s has not joined yet. Your %(amount)s wait for them for 7 days, then come back"
            " to you. You can take them back at any time. Reference %(reference)s."
        ),
    ),
    Notification.Kind.PROMISE_HELD: (
        _lazy("%(amount)s are set aside for %(payee)s"),
        _lazy(
            "S-Money: your %(amount)s for %(payee)s are set aside until it is decided whether they are"
            " needed. If not, all of it comes back to you. Reference %(reference)s."
        ),
    ),
    Notification.Kind.CLAIM_WAITS: (
        _lazy("%(payee)s has not claimed your %(amount)s yet"),
        _lazy(
            "S-Money: your %(amount)s still wait for %(payee)s, who has not joined. They come back to you in"
            " 4 days, or when you take them back. Reference %(reference)s."
        ),
    ),
    Notification.Kind.CLAIM_ENDS: (
        _lazy("Your %(amount)s for %(payee)s come back tomorrow"),
        _lazy(
            "S-Money: %(payee)s has one day left to claim your %(amount)s; then they come back to you."
            " Reference %(reference)s."
        ),
    ),
    Notification.Kind.PAYMENT_RETURNED: (
        _lazy("%(amount)s are back in your wallet"),
        _lazy(
            "S-Money: your %(amount)s could not be paid to %(payee)s and are back in your wallet."
            " Reference %(reference)s."
        ),
    ),
    Notification.Kind.PAYMENT_CANCELLED: (
        _lazy("You took back %(amount)s"),
        _lazy(
            "S-Money: you took back the %(amount)s for %(payee)s. They are in your wallet again."
            " Reference %(reference)s."
        ),
    ),
    Notification.Kind.PURCHASE_SENT: (
        _lazy("%(payee)s has sent you what you bought, or handed it over"),
        _lazy(
            "S-Money: %(payee)s has sent you what you bought for %(amount)s, or handed it over."
            " Order %(reference)s."
        ),
    ),
    Notification.Kind.PAYMENT_SENT: (
        _lazy("You paid %(amount)s to %(payee)s"),
        _lazy("S-Money: you paid %(amount)s to %(payee)s. Reference %(reference)s."),
    ),
}
