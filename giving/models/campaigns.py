"""What an organisation collects for, who gave, and what came together."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower, Now
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from payments.models import Order, Refund


class Campaign(models.Model):
    """What an organisation collects for. Once somebody gives, its terms stay."""

    class Outcome(models.TextChoices):
        CLOSED = "CLOSED", _("ended")
        REACHED = "REACHED", _("reached its goal")
        MISSED = "MISSED", _("missed its goal")
        STOPPED = "STOPPED", _("stopped by staff")

    organisation = models.ForeignKey(
        Organisation,
        models.PROTECT,
        verbose_name=_("organisation"),
        related_name="campaigns",
        editable=False,
    )
    slug = models.SlugField(_("address of its page"), max_length=40, unique=True, editable=False)
    title = models.CharField(_("title"), max_length=80)
    story = models.TextField(_("story"), max_length=5000)
    hashtag = models.CharField(_("hashtag"), max_length=30, help_text=_("in small letters, without its #"))
    goal = models.BigIntegerField(_("goal"), null=True, help_text="cents")
    deadline = models.DateTimeField(_("deadline"), null=True)
    is_all_or_nothing = models.BooleanField(_("all or nothing"), default=False)
    opened_at = models.DateTimeField(_("opened at"), db_default=Now(), editable=False)
    ended_at = models.DateTimeField(_("ended at"), null=True, editable=False)
    outcome = models.CharField(
        _("outcome"), max_length=12, choices=Outcome.choices, blank=True, editable=False
    )
    collected = models.BigIntegerField(
        _("collected by its end"), null=True, editable=False, help_text="cents"
    )

    class Meta:
        verbose_name, verbose_name_plural = _("campaign"), _("campaigns")
        constraints = [
            models.CheckConstraint(condition=Q(goal__gt=0), name="campaign_has_a_goal_or_none"),
            models.CheckConstraint(
                condition=Q(is_all_or_nothing=False) | Q(goal__isnull=False, deadline__isnull=False),
                name="all_or_nothing_has_goal_and_deadline",
            ),
            models.CheckConstraint(
                condition=~Q(hashtag="") & Q(hashtag=Lower("hashtag")), name="hashtag_is_in_small_letters"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, outcome="", collected__isnull=True)
                | Q(ended_at__isnull=False, outcome="CLOSED", is_all_or_nothing=False, collected__gte=0)
                | Q(
                    ended_at__isnull=False,
                    outcome="REACHED",
                    is_all_or_nothing=True,
                    collected__gte=F("goal"),
                )
                | Q(
                    ended_at__isnull=False,
                    outcome="MISSED",
                    is_all_or_nothing=True,
                    collected__lt=F("goal"),
                )
                | Q(ended_at__isnull=False, outcome="STOPPED", collected__gte=0),
                name="ended_campaign_has_its_outcome",
            ),
            models.UniqueConstraint(
                fields=["organisation", "hashtag"],
                condition=Q(ended_at__isnull=True),
                name="organisation_has_one_open_campaign_of_a_hashtag",
            ),
        ]
        indexes = [
            models.Index(
                fields=["deadline"],
                condition=Q(ended_at__isnull=True, deadline__isnull=False),
                name="campaign_with_a_deadline",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class CampaignPicture(models.Model):
    """What its page shows; apart, so that nobody reads it who only wants the title."""

    class MediaType(models.TextChoices):
        JPEG = "image/jpeg", "JPEG"
        PNG = "image/png", "PNG"

    campaign = models.OneToOneField(
        Campaign, models.CASCADE, primary_key=True, verbose_name=_("campaign"), related_name="picture"
    )
    content = models.BinaryField(_("picture"))
    media_type = models.CharField(_("type"), max_length=12, choices=MediaType.choices)
    digest = models.CharField(_("digest"), max_length=12)

    class Meta:
        verbose_name, verbose_name_plural = _("picture"), _("pictures")
        constraints = [
            models.CheckConstraint(
                condition=Q(media_type__in=["image/jpeg", "image/png"]), name="picture_is_of_a_known_type"
            ),
        ]

    def __str__(self) -> str:
        return str(self.campaign)


class Gift(models.Model):
    """An order that gives to a campaign, and how it is shown there."""

    order = models.OneToOneField(
        Order, models.PROTECT, primary_key=True, verbose_name=_("order"), related_name="gift", editable=False
    )
    campaign = models.ForeignKey(
        Campaign,
        models.PROTECT,
        verbose_name=_("campaign"),
        related_name="gifts",
        editable=False,
        db_index=False,  # `gift_of_campaign` begins with it.
    )
    is_anonymous = models.BooleanField(_("without a name"), default=True)
    message = models.CharField(_("message"), max_length=140, blank=True)
    given_at = models.DateTimeField(_("given at"), db_default=Now(), editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("gift"), _("gifts")
        indexes = [models.Index(fields=["campaign", "-given_at"], name="gift_of_campaign")]

    def __str__(self) -> str:
        return str(self.order)


class Match(models.Model):
    """What a sponsor gives if others give a threshold together; it is set aside until the campaign ends."""

    order = models.OneToOneField(
        Order, models.PROTECT, primary_key=True, verbose_name=_("order"), related_name="match", editable=False
    )
    campaign = models.ForeignKey(
        Campaign, models.PROTECT, verbose_name=_("campaign"), related_name="matches", editable=False
    )
    threshold = models.BigIntegerField(_("threshold"), help_text="cents", editable=False)
    is_anonymous = models.BooleanField(_("without a name"), default=True)

    class Meta:
        verbose_name, verbose_name_plural = _("sponsor’s promise"), _("sponsors’ promises")
        constraints = [
            models.CheckConstraint(condition=Q(threshold__gt=0), name="match_has_a_threshold"),
        ]

    def __str__(self) -> str:
        return str(self.order)


class MonthlyGift(models.Model):
    """What a member wants to be asked for each month; nothing is paid without their code."""

    payer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("payer"),
        related_name="monthly_gifts",
        editable=False,
    )
    campaign = models.ForeignKey(
        Campaign, models.PROTECT, verbose_name=_("campaign"), related_name="monthly_gifts", editable=False
    )
    amount = models.BigIntegerField(_("amount"), help_text="cents", editable=False)
    day = models.PositiveSmallIntegerField(_("day of the month"), editable=False)
    is_anonymous = models.BooleanField(_("without a name"), default=True)
    started_at = models.DateTimeField(_("started at"), db_default=Now(), editable=False)
    ended_at = models.DateTimeField(_("ended at"), null=True, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("monthly gift"), _("monthly gifts")
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="monthly_gift_is_something"),
            models.CheckConstraint(
                condition=Q(day__gte=1, day__lte=28), name="monthly_gift_has_a_day_of_every_month"
            ),
            models.UniqueConstraint(
                fields=["payer", "campaign"],
                condition=Q(ended_at__isnull=True),
                name="member_has_one_monthly_gift_to_a_campaign",
            ),
        ]

    def __str__(self) -> str:
        return str(self.campaign)


class Tally(models.Model):
    """A change of what a campaign has, not in its total yet; made in the transaction that moves the money."""

    class Why(models.TextChoices):
        HELD = "HELD", _("set aside")
        PAID = "PAID", _("paid")
        RETURNED = "RETURNED", _("given back")
        CANCELLED = "CANCELLED", _("taken back")
        REFUNDED = "REFUNDED", _("refunded")

    campaign = models.ForeignKey(
        Campaign, models.PROTECT, verbose_name=_("campaign"), related_name="+", editable=False
    )
    order = models.ForeignKey(
        Order, models.PROTECT, verbose_name=_("order"), related_name="+", editable=False, db_index=False
    )
    refund = models.OneToOneField(
        Refund, models.PROTECT, verbose_name=_("refund"), null=True, related_name="+", editable=False
    )
    why = models.CharField(_("why"), max_length=12, choices=Why.choices, editable=False)
    amount = models.BigIntegerField(_("amount"), help_text="cents", editable=False)
    gifts = models.SmallIntegerField(_("gifts"), editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("tally"), _("tallies")
        constraints = [
            models.UniqueConstraint(
                fields=["order", "why"], condition=Q(refund__isnull=True), name="order_is_tallied_once"
            ),
            models.CheckConstraint(
                condition=Q(why__in=["HELD", "PAID"], amount__gt=0, gifts=1, refund__isnull=True)
                | Q(why__in=["RETURNED", "CANCELLED"], amount__lt=0, gifts=-1, refund__isnull=True)
                | Q(why="REFUNDED", amount__lt=0, gifts__in=[-1, 0], refund__isnull=False),
                name="tally_adds_or_takes_off",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.why} {self.amount}"


class CampaignTotal(models.Model):
    """What a campaign has, but for the tallies since: kept by `fold_tallies` alone."""

    campaign = models.OneToOneField(
        Campaign,
        models.PROTECT,
        primary_key=True,
        verbose_name=_("campaign"),
        related_name="+",
        editable=False,
    )
    amount = models.BigIntegerField(_("amount"), help_text="cents", editable=False)
    gifts = models.BigIntegerField(_("gifts"), editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("total"), _("totals")
        constraints = [
            models.CheckConstraint(condition=Q(amount__gte=0, gifts__gte=0), name="total_is_never_negative"),
        ]

    def __str__(self) -> str:
        return str(self.amount)
