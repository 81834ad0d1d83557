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
        return f"{self.number} · {self.act}"


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
