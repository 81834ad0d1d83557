"""What an organisation collects for, for pages that are not of this app."""

from __future__ import annotations

from django import template

from accounts.models import Organisation, User
from giving import campaigns, loans, monthly_gifts
from giving.models import Campaign, Loan

register = template.Library()
MOST = 10


@register.simple_tag
def campaigns_of(organisation: Organisation) -> list[Campaign]:
    """Its campaigns that take gifts, the newest first."""
    return list(campaigns.collecting().filter(organisation=organisation).order_by("-pk")[:MOST])


@register.simple_tag
def loans_of(organisation: Organisation) -> list[Loan]:
    """Its loans that look for lenders."""
    return list(loans.looking_for_lenders().filter(organisation=organisation)[:MOST])


@register.simple_tag
def gives_monthly(user: User) -> bool:
    """Whether they are asked for gifts each month."""
    return monthly_gifts.of(user).exists()
