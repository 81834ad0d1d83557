"""What money keeps of a member beside the books, and how it is forgotten: words, addresses, cards, files.

Steps of an erasure: each takes what is there now, says whether something is left, and is repeated until then.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.conf import settings
from django.db import connection

from accounts import crypto
from accounts.models import Identity, User
from payments import acquirer, cards, orders
from payments.models import Delivery, Order

logger = logging.getLogger(__name__)

HIDDEN = "@…"


@dataclass(frozen=True)
class Traces:
    """What leads to what others hold of a member: known while it is looked for, and no longer."""

    user: int
    identities: tuple[int, ...]
    external_ids: tuple[str, ...]
    handles: tuple[str, ...]

    @classmethod
    def of(cls, user: User, identities: list[Identity]) -> Traces:
        """Of somebody who has just left, and who they were on networks."""
        return cls(
            user=user.pk,
            identities=tuple(identity.pk for identity in identities),
            external_ids=tuple(identity.external_id for identity in identities),
            handles=tuple({identity.handle for identity in identities if identity.handle}),
        )

    @classmethod
    def read(cls, plain: Mapping[str, Any]) -> Traces:
        return cls(plain["user"], *(tuple(plain[name]) for name in ("identities", "external_ids", "handles")))

    def plain(self) -> dict[str, Any]:
        return asdict(self)


def own_words(user: User) -> None:
    """Forget what they wrote; before their balance is locked, as for every order."""
    Order.objects.filter(payer=user).exclude(words="", note="").update(words="", note="")


def keep_addresses(user: User) -> None:
    """Where what they are told now is sent, encrypted, as they have no address of their own from here on."""
    addresses = {Delivery.Channel.SMS: str(user.phone or ""), Delivery.Channel.EMAIL: user.email}
    for channel, address in addresses.items():
        due = Delivery.objects.filter(notification__user=user, channel=channel, status=Delivery.Status.DUE)
        due.update(address=crypto.encrypt(address))


def _open_orders(traces: Traces) -> bool:
    """What others ordered for them and did not confirm is void."""
    for order in Order.objects.filter(payee__in=traces.identities, status=Order.Status.PENDING):
        with contextlib.suppress(orders.OrderClosed):
            orders.void(order, detail="the payee has left")
    return False


def _cards(traces: Traces) -> bool:
    """Have the processor forget each card, then forget what it was."""
    is_left = False
    for card in cards.unforgotten(traces.user):
        try:
            cards.erase(card)
        except acquirer.Unreachable:
            is_left = True
    return is_left


def _others_words(traces: Traces) -> bool:
    """Take their handle out of what others wrote to pay them; who was paid is in the order itself."""
    handle = rf"[@＠](?!{settings.X_SERVICE_HANDLE}\M)[A-Za-z0-9_]+"
    _run(
        """UPDATE payments_order
              SET words = regexp_replace(words, %(handle)s, %(hidden)s, 'gi'),
                  note = regexp_replace(note, %(handle)s, %(hidden)s, 'gi')
            WHERE payee_id = ANY(%(identities)s) AND (words ~* %(handle)s OR note ~* %(handle)s)""",
        {"handle": handle, "hidden": HIDDEN, "identities": list(traces.identities)},
    )
    return False


def _what_was_shown(traces: Traces) -> bool:
    """Their handle, as payers saw it when they gave their code: kept by rows that are written once."""
    _run("SELECT forget_handles(%(user)s)", {"user": traces.user})
    return False


# All that was said to them, and to others of orders with them.
_SAID = """
    WITH theirs AS (
      SELECT id FROM payments_order WHERE payer_id = %(user)s
      UNION ALL SELECT id FROM payments_order WHERE payee_id = ANY(%(identities)s)
    ), told AS (
      SELECT n.id FROM payments_notification n WHERE n.user_id = %(user)s
      UNION SELECT n.id FROM payments_notification n JOIN theirs o ON o.id = n.order_id
      UNION SELECT n.id FROM payments_notification n JOIN payments_refund r ON r.id = n.refund_id
        JOIN theirs o ON o.id = r.order_id
      UNION SELECT n.id FROM payments_notification n JOIN payments_funding f ON f.id = n.funding_id
        JOIN theirs o ON o.id = f.order_id
    ), said AS (
      SELECT d.id, d.status FROM payments_delivery d JOIN told ON told.id = d.notification_id
    )"""
_FORGET_SAID = f"""
    {_SAID} UPDATE payments_delivery d SET subject = '', text = '', problem = '', address = NULL
      FROM said WHERE said.id = d.id AND d.status <> 'DUE' AND (d.text, d.problem) <> ('', '')
"""  # noqa: S608  # our own names
_IS_DUE = f"{_SAID} SELECT EXISTS (SELECT FROM said WHERE status = 'DUE')"  # noqa: S608  # our own names
# The files in which money went to their bank.
_THEIR_FILES = """
    payments_payoutbatch b WHERE b.document <> ''
      AND b.id IN (SELECT p.batch_id FROM payments_payout p WHERE p.user_id = %(user)s)"""
_FORGET_FILES = f"""
    UPDATE payments_payoutbatch SET document = '' WHERE sent_at IS NOT NULL
       AND id IN (SELECT b.id FROM {_THEIR_FILES}) AND NOT EXISTS (
         SELECT FROM payments_payout p WHERE p.batch_id = payments_payoutbatch.id AND p.status = 'EXPORTED')
"""  # noqa: S608  # our own names
_IS_FILED = f"SELECT EXISTS (SELECT FROM {_THEIR_FILES})"  # noqa: S608  # our own names


def _deliveries(traces: Traces) -> bool:
    """Forget the words of what was sent, or given up; what is due still is sent first."""
    facts = {"user": traces.user, "identities": list(traces.identities)}
    _run(_FORGET_SAID, facts)
    return bool(_ask(_IS_DUE, facts))


def _files(traces: Traces) -> bool:
    """Forget the files with their account number, once the bank needs none of what is in them."""
    facts = {"user": traces.user}
    _run(_FORGET_FILES, facts)
    return bool(_ask(_IS_FILED, facts))


STEPS: tuple[Callable[[Traces], bool], ...] = (
    _open_orders,
    _cards,
    _others_words,
    _what_was_shown,
    _deliveries,
    _files,
)


def _run(sql: str, facts: Mapping[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, facts)


def _ask(sql: str, facts: Mapping[str, Any]) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql, facts)
        return cursor.fetchone()[0]
