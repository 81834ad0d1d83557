"""What stands against an order, and what should be known of its payee, in words for the page of the code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from accounts import codes, freezes
from payments import cautions, limits, orders, purposes, reasons, request_life, settlement, strong, wording
from payments.models import Order
from payments.views import factors


def refusal(refusal: Exception, *, order: Order) -> tuple[str | None, str]:
    """The field of the form that it is about, and what it says."""
    if isinstance(refusal, limits.OverLimit):
        return None, reasons.over_limit(refusal, order=order)
    if isinstance(refusal, codes.WrongCode):
        return "code", reasons.wrong_code(refusal.tries_left)
    field, says = _SAID[type(refusal)]
    return field, says(refusal)


def unproved(problem: Exception) -> str:
    """What was to be shown beside the code was not."""
    if isinstance(problem, strong.ProofNeeded):
        return _needs_proof(problem)
    return _("That proof was not for this, or came too late. Please show it once more.")


def caution(caution: cautions.Caution) -> str:
    """What the payer is told of a payee, in plain words."""
    day = date_format(caution.since, "j F Y") if caution.since else ""
    said = {"handle": f"@{caution.handle}", "name": caution.name, "day": day}
    return str(_CAUTIONS[caution.kind]) % said


def not_a_name() -> str:
    """What a bank calls the holder is no name that a transfer can carry."""
    return _("No transfer can carry the name that the bank has. Go on with yours, or remove the account.")


def _locked(_problem: Exception) -> str:
    return _("Your secret code is locked. Unlock it in your settings.")


def _short(short: orders.InsufficientFunds) -> str:
    return _("Your wallet lacks %(missing)s.") % {"missing": wording.amount(short.missing)}


def _payee_refuses(_problem: Exception) -> str:
    return _("The payee does not wish to be paid, so this order is void.")


def _payee_changed(_problem: Exception) -> str:
    return _("The payee's account changed hands, so this order is void.")


def _needs_proof(needed: strong.ProofNeeded) -> str:
    return str(REASONS[needed.reason])


def _not_proved(_problem: Exception) -> str:
    return _("That proof was not for this order, or came too late. Please show it once more.")


def _request_closed(_problem: Exception) -> str:
    return _("Nobody asks you for this any more, so this order is void. Nothing was paid.")


def _over(_problem: Exception) -> str:
    return _("What you wanted to pay for has ended, or somebody was quicker. Nothing was paid.")


def _not_agreed(_problem: Exception) -> str:
    return _("Tick that you agree, then enter your code.")


def _refused(_problem: Exception) -> str:
    return _("We do not make this payment, so this order is void. Nothing was paid.")


def _frozen(_problem: Exception) -> str:
    return reasons.frozen()


_SAID: dict[type[Exception], tuple[str | None, Callable[[Any], str]]] = {
    codes.CodeLocked: ("code", _locked),
    codes.NoCode: ("code", _locked),
    orders.InsufficientFunds: (None, _short),
    orders.Refused: (None, _refused),
    settlement.PayeeRefuses: (None, _payee_refuses),
    settlement.PayeeChanged: (None, _payee_changed),
    settlement.PayeeIsPayer: (None, _payee_changed),
    request_life.RequestClosed: (None, _request_closed),
    purposes.Over: (None, _over),
    purposes.NotAgreed: (None, _not_agreed),
    strong.ProofNeeded: (None, _needs_proof),
    strong.ProofRejected: (None, _not_proved),
    factors.NotShown: (None, _not_proved),
    freezes.Frozen: (None, _frozen),
}

_CAUTIONS = {
    cautions.Kind.SUSPENDED: _lazy(
        "X has suspended this account, as it does with accounts that deceive. Ask the person before you pay."
    ),
    cautions.Kind.GONE: _lazy(
        "X has no such account any more: it was closed. Ask the person before you pay."
    ),
    cautions.Kind.PROTECTED: _lazy(
        "The posts of this account are protected: only those whom it lets follow it can see who it is."
    ),
    cautions.Kind.UNASKED: _lazy(
        "We could not ask X just now whether this account has changed. Look at its handle closely."
    ),
    cautions.Kind.NAMESAKE: _lazy(
        "Careful: this account goes by the name of %(name)s, whom you know as %(handle)s, and is another one."
    ),
    cautions.Kind.TAKEN_OVER: _lazy(
        "When you last paid %(handle)s, that handle was somebody else's. It has changed hands since:"
        " ask the person before you pay."
    ),
    cautions.Kind.RENAMED: _lazy(
        "When you last paid them, this account was called %(handle)s. It is the same account on X."
    ),
    cautions.Kind.LOOK_ALIKE: _lazy(
        "Careful: this handle looks like %(handle)s, whom you know here, and is somebody else."
    ),
    cautions.Kind.YOUNG: _lazy(
        "This account was opened on X on %(day)s. Look-alike accounts are often that young."
    ),
    cautions.Kind.NEVER_PAID: _lazy("You have never paid this account. Is it the right one?"),
}

REASONS = {
    strong.Reason.ONE: _lazy("From 30 € on, your code is not enough on a device that we do not know."),
    strong.Reason.TOTAL: _lazy(
        "You have paid 100 € with your code alone. Now show once more that it is you."
    ),
    strong.Reason.TIMES: _lazy(
        "You have paid five times with your code alone. Now show once more that it is you."
    ),
    strong.Reason.RISK: _lazy("Something about this payment is unusual. Show that it is you."),
    strong.Reason.IDLE: _lazy(
        "Nobody was at this page for more than five minutes. Show that it is still you."
    ),
    strong.Reason.LEAVES: _lazy(
        "Where money leaves for a bank, your code is not enough on a device that we do not know."
    ),
    strong.Reason.REPAYS: _lazy(
        "Where a whole loan is repaid, your code is not enough on a device that we do not know."
    ),
}

UNPROVED: tuple[type[Exception], ...] = (strong.ProofNeeded, strong.ProofRejected, factors.NotShown)
REFUSALS: tuple[type[Exception], ...] = (limits.OverLimit, codes.WrongCode, *_SAID)
