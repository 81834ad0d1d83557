"""What an organisation's programs use: keys that read, addresses that are told, and what they were told."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation


class Horizon(models.Model):
    """Up to which number no transfer can still appear.

    Those of a wallet that is appended to are committed in any order. The one row of it is `horizon`'s: a
    `candidate` becomes `settled` when all who could have a number below it have ended.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    settled = models.BigIntegerField(default=0, editable=False)
    candidate = models.BigIntegerField(default=0, editable=False)
    candidate_before = models.BigIntegerField(
        default=0, editable=False, help_text="the transaction before which all that had such a number began"
    )

    class Meta:
        verbose_name, verbose_name_plural = _("horizon"), _("horizons")
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="horizon_is_one"),
            models.CheckConstraint(condition=Q(settled__lte=F("candidate")), name="horizon_goes_on"),
        ]

    def __str__(self) -> str:
        return str(self.settled)


class ApiKey(models.Model):
    """With which a program of the organisation reads what it received; shown once, kept as a digest."""

    class Scope(models.TextChoices):
        READ = "READ", _("may read")

    organisation = models.ForeignKey(
        Organisation,
        models.PROTECT,
        verbose_name=_("organisation"),
        related_name="api_keys",
        editable=False,
    )
    name = models.CharField(_("name"), max_length=60, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    prefix = models.CharField(
        _("begins with"), max_length=12, editable=False, help_text="to tell it from others"
    )
    scope = models.CharField(
        _("may do"), max_length=8, choices=Scope.choices, default=Scope.READ, editable=False
    )
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("made by"), related_name="+", editable=False
    )
    made_at = models.DateTimeField(_("made at"), db_default=Now(), editable=False)
    last_used_at = models.DateTimeField(_("last used at"), null=True, editable=False)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("API key"), _("API keys")
        constraints = [models.CheckConstraint(condition=Q(scope="READ"), name="api_key_only_reads")]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"


class Callback(models.Model):
    """An address of the organisation's that is told, signed, of what happens to its money.

    `callbacks` is the only writer of it.
    """

    class Event(models.TextChoices):
        PAYMENT_RECEIVED = "payment.received", _("a payment was received")
        PAYMENT_REFUNDED = "payment.refunded", _("a payment was given back")
        PAYOUT_PAID = "payout.paid", _("a payout was made")

    organisation = models.ForeignKey(
        Organisation,
        models.PROTECT,
        verbose_name=_("organisation"),
        related_name="callbacks",
        editable=False,
    )
    url = models.CharField(_("address"), max_length=500, editable=False)
    secret = models.BinaryField(editable=False, help_text="encrypted")
    events = ArrayField(
        models.CharField(max_length=20, choices=Event.choices), verbose_name=_("events"), editable=False
    )
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("made by"), related_name="+", editable=False
    )
    made_at = models.DateTimeField(_("made at"), db_default=Now(), editable=False)
    announced = models.BigIntegerField(
        editable=False, help_text="the number of the transfer up to which it was told of all"
    )
    fails_since = models.DateTimeField(_("fails since"), null=True, editable=False)
    paused_at = models.DateTimeField(_("paused at"), null=True, editable=False)
    removed_at = models.DateTimeField(_("removed at"), null=True, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("callback"), _("callbacks")
        constraints = [
            models.CheckConstraint(
                condition=Q(events__len__gt=0)
                & Q(events__contained_by=["payment.received", "payment.refunded", "payout.paid"]),
                name="callback_is_told_of_something",
            ),
            models.UniqueConstraint(
                fields=["organisation", "url"],
                condition=Q(removed_at__isnull=True),
                name="address_is_a_callback_once",
            ),
        ]

    def __str__(self) -> str:
        return self.host

    @property
    def host(self) -> str:
        """What may be shown to others: path and query may hold a key."""
        return urlsplit(self.url).hostname or ""


class ReplacedSecret(models.Model):
    """A callback's secret that was replaced, and by whom: it signs on for a day, then it is forgotten.

    `callbacks` is the only writer of it; no secret is replaced without it.
    """

    callback = models.ForeignKey(
        Callback,
        models.PROTECT,
        verbose_name=_("callback"),
        related_name="replaced_secrets",
        editable=False,
    )
    secret = models.BinaryField(editable=False, null=True, help_text="encrypted; empty when it signs no more")
    replaced_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("replaced by"),
        related_name="+",
        editable=False,
    )
    replaced_at = models.DateTimeField(_("replaced at"), db_default=Now(), editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("replaced secret"), _("replaced secrets")

    def __str__(self) -> str:
        return f"secret of {self.callback_id}"


class CallbackDelivery(models.Model):
    """One event on its way to one callback: at least once, and always in the same words.

    `callbacks` is the only writer of its status. Its words name nobody: whoever has a key reads the rest.
    """

    class Kind(models.TextChoices):
        PAYMENT_RECEIVED = "payment.received", _("a payment was received")
        PAYMENT_REFUNDED = "payment.refunded", _("a payment was given back")
        PAYOUT_PAID = "payout.paid", _("a payout was made")
        TEST = "test", _("a test")

    class Status(models.TextChoices):
        DUE = "DUE", _("due")
        SENT = "SENT", _("sent")
        FAILED = "FAILED", _("given up")

    callback = models.ForeignKey(
        Callback,
        models.PROTECT,
        verbose_name=_("callback"),
        related_name="deliveries",
        editable=False,
        db_index=False,  # `callback_delivery_by_callback` begins with it.
    )
    event = models.UUIDField(_("event"), editable=False, help_text="the transfer's id; a test's own")
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices, editable=False)
    body = models.TextField(_("body"), editable=False, help_text="as it is sent")
    status = models.CharField(
        _("status"), max_length=8, choices=Status.choices, default=Status.DUE, editable=False
    )
    tries = models.PositiveSmallIntegerField(_("tries"), default=0, editable=False)
    made_at = models.DateTimeField(_("made at"), db_default=Now(), editable=False)
    due_at = models.DateTimeField(
        _("due at"), db_default=Now(), editable=False, help_text="also the end of a lease"
    )
    gives_up_at = models.DateTimeField(_("gives up at"), editable=False)
    sent_at = models.DateTimeField(_("sent at"), null=True, editable=False)
    answer_status = models.PositiveSmallIntegerField(_("answer"), null=True, editable=False)
    answer = models.CharField(
        _("what it answered"), max_length=500, blank=True, editable=False, help_text="how it begins"
    )
    problem = models.CharField(_("problem"), max_length=80, blank=True, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("delivery to a callback"), _("deliveries to callbacks")
        constraints = [
            models.UniqueConstraint(fields=["callback", "event"], name="callback_is_told_of_an_event_once"),
            models.CheckConstraint(
                condition=Q(status="SENT", sent_at__isnull=False)
                | (~Q(status="SENT") & Q(sent_at__isnull=True)),
                name="sent_event_was_sent_at_a_moment",
            ),
        ]
        indexes = [
            models.Index(
                fields=["callback", "due_at"], condition=Q(status="DUE"), name="callback_delivery_due"
            ),
            models.Index(fields=["callback", "-id"], name="callback_delivery_by_callback"),
            models.Index(fields=["made_at"], condition=~Q(answer=""), name="callback_answer_to_forget"),
        ]

    def __str__(self) -> str:
        return str(self.event)
