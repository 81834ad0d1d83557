"""Keeps what people are told with its messages on their way out, in one statement.

A message's key names its notification, whose number the database gives: so both are written there.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from django.db import connection, models

from accounts import prepared
from accounts.prepared import Prepared
from payments import rows
from payments.models import Delivery, Notification

BETWEEN = ":notification:"
_GIVEN = {"key", "notification_id"}  # What the statement says of a message that has a notification.
_FOUND_BY = {"key": "text", "user": "bigint", "kind": "text"}


def keep(
    notifications: Sequence[Notification],
    deliveries: Sequence[Delivery],
    *,
    first: Sequence[prepared.Call] = (),
) -> None:
    """Keep new notifications, with the numbers that the database gives, and messages of most of them.

    `first` goes ahead of them.

    :raises django.db.IntegrityError: if one of them was told before
    """
    if not deliveries:
        rows.insert(*notifications, first=first)
        return
    facts: dict[str, Any] = {}
    for place, notification in enumerate(notifications):
        facts |= {f"{name}_{place}": getattr(notification, name) for name in _types(Notification)}
    for place, delivery in enumerate(deliveries):
        about = delivery.notification
        facts |= {f"its_{name}_{place}": getattr(delivery, name) for name in _types(Delivery)}
        facts[f"its_key_{place}"] = delivery.key
        facts[f"its_user_{place}"] = about and about.user_id
        facts[f"its_kind_{place}"] = about and about.kind
    told = prepared.run(*first, _statement(len(notifications), len(deliveries))(**facts))
    for notification, (number,) in zip(notifications, told, strict=True):
        notification.pk = number


def key(channel: str, number: object) -> str:
    """The key of a message of a notification, by its number."""
    return f"{channel}{BETWEEN}{number}"


@cache
def _statement(told: int, sent: int) -> Prepared:
    """For so many of each. Nobody is told two things of one kind at once: user and kind find the number."""
    of_told, columns = _types(Notification), list(_types(Delivery))
    of_sent = {f"its_{name}": type_ for name, type_ in (_types(Delivery) | _FOUND_BY).items()}
    types = {f"{name}_{place}": type_ for place in range(told) for name, type_ in of_told.items()}
    types |= {f"{name}_{place}": type_ for place in range(sent) for name, type_ in of_sent.items()}
    return Prepared(
        f"tell_{told}_{sent}",
        f"""
        WITH told AS (
          INSERT INTO payments_notification ({", ".join(of_told)}) VALUES {_values(of_told, told)}
          RETURNING id, user_id, kind
        ), sent AS (
          INSERT INTO payments_delivery (key, notification_id, {", ".join(columns)})
          SELECT coalesce(its_channel || '{BETWEEN}' || told.id, its_key), told.id,
                 {", ".join(f"its_{name}" for name in columns)}
            FROM (VALUES {_values(of_sent, sent)}) message ({", ".join(of_sent)})
            LEFT JOIN told ON told.user_id = its_user AND told.kind = its_kind
        )
        SELECT id FROM told ORDER BY id
        """,  # noqa: S608  # our own names
        **types,
    )


def _values(names: dict[str, str], count: int) -> str:
    lines = ([f"%({name}_{place})s" for name in names] for place in range(count))
    return ", ".join(f"({', '.join(line)})" for line in lines)


@cache
def _types(model: type[models.Model]) -> dict[str, str]:
    """The columns that we say of a new row, each with its SQL type."""
    named = {str(field.column): str(field.db_type(connection)) for field in rows.given(model)}
    return {name: type_ for name, type_ in named.items() if model is Notification or name not in _GIVEN}
