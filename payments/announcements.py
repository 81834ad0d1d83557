"""Finds what an organisation's callbacks are to be told: each transfer of theirs, once.

A sweep looks at all that is to be seen beyond what was announced, and leaves out what was told already; what
was announced goes on only as far as nothing can still appear (`horizon`). So what comes late is found too.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from payments import callbacks, hints, horizon, ledger
from payments.models import Callback, CallbackDelivery

BATCH = 200  # A callback's, in a sweep.
SLACK = 10_000  # So many numbers behind, a callback goes on though nothing of its own is among them.
# The callbacks with anything of theirs beyond what was announced, told or not: nobody is locked to see it.
_WITH_NEWS = """
    SELECT c.id FROM payments_callback c
      JOIN accounts_organisation o ON o.id = c.organisation_id
      JOIN accounts_user u ON u.id = o.account_id
      JOIN payments_ledgeraccount w ON w.owner_id = u.id AND w.kind = 'WALLET'
     WHERE c.paused_at IS NULL AND c.removed_at IS NULL AND u.erased_at IS NULL
       AND (c.announced < %(settled)s - %(slack)s
         OR EXISTS (SELECT FROM payments_transfer WHERE target_id = w.id AND number > c.announced)
         OR EXISTS (SELECT FROM payments_transfer WHERE source_id = w.id AND number > c.announced)
         OR EXISTS (SELECT FROM payments_payout p JOIN payments_transfer t ON t.id = p.settlement_id
                     WHERE p.user_id = u.id AND t.number > c.announced))
     ORDER BY c.id
"""
_UNTOLD = """
    number > %(announced)s AND NOT EXISTS (
      SELECT FROM payments_callbackdelivery d WHERE d.callback_id = %(callback)s AND d.event = t.id)
"""
# What each kind of event is of; `%(wallet)s` is the organisation's.
_FOUND = {
    CallbackDelivery.Kind.PAYMENT_RECEIVED: f"""
        SELECT t.id, t.number, t.amount, t.posted_at, o.reference FROM payments_transfer t
          JOIN payments_order o ON o.transfer_id = t.id
         WHERE t.target_id = %(wallet)s AND t.kind IN ('PAYMENT', 'RELEASE') AND {_UNTOLD}
         ORDER BY t.number LIMIT %(limit)s""",  # noqa: S608  # our own words
    CallbackDelivery.Kind.PAYMENT_REFUNDED: f"""
        SELECT t.id, t.number, t.amount, t.posted_at, o.reference FROM payments_transfer t
          JOIN payments_refund r ON r.transfer_id = t.id JOIN payments_order o ON o.id = r.order_id
         WHERE t.source_id = %(wallet)s AND t.kind = 'REFUND' AND {_UNTOLD}
         ORDER BY t.number LIMIT %(limit)s""",  # noqa: S608  # our own words
    CallbackDelivery.Kind.PAYOUT_PAID: f"""
        SELECT t.id, t.number, t.amount, t.posted_at, right(p.id::text, 8) FROM payments_payout p
          JOIN payments_transfer t ON t.id = p.settlement_id
         WHERE p.user_id = %(owner)s AND {_UNTOLD}
         ORDER BY t.number LIMIT %(limit)s""",  # noqa: S608  # our own words
}


@dataclass(frozen=True, kw_only=True)
class _Event:
    id: UUID
    kind: CallbackDelivery.Kind
    amount: int
    at: datetime
    reference: str


def sweep() -> int:
    """Have all callbacks told of what is new; of how many events."""
    settled = horizon.advance()
    with connection.cursor() as cursor:
        cursor.execute(_WITH_NEWS, {"settled": settled, "slack": SLACK})
        waiting = [pk for (pk,) in cursor.fetchall()]
    return sum(_announce(pk, settled=settled) for pk in waiting)


@transaction.atomic
def _announce(pk: int, *, settled: int) -> int:
    """What is new to one callback; another sweep that is at it is left to it."""
    locked = Callback.objects.select_for_update(skip_locked=True, no_key=True, of=("self",))
    running = locked.filter(pk=pk, paused_at=None, removed_at=None)
    callback = running.select_related("organisation__account").first()
    if callback is None:
        return 0
    events, is_all = _new(callback)
    for event in events:
        callbacks.announce(callback, event.id, event.kind, body=_body(callback, event))
    if is_all:
        callbacks.note_announced(callback, settled)
    else:
        hints.run("payments.announce")
    if events:
        hints.run("payments.call_back")
    return len(events)


def _new(callback: Callback) -> tuple[list[_Event], bool]:
    """What it was not told of, and whether that is all."""
    facts = {
        "callback": callback.pk,
        "announced": callback.announced,
        "owner": callback.organisation.account_id,
        "wallet": ledger.wallet(callback.organisation.account).pk,
        "limit": BATCH,
    }
    found: list[_Event] = []
    is_all = True
    with connection.cursor() as cursor:
        for name in callback.events:
            kind = CallbackDelivery.Kind(name)
            cursor.execute(_FOUND[kind], facts)
            rows = cursor.fetchall()
            is_all = is_all and len(rows) < BATCH
            found += [
                _Event(id=id, kind=kind, amount=amount, at=at, reference=reference)
                for id, _number, amount, at, reference in rows
            ]
    return found, is_all


def _body(callback: Callback, event: _Event) -> str:
    """Nobody's name and no note: what is kept of it for long says nothing of people."""
    said = {
        "id": str(event.id),
        "type": event.kind.value,
        "created_at": event.at.isoformat(),
        "organisation": callback.organisation.slug,
        "data": {"reference": event.reference, "amount": event.amount, "currency": "EUR"},
    }
    return json.dumps(said)
