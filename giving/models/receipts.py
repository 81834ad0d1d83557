"""Tax receipts for gifts: who may issue them, to whom, and what was issued.

The database numbers them without a gap and keeps them: `migrations/sql/0010_receipts.sql`.
"""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from accounts.models import Organisation
from payments.models import Order, Proposal


class ReceiptIssuer(models.Model):
    """An organisation whose gifts lower taxes. What it says of itself is looked at by two of staff."""

    class Quality(models.TextChoices):
        """As what the law lets it issue receipts; the boxes of form 11580."""

        GENERAL_INTEREST = "GENERAL_INTEREST", _("body of general interest")
        PUBLIC_UTILITY = "PUBLIC_UTILITY", _("association or foundation of public utility, by decree")
        ENDOWMENT = "ENDOWMENT", _("endowment fund")
        WORSHIP = "WORSHIP", _("association of worship or of charity")
        TEACHING = "TEACHING", _("school or research body, public or of general interest")

    class Article(models.TextChoices):
        """Of the tax code (code général des impôts), by which a gift lowers which tax."""

        INCOME = "200", _("200: income tax of people")
        COMPANIES = "238 bis", _("238 bis: tax of companies")
        PROPERTY = "978", _("978: tax on real estate")

    organisation = models.OneToOneField(
        Organisation,
        models.PROTECT,
        verbose_name=_("organisation"),
        primary_key=True,
        related_name="receipt_issuer",
        editable=False,
    )
    quality = models.CharField(_("quality"), max_length=16, choices=Quality.choices)
    decreed_on = models.DateField(_("date of the decree"), null=True, blank=True)
    articles = ArrayField(models.CharField(max_length=8), verbose_name=_("articles of the tax code"))
    signatory_name = models.CharField(_("who signs"), max_length=80)
    signatory_office = models.CharField(_("as what they sign"), max_length=80)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("asked for by"),
        related_name="+",
        editable=False,
    )
    asked_at = models.DateTimeField(_("asked for at"), db_default=Now(), editable=False)
    proposal = models.OneToOneField(
        Proposal, models.PROTECT, verbose_name=_("proposal"), null=True, related_name="+", editable=False
    )
    since = models.DateField(
        _("for gifts since"),
        null=True,
        editable=False,
        help_text=_("empty until two of staff have allowed it"),
    )
    ended_at = models.DateTimeField(_("ended at"), null=True, editable=False)
    changed_at = models.DateTimeField(
        _("changed at"),
        db_default=Now(),
        editable=False,
        help_text=_("since when receipts say what they say of it; the database dates it"),
    )

    class Meta:
        verbose_name, verbose_name_plural = _("issuer of receipts"), _("issuers of receipts")
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    quality__in=["GENERAL_INTEREST", "PUBLIC_UTILITY", "ENDOWMENT", "WORSHIP", "TEACHING"]
                ),
                name="issuer_has_a_known_quality",
            ),
            models.CheckConstraint(
                condition=~Q(quality="PUBLIC_UTILITY") | Q(decreed_on__isnull=False),
                name="public_utility_has_its_decree",
            ),
            models.CheckConstraint(
                condition=Q(articles__len__gt=0, articles__contained_by=["200", "238 bis", "978"]),
                name="issuer_names_articles_of_the_tax_code",
            ),
            models.CheckConstraint(
                condition=~Q(signatory_name="") & ~Q(signatory_office=""), name="somebody_signs_receipts"
            ),
            models.CheckConstraint(
                condition=Q(proposal__isnull=True, since__isnull=True, ended_at__isnull=True)
                | Q(proposal__isnull=False, since__isnull=False),
                name="issuer_is_allowed_since_a_day",
            ),
        ]

    def __str__(self) -> str:
        return str(self.organisation)

    @property
    def may_issue(self) -> bool:
        return self.proposal_id is not None and self.ended_at is None


class GiverAddress(models.Model):
    """Who a giver is to the tax office, encrypted, and how they want receipts. Only `givers` opens it."""

    class Rhythm(models.TextChoices):
        EACH = "EACH", _("one for each gift, at once")
        YEAR = "YEAR", _("one for all gifts of a year, in January")

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("member"),
        primary_key=True,
        related_name="giver_address",
        editable=False,
    )
    content = models.BinaryField(editable=False, help_text="encrypted")
    rhythm = models.CharField(_("receipts"), max_length=4, choices=Rhythm.choices, default=Rhythm.EACH)
    changed_at = models.DateTimeField(_("changed at"), db_default=Now(), editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("giver's address"), _("givers' addresses")
        constraints = [
            models.CheckConstraint(condition=Q(rhythm__in=["EACH", "YEAR"]), name="rhythm_is_known")
        ]

    def __str__(self) -> str:
        return f"address of {self.pk}"


class ReceiptBook(models.Model):
    """The last number that an organisation gave in a year: locked while the next one is taken."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, verbose_name=_("organisation"))
    year = models.PositiveSmallIntegerField(_("year"))
    last = models.PositiveIntegerField(_("last number"), default=0)

    class Meta:
        verbose_name, verbose_name_plural = _("book of receipts"), _("books of receipts")
        constraints = [
            models.UniqueConstraint(fields=["organisation", "year"], name="organisation_has_one_book_a_year")
        ]

    def __str__(self) -> str:
        return f"{self.year}"


class Receipt(models.Model):
    """A receipt as it was issued. It never changes; it can be void, and its number stays used.

    What it says is kept for six years, by whoever issued it and for the tax office (livre des procédures
    fiscales, L102 E), also when its giver has left.
    """

    class VoidReason(models.TextChoices):
        """Chosen, not written: it stays, so it names nobody."""

        WRONG_GIVER = "WRONG_GIVER", _("name or address of the giver was wrong")
        NO_GIFT = "NO_GIFT", _("what was paid was no gift")
        TWICE = "TWICE", _("the gift has another receipt, on paper")
        WRONG_ISSUER = "WRONG_ISSUER", _("what it says of the organisation was wrong")
        REFUNDED = "REFUNDED", _("the gift, or a part of it, was given back")

    id = models.UUIDField(_("number"), primary_key=True, default=uuid7, editable=False)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, verbose_name=_("organisation"), related_name="receipts", editable=False
    )
    year = models.PositiveSmallIntegerField(_("year"), editable=False, help_text=_("in which it was issued"))
    number = models.PositiveIntegerField(_("number in the year"), editable=False)
    giver = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("giver"),
        related_name="receipts",
        editable=False,
    )
    amount = models.BigIntegerField(_("amount"), help_text="cents", editable=False)
    given_on = models.DateField(_("given on"), editable=False, help_text=_("the last of its gifts"))
    is_yearly = models.BooleanField(_("for the gifts of a year"), editable=False)
    content = models.BinaryField(editable=False, null=True, help_text="encrypted; empty after six years")
    issued_at = models.DateTimeField(_("issued at"), db_default=Now(), editable=False)
    kept_until = models.DateTimeField(_("kept until"), db_default=Now(), editable=False)
    void_at = models.DateTimeField(_("void since"), null=True, editable=False)
    void_reason = models.CharField(
        _("why it is void"), max_length=12, choices=VoidReason.choices, blank=True, editable=False
    )
    voided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("made void by"),
        null=True,
        related_name="+",
        editable=False,
    )

    class Meta:
        verbose_name, verbose_name_plural = _("receipt"), _("receipts")
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "year", "number"], name="receipt_has_a_number_of_its_own"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="receipt_is_for_something"),
            models.CheckConstraint(
                condition=Q(void_at__isnull=True, void_reason="", voided_by__isnull=True)
                | Q(
                    void_at__isnull=False,
                    void_reason__in=["WRONG_GIVER", "NO_GIFT", "TWICE", "WRONG_ISSUER", "REFUNDED"],
                ),
                name="void_receipt_says_why",
            ),
        ]
        indexes = [
            models.Index(fields=["giver", "-issued_at"], name="receipt_by_giver"),
            models.Index(
                fields=["kept_until"], condition=Q(content__isnull=False), name="receipt_to_be_forgotten"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year}-{self.number:06}"


class ReceiptedGift(models.Model):
    """A gift that a receipt is for. Written once; the database makes it void with its receipt."""

    receipt = models.ForeignKey(
        Receipt, models.PROTECT, verbose_name=_("receipt"), related_name="gifts", editable=False
    )
    order = models.ForeignKey(
        Order, models.PROTECT, verbose_name=_("order"), related_name="receipted", editable=False
    )
    amount = models.BigIntegerField(_("amount"), help_text="cents", editable=False)
    given_on = models.DateField(_("given on"), editable=False)
    void_at = models.DateTimeField(_("void since"), null=True, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("gift on a receipt"), _("gifts on receipts")
        constraints = [
            models.UniqueConstraint(
                fields=["order"], condition=Q(void_at__isnull=True), name="gift_is_on_one_valid_receipt"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="receipted_gift_is_something"),
        ]

    def __str__(self) -> str:
        return f"{self.receipt} {self.order_id}"
