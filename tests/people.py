"""Fixtures are people who hold money: claire has 100 euros, armand and léa have none yet."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from time import monotonic
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone
from uuid_utils.compat import uuid7

from accounts import browsers, codes, crypto, lookups, prepared, tries
from accounts.models import Device, Identity, SecretCode, User
from payments import glance, ledger, limits, orders, proofs, risk, self_check, settlement, strong
from payments.models import BankAccount, Card, Funding, LedgerAccount, Order, Transfer
from tests import database

CODE = "270914"


def join(name: str, *, phone: str, handle: str, external_id: str) -> User:
    """A member who signed up, chose a code, proved who they are and linked their X account."""
    user = User.objects.create_user(
        phone, name=name, phone_verified_at=timezone.now(), tier=User.Tier.IDENTIFIED
    )
    Identity.objects.create(
        network="x", external_id=external_id, handle=handle, name=name, user=user, linked_at=timezone.now()
    )
    ledger.wallet(user)
    return user


def load(user: User, amount: int, *, order: Order | None = None) -> Funding:
    """Money on their wallet, as a card that was charged leaves it: funding and transfer."""
    card, _ = Card.objects.get_or_create(
        user=user,
        fingerprint=f"fp_{user.pk}",
        defaults={
            "id": 7_000_000 + user.pk,  # No nonsense of test_edges reads as this: ٢٠ is 20 to a database.
            "customer_id": f"cus_{user.pk}",
            "method_id": f"pm_{user.pk}",
            "brand": "visa",
            "last4": "0003",
            "expiry_month": 12,
            "expiry_year": 2031,
            "country": "FR",
        },
    )
    key = uuid7()
    ledger.post(
        ledger.Posting(
            id=key,
            source=ledger.system(LedgerAccount.Kind.CARD_CLEARING),
            target=ledger.wallet(user),
            amount=amount,
            kind=Transfer.Kind.TOP_UP,
        )
    )
    return Funding.objects.create(
        pk=key,
        user=user,
        card=card,
        order=order,
        amount=amount,
        status="SUCCEEDED",
        intent_id=f"pi_{key}",
        transfer_id=key,
    )


def set_limit(name: str, amount: int, *, tier: str = "") -> None:
    """A figure of the policy, for that tier or for all, as if two of staff had agreed on it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_limit(%s, %s, %s)", [name, amount, tier])


def place(payer: User, payee: User | Identity, amount: int = 12_99, **changes: Any) -> Order:
    """An order by a post, as it waits for the payer's code."""
    terms: dict[str, Any] = {
        "payee": payee if isinstance(payee, Identity) else payee.identities.get(),
        "amount": amount,
        "note": "pour le resto",
        "words": "@Smoneyfr #envoyer 12,99€ @armanddossantos pour le resto",
        "channel": "x",
        "channel_id": str(Order.objects.count() + 1),
        "at": timezone.now(),
    }
    return orders.place(payer, **(terms | changes))


@transaction.atomic
def settled(order: Order) -> Order:
    """The order, paid as if its code had been given: hashing takes its time."""
    seen = glance.lock(order, device_id=None)
    order, order.confirmed_at = seen.order, seen.at
    settlement.check_payee(order)
    confirming = strong.accepting(order, proof=None, is_asked=False, spent=seen.spent)
    settlement.settle(order, first=[confirming])
    return order


@pytest.fixture
def claire(db: None) -> User:
    user = join("Claire Martin", phone="+33612340001", handle="claire_martin", external_id="1001")
    load(user, 100_00)
    return user


@pytest.fixture
def armand(db: None) -> User:
    return join("Armand Dos Santos", phone="+33612340002", handle="armanddossantos", external_id="1002")


@pytest.fixture
def lea(db: None) -> User:
    return join("Léa Petit", phone="+33612340003", handle="lea_petit", external_id="1003")


@pytest.fixture(autouse=True)
def _books_balance(request: pytest.FixtureRequest) -> Iterator[None]:
    """After each test with people in it the books must balance."""
    if not {"claire", "armand", "lea"} & set(request.fixturenames):
        yield
        return
    request.getfixturevalue("_django_db_helper")  # So that this looks before the database is emptied.
    yield
    breaches = {breach.rule for breach in self_check.run()}
    if request.node.get_closest_marker("bare_transfers"):
        breaches -= {"every payment has its order", "every top-up has its funding"}
    assert not breaches


@pytest.fixture(autouse=True)
def _trusted(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The secret code is enough, and no rule looks, but for tests that are marked `guarded`."""
    if request.node.get_closest_marker("guarded"):
        return
    monkeypatch.setattr(risk, "RULES", {})
    monkeypatch.setattr(browsers, "is_attended", lambda _request: True)
    for figure in ("ONE", "TOTAL", "TIMES"):
        monkeypatch.setattr(strong, figure, 10**12)


@pytest.fixture(autouse=True)
def _unasked(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is known of people is new enough: no page asks their network."""
    monkeypatch.setattr(lookups, "_ASKS", {})


@pytest.fixture(autouse=True)
def _by_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests are run at any hour, and nights have a limit of their own."""
    monkeypatch.setattr(limits, "is_night", lambda _at: False)


@pytest.fixture
def with_code() -> Callable[[User], User]:
    """Gives a member the secret code of all tests: hashing takes its time, so few ask for it."""

    def choose(user: User) -> User:
        codes.choose(user, CODE)
        return user

    return choose


@pytest.fixture
def any_code(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is given for the secret code is right, and not counted: of forty at once five would be."""

    def verified(user: User, _code: str, **_until: object) -> prepared.Call:
        return tries.clearing(SecretCode, user, tries.Try(0, "-"))

    monkeypatch.setattr(codes, "verified", verified)


@pytest.fixture
def as_owner(transactional_db: None) -> Callable[[str], None]:
    """Run a statement as the tables' owner, on a connection of its own."""

    def run(statement: str) -> None:
        with contextlib.closing(database.as_owner()) as owner, owner.cursor() as cursor:
            cursor.execute(statement)

    return run


@pytest.fixture
def at_once(transactional_db: None) -> Callable[..., list[Any]]:
    """Run one function in many threads from the same instant; return what each gave or raised."""

    def run(threads: int, work: Callable[[int], Any]) -> list[Any]:
        barrier = threading.Barrier(threads)
        results: list[Any] = [None] * threads

        def start(number: int) -> None:
            try:
                barrier.wait(timeout=30)
                results[number] = work(number)
            except Exception as problem:  # noqa: BLE001  # what a thread raises is what the test looks at
                results[number] = problem
            finally:
                connection.close()

        crowd = [threading.Thread(target=start, args=(number,)) for number in range(threads)]
        for thread in crowd:
            thread.start()
        for thread in crowd:
            thread.join(timeout=60)
        return results

    return run


def hurried(work: Callable[[], Any]) -> Any:
    """Do it in a transaction that waits for nobody."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '500ms'")
        return work()


@pytest.fixture
def bob(db: None) -> Identity:
    """Somebody on X who has not joined."""
    return Identity.objects.create(network="x", external_id="2001", handle="bob", name="Bob Petit")


def wait_until_blocked(*, unless: threading.Event | None = None) -> None:
    """Until somebody waits for a lock that this transaction holds."""
    began = monotonic()
    while monotonic() < began + 20 and not (unless and unless.is_set()):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
            )
            if cursor.fetchall():
                return


def known_device(user: User) -> Device:
    """A device that they have been known by for days."""
    since = timezone.now() - timedelta(days=3)
    digest = f"{user.pk:064}"
    facts = {"user": user, "name": "Firefox, Linux", "registered_at": since, "last_used_at": since}
    return Device.objects.get_or_create(digest=digest, defaults=facts)[0]


def agreed(terms: str, user: User) -> proofs.Proof:
    """They agree to these terms on a known device, now."""
    return proofs.by_device(terms, known_device(user), at=timezone.now())


@pytest.fixture
def people(db: None) -> list[Identity]:
    """A crowd on X, none of whom has joined."""
    return [
        Identity.objects.create(network="x", external_id=str(3000 + number), handle=f"ami_{number}")
        for number in range(12)
    ]


def bank_account(
    user: User, *, number: str = "FR1420041010050500013M02606", outcome: str = "MATCH"
) -> BankAccount:
    """A bank account of theirs, as its bank's name check left it."""
    return BankAccount.objects.create(
        user=user,
        iban=crypto.encrypt(number),
        fingerprint=crypto.fingerprint(number, of="iban"),
        country=number[:2],
        last4=number[-4:],
        bank_name="LA BANQUE POSTALE",
        holder_name=user.name,
        outcome=outcome,
        suggested_name="Claire Martine" if outcome == "CLOSE" else "",
        factor="DEVICE",
        device=known_device(user),
    )
