"""Who is a stranger to whom, and who lets no stranger ask them for money. By default everybody may ask."""

from __future__ import annotations

from django.db.models import Q

from accounts.models import User
from payments.models import NoStrangers, Order


def shut_out(user: User) -> None:
    """Only people they have paid, or were paid by, may ask the member for money from now on."""
    NoStrangers.objects.get_or_create(user=user)


def let_in(user: User) -> None:
    """Everybody may ask the member for money."""
    NoStrangers.objects.filter(user=user).delete()


def are_shut_out(user: User) -> bool:
    return NoStrangers.objects.filter(user=user).exists()


def are(one: User, other: User) -> bool:
    """Whether neither has ever paid the other."""
    either_way = Q(payer=one, payee_user=other) | Q(payer=other, payee_user=one)
    return not Order.objects.filter(either_way, status=Order.Status.PAID).exists()
