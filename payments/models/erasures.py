"""That a member has left: what is still to be forgotten of them, and since when nothing is."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from payments.models.proposals import Proposal


class Erasure(models.Model):
    """A member who has left, by their own wish or as two of staff decided. Only `erasures` writes it.

    `traces` say what to look for where the member's own rows do not lead; they go when nothing is found.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("member"),
        primary_key=True,
        editable=False,
        related_name="+",
    )
    proposal = models.OneToOneField(
        Proposal, models.PROTECT, verbose_name=_("proposal"), null=True, editable=False, related_name="+"
    )
    traces = models.BinaryField(null=True, editable=False, help_text="encrypted")
    at = models.DateTimeField(_("left at"), db_default=Now(), editable=False)
    rounds = models.PositiveIntegerField(_("rounds"), db_default=0, editable=False)
    due_at = models.DateTimeField(
        _("due at"), db_default=Now(), editable=False, help_text="also the end of a lease"
    )
    finished_at = models.DateTimeField(_("forgotten at"), null=True, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("erasure"), _("erasures")
        constraints = [
            models.CheckConstraint(
                condition=Q(finished_at__isnull=True, traces__isnull=False)
                | Q(finished_at__isnull=False, traces__isnull=True),
                name="finished_erasure_leaves_no_trace",
            )
        ]
        indexes = [models.Index(fields=["due_at"], condition=Q(finished_at__isnull=True), name="erasure_due")]

    def __str__(self) -> str:
        return f"erasure {self.pk}"
