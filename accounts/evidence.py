"""What members show of who they are: a dossier and its documents, encrypted. Only `dossiers` writes it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

LARGEST = 8 * 1024 * 1024  # Bytes of a document.


class Dossier(models.Model):
    """The documents by which a member shows who they are, and what staff found."""

    class Status(models.TextChoices):
        DRAFT = "DRAFT", _("being put together")
        WAITING = "WAITING", _("waits for staff")
        ACCEPTED = "ACCEPTED", _("accepted")
        REFUSED = "REFUSED", _("refused")

    class Problem(models.TextChoices):
        """Why it was refused, in words for the member."""

        UNREADABLE = "UNREADABLE", _("The picture cannot be read: take it in good light, whole and sharp.")
        INCOMPLETE = "INCOMPLETE", _("A side or a page is missing.")
        OUT_OF_DATE = "OUT_OF_DATE", _("The document is out of date.")
        NAME_DIFFERS = "NAME_DIFFERS", _("The name is not the one of your account.")
        NOT_IDENTITY = "NOT_IDENTITY", _("This document does not show who you are.")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("member"),
        editable=False,
        related_name="dossiers",
    )
    status = models.CharField(
        _("status"), max_length=8, choices=Status.choices, default=Status.DRAFT, editable=False
    )
    sent_at = models.DateTimeField(_("sent at"), null=True, editable=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("decided by"),
        null=True,
        editable=False,
        related_name="+",
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, editable=False)
    problem = models.CharField(
        _("problem"), max_length=12, choices=Problem.choices, blank=True, editable=False
    )
    purged_at = models.DateTimeField(_("documents purged at"), null=True, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("identity check"), _("identity checks")
        permissions = [("review_dossier", "Can open identity documents, and decide on them")]
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(status__in=["DRAFT", "WAITING"]),
                name="member_is_checked_once_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["DRAFT", "WAITING"], decided_by__isnull=True, decided_at__isnull=True)
                | Q(status__in=["ACCEPTED", "REFUSED"], decided_by__isnull=False, decided_at__isnull=False),
                name="dossier_is_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("user")),
                name="nobody_checks_their_own_identity",
            ),
            models.CheckConstraint(
                condition=(Q(status="REFUSED") & ~Q(problem="")) | (~Q(status="REFUSED") & Q(problem="")),
                name="refused_dossier_says_why",
            ),
            models.CheckConstraint(
                condition=Q(purged_at__isnull=True) | Q(decided_at__isnull=False),
                name="dossier_is_purged_after_its_decision",
            ),
        ]
        indexes = [
            models.Index(fields=["sent_at"], condition=Q(status="WAITING"), name="dossier_waiting"),
            models.Index(fields=["decided_at"], condition=Q(purged_at__isnull=True), name="dossier_kept"),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.pk}"


class Document(models.Model):
    """A picture or PDF of a dossier. What is in it is encrypted, and gone some time after the decision."""

    class MediaType(models.TextChoices):
        JPEG = "image/jpeg", "JPEG"
        PNG = "image/png", "PNG"
        PDF = "application/pdf", "PDF"

    dossier = models.ForeignKey(
        Dossier, models.CASCADE, verbose_name=_("dossier"), editable=False, related_name="documents"
    )
    name = models.CharField(_("name"), max_length=100, editable=False)
    media_type = models.CharField(_("type"), max_length=15, choices=MediaType.choices, editable=False)
    size = models.PositiveIntegerField(_("size"), help_text="bytes", editable=False)
    content = models.BinaryField(null=True, editable=False, help_text="encrypted; empty once purged")
    added_at = models.DateTimeField(_("added at"), db_default=Now(), editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("identity document"), _("identity documents")
        constraints = [
            models.CheckConstraint(
                condition=Q(media_type__in=["image/jpeg", "image/png", "application/pdf"]),
                name="document_is_of_a_known_type",
            ),
            models.CheckConstraint(
                condition=Q(size__gt=0, size__lte=LARGEST), name="document_is_not_too_large"
            ),
        ]

    def __str__(self) -> str:
        return self.name
