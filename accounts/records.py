"""What is kept of staff's acts on members: append-only rows, and states that one module writes."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class AuditEntry(models.Model):
    """An act of staff, chained to the one before by a trigger: only `audit` adds rows, nobody changes one.

    `number`, `at`, `previous` and `digest` are the database's, whatever an INSERT says.
    """

    class Act(models.TextChoices):
        """All that is kept of staff, and of what stopped or froze by itself."""

        MEMBER_FROZEN = "member.frozen", _("member frozen")
        MEMBER_UNFROZEN = "member.unfrozen", _("member unfrozen")
        MEMBER_SWITCHED_ON = "member.switched_on", _("sign-in allowed again")
        MEMBER_SWITCHED_OFF = "member.switched_off", _("sign-in closed")
        MEMBER_ERASED = "member.erased", _("account closed, member forgotten")
        SEALED_OPENED = "sealed.opened", _("sealed record opened")
        TIER_RAISED = "tier.raised", _("tier raised")
        DOCUMENTS_OPENED = "documents.opened", _("identity documents opened")
        DOSSIER_ACCEPTED = "dossier.accepted", _("identity accepted")
        DOSSIER_REFUSED = "dossier.refused", _("identity refused")
        PROPOSAL_MADE = "proposal.made", _("proposal made")
        PROPOSAL_APPROVED = "proposal.approved", _("proposal approved")
        PROPOSAL_REJECTED = "proposal.rejected", _("proposal rejected")
        LIMIT_CHANGED = "limit.changed", _("limit changed")
        RIGHTS_CHANGED = "rights.changed", _("rights of staff changed")
        ORDER_REVIEWED = "order.reviewed", _("held order decided")
        DEBT_DECIDED = "debt.decided", _("debt decided")
        LOAN_ACCEPTED = "loan.accepted", _("loan opened to lenders")
        LOAN_REFUSED = "loan.refused", _("loan refused")
        CAMPAIGN_STOPPED = "campaign.stopped", _("campaign stopped")
        POT_STOPPED = "pot.stopped", _("money pot stopped")
        PRODUCT_STOPPED = "product.stopped", _("product stopped")
        MONEY_HALTED = "money.halted", _("payments halted")
        MONEY_RESUMED = "money.resumed", _("payments resumed")
        DAYS_EXPORTED = "days.exported", _("proofs of the days downloaded")

    number = models.BigIntegerField(_("number"), primary_key=True, db_default=0, editable=False)
    staff = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("staff"),
        null=True,
        editable=False,
        related_name="+",
        help_text=_("nobody for what a rule did by itself"),
    )
    act = models.CharField(_("act"), max_length=40, editable=False)
    about = models.CharField(_("about"), max_length=80, editable=False, db_index=True)
    before = models.JSONField(_("before"), null=True, editable=False)
    after = models.JSONField(_("after"), null=True, editable=False)
    reason = models.CharField(_("reason"), max_length=500, blank=True, editable=False)
    at = models.DateTimeField(_("when"), db_default=Now(), editable=False)
    previous = models.CharField(_("digest before"), max_length=64, unique=True, db_default="", editable=False)
    digest = models.CharField(_("digest"), max_length=64, db_default="", editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("act of staff"), _("acts of staff")
        constraints = [
            models.CheckConstraint(
                condition=Q(act__regex=r"^[a-z]+(\.[a-z_]+)+$"), name="act_is_named_by_words_and_dots"
            ),
            models.CheckConstraint(condition=~Q(about=""), name="act_is_about_something"),
        ]

    def __str__(self) -> str:
        return f"{self.number} · {self.title}"

    @property
    def title(self) -> str:
        """What was done, in words."""
        return str(self.Act(self.act).label) if self.act in self.Act.values else self.act


class Freeze(models.Model):
    """A member whose money stands still, from when until when, and why. Only `freezes` writes it."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("member"),
        editable=False,
        related_name="freezes",
    )
    reason = models.CharField(_("reason"), max_length=500, editable=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("frozen by"),
        null=True,
        editable=False,
        related_name="+",
        help_text=_("nobody when a rule or the member did it"),
    )
    at = models.DateTimeField(_("frozen at"), db_default=Now(), editable=False)
    ended_at = models.DateTimeField(_("ended at"), null=True, editable=False)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("ended by"),
        null=True,
        editable=False,
        related_name="+",
    )

    class Meta:
        verbose_name, verbose_name_plural = _("freeze"), _("freezes")
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(ended_at__isnull=True), name="member_is_frozen_once"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="freeze_says_why"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_by__isnull=True)
                | Q(ended_at__gte=F("at"), ended_by__isnull=False),
                name="freeze_is_ended_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.at:%Y-%m-%d}"
