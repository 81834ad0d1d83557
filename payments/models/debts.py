"""What members owe, and how it ends: two of staff decide, and each step that lessens a debt is a row."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from payments.models.ledger import Transfer
from payments.models.proposals import Proposal
from payments.models.refunds import Chargeback


class DebtDecision(models.Model):
    """What two of staff decided on a debt: to take it from the wallet as money comes in, or to bear it."""

    class Kind(models.TextChoices):
        RECOVER = "RECOVER", _("taken from the wallet as money comes in")
        WRITE_OFF = "WRITE_OFF", _("written off")

    chargeback = models.ForeignKey(
        Chargeback, models.PROTECT, verbose_name=_("chargeback"), related_name="decisions", editable=False
    )
    proposal = models.OneToOneField(
        Proposal, models.PROTECT, verbose_name=_("proposal"), related_name="+", editable=False
    )
    kind = models.CharField(_("decision"), max_length=12, choices=Kind.choices, editable=False)
    amount = models.BigIntegerField(_("amount"), help_text="cents", editable=False)
    at = models.DateTimeField(_("when"), db_default=Now(), editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("decision on a debt"), _("decisions on debts")
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="debt_decision_is_of_an_amount"),
            models.CheckConstraint(
                condition=Q(kind__in=["RECOVER", "WRITE_OFF"]), name="debt_decision_is_known"
            ),
            models.UniqueConstraint(
                fields=["chargeback"], condition=Q(kind="RECOVER"), name="debt_is_recovered_by_one_decision"
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_kind_display())


class Repayment(models.Model):
    """A step by which a debt became less: from the wallet, or from our own. `debts` is the only writer.

    Won after all, the debt never was: what was taken for it goes `back` to where it came from.
    """

    id = models.UUIDField(_("number"), primary_key=True, default=uuid7, editable=False)
    decision = models.ForeignKey(
        DebtDecision, models.PROTECT, verbose_name=_("decision"), related_name="repayments", editable=False
    )
    chargeback = models.ForeignKey(
        Chargeback, models.PROTECT, verbose_name=_("chargeback"), related_name="repayments", editable=False
    )
    amount = models.BigIntegerField(_("amount"), help_text="cents", editable=False)
    left = models.BigIntegerField(_("left to pay then"), help_text="cents", editable=False)
    transfer = models.OneToOneField(
        Transfer, models.PROTECT, verbose_name=_("transfer"), related_name="repayment", editable=False
    )
    back = models.OneToOneField(
        Transfer,
        models.PROTECT,
        verbose_name=_("given back"),
        null=True,
        related_name="repayment_back",
        editable=False,
    )
    at = models.DateTimeField(_("when"), db_default=Now(), editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("repayment"), _("repayments")
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0, left__gte=0), name="repayment_pays_something"),
        ]
        indexes = [models.Index(fields=["chargeback"], name="repayment_by_chargeback")]

    def __str__(self) -> str:
        return str(self.pk)
