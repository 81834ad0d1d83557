"""What is said of money that goes back, to its payer or to a card, and of what is owed for it.

As in `wording`, a text leads nowhere and has no words of a stranger.
"""

from __future__ import annotations

from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from payments import money
from payments.models import Chargeback, DebtDecision, Notification, Refund, Repayment

Kind = Notification.Kind


def of(kind: Notification.Kind, about: Refund | Chargeback) -> tuple[str, str]:
    """Subject and text, in the language that is active."""
    order = about.order if isinstance(about, Refund) else None
    facts = {
        "amount": _amount(about.amount),
        "owed": _amount(_decided(about) if isinstance(about, Chargeback) else 0),
        "payee": str(order.payee) if order else "",
        "payer": order.payer.get_short_name() if order else "",
        "reference": order.reference if order else "",
    }
    subject, text = _ABOUT[kind]
    if kind == Kind.REFUND_RECEIVED and isinstance(about, Refund) and about.funding_id:
        text = _TO_CARD
    return str(subject) % facts, str(text) % facts


def of_repayment(step: Repayment) -> tuple[str, str]:
    """Subject and text of a step by which a debt became less, in the language that is active."""
    facts = {"amount": _amount(step.amount), "left": _amount(step.left)}
    if step.left:
        text = _(
            "S-Money: %(amount)s of your wallet were taken for what you owe us. %(left)s are left to pay."
        )
    else:
        text = _("S-Money: %(amount)s of your wallet were taken for what you owed us. It is paid.")
    return _("%(amount)s were taken for what you owe") % facts, text % facts


def _decided(chargeback: Chargeback) -> int:
    """How much of it is taken from the wallet, by decision: some may have been written off before."""
    decisions = DebtDecision.objects.filter(chargeback_id=chargeback.pk, kind=DebtDecision.Kind.RECOVER)
    amount = decisions.values_list("amount", flat=True).first()
    return chargeback.owed if amount is None else amount


def _amount(cents: int) -> str:
    return money.show(cents, get_language() or "fr")


# Of an order to the card that paid for it.
_TO_CARD = _lazy(
    "S-Money: %(payee)s gave you %(amount)s back. They go back to your card: your bank shows them within 5 to"
    " 10 days. Order %(reference)s."
)
_ABOUT = {
    Kind.REFUND_RECEIVED: (
        _lazy("%(payee)s gave you %(amount)s back"),
        _lazy("S-Money: %(payee)s gave you %(amount)s back. They are in your wallet. Order %(reference)s."),
    ),
    Kind.REFUND_SENT: (
        _lazy("You gave %(amount)s back"),
        _lazy("S-Money: %(amount)s of order %(reference)s went back to %(payer)s."),
    ),
    Kind.CARD_REFUNDED: (
        _lazy("%(amount)s go back to your card"),
        _lazy("S-Money: %(amount)s go back to your card. Your bank shows them within 5 to 10 days."),
    ),
    Kind.CARD_REFUND_FAILED: (
        _lazy("%(amount)s are back in your wallet"),
        _lazy("S-Money: your bank did not take the %(amount)s back. They are in your wallet."),
    ),
    Kind.CHARGEBACK_OPENED: (
        _lazy("Your bank took %(amount)s back"),
        _lazy(
            "S-Money: your bank took back %(amount)s that were loaded from your card, as if the"
            " cardholder contested it. Your wallet is frozen until we have looked at it."
            " Write to us if this was not you."
        ),
    ),
    Kind.DEBT_TO_RECOVER: (
        _lazy("You owe us %(owed)s"),
        _lazy(
            "S-Money: your bank took back a top-up that you had spent: %(owed)s are owed. We take them from"
            " your wallet as money comes in, never more than it holds. Write to us if you disagree."
        ),
    ),
    Kind.DEBT_VOID: (
        _lazy("You owe us nothing any more"),
        _lazy(
            "S-Money: the top-up of %(amount)s stands, so you owe nothing. What was taken from your wallet"
            " for it is back."
        ),
    ),
    Kind.CHARGEBACK_WON: (
        _lazy("Your bank gave %(amount)s back"),
        _lazy("S-Money: your bank has decided: the top-up of %(amount)s stands."),
    ),
}
