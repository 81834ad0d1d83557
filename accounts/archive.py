"""What the law wants kept of somebody who left: one encrypted row. Only `sealing` writes or reads it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class SealedRecord(models.Model):
    """Who a former member was (code monétaire et financier, L561-12): kept for five years, then gone.

    The database dates it, refuses any change, and refuses to delete it sooner.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("member"),
        primary_key=True,
        editable=False,
        related_name="+",
    )
    content = models.BinaryField(editable=False, help_text="encrypted")
    sealed_at = models.DateTimeField(_("sealed at"), db_default=Now(), editable=False)
    kept_until = models.DateTimeField(_("kept until"), db_default=Now(), db_index=True, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("sealed record"), _("sealed records")
        constraints = [
            models.CheckConstraint(
                condition=Q(kept_until__gt=F("sealed_at")), name="sealed_record_is_kept_for_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"sealed record of {self.pk}"
