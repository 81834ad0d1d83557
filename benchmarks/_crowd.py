"""Many members with orders to confirm, for a benchmark of that alone. Django must be set up first."""

from __future__ import annotations

import multiprocessing
import secrets
import string
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from uuid import uuid4

from django.conf import settings
from django.db import connections
from django.utils import timezone

from accounts import codes, tries
from accounts.models import Identity, User
from benchmarks import _members
from payments import ledger, orders, self_check
from payments.models import Card, Funding, LedgerAccount, Order, Transfer

THREADS = 8  # As many as a web process has.
MAKERS = 4  # Processes that make members: Python makes one at a time, and each waits for the database.


@dataclass(frozen=True)
class Sender:
    """A form that is ready to be sent: whose, of which order."""

    reference: str
    cookies: str
    token: str
    code: str = _members.CODE


def hashes_a_second(*, seconds: int) -> float:
    """How many secret codes can be checked, with nothing beside it."""
    user = User(pk=1)
    one = tries.Try(1, tries.digest(user, _members.CODE))
    end = time.monotonic() + seconds

    def hash_on(_number: int) -> int:
        done = 0
        while time.monotonic() < end:
            tries.is_right(one, user=user, digits=_members.CODE)
            done += 1
        return done

    with ThreadPoolExecutor(THREADS) as pool:
        return sum(pool.map(hash_on, range(THREADS))) / seconds


def senders(members: int, *, orders_each: int) -> list[Sender]:
    """Members with a euro each, and their orders of a cent to one payee; no member sends two in a row."""
    payee = Identity.objects.get(pk=_joined(0)[1])
    connections.close_all()  # What is open is not to be shared with processes that are forked.
    with ProcessPoolExecutor(MAKERS, mp_context=multiprocessing.get_context("fork")) as pool:
        ready = partial(_ready, payee=payee, count=orders_each)
        made = list(pool.map(ready, range(1, members + 1), chunksize=20))
    return [row[turn] for turn in range(orders_each) for row in made]


def lost(told: int) -> int:
    """How many forms were told that they paid and did not, or paid and were told that they did not."""
    return abs(told - Order.objects.filter(status=Order.Status.PAID, amount=1).count())


def breaches() -> list[str]:
    return [breach.rule for breach in self_check.run()]


def _ready(number: int, *, payee: Identity, count: int) -> list[Sender]:
    pk, _identity = _joined(number)
    user = User.objects.get(pk=pk)
    codes.choose(user, _members.CODE)
    _load(user, 1_00)
    token = "".join(secrets.choice(string.ascii_letters) for _ in range(32))
    cookies = _members.signed_in(user) | {settings.CSRF_COOKIE_NAME: token}
    header = "; ".join(f"{name}={value}" for name, value in cookies.items())
    return [Sender(_placed(user, payee, f"{number}-{turn}"), header, token) for turn in range(count)]


def _joined(number: int) -> tuple[int, int]:
    user = User.objects.create_user(
        f"+336300{number:05}", name=f"crowd_{number}", phone_verified_at=timezone.now()
    )
    identity = Identity.objects.create(
        network="x",
        external_id=f"9{number:09}",
        handle=f"crowd_{number}",
        user=user,
        linked_at=timezone.now(),
    )
    return user.pk, identity.pk


def _placed(user: User, payee: Identity, number: str) -> str:
    """Past the pace of one member, which is none of this benchmark's."""
    orders.OPEN_AT_ONCE = orders.PLACED_A_DAY = 100
    order = orders.place(
        user, payee=payee, amount=1, note="", words="", channel="bench", channel_id=number, at=timezone.now()
    )
    return order.reference


def _load(user: User, amount: int) -> None:
    """As a card that was charged leaves it."""
    card = Card.objects.create(
        user=user,
        customer_id=f"cus_{user.pk}",
        method_id=f"pm_{user.pk}",
        fingerprint=f"fp_{user.pk}",
        brand="visa",
        last4="0003",
        expiry_month=12,
        expiry_year=2039,
        country="FR",
    )
    key = uuid4()
    source, target = ledger.system(LedgerAccount.Kind.CARD_CLEARING), ledger.wallet(user)
    ledger.post(
        ledger.Posting(id=key, source=source, target=target, amount=amount, kind=Transfer.Kind.TOP_UP)
    )
    terms = {"user": user, "card": card, "amount": amount, "intent_id": f"pi_{key}"}
    Funding.objects.create(pk=key, status="SUCCEEDED", transfer_id=key, **terms)
