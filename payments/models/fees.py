"""What organisations pay us: the brackets of a month's receipts, and what was charged for each day."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from payments.models.ledger import Transfer


class FeeBracket(models.Model):
    """The share of what a month's receipts have above an amount, for months from a day on.

    The brackets of one day go together, and the newest that a month begins with count for it. Written by
    migrations alone: what counted for a month that was charged is never changed.
    """

    valid_from = models.DateField(_("valid from"), help_text=_("the first day of a month"), editable=False)
    above = models.BigIntegerField(_("above"), help_text="cents", editable=False)
    rate = models.PositiveSmallIntegerField(_("share"), help_text="hundredths of a percent", editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("bracket of fees"), _("brackets of fees")
        ordering = ["valid_from", "above"]
        constraints = [
            models.UniqueConstraint(fields=["valid_from", "above"], name="fee_bracket_is_there_once"),
            models.CheckConstraint(condition=Q(above__gte=0), name="fee_bracket_begins_at_an_amount"),
            models.CheckConstraint(condition=Q(rate__lte=190), name="fees_are_never_above_their_highest"),
            models.CheckConstraint(condition=Q(valid_from__day=1), name="fees_change_with_a_month"),
        ]

    def __str__(self) -> str:
        return f"{self.valid_from} {self.above} {self.rate}"


class FeeCharge(models.Model):
    """What an organisation was charged after a day; negative where refunds have lessened what it owes.

    `receipts` and `fee` are the month's, to the end of that day; `owed` is what its wallet lacked, and is
    charged with the next.
    """

    organisation = models.ForeignKey(
        Organisation,
        models.PROTECT,
        verbose_name=_("organisation"),
        related_name="fee_charges",
        editable=False,
        db_index=False,  # The constraint's begins with it.
    )
    day = models.DateField(_("day"), editable=False)
    receipts = models.BigIntegerField(_("the month's receipts"), help_text="cents", editable=False)
    fee = models.BigIntegerField(_("the month's fees"), help_text="cents", editable=False)
    amount = models.BigIntegerField(_("amount"), help_text="cents", editable=False)
    owed = models.BigIntegerField(_("still owed"), help_text="cents", editable=False)
    transfer = models.OneToOneField(
        Transfer,
        models.PROTECT,
        verbose_name=_("transfer"),
        null=True,
        editable=False,
        related_name="fee_charge",
    )
    charged_at = models.DateTimeField(_("charged at"), db_default=Now(), editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("charge of fees"), _("charges of fees")
        ordering = ["-day"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "day"], name="day_is_charged_once"),
            models.CheckConstraint(
                condition=Q(amount=0, transfer__isnull=True) | ~Q(amount=0) & Q(transfer__isnull=False),
                name="charge_that_moves_money_has_its_transfer",
            ),
            models.CheckConstraint(
                condition=Q(fee__gte=0, owed__gte=0), name="fees_and_what_is_owed_are_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(fee=0) | Q(receipts__gte=F("fee")), name="fees_are_a_part_of_receipts"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} {self.day}"
