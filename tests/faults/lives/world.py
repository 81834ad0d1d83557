"""Where each life begins: four members, staff, and an outside that does what it is told to.

The people are committed once for many lives; each life is a transaction that is taken back. Its time passes
by its rows growing older, since what is judged is their time by the database's clock.
"""

from __future__ import annotations

import contextlib
import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import argon2
import pytest
import sepaxml.shared
from django.db import connection
from django.test import TransactionTestCase
from django.utils import timezone

from accounts import codes, devices, tries
from accounts.models import Device, Identity, IdentityLink, SecretCode, User
from accounts.staff import Role
from payments import limits, outside, payout_batches, risk, self_check, strong
from payments.models import BankAccount, Limit
from social import manners
from tests import database
from tests.faults import plain
from tests.faults.counter import Counter as Bank
from tests.faults.plain import facts
from tests.faults.plain.orders import ONE, TIMES, TOTAL
from tests.faults.processor import Processor
from tests.people import CODE, bank_account, join, load, set_limit
from tests.social import conftest as x
from tests.staff import hire
from tests.trial import PLENTY

HANDLES = {"claire": "claire_martin", "armand": "armanddossantos", "lea": "lea_petit", "nour": ""}
ON_X = ("claire_martin", "armanddossantos", "lea_petit", "bob")
AT_FIRST = 100_00
POLICY = {
    "DAY": facts.DAY,
    "MONTH": facts.MONTH,
    "WALLET": facts.WALLET,
    "ORDER_TO_PERSON": facts.CAP,
    "NIGHT": PLENTY,
    "FIRST_PAYEE": PLENTY,
    "PAYOUT_DAY": facts.OUT_DAY,
    "PAYOUT_MONTH": facts.OUT_MONTH,
}
IBANS = (
    "FR1420041010050500013M02606",
    "FR7630006000011234567890189",
    "FR7610107001011234567890129",
    "FR7630004000031234567890143",
)

# All that a step can change and a member could see, in one statement.
STATE = """
    SELECT json_build_object(
      'wallets', (SELECT json_object_agg(u.name, b.amount) FROM payments_balance b
                  JOIN payments_ledgeraccount a ON a.id = b.account_id
                  JOIN accounts_user u ON u.id = a.owner_id),
      'elsewhere', (SELECT json_object_agg(a.kind, b.amount + coalesce(
                      (SELECT sum(e.amount) FROM payments_entry e WHERE e.account_id = a.id), 0))
                    FROM payments_balance b JOIN payments_ledgeraccount a ON a.id = b.account_id
                    WHERE a.owner_id IS NULL),
      'orders', (SELECT json_object_agg(id, status) FROM payments_order),
      'fundings', (SELECT json_object_agg(id, status) FROM payments_funding),
      'payouts', (SELECT json_object_agg(id, status) FROM payments_payout),
      'proposals', (SELECT json_object_agg(id, status) FROM payments_proposal),
      'refunds', (SELECT json_agg(json_build_array(id, order_id, funding_id, amount, status) ORDER BY id)
                  FROM payments_refund),
      'disputes', (SELECT json_object_agg(dispute_id, json_build_array(status, taken, (
                     SELECT coalesce(sum(r.amount), 0) FROM payments_repayment r
                     WHERE r.chargeback_id = c.id AND r.back_id IS NULL)))
                   FROM payments_chargeback c),
      'frozen', (SELECT json_agg(u.name) FROM accounts_freeze f
                 JOIN accounts_user u ON u.id = f.user_id WHERE f.ended_at IS NULL),
      'tries', (SELECT json_object_agg(u.name, c.tries) FROM accounts_secretcode c
                JOIN accounts_user u ON u.id = c.user_id))
"""
# Some of it is never changed by anybody: its triggers are off, and the tables' owner does it.
GROW_OLDER = """
    CREATE OR REPLACE FUNCTION grow_older(ago interval) RETURNS void
      LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
      UPDATE payments_order SET created_at = created_at - ago, expires_at = expires_at - ago,
                                confirmed_at = confirmed_at - ago;
      UPDATE payments_orderevent SET at = at - ago;
      UPDATE payments_funding SET created_at = created_at - ago, checked_at = checked_at - ago;
      UPDATE payments_refund SET checked_at = checked_at - ago;
      UPDATE payments_chargeback SET checked_at = checked_at - ago;
      UPDATE payments_proposal SET proposed_at = proposed_at - ago;
      UPDATE payments_payout SET requested_at = requested_at - ago, waits_until = waits_until - ago;
      UPDATE accounts_secretcode SET changed_at = changed_at - ago;
      UPDATE payments_payoutbatch SET exported_at = exported_at - ago, due_at = due_at - ago;
    $$
"""
NEVER_CHANGED = (
    ("payments_orderevent", "USER"),
    ("payments_proposal", "proposals_keep_their_terms"),
    ("payments_payout", "payout_agreement_never_changes"),
)


@dataclass
class World:
    """Who is there when a life begins."""

    users: dict[str, User]
    devices: dict[str, Device]
    banks: dict[str, BankAccount]
    staff: dict[str, User]
    processor: Processor
    bank: Bank
    verdicts: dict[str, str]  # of the rule that looks at orders, by the payee's handle

    def begin(self) -> plain.Book:
        """The outside as it is at first, and the model of all that is true."""
        self.processor.__init__()  # type: ignore[misc]  # it forgets
        self.bank.__init__()  # type: ignore[misc]  # it forgets
        self.verdicts.clear()
        owners = {handle: name for name, handle in HANDLES.items()}
        return plain.Book(
            members=tuple(HANDLES),
            accounts={handle: owners.get(handle, "") for handle in ON_X},
            wallets=dict.fromkeys(HANDLES, AT_FIRST),
            verdicts=self.verdicts,
        )


@contextlib.contextmanager
def opened(patch: pytest.MonkeyPatch) -> Iterator[World]:
    """The world, with a policy and an outside of its own, until the test is over."""
    world = World({}, {}, {}, {}, Processor(), Bank(), {})
    _patch(patch, world)
    before = list(Limit.objects.all())
    for name, amount in POLICY.items():
        set_limit(name, amount)
    with contextlib.closing(database.as_owner()) as owner, owner.cursor() as cursor:
        cursor.execute(GROW_OLDER)
        for table, trigger in NEVER_CHANGED:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")
        try:
            _populate(world)
            with connection.cursor() as ours:
                ours.execute(f"PREPARE state AS {STATE}")
                ours.execute(f"PREPARE books AS {self_check.statement()}")
            yield world
        finally:
            for row in before:
                set_limit(row.name, row.amount, tier=row.tier)
            for table, trigger in NEVER_CHANGED:
                cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER {trigger}")
            cursor.execute("DROP FUNCTION grow_older")


def state() -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute("EXECUTE state")
        found = cursor.fetchone()[0]
    return dict(found if isinstance(found, dict) else json.loads(found))


def breaches() -> set[str]:
    """The self-check's, whose statement takes longer to plan than to run."""
    with connection.cursor() as cursor:
        cursor.execute("EXECUTE books")
        row = cursor.fetchone()
    return {rule for rule, rows in zip(self_check.RULES, row, strict=True) if rows}


def grow_older(hours: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT grow_older(%s::interval)", [f"{hours} hours"])


def _patch(patch: pytest.MonkeyPatch, world: World) -> None:
    """A cheap hash, since that is not what is tried here; one rule, that looks at whom the life names."""
    cheap = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    patch.setattr(tries, "_HASHER", cheap)
    patch.setattr(outside, "acquirer", lambda: world.processor)
    patch.setattr(outside, "bank", lambda: world.bank)
    patch.setattr(payout_batches, "AT_ONCE", 1000)
    patch.setattr(
        sepaxml.shared, "try_valid_xml", lambda *_: None
    )  # Half a second a file; test_pain.py looks.
    patch.setattr(limits, "is_night", lambda _at: False)
    patch.setattr(manners, "ANSWERS", 10**6)  # Who is answered too often has tests of their own.
    for name, figure in (("ONE", ONE), ("TOTAL", TOTAL), ("TIMES", TIMES)):
        patch.setattr(strong, name, figure)

    def look(order: Any, _facts: risk.Facts) -> risk.Verdict:
        return risk.Verdict(world.verdicts.get(order.payee.handle) or "ALLOW")

    patch.setattr(risk, "RULES", {risk.Rule.COLLECTING: look})
    for noun in ("alarms", "bank_answers", "chargebacks", "payout_batches"):
        patch.setattr(logging.getLogger(f"payments.{noun}"), "disabled", True)  # All of it is said too often.


def _populate(world: World) -> None:
    """Three are on X, and one is not yet; each has a hundred euros."""
    long_ago = timezone.now() - timedelta(hours=facts.OF_OLD)
    for number, (name, handle) in enumerate(HANDLES.items(), start=1):
        user = join(
            name, phone=f"+3361234000{number}", handle=handle or "_", external_id=x.PEOPLE.get(handle, "0")
        )
        codes.choose(user, CODE)
        load(user, AT_FIRST)
        token = devices.register(user, name="Firefox", at=long_ago)
        device = devices.recognised(user, token, at=long_ago)
        assert device
        world.users[name], world.devices[name] = user, device
        world.banks[name] = bank_account(user, number=IBANS[number - 1])
    User.objects.update(joined_at=long_ago, phone_verified_at=long_ago, password_changed_at=long_ago)
    SecretCode.objects.update(changed_at=long_ago)
    BankAccount.objects.update(checked_at=long_ago)
    Identity.objects.update(linked_at=long_ago)
    Identity.objects.filter(external_id="0").update(user=None, linked_at=None)
    for identity in Identity.objects.exclude(user=None):
        IdentityLink.objects.create(identity=identity, user_id=int(identity.user_id or 0), linked_at=long_ago)
    world.staff["odile"] = hire("Odile Chef", "+33612340010", Role.DECISIONS)
    world.staff["bruno"] = hire("Bruno Adjoint", "+33612340011", Role.DECISIONS)
    world.staff["agathe"] = hire("Agathe Moreau", "+33612340009")


def forget() -> None:
    """Empty the tables, for a world anew: what lives left behind of themselves is gone from the disk too."""
    TransactionTestCase._fixture_teardown(None)  # type: ignore[attr-defined]  # noqa: SLF001  # as after each test, tests/conftest.py
