"""How much is allowed: the policy for the payer's tier, what they allow themselves, and what they have paid.

What counts is what was confirmed, in the last 24 hours, the last 30 days and this night, by the database's
clock; nothing that comes back later makes room again, but money that found no payee. `check_order` is
decisive when the caller holds the payer's lock: then nobody else counts at that moment. Amounts are cents.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from accounts import prepared
from accounts.models import User
from accounts.prepared import Prepared
from payments import ledger
from payments.models import Limit, Order

Name = Limit.Name
COOL_OFF = timedelta(hours=4)
PARIS = ZoneInfo("Europe/Paris")
NIGHT_BEGINS, NIGHT_ENDS = time(23), time(6)

# One snapshot of what counts (`migrations/sql/0230_limits_inlined.sql`).
LOOK = """
    SELECT * FROM look_at_limits(
        %(member)s, %(moment)s, %(order)s, %(payee)s, %(payee_user)s, %(cool_off)s)
"""
WIDTH = 9  # Columns of its row.
_LOOK = Prepared(
    "look_at_limits",
    LOOK,
    member="bigint",
    moment="timestamptz",
    order="uuid",
    payee="bigint",
    payee_user="bigint",
    cool_off="interval",
)


class OverLimit(Exception):
    """More than a limit allows: `allowed` may be paid still, of `figure`; after `until`, more.

    `is_own` says that it is the payer's own limit, which is nobody else's business.
    """

    def __init__(
        self,
        limit: Limit.Name,
        *,
        allowed: int,
        figure: int,
        until: datetime | None = None,
        is_own: bool = False,
    ) -> None:
        super().__init__(limit)
        self.limit, self.allowed, self.figure = limit, allowed, figure
        self.until, self.is_own = until, is_own


class PayeeIsFull(OverLimit):
    """The payee's wallet may not hold that much more. How much it holds is not said."""

    def __init__(self) -> None:
        super().__init__(Name.WALLET, allowed=0, figure=0)


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A member's limits at a moment: the policy for them, their own, and what is used of the sums."""

    at: datetime
    policy: MappingProxyType[str, int]
    own: MappingProxyType[str, int]
    used: dict[str, int]

    def figure(self, name: Limit.Name) -> int:
        return min(self.policy[name], self.own.get(name, self.policy[name]))

    def left(self, name: Limit.Name) -> int:
        return max(0, self.figure(name) - self.used.get(name, 0))

    def is_own(self, name: Limit.Name) -> bool:
        return self.figure(name) < self.policy[name]


@dataclass(frozen=True, kw_only=True)
class _Payee:
    """What the payer has to do with the payee: since when, how much lately; the room in that wallet."""

    since: datetime | None
    lately: int
    room: int | None


def standing(user: User, *, at: datetime | None = None) -> Standing:
    """The member's limits, and what is used of them; now, unless `at` says another moment."""
    return _read(_asked(user, order=None, at=at))[0]


def check_new(order: Order, *, at: datetime | None = None) -> None:
    """Whether it makes sense to place it: a cool-off ends, and so does a night, if it does not expire before.

    :raises OverLimit: if the payer may not pay that much
    :raises PayeeIsFull: if the payee may not hold that much
    """
    check_seen(order, _asked(order.payer, order=order, at=at))


def check_seen(order: Order, seen: Sequence[Any]) -> None:
    """What `check_new` checks, of a row that `look_at_limits` gave.

    :raises OverLimit, PayeeIsFull: as `check_new` does
    """
    found, payee = _read(seen)
    _check_amount(order, found, payee)
    if is_night(found.at) and order.expires_at < (morning := _morning(found.at)):
        check(Name.NIGHT, order.amount, found, until=morning)


def check_order(order: Order, *, at: datetime | None = None) -> None:
    """Whether it may be paid now. Decisive under the payer's lock, else only likely.

    :raises OverLimit: if the payer may not pay that much, or not yet
    :raises PayeeIsFull: if the payee may not hold that much
    """
    check_order_seen(order, _asked(order.payer, order=order, at=at))


def check_order_seen(order: Order, seen: Sequence[Any]) -> None:
    """What `check_order` checks, of a row of the statement `LOOK`.

    :raises OverLimit, PayeeIsFull: as `check_order` does
    """
    found, payee = _read(seen)
    _check_amount(order, found, payee)
    _check_first_payee(order, found, payee)
    if is_night(found.at):
        check(Name.NIGHT, order.amount, found, until=_morning(found.at))


def check_top_up(user: User, *, amount: int, asked: int = 0) -> None:
    """Whether it fits beside what cards were `asked` for and may bring. Decisive under the payer's lock.

    :raises OverLimit: if one top-up may not be that large, or the wallet would hold too much
    """
    found = standing(user)
    check(Name.TOP_UP, amount, found)
    ceiling = found.figure(Name.WALLET)
    held = ledger.balance(ledger.wallet(user)) + asked
    if held + amount > ceiling:
        raise OverLimit(Name.WALLET, allowed=max(0, ceiling - held), figure=ceiling)


def check(name: Limit.Name, amount: int, found: Standing, *, until: datetime | None = None) -> None:
    """:raises OverLimit: if less than that is left"""
    if amount > found.left(name):
        raise OverLimit(
            name,
            allowed=found.left(name),
            figure=found.figure(name),
            until=until,
            is_own=found.is_own(name),
        )


def set_policy(tier: User.Tier, name: Limit.Name, *, amount: int) -> int:
    """Change a figure, as two of staff want it; return the one before."""
    with transaction.atomic():
        row = Limit.objects.select_for_update().get(tier=tier, name=name)
        before, row.amount = row.amount, amount
        row.save(update_fields=["amount"])
    return before


def is_night(at: datetime) -> bool:
    """Whether it is between 23 h and 6 h in Paris."""
    hour = at.astimezone(PARIS).time()
    return hour >= NIGHT_BEGINS or hour < NIGHT_ENDS


def _asked(user: User, *, order: Order | None, at: datetime | None) -> Sequence[Any]:
    asked = _LOOK(
        member=user.pk,
        moment=at,
        order=order.pk if order else None,
        payee=order.payee_id if order else None,
        payee_user=order.payee_user_id if order else None,
        cool_off=COOL_OFF,
    )
    (seen,) = prepared.run(asked)
    return seen


def _read(seen: Sequence[Any]) -> tuple[Standing, _Payee]:
    moment, policy, own, day, month, night, since, lately, room = seen
    found = Standing(
        at=moment,
        policy=_figures(policy),
        own=_figures(own or "{}"),
        used={Name.DAY: day, Name.MONTH: month, Name.NIGHT: night if is_night(moment) else 0},
    )
    return found, _Payee(since=since, lately=lately, room=room)


@lru_cache(maxsize=64)
def _figures(written: str) -> MappingProxyType[str, int]:
    """Limits by their names, from JSON: a tier's policy is the same for all of a page of posts."""
    return MappingProxyType(json.loads(written))


def _check_amount(order: Order, found: Standing, payee: _Payee) -> None:
    for name in (_one_order(order, found), Name.MONTH, Name.DAY):
        check(name, order.amount, found)
    if payee.room is not None and order.amount > payee.room:
        raise PayeeIsFull


def _one_order(order: Order, found: Standing) -> Limit.Name:
    """A gift, a pot, a loan or a purchase is let be what an organisation is paid (the articles of 2014).

    A pot pays a person at last, so not where nothing may be paid to people.
    """
    is_between_people = order.kind == Order.Kind.SEND and not _is_organisation(order.payee_user)
    if order.kind == Order.Kind.POT:
        is_between_people = not found.figure(Name.ORDER_TO_PERSON)
    return Name.ORDER_TO_PERSON if is_between_people else Name.ORDER_TO_ORGANISATION


def _is_organisation(user: User | None) -> bool:
    return user is not None and user.tier == User.Tier.ORGANISATION


def _check_first_payee(order: Order, found: Standing, payee: _Payee) -> None:
    """Above an amount, somebody new is paid 4 hours after the first order or payment at the earliest.

    Smaller payments of these hours count together, or ten of them would go round it. Staff have looked at
    an organisation, so nobody waits for those.
    """
    if _is_organisation(order.payee_user):
        return
    begins = min(order.created_at, payee.since or order.created_at)
    figure = found.figure(Name.FIRST_PAYEE)
    if payee.lately + order.amount > figure and found.at < begins + COOL_OFF:
        allowed = max(0, figure - payee.lately)
        raise OverLimit(Name.FIRST_PAYEE, allowed=allowed, figure=figure, until=begins + COOL_OFF)


def _morning(at: datetime) -> datetime:
    """When the night ends."""
    local = at.astimezone(PARIS)
    day = local.date() + timedelta(days=int(local.time() >= NIGHT_BEGINS))
    return datetime.combine(day, NIGHT_ENDS, tzinfo=PARIS)
