"""Bank accounts of members, and money on its way to them: reserved, in a file for the bank, gone or back."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from accounts.models import Device
from payments.models.ledger import Transfer


class Agreement(models.Model):
    """What the member showed beside their code; none only for what is older than this was asked for."""

    class Factor(models.TextChoices):
        DEVICE = "DEVICE", _("the secret code, on a known device")
        PASSKEY = "PASSKEY", _("the secret code and a passkey")

    factor = models.CharField(
        _("confirmed by"), max_length=8, choices=Factor.choices, null=True, editable=False
    )
    device = models.ForeignKey(
        Device,
        models.PROTECT,
        verbose_name=_("device"),
        null=True,
        related_name="+",
        editable=False,
        db_index=False,
    )
    passkey_id = models.BigIntegerField(
        _("passkey"), null=True, editable=False, help_text=_("its number; it may be removed later")
    )

    class Meta:
        abstract = True


def _names_what_was_shown(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(factor__isnull=True, device__isnull=True, passkey_id__isnull=True)
        | Q(factor="DEVICE", device__isnull=False, passkey_id__isnull=True)
        | Q(factor="PASSKEY", device__isnull=True, passkey_id__isnull=False),
        name=name,
    )


class BankAccount(Agreement):
    """Where a member wants their money, and what its bank said of the holder's name.

    A check with another name or at another time is another row. The IBAN is encrypted; what is in clear
    tells one account from another, and nobody its number.
    """

    class Outcome(models.TextChoices):
        MATCH = "MATCH", _("the name is the holder's")
        CLOSE = "CLOSE", _("the name is nearly the holder's")
        NO_MATCH = "NO_MATCH", _("the name is not the holder's")
        NOT_POSSIBLE = "NOT_POSSIBLE", _("the bank could not say")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("member"),
        related_name="bank_accounts",
        editable=False,
    )
    iban = models.BinaryField(editable=False, help_text="encrypted")
    fingerprint = models.CharField(max_length=64, editable=False, help_text="of the IBAN, with our key")
    country = models.CharField(_("country"), max_length=2, editable=False)
    last4 = models.CharField(_("last four digits"), max_length=4, editable=False)
    bank_name = models.CharField(_("bank"), max_length=80, blank=True, editable=False)
    holder_name = models.CharField(_("holder"), max_length=70, editable=False)
    outcome = models.CharField(_("name check"), max_length=12, choices=Outcome.choices, editable=False)
    suggested_name = models.CharField(
        _("name at the bank"),
        max_length=140,
        blank=True,
        editable=False,
        help_text=_("said when it is close"),
    )
    checked_at = models.DateTimeField(_("checked at"), default=timezone.now, editable=False)
    accepted_at = models.DateTimeField(
        _("taken by the member at"),
        null=True,
        editable=False,
        help_text=_("their choice to go on though the name did not match"),
    )
    removed_at = models.DateTimeField(_("removed at"), null=True, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("bank account"), _("bank accounts")
        constraints = [
            _names_what_was_shown("bank_account_names_what_was_shown"),
            models.UniqueConstraint(
                fields=["user", "fingerprint"],
                condition=Q(removed_at__isnull=True),
                name="bank_account_is_registered_once",
            ),
            models.CheckConstraint(
                condition=Q(outcome="CLOSE") & ~Q(suggested_name="")
                | ~Q(outcome="CLOSE") & Q(suggested_name=""),
                name="close_name_comes_with_the_banks",
            ),
            models.CheckConstraint(
                condition=~Q(outcome="MATCH") | Q(accepted_at__isnull=True),
                name="matching_name_leaves_no_choice",
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=["MATCH", "CLOSE", "NO_MATCH", "NOT_POSSIBLE"]),
                name="name_check_is_known",
            ),
        ]
        indexes = [models.Index(fields=["user", "-checked_at"], name="bank_account_by_user")]

    def __str__(self) -> str:
        return f"{self.bank_name or self.country} •••• {self.last4}"

    @property
    def is_usable(self) -> bool:
        """Its holder's name matched, or the member chose to go on."""
        return self.removed_at is None and (self.outcome == "MATCH" or self.accepted_at is not None)


class PayoutBatch(models.Model):
    """A file for the bank (pain.001): what it says never changes, so sending it again pays nothing again."""

    class Way(models.TextChoices):
        API = "API", _("sent to the bank")
        FILE = "FILE", _("carried by an operator")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    way = models.CharField(_("way"), max_length=4, choices=Way.choices, editable=False)
    document = models.BinaryField(editable=False, help_text="encrypted")
    digest = models.CharField(_("digest"), max_length=64, editable=False, help_text="SHA-256")
    count = models.PositiveIntegerField(_("payouts"), editable=False)
    control_sum = models.BigIntegerField(_("sum"), help_text="cents", editable=False)
    exported_at = models.DateTimeField(_("made at"), default=timezone.now, editable=False)
    due_at = models.DateTimeField(
        _("due at"), default=timezone.now, editable=False, help_text="also the end of a lease"
    )
    sent_at = models.DateTimeField(_("sent at"), null=True, editable=False)
    problem = models.CharField(_("problem"), max_length=200, blank=True, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("payout file"), _("payout files")
        constraints = [
            models.CheckConstraint(
                condition=Q(count__gt=0, control_sum__gt=0), name="payout_file_pays_something"
            ),
            models.CheckConstraint(
                condition=~Q(way="FILE") | Q(sent_at__isnull=False), name="carried_file_is_never_sent_as_well"
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(sent_at__isnull=True), name="payout_file_unsent")
        ]

    def __str__(self) -> str:
        return self.message_id

    @property
    def message_id(self) -> str:
        """What the file calls itself, and the key with which it is sent: at most 35 characters."""
        return self.id.hex


class Payout(Agreement):
    """Money of a wallet for its owner's bank account. `payouts` is the only writer of its status."""

    class Status(models.TextChoices):
        REQUESTED = "REQUESTED", _("reserved")
        EXPORTED = "EXPORTED", _("on its way")
        SETTLED = "SETTLED", _("paid out")
        RETURNED = "RETURNED", _("sent back by the bank")
        REJECTED = "REJECTED", _("refused by the bank")
        CANCELLED = "CANCELLED", _("cancelled by the member")

    id = models.UUIDField(_("number"), primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("member"),
        related_name="payouts",
        editable=False,
    )
    bank_account = models.ForeignKey(
        BankAccount,
        models.PROTECT,
        verbose_name=_("bank account"),
        related_name="payouts",
        editable=False,
    )
    amount = models.BigIntegerField(_("amount"), help_text="cents", editable=False)
    form_key = models.UUIDField(
        _("form"), editable=False, help_text=_("of the form that asked, however often it was sent")
    )
    status = models.CharField(
        _("status"), max_length=12, choices=Status.choices, default=Status.REQUESTED, editable=False
    )
    reason = models.CharField(
        _("reason"), max_length=35, blank=True, editable=False, help_text=_("the bank's code for why")
    )
    requested_at = models.DateTimeField(_("requested at"), default=timezone.now, editable=False)
    agreed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("agreed to by"),
        null=True,  # Of a payout that is older than this was kept.
        related_name="+",
        editable=False,
        db_index=False,
    )
    waits_until = models.DateTimeField(
        _("waits until"),
        null=True,
        editable=False,
        help_text=_("as something about the member had just changed"),
    )
    batch = models.ForeignKey(
        PayoutBatch,
        models.PROTECT,
        verbose_name=_("payout file"),
        null=True,
        editable=False,
        related_name="payouts",
    )
    reservation = models.OneToOneField(
        Transfer,
        models.PROTECT,
        verbose_name=_("reservation"),
        editable=False,
        related_name="payout_reserved",
    )
    settlement = models.OneToOneField(
        Transfer,
        models.PROTECT,
        verbose_name=_("settlement"),
        null=True,
        editable=False,
        related_name="payout_settled",
    )
    back = models.OneToOneField(
        Transfer,
        models.PROTECT,
        verbose_name=_("back on the wallet"),
        null=True,
        editable=False,
        related_name="payout_back",
    )

    class Meta:
        verbose_name, verbose_name_plural = _("payout"), _("payouts")
        constraints = [
            _names_what_was_shown("payout_names_what_was_shown"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="payout_pays_something"),
            models.CheckConstraint(
                condition=Q(reservation=F("id")), name="payout_is_reserved_by_its_own_number"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["REQUESTED", "EXPORTED"], settlement__isnull=True, back__isnull=True)
                | Q(status__in=["CANCELLED", "REJECTED"], settlement__isnull=True, back__isnull=False)
                | Q(status="SETTLED", settlement__isnull=False, back__isnull=True)
                | Q(status="RETURNED", settlement__isnull=False, back__isnull=False),
                name="payout_has_the_transfers_of_its_status",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["REQUESTED", "CANCELLED"], batch__isnull=True)
                | Q(status__in=["EXPORTED", "SETTLED", "RETURNED", "REJECTED"], batch__isnull=False),
                name="exported_payout_has_its_file",
            ),
            models.UniqueConstraint(fields=["user", "form_key"], name="form_asks_for_one_payout"),
        ]
        indexes = [
            models.Index(fields=["user", "-id"], name="payout_by_user"),
            models.Index(fields=["id"], condition=Q(status="REQUESTED"), name="payout_waiting"),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def is_waiting(self) -> bool:
        """Whether it may not leave yet."""
        is_early = self.waits_until is not None and self.waits_until > timezone.now()
        return self.status == self.Status.REQUESTED and is_early


class PayoutEvent(models.Model):
    """What became of a payout, and when: append-only by trigger, each status once."""

    payout = models.ForeignKey(
        Payout, models.PROTECT, verbose_name=_("payout"), related_name="events", editable=False
    )
    status = models.CharField(_("status"), max_length=12, choices=Payout.Status.choices, editable=False)
    detail = models.CharField(_("detail"), max_length=120, blank=True, editable=False)
    at = models.DateTimeField(_("when"), default=timezone.now, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("payout event"), _("payout events")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["payout", "status"], name="payout_reaches_a_status_once")
        ]

    def __str__(self) -> str:
        return str(self.get_status_display())


class BankFile(models.Model):
    """A file of the bank's that was read; written after its effect, which is harmless when it is repeated."""

    id = models.CharField(_("number there"), primary_key=True, max_length=64, editable=False)
    kind = models.CharField(_("kind"), max_length=35, blank=True, editable=False)
    digest = models.CharField(_("digest"), max_length=64, editable=False, help_text="SHA-256")
    taken = models.PositiveIntegerField(_("took effect"), editable=False)
    known = models.PositiveIntegerField(_("known before"), editable=False)
    refused = models.PositiveIntegerField(_("not believed"), editable=False)
    problem = models.CharField(_("problem"), max_length=200, blank=True, editable=False)
    read_at = models.DateTimeField(_("read at"), default=timezone.now, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("file of the bank"), _("files of the bank")

    def __str__(self) -> str:
        return self.id
