"""The words of each notification, in the reader's language.

No link to the page of the code: whoever sends one is not us. No display name or note of a
stranger either, since those could say anything; a handle is letters, digits and underscores.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from payments import money
from payments.models import Notification, Order


@dataclass(frozen=True)
class Words:
    subject: str
    text: str


def of(notification: Notification, *, language: str) -> Words:
    """What is said in e-mail, SMS and the app."""
    with override(language):
        match notification.kind, notification.order, notification.funding:
            case kind, Order() as order, _funding:
                return _about_order(Notification.Kind(kind), order)
            case Notification.Kind.WALLET_LOADED, _order, funding if funding:
                said = {"amount": amount(funding.amount)}
                return Words(
                    _("%(amount)s in your wallet") % said,
                    _("S-Money: your wallet was loaded with %(amount)s.") % said,
                )
            case Notification.Kind.LOAD_REFUSED, _order, funding if funding:
                said = {"amount": amount(funding.amount)}
                return Words(
                    _("Your card was refused"),
                    _("S-Money: your card was refused for %(amount)s. Nothing was taken.") % said,
                )
        return Words(
            _("Your secret code is locked"),
            _(
                "S-Money: five wrong codes, so your secret code is locked. Unlock it in your settings."
                " If this was not you, change your password."
            ),
        )


def reply(order: Order, kind: Notification.Kind, *, language: str) -> str:
    """The public reply under the order's post: never an address, never twice the same words in a row."""
    with override(language):
        facts = {
            "payee": f"@{order.payee.handle}",
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


def amount(cents: int) -> str:
    """The amount as the reader's language writes it."""
    return money.show(cents, get_language() or "fr")


def _about_order(kind: Notification.Kind, order: Order) -> Words:
    facts = {
        "amount": amount(order.amount),
        "payee": f"@{order.payee.handle}",
        "payer": order.payer.get_short_name(),
        "reference": order.reference,
    }
    subject, text = _ABOUT_ORDERS[kind]
    return Words(str(subject) % facts, str(text) % facts)


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
    Notification.Kind.PAYMENT_RECEIVED: (
        _lazy("You received %(amount)s"),
        _lazy("S-Money: you received %(amount)s from %(payer)s. Reference %(reference)s."),
    ),
    Notification.Kind.PAYMENT_HELD: (
        _lazy("%(amount)s wait for %(payee)s"),
        _lazy(
            "S-Money: %(payee)s has not joined yet. Your %(amount)s wait for them for 7 days, then come back"
            " to you. You can take them back at any time. Reference %(reference)s."
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
    Notification.Kind.PAYMENT_SENT: (
        _lazy("You paid %(amount)s to %(payee)s"),
        _lazy("S-Money: you paid %(amount)s to %(payee)s. Reference %(reference)s."),
    ),
}
