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

from accounts import crypto, numbers
from accounts.models import Identity, User
from payments import acquirer, cards, orders, requests, silences
from payments.models import Delivery, Order, Request, Split

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
    def of(cls, user: User, identities: list[Identity], *, handles: set[str], phone: str = "") -> Traces:
        """Of somebody who has just left, on networks and by phone; `handles` are of X, former ones too."""
        known = {identity.external_id for identity in identities} | {phone}
        return cls(
            user=user.pk,
            identities=tuple(identity.pk for identity in identities),
            external_ids=tuple(sorted(known - {""})),
            handles=tuple(sorted(handles - {""})),
        )

    @classmethod
    def read(cls, plain: Mapping[str, Any]) -> Traces:
        return cls(plain["user"], *(tuple(plain[name]) for name in ("identities", "external_ids", "handles")))

    @property
    def phones(self) -> tuple[str, ...]:
        return tuple(number for number in self.external_ids if number.startswith("+"))

    def plain(self) -> dict[str, Any]:
        return asdict(self)


def own_words(user: User) -> None:
    """Forget what they wrote; before their balance is locked, as for every order."""
    for theirs in (
        Order.objects.filter(payer=user),
        Request.objects.filter(asker=user),
        Split.objects.filter(asker=user),
    ):
        theirs.exclude(words="", note="").update(words="", note="")


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


def _open_requests(traces: Traces) -> bool:
    """Nobody is asked for money by somebody who is gone."""
    requests.end_of_former(traces.user)
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
    """Take handle and number out of what others wrote to pay or ask them; who it was is in the row itself."""
    handle = rf"[@＠](?!{settings.X_SERVICE_HANDLE}\M)[A-Za-z0-9_]+"
    name = "|".join([handle, *map(numbers.written, traces.phones)])
    facts = {"name": name, "hidden": HIDDEN, "identities": list(traces.identities)}
    for table, theirs in _NAMES_THEM.items():
        _run(
            f"""UPDATE payments_{table}
                   SET words = regexp_replace(words, %(name)s, %(hidden)s, 'gi'),
                       note = regexp_replace(note, %(name)s, %(hidden)s, 'gi')
                 WHERE {theirs} AND (words ~* %(name)s OR note ~* %(name)s)""",  # noqa: S608  # our own names
            facts,
        )
    return False


def _what_was_shown(traces: Traces) -> bool:
    """Their handle, as payers saw it when they gave their code: kept by rows that are written once."""
    _run("SELECT forget_handles(%(user)s)", {"user": traces.user})
    return False


_THEIR_BILLS = (
    "SELECT split_id FROM payments_request WHERE payer_id = ANY(%(identities)s) AND split_id IS NOT NULL"
)
# What others wrote with their handle in it; all shares of a bill have the same words.
_NAMES_THEM = {
    "order": "payee_id = ANY(%(identities)s)",
    "request": f"(payer_id = ANY(%(identities)s) OR split_id IN ({_THEIR_BILLS}))",
    "split": f"id IN ({_THEIR_BILLS})",
}
# All that was said to them, and to others of orders with them or of their seats.
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
      UNION SELECT n.id FROM payments_notification n JOIN payments_request r ON r.id = n.request_id
        WHERE r.asker_id = %(user)s OR r.payer_id = ANY(%(identities)s)
      UNION SELECT n.id FROM payments_notification n JOIN accounts_seat s ON s.id = n.seat_id
        WHERE s.user_id = %(user)s
    ), said AS (
      SELECT d.id, d.status FROM payments_delivery d JOIN told ON told.id = d.notification_id
    )"""
_FORGET_SAID = f"""
    {_SAID} UPDATE payments_delivery d SET subject = '', text = '', problem = '', address = NULL
      FROM said WHERE said.id = d.id AND d.status <> 'DUE' AND (d.text, d.problem) <> ('', '')
"""  # noqa: S608  # our own names
# What went to their number before it was a member's.
_INVITED = """key IN (SELECT 'invitation:' || id FROM payments_order WHERE payee_id = ANY(%(identities)s))"""
_FORGET_INVITED = f"""
    UPDATE payments_delivery SET reply_to = 'erased', text = '', problem = ''
      WHERE {_INVITED} AND status <> 'DUE' AND reply_to <> 'erased'"""  # noqa: S608  # our own names
_IS_DUE = f"""
    {_SAID} SELECT EXISTS (SELECT FROM said WHERE status = 'DUE'
      UNION ALL SELECT FROM payments_delivery WHERE {_INVITED} AND status = 'DUE')"""  # noqa: S608  # our own names
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
    """Forget the words of what was sent, or given up, and where it went; what is due still is sent first."""
    facts = {"user": traces.user, "identities": list(traces.identities)}
    _run(_FORGET_SAID, facts)
    _run(_FORGET_INVITED, facts)
    if _ask(_IS_DUE, facts):
        return True
    silences.forget(traces.external_ids)  # It holds until the last of it.
    return False


def _files(traces: Traces) -> bool:
    """Forget the files with their account number, once the bank needs none of what is in them."""
    facts = {"user": traces.user}
    _run(_FORGET_FILES, facts)
    return bool(_ask(_IS_FILED, facts))


STEPS: tuple[Callable[[Traces], bool], ...] = (
    _open_orders,
    _open_requests,
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
