"""1,000 people give to one campaign at once: no gift is lost, and its total is right, also meanwhile.

Their confirmations reach the database by 40 connections, as they do from web workers. Whoever looks sees a
total that only grows, while the tallies are folded as the beat does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from accounts.models import Organisation, User
from giving import campaigns, tallies
from giving.models import Campaign
from giving.tallies import Total
from payments import ledger, orders
from payments.models import Order
from tests.giving.conftest import give, terms
from tests.people import CODE, join, load
from tests.trial import Trial

LONG_MINUTES = 5  # It ends when all have given.
SHORT, LONG = 80, 1_000
CONNECTIONS = 40
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("any_code")]


def giver(number: int) -> User:
    """Somebody who has 10 euros."""
    phone, handle = f"+3361300{number:04}", f"giver_{number}"
    user = join(f"Ami {number}", phone=phone, handle=handle, external_id=f"80{number:04}")
    load(user, 10_00)
    return user


@pytest.mark.timeout(600)
def test_a_thousand_to_one_campaign(
    trial: Trial, acf: Organisation, at_once: Callable[..., list[Any]]
) -> None:
    campaign = campaigns.open_(acf, terms())
    amounts = [1_00 + number % 800 for number in range(trial.times(short=SHORT, long=LONG))]
    waiting = [give(campaign, giver(number), amount) for number, amount in enumerate(amounts)]
    looks: list[int] = []
    ended: Counter[str] = Counter()

    def confirm(number: int) -> None:
        for order in waiting[number::CONNECTIONS]:
            ended[orders.confirm(order, code=CODE).status] += 1

    def look(_number: int) -> None:
        while ended.total() < len(waiting) and (not looks or looks[-1] < sum(amounts)):
            tallies.fold()
            looks.append(tallies.of(campaign).amount)

    work = [*[confirm] * CONNECTIONS, look]
    failed = [each for each in at_once(len(work), lambda number: work[number](number)) if each]
    _judge(trial, campaign, amounts)
    trial.found("gifts that failed", len(failed), problems=[repr(problem) for problem in failed])
    shrank = sum(after < before for before, after in pairwise(looks))
    trial.found("totals that shrank", shrank, looks=len(looks))


def _judge(trial: Trial, campaign: Campaign, amounts: list[int]) -> None:
    account = campaign.organisation.account
    paid = Order.objects.filter(gift__campaign=campaign, status="PAID").count()
    trial.reached("gifts at once", paid, at_least=LONG, connections=CONNECTIONS)
    trial.found("gifts lost", len(amounts) - paid)
    whole = Total(sum(amounts), len(amounts))
    for figure, total in {"total": tallies.of(campaign).amount, "wallet": _wallet(account)}.items():
        trial.found(f"cents by which the {figure} is wrong", total - whole.amount, cents=total)
    trial.found("givers counted wrong", tallies.of(campaign).gifts - whole.gifts)


def _wallet(account: User) -> int:
    return ledger.balance(ledger.wallet(account))
