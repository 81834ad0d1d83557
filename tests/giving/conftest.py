"""A campaign of acf, and what people give to it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import Organisation, User
from giving import campaigns, gifts, matches
from giving.models import Campaign
from payments import orders
from payments.models import Order
from tests.people import CODE


def terms(**changes: Any) -> campaigns.Terms:
    """What acf says of its campaign."""
    said: dict[str, Any] = {
        "title": "Un puits à Kaya",
        "story": "De l’eau pour 400 familles.",
        "hashtag": "puits",
    }
    return campaigns.Terms(**(said | changes))


def all_or_nothing(**changes: Any) -> campaigns.Terms:
    said: dict[str, Any] = {
        "goal": 50_00,
        "deadline": timezone.now() + timedelta(days=3),
        "is_all_or_nothing": True,
    }
    return terms(**(said | changes))


def give(campaign: Campaign, payer: User, amount: int = 20_00, **changes: Any) -> Order:
    """A gift, as it waits for its payer's code."""
    said: dict[str, Any] = {"at": timezone.now(), "channel": "site", "channel_id": str(uuid4())}
    return gifts.give(campaign, payer=payer, amount=amount, **(said | changes))


def given(campaign: Campaign, payer: User, amount: int = 20_00, **changes: Any) -> Order:
    """A gift that its payer gave the code for; with `any_code`."""
    return orders.confirm(give(campaign, payer, amount, **changes), code=CODE)


def promise(campaign: Campaign, payer: User, amount: int = 30_00, threshold: int = 20_00) -> Order:
    return matches.promise(
        campaign,
        payer=payer,
        amount=amount,
        threshold=threshold,
        is_anonymous=False,
        at=timezone.now(),
        channel_id=str(uuid4()),
    )


def let_deadline_pass(campaign: Campaign) -> None:
    """Let its time go by."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT let_deadline_pass(%s)", [campaign.pk])
    campaign.refresh_from_db()


@pytest.fixture
def well(acf: Organisation) -> Campaign:
    """Acf collects for a well, without a goal."""
    return campaigns.open_(acf, terms())


@pytest.fixture
def bet(acf: Organisation) -> Campaign:
    """All or nothing: 50 euros within three days."""
    return campaigns.open_(acf, all_or_nothing())
