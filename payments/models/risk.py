"""What let an order through, or held it: how it was confirmed, the rules that fired, what staff decided.

All three are written once: they prove later what was asked of whom.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.models import Device, Identity
from payments.models.orders import Order
from payments.models.proposals import Proposal


class Confirmation(models.Model):
    """The payer's yes to an order: to this amount and this payee, by the code and what went with it.

    What was agreed is repeated here, so that it can be held against what was paid (PSD2 RTS, article 5).
    """

    class Factor(models.TextChoices):
        CODE = "CODE", _("the secret code alone")
        DEVICE = "DEVICE", _("the secret code, on a known device")
        PASSKEY = "PASSKEY", _("the secret code and a passkey")

    order = models.ForeignKey(
        Order, models.PROTECT, verbose_name=_("order"), related_name="confirmations", editable=False
    )
    payer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("payer"),
        related_name="+",
        editable=False,
        db_index=False,
    )
    payee = models.ForeignKey(
        Identity, models.PROTECT, verbose_name=_("payee"), related_name="+", editable=False, db_index=False
    )
    payee_handle = models.CharField(_("payee's handle then"), max_length=32, editable=False)
    amount = models.BigIntegerField(_("amount"), help_text="cents", editable=False)
    factor = models.CharField(_("confirmed by"), max_length=8, choices=Factor.choices, editable=False)
    device = models.ForeignKey(
        Device,
        models.PROTECT,
        verbose_name=_("device"),
        null=True,
        related_name="+",
        editable=False,
        db_index=False,
    )
    passkey_id = models.BigIntegerField(
        _("passkey"), null=True, editable=False, help_text="its number; it may be removed later"
    )
    at = models.DateTimeField(_("when"), db_default=Now(), editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("confirmation"), _("confirmations")
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="confirmation_is_of_an_amount"),
            models.CheckConstraint(
                condition=Q(factor="CODE", device__isnull=True, passkey_id__isnull=True)
                | Q(factor="DEVICE", device__isnull=False, passkey_id__isnull=True)
                | Q(factor="PASSKEY", device__isnull=True, passkey_id__isnull=False),
                name="confirmation_names_what_was_shown",
            ),
        ]
        indexes = [
            models.Index(fields=["payer", "-id"], name="confirmation_by_payer"),
            # Where counting begins: the last strong one.
            models.Index(fields=["payer", "-id"], condition=~Q(factor="CODE"), name="confirmation_strong"),
        ]

    def __str__(self) -> str:
        return str(self.get_factor_display())


class RiskFinding(models.Model):
    """A rule that fired on an order, and the facts that it saw."""

    class Rule(models.TextChoices):
        NEW_PAYEE_LARGE = "NEW_PAYEE_LARGE", _("a large payment to somebody never paid before")
        MANY_PAYEES = "MANY_PAYEES", _("many different payees within an hour")
        BURST = "BURST", _("many payments within minutes")
        HANDLE_CHANGED = "HANDLE_CHANGED", _("the payee's handle changed since they were paid last")
        HANDLE_TAKEN_OVER = "HANDLE_TAKEN_OVER", _("the handle was somebody else's when it was paid last")
        YOUNG_ACCOUNT = "YOUNG_ACCOUNT", _("the payee's account on X is very young")
        NEW_DEVICE = "NEW_DEVICE", _("a large payment from a new device to a new payee")
        CHANGED_LATELY = "CHANGED_LATELY", _("number, password or secret code changed within a day")
        CARDS_REFUSED = "CARDS_REFUSED", _("several refused cards within a day")
        RETURNED_FUNDS = "RETURNED_FUNDS", _("the payer's own money came back lately, or was taken back")
        COLLECTING = "COLLECTING", _("the payee collects from many new members")

    class Verdict(models.TextChoices):
        """From the mildest to the strictest."""

        ALLOW = "ALLOW", _("nothing against it")
        FACTOR = "FACTOR", _("asks for a second factor")
        REVIEW = "REVIEW", _("held for review")
        REFUSE = "REFUSE", _("refused")

    order = models.ForeignKey(
        Order, models.PROTECT, verbose_name=_("order"), related_name="findings", editable=False
    )
    rule = models.CharField(_("rule"), max_length=24, choices=Rule.choices, editable=False)
    verdict = models.CharField(_("verdict"), max_length=8, choices=Verdict.choices, editable=False)
    facts = models.JSONField(_("facts"), editable=False)
    at = models.DateTimeField(_("when"), db_default=Now(), editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("finding"), _("findings")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(verdict__in=["FACTOR", "REVIEW", "REFUSE"]), name="finding_asks_for_something"
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_rule_display())


class Review(models.Model):
    """How the review of a held order ended. It waits as long as it has none."""

    class Decision(models.TextChoices):
        RELEASED = "RELEASED", _("released: the payee was paid")
        RETURNED = "RETURNED", _("returned to the payer")

    order = models.OneToOneField(
        Order, models.PROTECT, verbose_name=_("order"), related_name="review", editable=False
    )
    decision = models.CharField(_("decision"), max_length=8, choices=Decision.choices, editable=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("decided by"),
        null=True,
        related_name="+",
        editable=False,
    )
    proposal = models.OneToOneField(
        Proposal,
        models.PROTECT,
        verbose_name=_("proposal"),
        null=True,
        related_name="+",
        editable=False,
        help_text=_("of the second person, above an amount"),
    )
    note = models.CharField(_("note"), max_length=500, editable=False)
    decided_at = models.DateTimeField(_("decided at"), db_default=Now(), editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("review"), _("reviews")
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_by__isnull=False) | Q(decision="RETURNED"),
                name="review_is_released_by_somebody",
            ),
            models.CheckConstraint(condition=~Q(note=""), name="review_is_decided_with_a_note"),
        ]

    def __str__(self) -> str:
        return str(self.get_decision_display())


class HeldOrder(Order):
    """An order as those who review it look at it: the queue, and the page to decide on."""

    class Meta:
        proxy = True
        verbose_name, verbose_name_plural = _("order under review"), _("orders under review")
