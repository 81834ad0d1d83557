"""The shape of what is asked and answered: fields that DRF writes, and that the document describes.

What is asked for is matched by patterns: DRF's own fields for numbers and UUIDs read Arabic digits.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from payments.models import Order, Payout
from payments.takings import Taking

CURSOR = r"^[0-9]{1,18}\Z"
PAYOUT_ID = r"^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\Z"
CENTS = _("In cents: 2000 is €20.00.")
MOMENT = _("A moment, as ISO 8601 has it, with its offset.")


class Word(serializers.ChoiceField):
    """One of the model's choices, as programs read it: in small letters."""

    def __init__(self, choices: Iterable[tuple[str, Any]], **more: Any) -> None:
        super().__init__([(value.lower(), label) for value, label in choices], **more)

    def to_representation(self, value: str) -> str:
        return value.lower()


class Currency(serializers.ChoiceField):
    """There is one."""

    def __init__(self) -> None:
        super().__init__([("EUR", _("euro"))])

    def get_attribute(self, instance: object) -> str:  # noqa: ARG002  # its signature is DRF's
        return "EUR"


class Moment(serializers.DateTimeField):
    """With `+00:00`, as it always was: DRF would write `Z`, which not every program's language reads."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**({"help_text": MOMENT} | more))

    def to_representation(self, value: datetime) -> str:
        return value.isoformat()


class End(serializers.CharField):
    """The last eight characters of an id, which people can read out."""

    def to_representation(self, value: object) -> str:
        return str(value)[-8:]


def _cents(**more: Any) -> serializers.IntegerField:
    return serializers.IntegerField(**({"help_text": CENTS} | more))


def _from(pattern: str, *, help_text: Any, otherwise: str) -> serializers.RegexField:
    """Where a page begins: may be left out, or empty."""
    return serializers.RegexField(
        pattern,
        required=False,
        allow_blank=True,
        trim_whitespace=False,
        help_text=help_text,
        error_messages={"invalid": otherwise},
    )


class After(serializers.Serializer[None]):
    """What the payments are asked with."""

    after = _from(
        CURSOR,
        help_text=_("The `next` of the last answer. Without one, the first payments."),
        otherwise="This is not a cursor of ours.",
    )


class Before(serializers.Serializer[None]):
    """What the payouts are asked with."""

    before = _from(
        PAYOUT_ID,
        help_text=_("The `next` of the last answer. Without one, the newest payouts."),
        otherwise="This is not the id of a payout.",
    )


class Payer(serializers.Serializer[Taking]):
    name = serializers.CharField(
        source="payer",
        help_text=_("As they named themselves; empty once they have left us."),
        allow_blank=True,
    )


class Payment(serializers.Serializer[Taking]):
    reference = serializers.CharField(help_text=_("By which payer and organisation name it."))
    kind = Word(Order.Kind.choices)
    amount = _cents(min_value=1)
    refunded = _cents(min_value=0, help_text=_("In cents: what was given back of the amount."))
    currency = Currency()
    payer = Payer(source="*")
    note = serializers.CharField(
        help_text=_("What the payer wrote beside it; may be empty."), allow_blank=True
    )
    channel = serializers.CharField(help_text=_("Where it was ordered: site, x, sms, …"))
    paid_at = Moment(source="at")
    cursor = serializers.CharField(source="number", help_text=_("Ask for what comes `after` it."))


class Payments(serializers.Serializer[Any]):
    payments = Payment(many=True)
    next = serializers.CharField(
        help_text=_("Ask for what comes `after` it; on the last page too: what is paid later follows there.")
    )
    has_more = serializers.BooleanField(help_text=_("Whether the page is full: ask on at once."))


class Balance(serializers.Serializer[Any]):
    balance = _cents(min_value=0)
    currency = Currency()
    at = Moment()


class BankAccount(serializers.Serializer[Any]):
    country = serializers.CharField(help_text=_("ISO 3166, two letters."))
    last4 = serializers.CharField(help_text=_("The last four characters of its IBAN."))


class PaidOut(serializers.Serializer[Payout]):
    id = serializers.UUIDField()
    reference = End(source="pk", help_text=_("The end of its id, by which our pages name it."))
    amount = _cents(min_value=1)
    currency = Currency()
    status = Word(Payout.Status.choices)
    bank_account = BankAccount()
    requested_at = Moment()
    paid_at = Moment(source="settlement.posted_at", allow_null=True)


class Payouts(serializers.Serializer[Any]):
    payouts = PaidOut(many=True)
    next = serializers.UUIDField(
        allow_null=True, help_text=_("Ask for what comes `before` it; null when the page is empty.")
    )
    has_more = serializers.BooleanField(help_text=_("Whether the page is full: there may be older ones."))


class Problem(serializers.Serializer[Any]):
    type = serializers.CharField(help_text=_("Always about:blank: the status says what it is."))
    title = serializers.CharField(help_text=_("The status in words."))
    status = serializers.IntegerField(help_text=_("The same as the answer’s."))
    detail = serializers.CharField(help_text=_("What to do about it, for whoever writes the program."))
