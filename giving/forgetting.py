"""What people who have left said with their gifts: a step of `payments.erasures`."""

from __future__ import annotations

from giving import monthly_gifts
from giving.models import Gift, Match
from payments.forgetting import Traces


def forget(traces: Traces) -> bool:
    """Name them nowhere, and ask them for nothing; the amounts stay, as the organisation's books do."""
    Gift.objects.filter(order__payer=traces.user).update(message="", is_anonymous=True)
    Match.objects.filter(order__payer=traces.user).update(is_anonymous=True)
    monthly_gifts.stop_all(traces.user)
    return False
