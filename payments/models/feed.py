"""The public feed: who allows it to show them, and what it may show of them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from payments.models.orders import Order


class Publicity(models.Model):
    """A member's wish to be in the public feed; whoever has no row, or no date in it, is not."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("member"),
        primary_key=True,
        related_name="publicity",
        editable=False,
    )
    since = models.DateTimeField(
        _("allowed since"), null=True, editable=False, help_text=_("what was posted before is never shown")
    )

    class Meta:
        verbose_name, verbose_name_plural = _("wish to be in the public feed"), _("wishes on the public feed")

    def __str__(self) -> str:
        return f"{self.user_id} {self.since or '-'}"


class FeedEntry(models.Model):
    """A paid public post that both its sides allow to be shown; removed once, it stays so (by trigger).

    Its number says nothing of the order or of the post, which both tell the amount.
    """

    order = models.OneToOneField(
        Order, models.PROTECT, verbose_name=_("order"), related_name="feed_entry", editable=False
    )
    payer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("payer"), related_name="+", editable=False
    )
    payee = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("payee"), related_name="+", editable=False
    )
    posted_at = models.DateTimeField(_("posted at"), editable=False)
    removed_at = models.DateTimeField(_("removed at"), null=True, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("entry of the public feed"), _("public feed")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(payer=F("payee")), name="feed_entry_is_of_two_members"),
        ]
        indexes = [
            models.Index(fields=["-id"], condition=Q(removed_at__isnull=True), name="feed_entry_shown"),
        ]

    def __str__(self) -> str:
        return str(self.pk)
