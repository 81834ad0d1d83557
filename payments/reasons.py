"""Why the payer cannot pay now, in words for nobody else's eyes."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from payments import limits, orders, wording
from payments.models import Limit, Order

_OWN_ORDER = _lazy("You allow yourself %(figure)s at most for one order.")
_NOT_TONIGHT = _lazy(
    "In a night, from 11 p.m. to 6 a.m., you can pay %(figure)s, and %(allowed)s of that are left."
    " Nothing was kept for you: come back from %(until)s on."
)
_OVER_LIMIT: dict[Limit.Name, object] = {
    Limit.Name.ORDER_TO_PERSON: _lazy("One order to a person is %(figure)s at most for you."),
    Limit.Name.ORDER_TO_ORGANISATION: _lazy("One order to an organisation is %(figure)s at most for you."),
    Limit.Name.DAY: _lazy("You can pay %(figure)s in 24 hours, and %(allowed)s of that are left."),
    Limit.Name.MONTH: _lazy("You can pay %(figure)s in 30 days, and %(allowed)s of that are left."),
    Limit.Name.NIGHT: _lazy(
        "In a night, from 11 p.m. to 6 a.m., you can pay %(figure)s, and %(allowed)s of that are left."
        " This order waits for you: confirm it from %(until)s on."
    ),
    Limit.Name.FIRST_PAYEE: _lazy(
        "%(payee)s is new to you. More than %(figure)s to somebody new waits 4 hours, in case somebody is"
        " hurrying you. You can confirm from %(until)s on."
    ),
    Limit.Name.TOP_UP: _lazy("One top-up is %(figure)s at most for you."),
    Limit.Name.PAYOUT_DAY: _lazy(
        "You can cash out %(figure)s in 24 hours, and %(allowed)s of that are left."
    ),
    Limit.Name.PAYOUT_MONTH: _lazy(
        "You can cash out %(figure)s in 30 days, and %(allowed)s of that are left."
    ),
    Limit.Name.WALLET: _lazy("%(payee)s cannot receive that much at the moment."),
}


def over_limit(over: limits.OverLimit, *, order: Order | None = None) -> str:
    """Which limit the order would break, what is left of it, and from when on it will do."""
    return str(_words(over, order)) % {
        "allowed": wording.amount(over.allowed),
        "figure": wording.amount(over.figure),
        "payee": str(order.payee) if order else "",
        "until": _moment(over.until),
    }


def _words(over: limits.OverLimit, order: Order | None) -> object:
    if over.is_own and over.limit == Limit.Name.ORDER_TO_PERSON:
        return _OWN_ORDER
    is_placed = order is not None and bool(order.reference)
    return _NOT_TONIGHT if over.limit == Limit.Name.NIGHT and not is_placed else _OVER_LIMIT[over.limit]


def too_many(why: orders.TooMany) -> str:
    return _(
        "%(count)s orders wait or were made today, which is as many as we take. Confirm or decline"
        " them first, or come back tomorrow."
    ) % {"count": why.allowed}


def wrong_code(tries_left: int) -> str:
    if tries_left == 0:
        return _("Wrong code. It is locked now: unlock it in your settings.")
    if tries_left == 1:
        return _("Wrong code. One more wrong code locks it.")
    return _("Wrong code. %(left)s tries are left.") % {"left": tries_left}


def frozen() -> str:
    return _("Your account is frozen: no money leaves it until we have spoken to you.")


def halted() -> str:
    return _("Payments are paused while we check something. Your money is safe. Please come back later.")


def _moment(at: datetime | None) -> str:
    """The hour, and its day where that is another."""
    if at is None:
        return ""
    local = timezone.localtime(at)
    hour = date_format(local, "H:i")
    if local.date() == timezone.localdate():
        return hour
    return _("%(day)s, %(hour)s") % {"day": date_format(local, "j F"), "hour": hour}
