"""Who people are. A user signs up; an identity is somebody on a network, known by its number there."""

from __future__ import annotations

from typing import Any, ClassVar
from unicodedata import normalize

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from accounts.archive import SealedRecord
from accounts.bodies import Invitation, Organisation, Role, Seat
from accounts.evidence import Document, Dossier
from accounts.records import AuditEntry, Freeze

__all__ = [
    "AuditEntry",
    "Document",
    "Dossier",
    "Freeze",
    "Handle",
    "Identity",
    "IdentityLink",
    "Invitation",
    "Organisation",
    "Role",
    "SealedRecord",
    "Seat",
    "SecretCode",
    "UnlockCode",
    "User",
]

TRIES = 5  # Wrong secret codes until it locks; PSD2 RTS, article 4(3)(b).
UNLOCK_TRIES = 3  # Wrong codes by SMS until another one has to be asked for, to unlock or to know a device.


class UserManager(BaseUserManager["User"]):
    def create_user(self, phone: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(phone=phone, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, phone: str, password: str | None = None, **fields: Any) -> User:
        """Somebody who runs this command vouches for the number."""
        fields = {"phone_verified_at": timezone.now(), "is_staff": True, "is_superuser": True} | fields
        return self.create_user(phone, password, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A person with an account, signed up by a French mobile number.

    A number that was not verified belongs to nobody, so several may claim it.
    """

    class Tier(models.TextChoices):
        """How well we know who they are, people the least first. `tiers` is the only writer."""

        PHONE = "PHONE", _("number verified")
        IDENTIFIED = "IDENTIFIED", _("identity verified")
        ENHANCED = "ENHANCED", _("identity and means verified")
        ORGANISATION = "ORGANISATION", _("organisation that was reviewed")

    phone = PhoneNumberField(_("mobile number"), null=True, db_index=True)
    phone_verified_at = models.DateTimeField(_("number verified at"), null=True, blank=True)
    name = models.CharField(_("name"), max_length=80)
    email = models.EmailField(_("e-mail"), blank=True)
    language = models.CharField(
        _("language"), max_length=2, default="fr", choices=[("fr", "Français"), ("en", "English")]
    )
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(_("staff"), default=False)
    joined_at = models.DateTimeField(_("joined at"), default=timezone.now)
    password_changed_at = models.DateTimeField(_("password changed at"), null=True, editable=False)
    tier = models.CharField(
        _("tier"),
        max_length=12,
        choices=Tier.choices,
        default=Tier.PHONE,
        db_default=Tier.PHONE,
        editable=False,
    )
    erased_at = models.DateTimeField(_("left at"), null=True, editable=False)

    USERNAME_FIELD = "phone"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects = UserManager()

    class Meta:
        verbose_name, verbose_name_plural = _("member"), _("members")
        constraints = [
            models.UniqueConstraint(
                fields=["phone"], condition=Q(phone_verified_at__isnull=False), name="number_is_of_one_member"
            ),
            models.CheckConstraint(
                condition=Q(phone_verified_at__isnull=True) | Q(phone__isnull=False),
                name="verified_member_has_a_phone",
            ),
            models.CheckConstraint(condition=Q(language__in=["fr", "en"]), name="member_language_is_known"),
            models.CheckConstraint(
                condition=Q(tier__in=["PHONE", "IDENTIFIED", "ENHANCED", "ORGANISATION"]),
                name="member_tier_is_known",
            ),
            models.CheckConstraint(
                condition=Q(erased_at__isnull=True)
                | Q(
                    name="",
                    phone__isnull=True,
                    email="",
                    last_login__isnull=True,
                    is_active=False,
                    is_staff=False,
                    is_superuser=False,
                ),
                name="former_member_is_nobody",
            ),
        ]
        indexes = [  # Any three letters or digits, for staff who search (`staff_pages.Searched`).
            GinIndex(OpClass(Upper("name"), "gin_trgm_ops"), name="member_by_name"),
            GinIndex(OpClass(Upper("email"), "gin_trgm_ops"), name="member_by_email"),
            GinIndex(OpClass("phone", "gin_trgm_ops"), name="member_by_phone"),
        ]

    def __str__(self) -> str:
        return self.get_full_name()

    def set_password(self, raw_password: str | None) -> None:
        """Note when: for a day, whoever changed it is looked at more closely (`payments.risk`)."""
        super().set_password(raw_password)
        self.password_changed_at = timezone.now()

    @property
    def face(self) -> Identity | None:
        """Them on X, as everybody sees them there."""
        return self.identities.filter(network=Identity.Network.X).first()

    def get_full_name(self) -> str:
        """As others read it, also of somebody who has left."""
        return self.name if self.erased_at is None else _left()

    def get_short_name(self) -> str:
        """As our own messages say it, so a word of letters: whoever chose the name may have chosen a link."""
        if self.erased_at is not None:
            return _left()
        first = self.name.split(" ")[0]
        is_plain = all(letter.isalpha() or letter in "-'’" for letter in normalize("NFC", first))
        return first if first and is_plain else gettext("a member")


class Identity(models.Model):
    """Somebody on a network, known by the network's own number: a handle is a label, never a key."""

    class Network(models.TextChoices):
        X = "x", "X"
        PHONE = "phone", _("phone")
        MESSENGER = "messenger", "Messenger"
        SITE = "site", _("our own pages")

    class Standing(models.TextChoices):
        """What the network says of them; empty as long as it was not asked."""

        PUBLIC = "PUBLIC", _("public")
        PROTECTED = "PROTECTED", _("protected: only followers read it")
        SUSPENDED = "SUSPENDED", _("suspended by the network")
        GONE = "GONE", _("closed, or never there")

    network = models.CharField(_("network"), max_length=12, choices=Network.choices)
    external_id = models.CharField(_("number there"), max_length=32)
    handle = models.CharField(_("handle"), max_length=32)
    name = models.CharField(_("name there"), max_length=80, blank=True)
    picture_url = models.URLField(_("picture"), max_length=300, blank=True)
    joined_network_at = models.DateTimeField(_("joined the network at"), null=True, blank=True)
    seen_at = models.DateTimeField(_("last seen at"), default=timezone.now)
    standing = models.CharField(
        _("standing there"), max_length=10, choices=Standing.choices, blank=True, default="", db_default=""
    )
    described_at = models.DateTimeField(
        _("described at"), null=True, blank=True, help_text=_("when the network last told all of this")
    )
    user = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("member"), null=True, blank=True, related_name="identities"
    )
    linked_at = models.DateTimeField(_("linked at"), null=True, blank=True)
    refuses_since = models.DateTimeField(
        _("refuses to be paid since"), null=True, blank=True, help_text=_("their own wish")
    )
    revoked_at = models.DateTimeField(
        _("access taken back at"), null=True, blank=True, help_text=_("on the network; linking again ends it")
    )

    class Meta:
        verbose_name, verbose_name_plural = _("identity"), _("identities")
        constraints = [
            models.UniqueConstraint(fields=["network", "external_id"], name="identity_is_known_once"),
            models.UniqueConstraint(
                fields=["user", "network"],
                condition=Q(user__isnull=False),
                name="user_has_one_identity_a_network",
            ),
            models.CheckConstraint(
                condition=Q(user__isnull=True, linked_at__isnull=True)
                | Q(user__isnull=False, linked_at__isnull=False),
                name="identity_is_linked_since_a_moment",
            ),
            models.CheckConstraint(
                condition=Q(standing="", described_at__isnull=True)
                | Q(
                    standing__in=["PUBLIC", "PROTECTED", "SUSPENDED", "GONE"],
                    described_at__isnull=False,
                ),
                name="identity_has_a_standing_once_it_is_described",
            ),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True) | Q(user__isnull=False),
                name="access_is_taken_back_by_who_is_linked",
            ),
        ]
        indexes = [
            GinIndex(OpClass(Upper("handle"), "gin_trgm_ops"), name="identity_by_handle"),
            GinIndex(OpClass(Upper("name"), "gin_trgm_ops"), name="identity_by_name"),
        ]

    def __str__(self) -> str:
        """As people write them: a handle with its sign, a number as it is dialled; or nobody any more."""
        if not self.handle:
            return _left()
        return f"@{self.handle}" if self.network == self.Network.X else self.handle

    @property
    def title(self) -> str:
        """Their name there, or what there is."""
        return self.name or str(self)


class Handle(models.Model):
    """A handle that an identity bore, from then until its next: written by a trigger, whoever renames it."""

    identity = models.ForeignKey(
        Identity, models.PROTECT, verbose_name=_("identity"), related_name="handles", editable=False
    )
    handle = models.CharField(_("handle"), max_length=32, editable=False)
    since = models.DateTimeField(_("seen since"), editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("former and present handle"), _("handles, with their history")
        ordering = ["pk"]
        indexes = [GinIndex(OpClass(Upper("handle"), "gin_trgm_ops"), name="former_handle_by_letters")]

    def __str__(self) -> str:
        return f"@{self.handle}"


class IdentityLink(models.Model):
    """The history of who held an identity, and from when until when."""

    identity = models.ForeignKey(Identity, models.PROTECT, verbose_name=_("identity"), related_name="links")
    user = models.ForeignKey(User, models.PROTECT, verbose_name=_("member"), related_name="links")
    linked_at = models.DateTimeField(_("linked at"))
    unlinked_at = models.DateTimeField(_("unlinked at"), null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("link"), _("links")
        constraints = [
            models.UniqueConstraint(
                fields=["identity"],
                condition=Q(unlinked_at__isnull=True),
                name="identity_has_one_user_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(unlinked_at__isnull=True) | Q(unlinked_at__gte=F("linked_at")),
                name="identity_is_unlinked_after_it_was_linked",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.identity} {self.linked_at:%Y-%m-%d}"


class SecretCode(models.Model):
    """The six digits that confirm an order. Only `codes` reads or writes it.

    Not a django-otp device on purpose: every confirmed device of a user opens the staff's admin,
    and six digits that are known by heart must not.
    """

    user = models.OneToOneField(User, models.CASCADE, related_name="secret_code", primary_key=True)
    digest = models.CharField(max_length=200)
    tries = models.PositiveSmallIntegerField(default=0)
    changed_at = models.DateTimeField()

    class Meta:
        verbose_name, verbose_name_plural = _("secret code"), _("secret codes")
        constraints = [
            models.CheckConstraint(
                condition=Q(tries__gte=0, tries__lte=TRIES), name="secret_code_is_tried_five_times_at_most"
            )
        ]

    def __str__(self) -> str:
        return f"secret code of {self.user_id}"

    @property
    def is_locked(self) -> bool:
        return self.tries >= TRIES


class UnlockCode(models.Model):
    """The code that was sent by SMS to whom wants to unlock. Only `unlocks` reads or writes it."""

    user = models.OneToOneField(User, models.CASCADE, related_name="unlock_code", primary_key=True)
    digest = models.CharField(max_length=200)
    tries = models.PositiveSmallIntegerField(default=0)
    expires_at = models.DateTimeField()

    class Meta:
        verbose_name, verbose_name_plural = _("unlock code"), _("unlock codes")
        constraints = [
            models.CheckConstraint(
                condition=Q(tries__gte=0, tries__lte=UNLOCK_TRIES),
                name="unlock_code_is_tried_three_times_at_most",
            )
        ]

    def __str__(self) -> str:
        return f"unlock code of {self.user_id}"


class Device(models.Model):
    """A browser that its member is known by: it holds a long random token, we hold its digest."""

    user = models.ForeignKey(User, models.PROTECT, verbose_name=_("member"), related_name="devices")
    name = models.CharField(_("name"), max_length=80)
    digest = models.CharField(max_length=64, editable=False)
    registered_at = models.DateTimeField(_("registered at"))
    last_used_at = models.DateTimeField(_("last used at"))
    removed_at = models.DateTimeField(_("removed at"), null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("device"), _("devices")
        constraints = [
            models.UniqueConstraint(fields=["digest"], name="device_token_is_of_one_device"),
            models.CheckConstraint(
                condition=Q(last_used_at__gte=F("registered_at"))
                & (Q(removed_at__isnull=True) | Q(removed_at__gte=F("registered_at"))),
                name="device_is_used_and_removed_after_it_was_registered",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class DeviceCode(models.Model):
    """The code that was sent by SMS to make a browser known. Only `devices` reads or writes it."""

    user = models.OneToOneField(User, models.CASCADE, related_name="device_code", primary_key=True)
    digest = models.CharField(max_length=200)
    tries = models.PositiveSmallIntegerField(default=0)
    expires_at = models.DateTimeField()

    class Meta:
        verbose_name, verbose_name_plural = _("device code"), _("device codes")
        constraints = [
            models.CheckConstraint(
                condition=Q(tries__gte=0, tries__lte=UNLOCK_TRIES),
                name="device_code_is_tried_three_times_at_most",
            )
        ]

    def __str__(self) -> str:
        return f"device code of {self.user_id}"


def _left() -> str:
    return gettext("a former member")
