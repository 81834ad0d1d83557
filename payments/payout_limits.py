"""How much may be cashed out in 24 hours and in 30 days, and what of it waits for a day.

Counted under the payer's lock, by the database's clock. What came back, or never left, makes room again.
Soon after a bank account, a device, a passkey, the number, the password or the code is new, more than a
small sum waits until that is a day old: as long as a thief may stay unnoticed. Amounts are cents.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from django.db import connection

from accounts.models import User
from payments import limits, strong
from payments.models import BankAccount, Limit

DAY, MONTH = Limit.Name.PAYOUT_DAY, Limit.Name.PAYOUT_MONTH
AT_ONCE = 100_00  # In a day, however new everything is.
NEW = timedelta(hours=24)

_USED = """
    SELECT coalesce(sum(amount) FILTER (WHERE requested_at > %(at)s - interval '24 hours'), 0)::bigint,
           coalesce(sum(amount), 0)::bigint
      FROM payments_payout
     WHERE user_id = %(user)s AND status IN ('REQUESTED', 'EXPORTED', 'SETTLED')
       AND requested_at > %(at)s - interval '30 days'
"""
# Whoever has just joined has chosen number, password and code today; their bank account is new as well.
_CHANGED = """
    SELECT greatest(
             (SELECT checked_at FROM payments_bankaccount WHERE id = %(account)s),
             (SELECT registered_at FROM accounts_device WHERE id = %(device)s),
             (SELECT created_at FROM mfa_authenticator WHERE id = %(passkey)s),
             CASE WHEN u.joined_at <= %(at)s - interval '24 hours' THEN
               greatest(u.phone_verified_at, u.password_changed_at,
                        (SELECT changed_at FROM accounts_secretcode WHERE user_id = u.id))
             END)
      FROM accounts_user u WHERE u.id = %(user)s
"""


def standing(user: User) -> limits.Standing:
    """The member's limits, with what of those of cashing out is used."""
    found = limits.standing(user)
    with connection.cursor() as cursor:
        cursor.execute(_USED, {"user": user.pk, "at": found.at})
        day, month = cursor.fetchone()
    return replace(found, used=found.used | {DAY: day, MONTH: month})


def left(found: limits.Standing) -> int:
    """What may be cashed out now."""
    return min(found.left(DAY), found.left(MONTH))


def check(found: limits.Standing, *, amount: int) -> None:
    """:raises limits.OverLimit: if that is more than may be cashed out"""
    for name in (MONTH, DAY):
        limits.check(name, amount, found)


def waits_until(
    account: BankAccount, *, amount: int, shown: strong.Shown, by: User, found: limits.Standing
) -> datetime | None:
    """Until when it waits, if something about who agreed to it is new; nothing if it may leave at once."""
    if found.used[DAY] + amount <= AT_ONCE:
        return None
    facts = {
        "user": by.pk,
        "account": account.pk,
        "device": shown.device_id,
        "passkey": shown.passkey_id,
        "at": found.at,
    }
    with connection.cursor() as cursor:
        cursor.execute(_CHANGED, facts)
        changed: datetime = cursor.fetchone()[0]
    until = changed + NEW
    return until if until > found.at else None
