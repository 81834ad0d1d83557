"""The same transfer by django-hordak; run by the Python that it is installed for.

What a wallet does not hold never leaves it, so its account is locked and its balance is looked at first: the
library leaves that to whoever uses it, and `transfer_to` alone would overdraw.
"""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

import django
from django.conf import settings

ACCOUNTS = 1_000
FIRST_MONEY = 100  # euros: nobody runs dry

settings.configure(
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "mptt", "hordak"],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            **{
                name: os.environ[f"HORDAK_DB_{name}"] for name in ("NAME", "HOST", "PORT", "USER", "PASSWORD")
            },
            "CONN_MAX_AGE": None,
        }
    },
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    HORDAK_CURRENCIES=["EUR"],
    CURRENCIES=["EUR"],
    USE_TZ=True,
)
django.setup()

from django.core.management import call_command  # noqa: E402  # Django must be set up first
from django.db import transaction  # noqa: E402  # Django must be set up first
from hordak.models import Account, AccountType  # noqa: E402  # Django must be set up first
from moneyed import Money  # noqa: E402  # Django must be set up first

from benchmarks import _clients  # noqa: E402  # Django must be set up first

CENT = Money("0.01", "EUR")


def main() -> None:
    if sys.argv[1] == "prepare":
        call_command("migrate", verbosity=0)
        _open_accounts()
        return
    accounts = list(Account.objects.filter(type=AccountType.liability))
    print(_clients.rate(partial(_payer, accounts), clients=int(sys.argv[2]), seconds=float(sys.argv[3])))


def _payer(accounts: list[Any], number: int) -> Callable[[], object]:
    chance = random.Random(number)

    def pay() -> None:
        source, target = chance.sample(accounts, 2)
        with transaction.atomic():
            locked = Account.objects.select_for_update().get(pk=source.pk)
            assert locked.get_simple_balance() >= CENT
            target.transfer_to(locked, CENT)  # Between liabilities it takes from the one that it is given to.

    return pay


def _open_accounts() -> None:
    """Members' wallets, which are liabilities, and the money in them."""
    cards = Account.objects.create(name="Cards", code="C", type=AccountType.asset, currencies=["EUR"])
    for number in range(ACCOUNTS):
        wallet = Account.objects.create(
            name=f"Member {number}", code=f"{number}", type=AccountType.liability, currencies=["EUR"]
        )
        wallet.transfer_to(cards, Money(FIRST_MONEY, "EUR"))


if __name__ == "__main__":
    main()
