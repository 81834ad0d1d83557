"""What stands guard over the books: a halt when they are broken, and the proof of each day."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Halt(models.Model):
    """Money stands still: from a breach of the books until two of staff lift it. Only `halts` writes it.

    While a row is not lifted, the database refuses each transfer and each new top-up.
    """

    breaches = models.JSONField(
        _("breaches"), editable=False, help_text=_("the rules that did not hold, and the rows")
    )
    at = models.DateTimeField(_("since"), db_default=Now(), editable=False)
    lifted_at = models.DateTimeField(_("lifted at"), null=True, editable=False)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("lifted by"),
        null=True,
        editable=False,
        related_name="+",
    )
    proposal = models.OneToOneField(
        "payments.Proposal", models.PROTECT, verbose_name=_("proposal"), null=True, editable=False
    )

    class Meta:
        verbose_name, verbose_name_plural = _("halt"), _("halts")
        constraints = [
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True, lifted_by__isnull=True, proposal__isnull=True)
                | Q(lifted_at__gte=F("at"), lifted_by__isnull=False, proposal__isnull=False),
                name="halt_is_lifted_by_a_proposal",
            ),
            models.UniqueConstraint(
                models.Value(1), condition=Q(lifted_at__isnull=True), name="money_is_halted_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"


class SafeguardingDay(models.Model):
    """What members held at a moment of the day, and what was there for it: one row a day, append-only.

    `members`: wallets, what is held for them, payouts that did not leave yet. `safeguarded`: at the bank,
    and on its way from the card processor. `own`: our fees, which are the rest of what is there.
    """

    day = models.DateField(_("day"), unique=True, editable=False)
    taken_at = models.DateTimeField(_("taken at"), db_default=Now(), editable=False)
    wallets = models.BigIntegerField(_("in wallets"), help_text="cents", editable=False)
    held = models.BigIntegerField(_("held"), help_text="cents", editable=False)
    payouts = models.BigIntegerField(_("being paid out"), help_text="cents", editable=False)
    own = models.BigIntegerField(_("our own"), help_text="cents", editable=False)
    at_bank = models.BigIntegerField(_("at the bank"), help_text="cents", editable=False)
    in_transit = models.BigIntegerField(_("in transit"), help_text="cents", editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("day's proof"), _("days' proofs")

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d}"

    @property
    def owed(self) -> int:
        """What is members'."""
        return self.wallets + self.held + self.payouts

    @property
    def difference(self) -> int:
        """What is there beyond what is members' and ours: anything but zero is an alarm."""
        return self.at_bank + self.in_transit - self.owed - self.own
