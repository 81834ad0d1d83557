"""The words of what becomes of a seat at an organisation: to whose it is, and to those who own it.

An organisation is named once staff have accepted it; till then its name could say anything.
"""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from accounts.models import Role, Seat, User
from payments.models import Notification

_TO_MEMBER = {
    Notification.Kind.SEAT_TAKEN: (
        _lazy("You act for an organisation now"),
        _lazy(
            "S-Money: you act for %(organisation)s now. Role: %(role)s. If this was not you, leave it under"
            " “Who acts for it” and change your password."
        ),
    ),
    Notification.Kind.SEAT_CHANGED: (
        _lazy("You have another role at an organisation"),
        _lazy(
            "S-Money: your role at %(organisation)s is now: %(role)s. If that is a mistake, ask its owners."
        ),
    ),
    Notification.Kind.SEAT_ENDED: (
        _lazy("You no longer act for an organisation"),
        _lazy(
            "S-Money: you no longer act for %(organisation)s. If you did not expect this, ask its owners and"
            " change your password."
        ),
    ),
}
_TO_OWNERS = {
    Notification.Kind.SEAT_TAKEN: (
        _lazy("%(member)s acts for your organisation now"),
        _lazy(
            "S-Money: %(member)s acts for %(organisation)s now. Role: %(role)s. If that is a mistake, end it"
            " under “Who acts for it”."
        ),
    ),
    Notification.Kind.SEAT_CHANGED: (
        _lazy("%(member)s has another role at your organisation"),
        _lazy(
            "S-Money: the role of %(member)s at %(organisation)s is now: %(role)s. If that is a mistake,"
            " change it under “Who acts for it”."
        ),
    ),
    Notification.Kind.SEAT_ENDED: (
        _lazy("%(member)s no longer acts for your organisation"),
        _lazy("S-Money: %(member)s no longer acts for %(organisation)s. “Who acts for it” says who does."),
    ),
}


def of(kind: Notification.Kind, seat: Seat, *, to: User) -> tuple[str, str]:
    """Subject and text, in the language that is active."""
    subject, text = (_TO_MEMBER if to.pk == seat.user_id else _TO_OWNERS)[kind]
    account = seat.organisation.account
    is_accepted = account.tier == User.Tier.ORGANISATION
    facts = {
        "member": seat.user.get_short_name(),
        "organisation": account.name if is_accepted else _("your organisation"),
        "role": Role(seat.role).label.partition(":")[0].strip(),  # Its name; what it may do comes after.
    }
    return str(subject) % facts, str(text) % facts
