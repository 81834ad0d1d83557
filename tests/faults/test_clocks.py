"""A machine's clock is days off: what has expired is what the database says has."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.models import Identity, User
from payments import claims, deliveries, expiry, notices, orders
from payments.models import Delivery, Notification, Order
from tests.people import CODE, place

DAYS_OFF = pytest.mark.parametrize("days", [-30, -1, 1, 30])
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def payer(claire: User, with_code: Callable[[User], User]) -> User:
    return with_code(claire)


def off(days: int) -> time_machine.travel:
    return time_machine.travel(timezone.now() + timedelta(days=days), tick=True)


@DAYS_OFF
def test_an_order_that_waits_is_paid(payer: User, armand: User, days: int) -> None:
    order = place(payer, armand)
    with off(days):
        assert expiry.expire_due() == 0
        assert orders.confirm(order, code=CODE).status == "PAID"


@DAYS_OFF
def test_an_order_that_is_over_is_not(payer: User, armand: User, days: int) -> None:
    order = place(payer, armand, at=timezone.now() - orders.LIFETIME)
    with off(days):
        with pytest.raises(orders.OrderClosed):
            orders.confirm(order, code=CODE)
        assert expiry.expire_due() == 1


@DAYS_OFF
def test_a_claim_waits_seven_days_of_the_database(payer: User, bob: Identity, days: int) -> None:
    with off(days):
        order = orders.confirm(place(payer, bob, at=timezone.now() - timedelta(days=days)), code=CODE)
        assert claims.return_due() == 0
    left = Order.objects.get(pk=order.pk).expires_at - timezone.now()
    assert timedelta(days=6, hours=23) < left <= timedelta(days=7)


@DAYS_OFF
def test_a_lease_ends_by_the_database(claire: User, days: int) -> None:
    notices.tell(claire, Notification.Kind.CODE_LOCKED)
    channel = Delivery.Channel.SMS
    with off(days):
        assert len(deliveries.claim(channel, limit=5)) == 1
        assert deliveries.claim(channel, limit=5) == []
