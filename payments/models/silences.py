"""Who does not want to hear from us on a channel, by their own word."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from payments.models.notices import Delivery


class Silence(models.Model):
    """STOP, said on a channel, until START is said there. `silences` is the only writer."""

    channel = models.CharField(_("channel"), max_length=12, choices=Delivery.Channel.choices, editable=False)
    address = models.CharField(_("number there"), max_length=32, editable=False)
    since = models.DateTimeField(_("since"), default=timezone.now, editable=False)
    ended_at = models.DateTimeField(_("ended at"), null=True, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("silence"), _("silences")
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "address"],
                condition=Q(ended_at__isnull=True),
                name="channel_is_silenced_once_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("since")),
                name="silence_ends_after_it_began",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.address}"
