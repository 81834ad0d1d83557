"""Money pots: what many give for one occasion, set aside until whoever opened the pot closes it."""

from __future__ import annotations

from datetime import date, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from accounts.models import Identity
from payments.models import Order

LONGEST = timedelta(days=367)  # Twelve months, and the rest of the last day.
DECIDED_WITHIN = timedelta(days=28)  # After its last day; then all goes back.


class Pot(models.Model):
    """Whoever has its link sees it. `pot_closings` is the only writer of its status."""

    class Status(models.TextChoices):
        OPEN = "OPEN", _("open")
        CLOSED = "CLOSED", _("closed: its organiser gets the money")
        RETURNED = "RETURNED", _("closed: everybody gets their money back")

    id = models.UUIDField(_("number"), primary_key=True, default=uuid7, editable=False)
    organiser = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("organiser"),
        related_name="pots",
        db_index=False,  # `pot_by_organiser` begins with it.
        editable=False,
    )
    payee = models.ForeignKey(
        Identity,
        models.PROTECT,
        verbose_name=_("the organiser's identity"),
        related_name="+",
        editable=False,
        help_text=_("which is paid"),
    )
    title = models.CharField(_("title"), max_length=80, blank=True, editable=False)
    story = models.TextField(_("story"), max_length=2000, blank=True, editable=False)
    slug = models.CharField(
        _("address"), max_length=24, unique=True, editable=False, help_text=_("which nobody can guess")
    )
    code = models.CharField(
        _("code"), max_length=6, unique=True, editable=False, help_text=_("the end of its hashtag")
    )
    goal = models.BigIntegerField(_("goal"), null=True, editable=False, help_text="cents")
    hides_total = models.BooleanField(_("hides its total"), default=False, editable=False)
    to_bank = models.BooleanField(
        _("for the bank"), default=False, editable=False, help_text=_("where its organiser wants the money")
    )
    status = models.CharField(
        _("status"), max_length=8, choices=Status.choices, default=Status.OPEN, editable=False
    )
    opened_at = models.DateTimeField(_("opened at"), default=timezone.now, editable=False)
    closes_at = models.DateTimeField(
        _("closes at"), editable=False, help_text=_("the end of its last day; nothing is given after it")
    )
    ended_at = models.DateTimeField(_("ended at"), null=True, editable=False)
    reminders = models.PositiveSmallIntegerField(
        _("reminders"), default=0, editable=False, help_text=_("how many its organiser was sent")
    )

    class Meta:
        verbose_name, verbose_name_plural = _("money pot"), _("money pots")
        constraints = [
            models.CheckConstraint(
                condition=Q(goal__isnull=True) | Q(goal__gt=0), name="pot_aims_at_something"
            ),
            models.CheckConstraint(
                condition=Q(status="OPEN", ended_at__isnull=True)
                | Q(status__in=["CLOSED", "RETURNED"], ended_at__isnull=False),
                name="ended_pot_ended_at_a_moment",
            ),
            models.CheckConstraint(
                condition=Q(closes_at__gt=F("opened_at"), closes_at__lte=F("opened_at") + LONGEST),
                name="pot_closes_within_twelve_months",
            ),
        ]
        indexes = [
            models.Index(fields=["organiser", "-opened_at"], name="pot_by_organiser"),
            models.Index(fields=["closes_at"], condition=Q(status="OPEN"), name="pot_open"),
        ]

    def __str__(self) -> str:
        return f"#pot{self.code}"

    def get_absolute_url(self) -> str:
        return reverse("pot", args=[self.slug])

    @property
    def closes_on(self) -> date:
        """The last day on which something may be given."""
        return timezone.localtime(self.closes_at - timedelta(microseconds=1)).date()

    @property
    def decided_by(self) -> date:
        """The day on which all goes back, if its organiser has decided nothing."""
        return timezone.localtime(self.closes_at + DECIDED_WITHIN).date()


class Contribution(models.Model):
    """What somebody gives to a pot: an order that pays its organiser. Its message is the order's note."""

    order = models.OneToOneField(
        Order, models.PROTECT, verbose_name=_("order"), related_name="contribution", editable=False
    )
    pot = models.ForeignKey(
        Pot,
        models.PROTECT,
        verbose_name=_("money pot"),
        related_name="contributions",
        db_index=False,  # What is read of a pot is what is in it.
        editable=False,
    )
    hides_name = models.BooleanField(_("hides the name"), default=False, editable=False)
    hides_amount = models.BooleanField(_("hides the amount"), default=False, editable=False)
    is_in = models.BooleanField(
        _("is in it"), default=False, editable=False, help_text=_("confirmed, and neither void nor back")
    )

    class Meta:
        verbose_name, verbose_name_plural = _("contribution"), _("contributions")
        indexes = [models.Index(fields=["pot"], condition=Q(is_in=True), name="contribution_in_pot")]

    def __str__(self) -> str:
        return str(self.order)
