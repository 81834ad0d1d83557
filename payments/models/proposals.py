"""What one of staff wants to do and another one has to allow."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Proposal(models.Model):
    """An act that takes two of staff. `proposals` is the only writer of its status; its terms never change.

    A table of what was done by two has a foreign key to its proposal, and a trigger with `needs_approval`.
    """

    class Kind(models.TextChoices):
        LIMIT = "LIMIT", _("change a limit")
        RIGHTS = "RIGHTS", _("change the rights of staff")
        UNFREEZE = "UNFREEZE", _("unfreeze a member")
        TIER = "TIER", _("change a member's tier")
        RESUME = "RESUME", _("let money move again")
        REFUND = "REFUND", _("refund")
        RELEASE = "RELEASE", _("release a held order")
        RECOVER = "RECOVER", _("recover a debt from the wallet")
        WRITE_OFF = "WRITE_OFF", _("write off a debt")
        ERASE = "ERASE", _("close a member's account and forget them")
        RECEIPTS = "RECEIPTS", _("let an organisation issue receipts")

    class Status(models.TextChoices):
        OPEN = "OPEN", _("waits for a second person")
        APPROVED = "APPROVED", _("approved")
        REJECTED = "REJECTED", _("rejected")
        EXPIRED = "EXPIRED", _("expired")

    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices, editable=False)
    about = models.CharField(_("about"), max_length=80, editable=False, help_text="accounts.user:12")
    terms = models.JSONField(_("terms"), editable=False)
    amount = models.BigIntegerField(_("amount"), null=True, editable=False, help_text="cents")
    reason = models.CharField(_("reason"), max_length=500, editable=False)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("proposed by"),
        related_name="+",
        editable=False,
    )
    proposed_at = models.DateTimeField(_("proposed at"), db_default=Now(), editable=False)
    status = models.CharField(
        _("status"), max_length=8, choices=Status.choices, default=Status.OPEN, editable=False
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("decided by"),
        null=True,
        related_name="+",
        editable=False,
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("proposal"), _("proposals")
        permissions = [("decide_proposal", "Can propose, and approve what another proposed")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(status="APPROVED") | ~Q(decided_by=F("proposed_by")),
                name="nobody_approves_their_own",
            ),
            models.CheckConstraint(
                condition=Q(status="OPEN", decided_by__isnull=True, decided_at__isnull=True)
                | Q(status="EXPIRED", decided_by__isnull=True, decided_at__isnull=False)
                | Q(status__in=["APPROVED", "REJECTED"], decided_by__isnull=False, decided_at__isnull=False),
                name="proposal_is_decided_by_somebody",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="proposal_says_why"),
            models.CheckConstraint(
                condition=Q(amount__isnull=True) | Q(amount__gt=0), name="proposal_moves_something"
            ),
            models.UniqueConstraint(
                fields=["kind", "about"], condition=Q(status="OPEN"), name="thing_waits_for_one_decision"
            ),
        ]
        indexes = [models.Index(fields=["about"], name="proposal_by_about")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.pk}"
