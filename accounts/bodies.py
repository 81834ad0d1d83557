"""Organisations, and the members who act for them. Only `organisations` and `seats` write these."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Organisation(models.Model):
    """A charity, a company or another legal person. Its account holds its wallet, and nobody signs in to it.

    It may be paid once staff have accepted its dossier: its account's tier says so.
    """

    class Kind(models.TextChoices):
        ASSOCIATION = "ASSOCIATION", _("association")
        FOUNDATION = "FOUNDATION", _("foundation or endowment fund")
        COMPANY = "COMPANY", _("company")
        PUBLIC = "PUBLIC", _("public body")

    account = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("account"),
        related_name="organisation",
        editable=False,
    )
    slug = models.SlugField(_("address of its page"), max_length=32, unique=True, editable=False)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    siren = models.CharField("SIREN", max_length=9, blank=True)
    rna = models.CharField("RNA", max_length=10, blank=True)
    purpose = models.TextField(_("purpose"), max_length=500, help_text=_("what its page says it is for"))
    street = models.CharField(_("street and number"), max_length=120)
    postcode = models.CharField(_("postcode"), max_length=5)
    city = models.CharField(_("town"), max_length=80)
    website = models.URLField(_("website"), max_length=200, blank=True)
    founded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("signed up by"),
        related_name="+",
        editable=False,
    )
    founded_at = models.DateTimeField(_("signed up at"), db_default=Now(), editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("organisation"), _("organisations")
        constraints = [
            models.CheckConstraint(condition=~Q(siren="") | ~Q(rna=""), name="organisation_is_in_a_register"),
            models.CheckConstraint(
                condition=Q(rna="") | Q(kind="ASSOCIATION"), name="associations_alone_have_an_rna"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["ASSOCIATION", "FOUNDATION", "COMPANY", "PUBLIC"]),
                name="organisation_kind_is_known",
            ),
            models.CheckConstraint(
                condition=~Q(account=F("founded_by")), name="organisation_is_founded_by_a_person"
            ),
        ]
        indexes = [
            models.Index(fields=["siren"], condition=~Q(siren=""), name="organisation_by_siren"),
            models.Index(fields=["rna"], condition=~Q(rna=""), name="organisation_by_rna"),
        ]

    def __str__(self) -> str:
        return str(self.account)


class Role(models.TextChoices):
    """What somebody may do for an organisation, the least last."""

    OWNER = "OWNER", _("owner: everything, and who else")
    TREASURER = "TREASURER", _("treasurer: money in and out, receipts, accounts")
    READER = "READER", _("reader: looks, and changes nothing")


class Seat(models.Model):
    """A member who acts for an organisation, from then until then."""

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, verbose_name=_("organisation"), related_name="seats", editable=False
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("member"),
        related_name="seats",
        editable=False,
    )
    role = models.CharField(_("role"), max_length=9, choices=Role.choices, editable=False)
    taken_at = models.DateTimeField(_("since"), db_default=Now(), editable=False)
    left_at = models.DateTimeField(_("until"), null=True, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("seat"), _("seats")
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "user"],
                condition=Q(left_at__isnull=True),
                name="member_has_one_seat_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(role__in=["OWNER", "TREASURER", "READER"]), name="role_is_known"
            ),
            models.CheckConstraint(
                condition=Q(left_at__isnull=True) | Q(left_at__gte=F("taken_at")),
                name="seat_is_left_after_it_was_taken",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.get_role_display()}"


class Invitation(models.Model):
    """A link that gives whoever opens it a seat, once. We hold the digest of its token."""

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, verbose_name=_("organisation"), related_name="+", editable=False
    )
    role = models.CharField(_("role"), max_length=9, choices=Role.choices, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("invited by"),
        related_name="+",
        editable=False,
    )
    invited_at = models.DateTimeField(_("invited at"), db_default=Now(), editable=False)
    expires_at = models.DateTimeField(_("expires at"), editable=False)
    seat = models.OneToOneField(
        Seat, models.PROTECT, verbose_name=_("seat"), null=True, related_name="+", editable=False
    )
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("invitation"), _("invitations")
        constraints = [
            models.CheckConstraint(
                condition=Q(role__in=["OWNER", "TREASURER", "READER"]), name="invited_role_is_known"
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("invited_at")), name="invitation_expires_after_it_was_made"
            ),
            models.CheckConstraint(
                condition=Q(seat__isnull=True) | Q(withdrawn_at__isnull=True),
                name="invitation_is_taken_or_withdrawn",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation}, {self.get_role_display()}"
