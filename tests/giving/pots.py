"""What tests do with money pots."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import connection
from django.utils import timezone
from uuid_utils.compat import uuid7

from accounts import identities
from accounts.models import Identity, User
from giving import pots
from giving.models import Contribution, Pot
from payments.models import Order
from tests.people import settled


def opened(organiser: User, *, days: int = 30, **changes: Any) -> Pot:
    """A pot for a present, which may be given to for so many days."""
    terms: dict[str, Any] = {
        "title": "Un vélo pour Léa",
        "story": "Elle part en voyage.",
        "closes_on": timezone.localdate() + timedelta(days=days),
    }
    return pots.begin(organiser, **(terms | changes))


def opened_by_number(organiser: User) -> Pot:
    """A pot that pays their number, of somebody who is on X by now."""
    known = organiser.identities.get(network="x")
    identities.unlink(organiser, network=Identity.Network.X, at=timezone.now())
    pot = opened(organiser)
    identities.link(
        organiser,
        network=Identity.Network.X,
        external_id=known.external_id,
        handle=known.handle,
        name=known.name,
        picture_url="",
        joined_network_at=None,
        at=timezone.now(),
    )
    return pot


def given(pot: Pot, payer: User, amount: int = 10_00, **changes: Any) -> Contribution:
    """An order for the pot, as it waits for its payer's code."""
    terms: dict[str, Any] = {
        "amount": amount,
        "message": "Bon voyage !",
        "hides_name": False,
        "hides_amount": False,
        "channel": "site",
        "channel_id": uuid7().hex,
        "at": timezone.now(),
    }
    return pots.contribute(pot, payer, **(terms | changes))


def held(pot: Pot, payer: User, amount: int = 10_00, **changes: Any) -> Order:
    """A contribution whose code was given."""
    return settled(given(pot, payer, amount, **changes).order)


def later(pot: Pot, *, days: int) -> Pot:
    """The pot and its orders, so much nearer to their end: its days never change, but for tests."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT age_pot(%s, make_interval(days => %s))", [str(pot.pk), days])
    return Pot.objects.select_related("organiser", "payee").get(pk=pot.pk)
