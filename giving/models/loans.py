"""Loans to organisations, by many lenders; what was lent, what is due when, and what each was given back."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from accounts.models import Organisation
from payments.models import Order, Transfer

SMALLEST, LARGEST = 100_00, 1_000_000_00  # The goal of a loan, in cents.
HIGHEST_RATE = 20_00  # Basis points a year.
LONGEST_MONTHS = 84


class Loan(models.Model):
    """What an organisation wants to borrow, all of it or nothing. `loan_life` writes its status."""

    class Status(models.TextChoices):
        PROPOSED = "PROPOSED", _("waits for staff")
        REFUSED = "REFUSED", _("refused by staff")
        COLLECTING = "COLLECTING", _("lenders are looked for")
        RUNNING = "RUNNING", _("being repaid")
        REPAID = "REPAID", _("repaid")
        MISSED = "MISSED", _("goal missed")
        DEFAULTED = "DEFAULTED", _("in default")

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, verbose_name=_("organisation"), related_name="loans", editable=False
    )
    slug = models.SlugField(_("address of its page"), max_length=40, unique=True, editable=False)
    code = models.CharField(
        _("code"), max_length=6, unique=True, editable=False, help_text=_("the end of its hashtag")
    )
    title = models.CharField(_("title"), max_length=80, editable=False)
    story = models.TextField(_("what it is for"), max_length=3000, editable=False)
    goal = models.BigIntegerField(_("goal"), help_text="cents", editable=False)
    rate = models.PositiveIntegerField(
        _("interest a year"), help_text=_("basis points: 450 are 4.5 %"), editable=False
    )
    term_months = models.PositiveIntegerField(_("term in months"), editable=False)
    deadline = models.DateTimeField(_("deadline"), editable=False)
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.PROPOSED, editable=False
    )
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("proposed by"),
        related_name="+",
        editable=False,
    )
    made_at = models.DateTimeField(_("proposed at"), db_default=Now(), editable=False)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("accepted by"),
        null=True,
        related_name="+",
        editable=False,
    )
    begun_on = models.DateField(
        _("runs since"), null=True, editable=False, help_text=_("the day on which its goal was reached")
    )

    class Meta:
        verbose_name, verbose_name_plural = _("loan"), _("loans")
        constraints = [
            models.CheckConstraint(
                condition=Q(goal__gte=SMALLEST, goal__lte=LARGEST), name="loan_has_a_goal_of_some_size"
            ),
            models.CheckConstraint(condition=Q(rate__lte=HIGHEST_RATE), name="loan_is_no_usury"),
            models.CheckConstraint(
                condition=Q(term_months__gte=1, term_months__lte=LONGEST_MONTHS),
                name="loan_runs_for_some_months",
            ),
            models.CheckConstraint(
                condition=Q(
                    status__in=[
                        "PROPOSED",
                        "REFUSED",
                        "COLLECTING",
                        "RUNNING",
                        "REPAID",
                        "MISSED",
                        "DEFAULTED",
                    ]
                ),
                name="loan_status_is_known",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["PROPOSED", "REFUSED"], accepted_by__isnull=True)
                | (~Q(status__in=["PROPOSED", "REFUSED"]) & Q(accepted_by__isnull=False)),
                name="loan_is_opened_by_one_of_staff",
            ),
            models.CheckConstraint(
                condition=Q(accepted_by__isnull=True) | ~Q(accepted_by=F("made_by")),
                name="nobody_opens_their_own_loan",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["RUNNING", "REPAID", "DEFAULTED"], begun_on__isnull=False)
                | (~Q(status__in=["RUNNING", "REPAID", "DEFAULTED"]) & Q(begun_on__isnull=True)),
                name="running_loan_runs_since_a_day",
            ),
        ]
        indexes = [
            models.Index(
                fields=["deadline"], condition=Q(status="COLLECTING"), name="giving_loan_with_a_deadline"
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def tag(self) -> str:
        """Its hashtag, by which it is lent to in a message."""
        return f"#pret{self.code}"


class LoanEvent(models.Model):
    """A status that a loan reached, and when."""

    loan = models.ForeignKey(
        Loan, models.PROTECT, verbose_name=_("loan"), related_name="events", editable=False
    )
    status = models.CharField(_("status"), max_length=10, choices=Loan.Status.choices, editable=False)
    at = models.DateTimeField(_("when"), db_default=Now(), editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("step of a loan"), _("steps of loans")
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["loan", "status"], name="loan_reaches_a_status_once")]

    def __str__(self) -> str:
        return str(self.get_status_display())


class LoanShare(models.Model):
    """What somebody lends, or would: its order's money, set aside until the loan is decided on."""

    order = models.OneToOneField(
        Order,
        models.PROTECT,
        verbose_name=_("order"),
        primary_key=True,
        related_name="loan_share",
        editable=False,
    )
    loan = models.ForeignKey(
        Loan, models.PROTECT, verbose_name=_("loan"), related_name="shares", editable=False
    )
    lender = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("lender"),
        related_name="loan_shares",
        editable=False,
    )
    agreed_at = models.DateTimeField(
        _("risk understood at"), null=True, editable=False, help_text=_("before the code")
    )
    is_taken = models.BooleanField(
        _("taken"), null=True, editable=False, help_text=_("decided with the loan, for good")
    )

    class Meta:
        verbose_name, verbose_name_plural = _("share in a loan"), _("shares in loans")

    def __str__(self) -> str:
        return f"{self.loan}, {self.order}"


class Instalment(models.Model):
    """What is due on a day, to all lenders together. Repaid early, a loan has one more for all the rest."""

    id = models.UUIDField(_("number"), primary_key=True, default=uuid7, editable=False)
    loan = models.ForeignKey(
        Loan, models.PROTECT, verbose_name=_("loan"), related_name="instalments", editable=False
    )
    number = models.PositiveIntegerField(_("which of the loan"), editable=False)
    due_on = models.DateField(_("due on"), editable=False)
    principal = models.BigIntegerField(_("principal"), help_text="cents", editable=False)
    interest = models.BigIntegerField(_("interest"), help_text="cents", editable=False)
    late_at = models.DateTimeField(_("found late at"), null=True, editable=False)
    paid_at = models.DateTimeField(_("paid at"), null=True, editable=False)
    replaced_at = models.DateTimeField(_("repaid early at"), null=True, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("instalment"), _("instalments")
        ordering = ["loan", "number"]
        constraints = [
            models.UniqueConstraint(fields=["loan", "number"], name="instalments_of_a_loan_are_numbered"),
            models.CheckConstraint(
                condition=Q(principal__gte=0, interest__gte=0) & ~Q(principal=0, interest=0),
                name="instalment_pays_something",
            ),
            models.CheckConstraint(
                condition=Q(paid_at__isnull=True) | Q(replaced_at__isnull=True),
                name="instalment_is_paid_or_replaced",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_on"],
                condition=Q(paid_at__isnull=True, replaced_at__isnull=True),
                name="giving_instalment_due",
            )
        ]

    def __str__(self) -> str:
        return f"{self.loan}, {self.number}"

    @property
    def amount(self) -> int:
        return self.principal + self.interest


class RepaymentPart(models.Model):
    """What one lender was paid of an instalment: one transfer, whose id follows from both."""

    instalment = models.ForeignKey(
        Instalment, models.PROTECT, verbose_name=_("instalment"), related_name="parts", editable=False
    )
    lender = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("lender"),
        related_name="repayment_parts",
        editable=False,
    )
    transfer = models.OneToOneField(
        Transfer, models.PROTECT, verbose_name=_("transfer"), related_name="+", editable=False
    )
    principal = models.BigIntegerField(_("principal"), help_text="cents", editable=False)
    interest = models.BigIntegerField(_("interest"), help_text="cents", editable=False)
    at = models.DateTimeField(_("when"), db_default=Now(), editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("repayment to a lender"), _("repayments to lenders")
        constraints = [
            models.UniqueConstraint(
                fields=["instalment", "lender"], name="lender_is_paid_an_instalment_once"
            ),
            models.CheckConstraint(
                condition=Q(principal__gte=0, interest__gte=0) & ~Q(principal=0, interest=0),
                name="repayment_to_a_lender_pays_something",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.instalment}, {self.lender}"

    @property
    def amount(self) -> int:
        return self.principal + self.interest
