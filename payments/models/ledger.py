"""The books. One transfer row is both legs, so unbalanced books cannot be written.

The application's role may read these tables and open accounts; it moves money only by calling the
SQL function of `payments.ledger`. What is referenced (an account) never changes; what changes (its
balance) is never referenced: foreign keys to a row that is being updated would queue up on it.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class LedgerAccount(models.Model):
    """A place where money is. A user's is their wallet; the others belong to the system."""

    class Kind(models.TextChoices):
        WALLET = "WALLET", _("wallet")
        HELD = "HELD", _("held for somebody")
        CARD_CLEARING = "CARD_CLEARING", _("on its way from the card processor")
        BANK = "BANK", _("safeguarded at the bank")
        FEES = "FEES", _("our fees")
        PAYOUT = "PAYOUT", _("on its way to a bank account")
        RECEIVABLE = "RECEIVABLE", _("owed to us by members")
        LOSSES = "LOSSES", _("our losses")

    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("owner"),
        null=True,
        editable=False,
        related_name="ledger_accounts",
    )
    opened_at = models.DateTimeField(_("opened at"), db_default=Now(), editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("ledger account"), _("ledger accounts")
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="WALLET", owner__isnull=False) | (~Q(kind="WALLET") & Q(owner__isnull=True)),
                name="wallet_has_an_owner",
            ),
            models.UniqueConstraint(fields=["owner"], condition=Q(kind="WALLET"), name="user_has_one_wallet"),
            models.UniqueConstraint(
                fields=["kind"], condition=Q(owner__isnull=True), name="system_account_is_opened_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"


class Balance(models.Model):
    """What changes of a ledger account; its row is made with the account by a trigger.

    STORED: `amount` is the balance, locked by each transfer. APPEND: for accounts that mostly
    receive; transfers add `Entry` rows, and `amount` is what was rolled up of them. A wallet is
    STORED until `ledger.append` makes it the other.
    """

    class Mode(models.TextChoices):
        STORED = "STORED", "stored"
        APPEND = "APPEND", "appended and rolled up"

    account = models.OneToOneField(LedgerAccount, models.PROTECT, primary_key=True, editable=False)
    mode = models.CharField(max_length=6, choices=Mode.choices, editable=False)
    may_be_negative = models.BooleanField(editable=False)
    amount = models.BigIntegerField(help_text="cents", editable=False)
    is_closed = models.BooleanField(db_default=False, editable=False, help_text="its owner has left")

    class Meta:
        verbose_name, verbose_name_plural = _("balance"), _("balances")
        constraints = [
            models.CheckConstraint(
                condition=Q(is_closed=False) | Q(amount=0, mode="STORED"), name="closed_wallet_is_empty"
            ),
            models.CheckConstraint(
                condition=Q(amount__gte=0) | Q(may_be_negative=True), name="wallet_is_never_overdrawn"
            ),
        ]

    def __str__(self) -> str:
        return f"balance of {self.account_id}"


class Transfer(models.Model):
    """Money that moved. Append-only, by trigger and by role; a correction is a new transfer.

    A wallet's transfers are in the order of their numbers; ids say nothing about it.
    """

    class Kind(models.TextChoices):
        PAYMENT = "PAYMENT", _("payment")
        TOP_UP = "TOP_UP", _("top-up by card")
        REFUND = "REFUND", _("refund by the payee")
        CARD_REFUND = "CARD_REFUND", _("refund to the card")
        REFUND_FAILED = "REFUND_FAILED", _("refund that the card did not take")
        CHARGEBACK = "CHARGEBACK", _("taken back by the cardholder’s bank")
        CHARGEBACK_WON = "CHARGEBACK_WON", _("given back by the cardholder’s bank")
        RECOVERY = "RECOVERY", _("taken for a debt")
        WRITE_OFF = "WRITE_OFF", _("debt written off")
        DEBT_VOID = "DEBT_VOID", _("given back, as nothing is owed")
        HOLD = "HOLD", _("set aside")
        RELEASE = "RELEASE", _("payment that was set aside")
        RETURN = "RETURN", _("given back")
        FEE = "FEE", _("fees of an organisation")
        REPAYMENT = "REPAYMENT", _("repayment of a loan")
        PAYOUT = "PAYOUT", _("reserved for a bank account")
        PAYOUT_PAID = "PAYOUT_PAID", _("paid to a bank account")
        PAYOUT_BACK = "PAYOUT_BACK", _("back from a bank account")

    id = models.UUIDField(
        _("number"), primary_key=True, editable=False, help_text="given by the caller: the idempotency key"
    )
    number = models.BigIntegerField(
        _("entry number"), editable=False, help_text="given while the balances are locked"
    )
    source = models.ForeignKey(
        LedgerAccount,
        models.PROTECT,
        verbose_name=_("from"),
        related_name="+",
        editable=False,
        db_index=False,
    )
    target = models.ForeignKey(
        LedgerAccount, models.PROTECT, verbose_name=_("to"), related_name="+", editable=False, db_index=False
    )
    amount = models.BigIntegerField(_("amount"), help_text="cents", editable=False)
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices, editable=False)
    source_after = models.BigIntegerField(
        _("balance of the source after"),
        null=True,
        editable=False,
        help_text="cents; empty for appended accounts",
    )
    target_after = models.BigIntegerField(
        _("balance of the target after"),
        null=True,
        editable=False,
        help_text="cents; empty for appended accounts",
    )
    posted_at = models.DateTimeField(_("booked at"), db_default=Now(), editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("transfer"), _("transfers")
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="transfer_moves_something"),
            models.CheckConstraint(
                condition=~Q(source=F("target")), name="transfer_moves_between_two_accounts"
            ),
        ]
        indexes = [
            models.Index(fields=["source", "-number"], name="transfer_by_source"),
            models.Index(fields=["target", "-number"], name="transfer_by_target"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Entry(models.Model):
    """A change of an appended account that was not rolled up yet; rolling up deletes it."""

    account = models.ForeignKey(
        LedgerAccount, models.PROTECT, related_name="+", editable=False, db_constraint=False
    )
    amount = models.BigIntegerField(help_text="cents, negative when it left the account", editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("ledger entry"), _("ledger entries")

    def __str__(self) -> str:
        return f"{self.amount} on {self.account_id}"
