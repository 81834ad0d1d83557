"""How much may be paid and held: the policy for each tier, and what members allow themselves."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User


class Limit(models.Model):
    """A figure of the policy for a tier. A trigger lets it become only what two of staff agreed on."""

    class Name(models.TextChoices):
        ORDER_TO_PERSON = "ORDER_TO_PERSON", _("one order to a person")
        ORDER_TO_ORGANISATION = "ORDER_TO_ORGANISATION", _("one order to an organisation")
        DAY = "DAY", _("paid in 24 hours")
        MONTH = "MONTH", _("paid in 30 days")
        NIGHT = "NIGHT", _("paid in a night")
        FIRST_PAYEE = "FIRST_PAYEE", _("paid at once to somebody new")
        TOP_UP = "TOP_UP", _("one top-up by card")
        WALLET = "WALLET", _("what a wallet may hold")
        PAYOUT_DAY = "PAYOUT_DAY", _("cashed out in 24 hours")
        PAYOUT_MONTH = "PAYOUT_MONTH", _("cashed out in 30 days")

    tier = models.CharField(_("tier"), max_length=12, choices=User.Tier.choices, editable=False)
    name = models.CharField(_("limit"), max_length=32, choices=Name.choices, editable=False)
    amount = models.BigIntegerField(_("amount"), help_text="cents")

    class Meta:
        verbose_name, verbose_name_plural = _("limit"), _("limits")
        constraints = [
            models.CheckConstraint(condition=Q(amount__gte=0), name="limit_is_not_negative"),
            models.CheckConstraint(condition=Q(tier__in=User.Tier.values), name="limit_is_for_a_known_tier"),
            models.CheckConstraint(
                condition=Q(
                    name__in=[
                        "ORDER_TO_PERSON",
                        "ORDER_TO_ORGANISATION",
                        "DAY",
                        "MONTH",
                        "NIGHT",
                        "FIRST_PAYEE",
                        "TOP_UP",
                        "WALLET",
                        "PAYOUT_DAY",
                        "PAYOUT_MONTH",
                    ]
                ),
                name="limit_is_known",
            ),
            models.UniqueConstraint(fields=["tier", "name"], name="tier_has_each_limit_once"),
        ]

    def __str__(self) -> str:
        return f"{self.get_tier_display()}, {self.get_name_display()}"


class OwnLimit(models.Model):
    """What a member allows themselves, below the policy: the newest row that counts already, counts.

    The database says when that is (`migrations/sql/0020_limits.sql`): lower at once, higher after
    24 hours. A row is never changed, but cancelled before it counts. No amount: no own limit.
    """

    class Name(models.TextChoices):
        ORDER = "ORDER", _("for one order")
        DAY = "DAY", _("in 24 hours")
        MONTH = "MONTH", _("in 30 days")
        PAYOUT_DAY = "PAYOUT_DAY", _("cashed out in 24 hours")
        PAYOUT_MONTH = "PAYOUT_MONTH", _("cashed out in 30 days")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("member"),
        related_name="own_limits",
        editable=False,
    )
    name = models.CharField(_("limit"), max_length=12, choices=Name.choices, editable=False)
    amount = models.BigIntegerField(_("amount"), help_text="cents", null=True, editable=False)
    before = models.BigIntegerField(_("amount before"), help_text="cents", null=True, editable=False)
    asked_at = models.DateTimeField(_("asked at"), editable=False)
    effective_at = models.DateTimeField(_("counts from"), editable=False)
    cancelled_at = models.DateTimeField(_("cancelled at"), null=True, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("own limit"), _("own limits")
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__isnull=True) | Q(amount__gte=0), name="own_limit_is_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(name__in=["ORDER", "DAY", "MONTH", "PAYOUT_DAY", "PAYOUT_MONTH"]),
                name="own_limit_is_known",
            ),
        ]
        indexes = [models.Index(fields=["user", "name", "-asked_at"], name="own_limit_newest")]

    def __str__(self) -> str:
        return str(self.get_name_display())
