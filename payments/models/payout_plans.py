"""How an organisation is paid out by itself: each day, week or month, to which account, from how much on."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from payments.models.payouts import Agreement, BankAccount


class PayoutPlan(Agreement):
    """What an owner or treasurer agreed to with code and device, or passkey. `payout_plans` alone writes it.

    Another period, amount or account is another plan; what was agreed to never changes.
    """

    class Period(models.TextChoices):
        DAY = "DAY", _("every day")
        WEEK = "WEEK", _("every Monday")
        MONTH = "MONTH", _("on the first of each month")

    organisation = models.ForeignKey(
        Organisation,
        models.PROTECT,
        verbose_name=_("organisation"),
        related_name="payout_plans",
        editable=False,
    )
    bank_account = models.ForeignKey(
        BankAccount, models.PROTECT, verbose_name=_("bank account"), related_name="+", editable=False
    )
    period = models.CharField(_("when"), max_length=5, choices=Period.choices, editable=False)
    minimum = models.BigIntegerField(_("from this amount on"), help_text="cents", editable=False)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("set by"),
        related_name="+",
        editable=False,
    )
    set_at = models.DateTimeField(_("since"), db_default=Now(), editable=False)
    looked_on = models.DateField(_("last looked at on"), editable=False)
    ended_at = models.DateTimeField(_("until"), null=True, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("plan of payouts"), _("plans of payouts")
        constraints = [
            models.UniqueConstraint(
                fields=["organisation"],
                condition=Q(ended_at__isnull=True),
                name="organisation_has_one_plan_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(factor="DEVICE", device__isnull=False, passkey_id__isnull=True)
                | Q(factor="PASSKEY", device__isnull=True, passkey_id__isnull=False),
                name="plan_was_agreed_to_strongly",
            ),
            models.CheckConstraint(
                condition=Q(period__in=["DAY", "WEEK", "MONTH"]), name="period_of_a_plan_is_known"
            ),
            models.CheckConstraint(condition=Q(minimum__gte=100), name="plan_pays_a_euro_at_least"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("set_at")),
                name="plan_ends_after_it_was_set",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation}, {self.get_period_display()}"
