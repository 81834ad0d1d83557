"""Anybody does anything in any order: S-Money and a plain model of it must agree after every step.

200,000 steps before a release. Each life runs in a transaction that is taken back, and the code's hash is
a cheap one: neither is what is tried here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any, ClassVar

import argon2
import pytest
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from accounts import codes, identities, tries
from accounts.models import Identity, IdentityLink, SecretCode, User
from payments import (
    acquirer,
    cards,
    claims,
    fundings,
    ledger,
    limits,
    orders,
    outside,
    self_check,
    settlement,
)
from payments.models import Funding, LedgerAccount, Order
from tests.faults import model
from tests.faults.processor import Processor
from tests.people import CODE, join, load, set_limit
from tests.social import conftest as x
from tests.trial import Trial, lift_limits

LONG_MINUTES = 90  # It ends when the steps are done.
SHORT_LIVES, STEPS = 40, 50
LONG_STEPS = 200_000
LIVES_A_ROUND = 50
ACCOUNTS = {"claire": "claire_martin", "armand": "armanddossantos", "lea": "lea_petit", "nour": ""}
ON_X = ("claire_martin", "armanddossantos", "lea_petit", "bob")
MEMBERS = st.sampled_from(list(ACCOUNTS))
HANDLES = st.sampled_from(ON_X)
PAIRS = st.sampled_from([(ON_X[a], ON_X[b]) for a, b in ((0, 1), (1, 0), (0, 2), (2, 0), (0, 3), (1, 3))])
AMOUNTS = st.one_of(st.integers(1, 60_00), st.sampled_from([1, 100_00, 249_99, 250_00, 250_01, 900_00]))
LOADS = st.sampled_from([4_99, 5_00, 20_00, 100_00, 499_99, 500_00, 500_01])
WRONG = "804913"
ANY = st.integers(0, 999)
STEP_OUTCOMES = (
    orders.OrderClosed, orders.InsufficientFunds, codes.WrongCode, codes.CodeLocked, limits.OverLimit,
    settlement.PayeeChanged, settlement.PayeeIsPayer, settlement.PayeeRefuses, fundings.TooSmall,
    identities.AlreadyLinked, identities.HasAnother, identities.NotLinked,
)  # fmt: skip


def outcome(act: Callable[[], Any]) -> str:
    """What came of it, in the model's words: an exception's name, or its result's status."""
    try:
        result = act()
    except STEP_OUTCOMES as problem:
        return type(problem).__name__
    return str(getattr(result, "status", result))


class Lives(RuleBasedStateMachine):
    steps: ClassVar[int] = 0
    seen: ClassVar[Counter[str]] = Counter()  # what came of what was done, to see that all of it happens
    processor: ClassVar[Processor]

    def __init__(self) -> None:
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic._from_testcase = True  # type: ignore[attr-defined]  # noqa: SLF001  # durable blocks may begin in it, as in Django's own tests
        self.atomic.__enter__()
        self.rows: list[Any] = []  # X's row of each order, beside the model's
        self.pks: list[Any] = []
        self.loads: list[Any] = []

    @initialize()
    def begin(self) -> None:
        """Three are on X, and one is not yet; claire has a hundred euros."""
        self.users: dict[str, User] = {}
        lift_limits()
        long_ago = timezone.now() - timedelta(days=9)
        for number, (name, handle) in enumerate(ACCOUNTS.items(), start=1):
            user = join(
                name,
                phone=f"+3361234000{number}",
                handle=handle or "_",
                external_id=x.PEOPLE.get(handle, "0"),
            )
            codes.choose(user, CODE)
            self.users[name] = user
            load(user, 100_00)
        Identity.objects.update(linked_at=long_ago)
        Identity.objects.filter(external_id="0").delete()
        for identity in Identity.objects.exclude(user=None):
            IdentityLink.objects.create(
                identity=identity, user_id=int(identity.user_id or 0), linked_at=long_ago
            )
        owners = {handle: name for name, handle in ACCOUNTS.items()}
        self.book = model.Book(
            tuple(ACCOUNTS),
            {handle: owners.get(handle, "") for handle in ON_X},
            dict.fromkeys(ACCOUNTS, 100_00),
        )

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)

    # --- On X ---------------------------------------------------------------------------------

    @rule(author=HANDLES, account=HANDLES, amount=AMOUNTS)
    def post(self, author: str, account: str, amount: int) -> None:
        row = x.post(author, f"@Smoneyfr #envoyer {amount // 100},{amount % 100:02}€ @{account}")
        expected = self.book.post(author, account, amount)
        x.hear(row)
        result, problem = x.came_of(row)
        assert (problem or result) == expected
        self.seen[expected] += 1
        if expected == "ORDER":
            self.rows.append(row)
            self.pks.append(Order.objects.get(channel_id=row["id"]).pk)

    @rule(pair=PAIRS, amount=st.integers(1, 60_00))
    def post_as_most_do(self, pair: tuple[str, str], amount: int) -> None:
        self.post(*pair, amount)

    @precondition(lambda self: self.book.orders)
    @rule(which=ANY)
    def hear_again(self, which: int) -> None:
        x.hear(self.rows[which % len(self.rows)])

    @precondition(lambda self: self.book.orders)
    @rule(which=ANY, number=st.integers(2, 5))
    def edit(self, which: int, number: int) -> None:
        row, order = self._row(which)
        self.book.unsay(order)
        x.hear(x.edit(row, f"{row['text']} !", number=number))

    @precondition(lambda self: self.book.orders)
    @rule(which=ANY)
    def delete(self, which: int) -> None:
        row, order = self._row(which)
        self.book.unsay(order)
        x.delete(row)

    @rule(member=MEMBERS, account=HANDLES, is_link=st.booleans())
    def change_hands(self, member: str, account: str, is_link: bool) -> None:
        """Somebody links an account on X, or unlinks theirs."""
        user = User.objects.get(pk=self.users[member].pk)
        if is_link:
            self._agree(self.book.link(member, account), lambda: link(user, account))
            claims.release_due(user)  # As the site does, payments/linking.py.
        else:
            self._agree(self.book.unlink(member), lambda: unlink(user))

    @rule(account=HANDLES, is_glad=st.sampled_from([True, True, False]))
    def want_money(self, account: str, is_glad: bool) -> None:
        """Somebody does not want to be paid, or does again."""
        identity = Identity.objects.filter(external_id=x.PEOPLE[account]).first()
        if identity is None:
            return
        if is_glad:
            self.book.refusing.discard(account)
            identities.accept_payments(identity)
        else:
            self.book.refusing.add(account)
            identities.refuse_payments(identity, at=timezone.now())

    # --- On the site ----------------------------------------------------------------------------

    @precondition(lambda self: self.book.orders)
    @rule(is_right=st.sampled_from([True, True, True, False]))
    def confirm_newest(self, is_right: bool) -> None:
        self.confirm(-1, is_right)

    @precondition(lambda self: self.book.orders)
    @rule(which=ANY, is_right=st.sampled_from([True, True, True, False]))
    def confirm(self, which: int, is_right: bool) -> None:
        order, row = self._order(which)
        expected = self.book.confirm(order, is_right=is_right)
        self._agree(expected, lambda: orders.confirm(row, code=CODE if is_right else WRONG))

    @precondition(lambda self: self.book.orders)
    @rule(which=ANY)
    def decline(self, which: int) -> None:
        order, row = self._order(which)
        self._agree(self.book.decline(order), lambda: orders.decline(row))

    @precondition(lambda self: self.book.orders)
    @rule(which=ANY)
    def take_back(self, which: int) -> None:
        order, row = self._order(which)
        self._agree(self.book.cancel(order), lambda: claims.take_back(row))

    @rule(member=MEMBERS)
    def unlock(self, member: str) -> None:
        self.book.unlock(member)
        codes.unlock(self.users[member], CODE)

    # --- The card -------------------------------------------------------------------------------

    @rule(member=MEMBERS, amount=LOADS, does=st.sampled_from(["takes", "asks", "refuses", "unheard", "away"]))
    def load(self, member: str, amount: int, does: str) -> None:
        (card,) = cards.of(self.users[member])
        self.processor.next = does
        expected = self.book.load(member, amount, processor=does)
        self._agree(expected, lambda: fundings.load(card, amount=amount, return_url="http://localhost:9/")[0])
        if expected not in {"TooSmall", "OverLimit"}:
            self.loads.append(Funding.objects.filter(user=card.user).latest("created_at").pk)

    @precondition(lambda self: self.book.fundings)
    @rule(which=ANY, is_yes=st.booleans())
    def answer_bank(self, which: int, is_yes: bool) -> None:
        funding, pk = self._funding(which)
        self.book.answer_bank(funding, is_yes=is_yes)
        self.processor.answer_bank(str(pk), is_yes=is_yes)

    @precondition(lambda self: self.book.fundings)
    @rule(which=ANY, number=st.integers(1, 3))
    def webhook(self, which: int, number: int) -> None:
        """Any of three, each any number of times; each tells how it stands by now."""
        funding, pk = self._funding(which)
        if not funding.charge:
            return
        about = {"id": f"pi_{pk}", "metadata": {"funding": str(pk)}}
        id = f"{number}_{pk}_{funding.charge}"
        fundings.take_event(acquirer.Event(id=id, kind="payment_intent.x", object=about))
        self.book.hear(funding)

    # --- Time and policy --------------------------------------------------------------------------

    @rule(hours=st.sampled_from([1, 2, 23, 24, 25, 24 * 7]))
    def wait(self, hours: int) -> None:
        """The rows grow older: what is judged is their time by the database's clock."""
        self.book.wait(hours)
        ago = timedelta(hours=hours)
        Order.objects.update(created_at=F("created_at") - ago, expires_at=F("expires_at") - ago)
        Funding.objects.update(created_at=F("created_at") - ago, checked_at=F("checked_at") - ago)

    @rule()
    def sweep(self) -> None:
        self.book.sweep()
        Funding.objects.update(checked_at=F("checked_at") - timedelta(minutes=1))
        orders.expire_due()
        claims.release_due()
        claims.return_due()
        claims.remind_due()
        fundings.resolve_open()
        ledger.roll_up()

    @rule(cap=st.sampled_from([10_00, 250_00, 250_00]))
    def change_cap(self, cap: int) -> None:
        self.book.cap = cap
        set_limit("ORDER_TO_PERSON", cap)

    # --- What always holds --------------------------------------------------------------------------

    @invariant()
    def agrees(self) -> None:
        Lives.steps += 1
        if not hasattr(self, "book"):
            return
        wallets = ledger.with_balances(LedgerAccount.objects.filter(kind="WALLET").select_related("owner"))
        assert {str(one.owner.name): one.cents for one in wallets if one.owner} == self.book.wallets  # type: ignore[attr-defined]  # annotated
        assert statuses(Order, self.pks) == [order.status for order in self.book.orders]
        assert statuses(Funding, self.loads) == [funding.status for funding in self.book.fundings]
        assert dict(SecretCode.objects.values_list("user__name", "tries")) == self.book.tries
        assert {breach.rule for breach in self_check.run()} == self.book.breaches

    def _agree(self, expected: str, act: Callable[[], Any]) -> None:
        assert outcome(act) == expected
        self.seen[expected] += 1

    def _row(self, which: int) -> tuple[Any, model.Order]:
        number = which % len(self.rows)
        return self.rows[number], self.book.orders[number]

    def _order(self, which: int) -> tuple[model.Order, Order]:
        number = which % len(self.pks)
        return self.book.orders[number], Order.objects.select_related("payer").get(pk=self.pks[number])

    def _funding(self, which: int) -> tuple[model.Funding, Any]:
        number = which % len(self.loads)
        return self.book.fundings[number], self.loads[number]


def link(user: User, account: str) -> str:
    identities.link(
        user,
        network=Identity.Network.X,
        external_id=x.PEOPLE[account],
        handle=account,
        name=account,
        picture_url="",
        joined_network_at=None,
        at=timezone.now(),
    )
    return "linked"


def unlink(user: User) -> str:
    identities.unlink(user, network=Identity.Network.X, at=timezone.now())
    return "unlinked"


def statuses(of: type[Order | Funding], pks: list[Any]) -> list[str]:
    known = {row.pk: row.status for row in of.objects.filter(pk__in=pks)}
    return [known[pk] for pk in pks]


@pytest.mark.timeout(300)
@pytest.mark.django_db(transaction=True)
def test_agrees_with_a_plain_model(trial: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    cheap = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(tries, "_HASHER", cheap)
    monkeypatch.setattr(Lives, "processor", Processor(), raising=False)
    monkeypatch.setattr(outside, "acquirer", lambda: Lives.processor)
    Lives.steps = 0
    Lives.seen.clear()
    for number in trial.rounds(short=1):
        if Lives.steps >= LONG_STEPS:
            break
        lives = LIVES_A_ROUND if trial.is_long else SHORT_LIVES
        seed(trial.seed * 10_000 + number)(Lives)
        run_state_machine_as_test(
            Lives,
            settings=settings(
                max_examples=lives,
                stateful_step_count=STEPS,
                deadline=None,
                database=None,
                phases=[Phase.generate, Phase.shrink] if not trial.is_long else [Phase.generate],
                suppress_health_check=list(HealthCheck),
            ),
        )
    trial.reached("steps", Lives.steps, at_least=LONG_STEPS)
    trial.saw("kinds of outcome", len(Lives.seen), **dict(sorted(Lives.seen.items())))
    trial.found("steps after which the two differed", 0)
