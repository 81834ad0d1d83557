"""What was said to the service, kept as it came; and where we are in listening."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from payments.models import Order
from social.records import Alarm, Charge, Way

__all__ = ["Alarm", "Charge", "Credential", "Cursor", "Message", "Way"]


class Message(models.Model):
    """A message that came in on a channel, recorded once. `inbox` is the only writer."""

    class Channel(models.TextChoices):
        X = "x", "X"
        DM = "dm", _("direct message on X")
        SMS = "sms", _("SMS")
        MESSENGER = "messenger", "Messenger"

    class Kind(models.TextChoices):
        POST = "POST", _("post")
        PRIVATE = "PRIVATE", _("private message")
        DELETION = "DELETION", _("deletion of a post")

    class Outcome(models.TextChoices):
        ORDER = "ORDER", _("became an order")
        REFUSED = "REFUSED", _("refused, and answered")
        IGNORED = "IGNORED", _("not meant as an order")
        VOIDED = "VOIDED", _("made its order void")
        ANSWERED = "ANSWERED", _("answered")
        ASKED = "ASKED", _("asked somebody for money")

    channel = models.CharField(_("channel"), max_length=12, choices=Channel.choices, editable=False)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.POST, editable=False)
    external_id = models.CharField(_("number there"), max_length=64, editable=False)
    root_id = models.CharField(
        _("number of its first version"),
        max_length=64,
        editable=False,
        help_text=_("the first version's id: edits share it"),
    )
    author_id = models.CharField(_("author’s number"), max_length=32, editable=False)
    text = models.TextField(_("text"), editable=False, blank=True)
    payload = models.JSONField(_("as it came"), editable=False)
    posted_at = models.DateTimeField(_("posted at"), null=True, editable=False)
    received_at = models.DateTimeField(_("received at"), default=timezone.now, editable=False)
    handled_at = models.DateTimeField(_("handled at"), null=True, editable=False)
    outcome = models.CharField(
        _("outcome"), max_length=10, choices=Outcome.choices, blank=True, editable=False
    )
    problem = models.CharField(_("problem"), max_length=40, blank=True, editable=False)
    order = models.OneToOneField(
        Order, models.PROTECT, verbose_name=_("order"), null=True, editable=False, related_name="message"
    )

    class Meta:
        verbose_name, verbose_name_plural = _("message"), _("messages")
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "kind", "external_id"], name="message_is_recorded_once"
            ),
            models.CheckConstraint(
                condition=Q(outcome="ORDER", order__isnull=False)
                | (~Q(outcome="ORDER") & Q(order__isnull=True)),
                name="message_became_an_order_or_not",
            ),
            models.CheckConstraint(
                condition=Q(outcome="", handled_at__isnull=True)
                | (~Q(outcome="") & Q(handled_at__isnull=False)),
                name="handled_message_has_an_outcome",
            ),
        ]
        indexes = [
            models.Index(
                fields=["received_at"], condition=Q(handled_at__isnull=True), name="message_unhandled"
            ),
            models.Index(fields=["channel", "root_id"], name="message_by_root"),
            # Begins with the author: whoever leaves takes their words along, from whichever channel.
            models.Index(fields=["author_id", "channel", "-received_at"], name="message_by_author_channel"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.external_id}"


class LinkTicket(models.Model):
    """A member's leave to link one account of a network, once and within minutes. `tickets` writes it."""

    digest = models.CharField(
        max_length=64, primary_key=True, editable=False, help_text="of what was given out"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, verbose_name=_("member"), related_name="+", editable=False
    )
    expires_at = models.DateTimeField(_("expires at"), editable=False)
    used_at = models.DateTimeField(_("used at"), null=True, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("link ticket"), _("link tickets")
        constraints = [
            models.CheckConstraint(
                condition=Q(used_at__isnull=True) | Q(used_at__lt=F("expires_at")),
                name="ticket_is_used_before_it_expires",
            )
        ]

    def __str__(self) -> str:
        return f"ticket of {self.user_id}"


class Cursor(models.Model):
    """How far a channel was read."""

    channel = models.CharField(max_length=12, primary_key=True, editable=False)
    since_id = models.CharField(max_length=32, blank=True, editable=False)
    polled_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("reading position"), _("reading positions")

    def __str__(self) -> str:
        return self.channel


class Credential(models.Model):
    """The service's own tokens on a channel, encrypted. `credentials` is the only writer."""

    channel = models.CharField(max_length=12, primary_key=True, editable=False)
    access_token = models.BinaryField(editable=False)
    refresh_token = models.BinaryField(editable=False)
    expires_at = models.DateTimeField(editable=False)
    issued_at = models.DateTimeField(db_default=Now(), editable=False)
    leased_until = models.DateTimeField(null=True, editable=False, help_text="while one process refreshes it")

    class Meta:
        verbose_name, verbose_name_plural = _("service token"), _("service tokens")

    def __str__(self) -> str:
        return self.channel
