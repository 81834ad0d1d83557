"""Transfers by django-hordak, as its documentation makes them; run by the Python that it is installed for."""

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
from hordak.models import Account, AccountType  # noqa: E402  # the same
from moneyed import Money  # noqa: E402  # the same

from benchmarks import _clients  # noqa: E402  # the same


def main() -> None:
    if sys.argv[1] == "prepare":
        call_command("migrate", verbosity=0)
        for number in range(ACCOUNTS):
            Account.objects.create(
                name=f"Member {number}", code=f"{number}", type=AccountType.liability, currencies=["EUR"]
            )
        return
    accounts = list(Account.objects.all())
    print(_clients.rate(partial(_payer, accounts), clients=int(sys.argv[2]), seconds=float(sys.argv[3])))


def _payer(accounts: list[Any], number: int) -> Callable[[], object]:
    chance = random.Random(number)

    def pay() -> None:
        source, target = chance.sample(accounts, 2)
        source.transfer_to(target, Money("0.01", "EUR"))

    return pay


if __name__ == "__main__":
    main()
