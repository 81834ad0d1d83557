"""What is said of money that somebody asks for: to both sides, and in public, where no amount is.

Neither a link nor the words of a stranger, as in `wording`: a handle is letters, digits and underscores.
"""

from __future__ import annotations

from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from payments import money
from payments.models import Notification, Request

Kind = Notification.Kind


def of(kind: Notification.Kind, request: Request) -> tuple[str, str]:
    """Subject and text, in the language that is active."""
    facts = _facts(request)
    subject, text = _ABOUT[kind]
    return str(subject) % facts, str(text) % facts


def reply(kind: Notification.Kind, request: Request) -> str:
    """Under the post that asked, in the language that is active; never twice the same words in a row."""
    variants = {Kind.REQUEST_PAID: _paid, Kind.SPLIT_PAID: _all_paid, Kind.REQUEST_REMINDED: _reminder}[
        kind
    ]()
    return variants[request.pk.int % len(variants)] % _facts(request)


def _facts(request: Request) -> dict[str, str]:
    return {
        "amount": money.show(request.amount, get_language() or "fr"),
        "asker": str(request.payee),
        "payer": str(request.payer),
        "reference": request.reference,
    }


def _paid() -> tuple[str, ...]:
    return (
        _("Done: %(payer)s has paid what %(asker)s asked for. Reference %(reference)s."),
        _("%(payer)s and %(asker)s are even. Reference %(reference)s."),
        _("Paid! Nothing is open between %(asker)s and %(payer)s here. Reference %(reference)s."),
    )


def _all_paid() -> tuple[str, ...]:
    return (
        _("Everybody has paid their share to %(asker)s. Reference %(reference)s."),
        _("This bill is settled: all shares are with %(asker)s. Reference %(reference)s."),
    )


def _reminder() -> tuple[str, ...]:
    return (
        _(
            "%(payer)s, %(asker)s still waits for your answer. Sign up with S-Money and link this X account"
            " to see what it is about. Reference %(reference)s."
        ),
        _(
            "A request of %(asker)s still waits for you, %(payer)s: it is in our app once you join S-Money"
            " and link this X account. Reference %(reference)s."
        ),
    )


_ABOUT = {
    Kind.REQUEST_RECEIVED: (
        _lazy("%(asker)s asks you for %(amount)s"),
        _lazy(
            "S-Money: %(asker)s asks you for %(amount)s. Open S-Money yourself to pay or decline, within"
            " 7 days. You owe nobody an answer. Request %(reference)s."
        ),
    ),
    Kind.REQUEST_REMINDED: (
        _lazy("%(asker)s still waits for your answer"),
        _lazy(
            "S-Money: %(asker)s asked you for %(amount)s and waits for your answer. Open S-Money yourself"
            " to pay or decline. Request %(reference)s."
        ),
    ),
    Kind.REQUEST_PAID: (
        _lazy("%(payer)s paid your request"),
        _lazy("S-Money: %(payer)s paid the %(amount)s that you asked for. Request %(reference)s."),
    ),
    Kind.SPLIT_PAID: (
        _lazy("Everybody has paid their share"),
        _lazy("S-Money: everybody has paid their share of your bill, %(payer)s with %(amount)s as the last."),
    ),
    Kind.REQUEST_DECLINED: (
        _lazy("%(payer)s declined your request"),
        _lazy("S-Money: %(payer)s declined to pay the %(amount)s that you asked for. Request %(reference)s."),
    ),
    Kind.REQUEST_EXPIRED: (
        _lazy("Your request to %(payer)s expired"),
        _lazy(
            "S-Money: %(payer)s did not answer within 7 days, so your request for %(amount)s is over."
            " Request %(reference)s."
        ),
    ),
    Kind.REQUEST_CANCELLED: (
        _lazy("%(asker)s no longer asks you for money"),
        _lazy(
            "S-Money: %(asker)s took back the request for %(amount)s. You owe nothing. Request %(reference)s."
        ),
    ),
}
