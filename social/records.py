"""How the ways to X do, what X charges, what staff were told of it: kept beside the messages, not in them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Way(models.Model):
    """A way between X and us, and how it does. `ways` is the only writer."""

    class Name(models.TextChoices):
        WEBHOOK = "WEBHOOK", _("webhook: X calls us")
        POLL = "POLL", _("poll: we ask X for what mentions us")
        STREAM = "STREAM", _("stream: X goes on telling us")
        LOOK = "LOOK", _("look back at posts of orders that wait")
        REPLY = "REPLY", _("replies")

    name = models.CharField(_("way"), max_length=8, primary_key=True, choices=Name.choices, editable=False)
    worked_at = models.DateTimeField(_("last success"), null=True, editable=False)
    failing_since = models.DateTimeField(_("failing since"), null=True, editable=False)
    problem = models.CharField(_("problem"), max_length=200, blank=True, editable=False)
    waits_until = models.DateTimeField(
        _("waits until"), null=True, editable=False, help_text=_("X wants to be left alone so long")
    )
    calls_left = models.PositiveIntegerField(_("calls left"), null=True, editable=False)
    calls_allowed = models.PositiveIntegerField(_("calls allowed"), null=True, editable=False)
    replayed_at = models.DateTimeField(
        _("replay asked for"), null=True, editable=False, help_text=_("X was asked to send its events again")
    )

    class Meta:
        verbose_name, verbose_name_plural = _("way to X"), _("state of X")
        constraints = [
            models.CheckConstraint(
                condition=Q(problem="", failing_since__isnull=True)
                | (~Q(problem="") & Q(failing_since__isnull=False)),
                name="failing_way_has_a_problem",
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_name_display())


class Charge(models.Model):
    """What X charges for one resource, which it counts once a day. `meter` is the only writer.

    Prices are in thousandths of a US cent: a mention that is read costs half a cent at most.
    """

    class What(models.TextChoices):
        READ = "READ", _("post read")
        REPLY = "REPLY", _("reply")

    what = models.CharField(_("what"), max_length=8, choices=What.choices, editable=False)
    resource = models.CharField(
        _("resource"), max_length=64, editable=False, help_text=_("the post that was read, or our reply")
    )
    post_id = models.CharField(_("about the post"), max_length=64, db_index=True, editable=False)
    day = models.DateField(_("day, by UTC"), editable=False)
    price = models.PositiveIntegerField(_("price, in thousandths of a US cent"), editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("charge of X"), _("charges of X")
        constraints = [
            models.UniqueConstraint(fields=["resource", "what", "day"], name="charge_is_counted_once_a_day"),
        ]
        indexes = [models.Index(fields=["day"], include=["what", "price"], name="charge_by_day")]

    def __str__(self) -> str:
        return f"{self.what} {self.resource}"


class Alarm(models.Model):
    """Something about X that wants a person, told once until it is over. `alarms` is the only writer."""

    class Kind(models.TextChoices):
        MISSED = "MISSED", _("more mentions than X keeps: some orders may be lost")
        REVOKED = "REVOKED", _("X no longer takes the service’s token: nothing can be said there")
        BUDGET = "BUDGET", _("the day’s budget for X is spent: no replies until tomorrow")
        CREDITS = "CREDITS", _("X wants to be paid: our credits are used up")
        SILENT = "SILENT", _("X has not answered for some minutes")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, editable=False)
    detail = models.CharField(_("detail"), max_length=200, blank=True, editable=False)
    raised_at = models.DateTimeField(_("raised at"), default=timezone.now, editable=False)
    ended_at = models.DateTimeField(_("ended at"), null=True, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("alarm about X"), _("alarms about X")
        constraints = [
            models.UniqueConstraint(
                fields=["kind"], condition=Q(ended_at__isnull=True), name="alarm_is_raised_once_until_it_ends"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=models.F("raised_at")),
                name="alarm_ends_after_it_was_raised",
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_kind_display())
