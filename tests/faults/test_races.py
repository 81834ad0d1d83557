"""Races: many do the same at one instant, and exactly as many succeed as may. Twenty times each.

A race is lost only sometimes, so each is run again and again; with its lock taken out each was seen to
fail (`./run faults seeded`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts import codes, tries
from accounts.models import Identity, SecretCode, User
from payments import acquirer, cards, claims, fundings, ledger, orders, outside
from payments.models import AcquirerEvent, Card, Funding, Order
from tests.people import CODE, load, place
from tests.sandbox.cardholder import FRENCH
from tests.trial import Trial

LONG_MINUTES = 5  # It ends when each was run twenty times.
SHORT, LONG = 2, 20
pytestmark = pytest.mark.django_db(transaction=True)
Crowd = Callable[..., list[Any]]


@pytest.fixture
def rounds(trial: Trial) -> range:
    return range(trial.times(short=SHORT, long=LONG))


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch, unlimited: None) -> None:
    """Any number of orders may wait: their pace is not what is raced for."""
    for name in ("OPEN_AT_ONCE", "PLACED_A_DAY"):
        monkeypatch.setattr(orders, name, 10_000)


@pytest.fixture
def payer(claire: User, with_code: Callable[[User], User]) -> User:
    return with_code(claire)


def kinds(outcomes: list[Any]) -> Counter[str]:
    return Counter(type(one).__name__ for one in outcomes)


def held(user: User) -> int:
    return ledger.balance(ledger.wallet(user))


@pytest.mark.usefixtures("unhurried", "any_code")
class TestMoney:
    def test_forty_at_what_a_wallet_holds(
        self, trial: Trial, rounds: range, claire: User, armand: User, at_once: Crowd
    ) -> None:
        """A hundred euros are five times twenty."""
        paid = []
        for number in rounds:
            waiting = [place(claire, armand, 20_00) for _ in range(40)]
            outcomes = kinds(at_once(40, lambda n, waiting=waiting: orders.confirm(waiting[n], code=CODE)))
            paid.append(outcomes["Order"])
            assert outcomes == {"Order": 5, "InsufficientFunds": 35}
            assert (held(claire), held(armand)) == (0, 100_00 * (number + 1))
            load(claire, 100_00)
        trial.found("40 at 100 euros: paid", max(paid), wanted=5, rounds=len(paid), least=min(paid))

    def test_two_opposite_streams(
        self, trial: Trial, rounds: range, claire: User, armand: User, at_once: Crowd
    ) -> None:
        """Unordered locks met 452 deadlocks in 1,200 such transfers."""
        load(armand, 100_00)
        sides = [(claire, armand), (armand, claire)]
        refused: Counter[str] = Counter()
        for _ in rounds:
            streams = [[place(*sides[n % 2], 1_00) for _ in range(8)] for n in range(8)]

            def pay(number: int, streams: list[list[Order]] = streams) -> None:
                for order in streams[number]:
                    orders.confirm(order, code=CODE)

            refused += kinds([one for one in at_once(8, pay) if one])
            assert (held(claire), held(armand)) == (100_00, 100_00)
        transfers = 64 * len(rounds)
        trial.found(
            "two opposite streams: deadlocks", refused.total(), transfers=transfers, refused=dict(refused)
        )


class TestOrder:
    @pytest.mark.usefixtures("unhurried")
    def test_fifty_confirms(
        self,
        trial: Trial,
        rounds: range,
        payer: User,
        armand: User,
        at_once: Crowd,
    ) -> None:
        paid = []
        for number in rounds:
            order = place(payer, armand, 1_00)
            outcomes = kinds(at_once(50, lambda _, order=order: orders.confirm(order, code=CODE)))
            paid.append(outcomes["Order"])
            assert set(outcomes) <= {"Order", "OrderClosed", "CodeLocked"}
            assert held(armand) == 1_00 * (number + 1)
            SecretCode.objects.update(tries=0)  # Right ones that met a full count are tries too.
        trial.found("50 confirms of one order: paid", max(paid), wanted=1, rounds=len(paid), least=min(paid))

    @pytest.mark.usefixtures("unhurried", "any_code")
    def test_a_code_and_a_deletion(
        self, trial: Trial, rounds: range, claire: User, armand: User, at_once: Crowd
    ) -> None:
        both = paid = 0
        for _ in rounds:
            order = place(claire, armand, 1_00)
            acts: list[Callable[..., Any]] = [
                lambda order=order: orders.confirm(order, code=CODE),
                lambda order=order: orders.void(order, detail="post deleted"),
                lambda order=order: orders.decline(order),
            ]
            outcomes = kinds(at_once(6, lambda n, acts=acts: acts[n % 3]()))
            both += outcomes["Order"] != 1
            order.refresh_from_db()
            paid += order.status == "PAID"
            assert held(armand) == paid * 1_00
        trial.found("a code, a deletion and a no at once: ended twice", both, rounds=len(rounds))


class TestClaim:
    @pytest.mark.usefixtures("unhurried", "any_code")
    def test_fifty_claims(
        self, trial: Trial, rounds: range, claire: User, bob: Identity, at_once: Crowd
    ) -> None:
        """Who joined claims, the sweep gives back, the payer takes back: one of them has it."""
        ends: Counter[str] = Counter()
        newcomer = User.objects.create_user("+33612340099", name="Bob", phone_verified_at=timezone.now())
        for _ in rounds:
            Identity.objects.filter(pk=bob.pk).update(user=None, linked_at=None)
            order = orders.confirm(place(claire, bob, 1_00), code=CODE)
            Order.objects.filter(pk=order.pk).update(expires_at=timezone.now())
            Identity.objects.filter(pk=bob.pk).update(user=newcomer, linked_at=timezone.now())
            before = held(claire) + held(newcomer)
            acts: list[Callable[..., Any]] = [
                claims.release_due,
                claims.return_due,
                lambda order=order: [claims.take_back(order)],
            ]
            results = at_once(50, lambda n, acts=acts: acts[n % 3]())
            ended = [one for one in results if one == 1 or isinstance(one, list)]
            assert len(ended) == 1, kinds(results)
            order.refresh_from_db()
            ends[order.status] += 1
            assert held(claire) + held(newcomer) == before + 1_00
        trial.found("50 claims of one hold: ended", ends.total() / len(rounds), wanted=1, **ends)


class TestPace:
    @pytest.mark.usefixtures("any_code", "unlimited")
    def test_twenty_orders_where_three_may_wait(
        self, trial: Trial, rounds: range, claire: User, armand: User, at_once: Crowd
    ) -> None:
        placed = []
        for number in rounds:
            results = at_once(20, lambda n, number=number: place(claire, armand, channel_id=f"{number}-{n}"))
            outcomes = kinds(results)
            assert set(outcomes) == {"Order", "TooMany"}
            placed.append(outcomes["Order"])
            for order in results:
                if isinstance(order, Order):
                    orders.decline(order)
            Order.objects.update(created_at=timezone.now() - timedelta(days=2))
        trial.found(
            "20 orders at once: waiting", max(placed), wanted=3, rounds=len(placed), least=min(placed)
        )


class TestCode:
    def test_sixty_guesses(
        self,
        trial: Trial,
        rounds: range,
        payer: User,
        at_once: Crowd,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        looked: list[int] = []
        is_right = tries.is_right

        def look(one: tries.Try, **about: Any) -> bool:
            looked.append(one.number)
            return is_right(one, **about)

        monkeypatch.setattr(tries, "is_right", look)
        for _ in rounds:
            outcomes = kinds(at_once(60, lambda number: codes.verify(payer, f"{900_000 + number}")))
            assert outcomes == {"WrongCode": 5, "CodeLocked": 55}
            assert sorted(looked[-5:]) == [1, 2, 3, 4, 5]
            SecretCode.objects.update(tries=0)
        trial.found("60 guesses: looked at", len(looked) / len(rounds), wanted=5, rounds=len(rounds))


class TestWebhook:
    def test_fifty_of_one_event(
        self,
        trial: Trial,
        rounds: range,
        armand: User,
        register: Callable[[User, str], Card],
        at_once: Crowd,
    ) -> None:
        card = register(armand, FRENCH)
        for number in rounds:
            funding = Funding.objects.create(user=armand, card=card, amount=50_00)
            event = charged(funding)
            assert at_once(50, lambda _, event=event: fundings.take_event(event)) == [None] * 50
            assert held(armand) == 50_00 * (number + 1)
        trial.found("50 identical webhooks: credits", held(armand) / (50_00 * len(rounds)), wanted=1)
        assert AcquirerEvent.objects.count() == len(rounds)


def charged(funding: Funding) -> acquirer.Event:
    """The processor takes the money, and says so in a webhook."""
    charge = outside.acquirer().charge(
        cards.details(funding.card),
        amount=funding.amount,
        funding_id=str(funding.pk),
        return_url="http://localhost:9/back",
    )
    about = {"id": charge.id, "metadata": {"funding": str(funding.pk)}}
    return acquirer.Event(id=f"evt_{funding.pk}", kind="payment_intent.succeeded", object=about)
