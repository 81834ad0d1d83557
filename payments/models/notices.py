"""What people are told, and how it gets to them. PostgreSQL is the queue: due rows with leases."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from accounts.models import Seat
from payments.models.cards import Funding
from payments.models.debts import Repayment
from payments.models.orders import Order
from payments.models.payouts import Payout
from payments.models.refunds import Chargeback, Refund
from payments.models.requests import Request


class Notification(models.Model):
    """Something that somebody is told once, written in the transaction that makes it true."""

    class Kind(models.TextChoices):
        ORDER_PENDING = "ORDER_PENDING", _("an order waits for the secret code")
        ORDER_VOIDED = "ORDER_VOIDED", _("an order is void")
        ORDER_EXPIRED = "ORDER_EXPIRED", _("an order expired")
        ORDER_IN_REVIEW = "ORDER_IN_REVIEW", _("an order is looked at before it is paid")
        PAYMENT_SENT = "PAYMENT_SENT", _("a payment was made")
        PAYMENT_RECEIVED = "PAYMENT_RECEIVED", _("a payment was received")
        PAYMENT_HELD = "PAYMENT_HELD", _("a payment waits for its payee to join")
        PROMISE_HELD = "PROMISE_HELD", _("a payment waits for what it is for")
        CLAIM_WAITS = "CLAIM_WAITS", _("a payment still waits for its payee")
        CLAIM_ENDS = "CLAIM_ENDS", _("a payment that waits for its payee returns tomorrow")
        PAYMENT_RETURNED = "PAYMENT_RETURNED", _("a payment came back")
        PAYMENT_CANCELLED = "PAYMENT_CANCELLED", _("a payment was taken back")
        WALLET_LOADED = "WALLET_LOADED", _("the wallet was loaded")
        LOAD_REFUSED = "LOAD_REFUSED", _("the card was refused")
        FUNDING_FAILED = "FUNDING_FAILED", _("the card did not pay for an order")
        REFUND_SENT = "REFUND_SENT", _("a payment was given back")
        REFUND_RECEIVED = "REFUND_RECEIVED", _("a refund was received")
        CARD_REFUNDED = "CARD_REFUNDED", _("money goes back to the card")
        CARD_REFUND_FAILED = "CARD_REFUND_FAILED", _("a refund came back from the card")
        CHARGEBACK_OPENED = "CHARGEBACK_OPENED", _("a bank took a top-up back")
        CHARGEBACK_WON = "CHARGEBACK_WON", _("a bank gave a top-up back")
        PAYOUT_REQUESTED = "PAYOUT_REQUESTED", _("a payout was asked for")
        PAYOUT_WAITS = "PAYOUT_WAITS", _("a payout waits for a day")
        PAYOUT_ARRIVED = "PAYOUT_ARRIVED", _("a payout was made")
        PAYOUT_RETURNED = "PAYOUT_RETURNED", _("a payout came back")
        BANK_ACCOUNT_ADDED = "BANK_ACCOUNT_ADDED", _("a bank account was added")
        DEBT_TO_RECOVER = "DEBT_TO_RECOVER", _("what is owed will be taken from the wallet")
        DEBT_RECOVERED = "DEBT_RECOVERED", _("something was taken for a debt")
        DEBT_VOID = "DEBT_VOID", _("nothing is owed, and what was taken is back")
        REQUEST_RECEIVED = "REQUEST_RECEIVED", _("somebody asks for money")
        REQUEST_REMINDED = "REQUEST_REMINDED", _("a request for money still waits")
        REQUEST_PAID = "REQUEST_PAID", _("a request for money was paid")
        SPLIT_PAID = "SPLIT_PAID", _("everybody has paid their share")
        REQUEST_DECLINED = "REQUEST_DECLINED", _("a request for money was declined")
        REQUEST_EXPIRED = "REQUEST_EXPIRED", _("a request for money expired")
        REQUEST_CANCELLED = "REQUEST_CANCELLED", _("a request for money was taken back")
        POT_TO_CLOSE = "POT_TO_CLOSE", _("a money pot waits for its organiser")
        POT_RETURNED = "POT_RETURNED", _("what was in a money pot went back")
        PURCHASE_DRAFT = "PURCHASE_DRAFT", _("a product waits in the basket")
        PURCHASE_SENT = "PURCHASE_SENT", _("a purchase was dispatched")
        CODE_LOCKED = "CODE_LOCKED", _("the secret code is locked")
        MONEY_HALTED = "MONEY_HALTED", _("money stands still")
        CALLBACK_PAUSED = "CALLBACK_PAUSED", _("an address of an organisation does not answer")
        X_ALARM = "X_ALARM", _("X wants somebody")
        X_REVOKED = "X_REVOKED", _("access to the X account was taken back")
        IDENTITY_ACCEPTED = "IDENTITY_ACCEPTED", _("the identity is verified")
        IDENTITY_REFUSED = "IDENTITY_REFUSED", _("the identity could not be verified")
        LOAN_REPAID = "LOAN_REPAID", _("something of a loan came back")
        LOAN_LATE = "LOAN_LATE", _("an instalment of a loan is late")
        LOAN_DEFAULTED = "LOAN_DEFAULTED", _("a loan is in default")
        ORGANISATION_OPEN = "ORGANISATION_OPEN", _("an organisation was accepted")
        ORGANISATION_REFUSED = "ORGANISATION_REFUSED", _("an organisation could not be accepted")
        CAMPAIGN_STOPPED = "CAMPAIGN_STOPPED", _("a campaign was stopped by staff")
        POT_STOPPED = "POT_STOPPED", _("a money pot was stopped by staff")
        PRODUCT_STOPPED = "PRODUCT_STOPPED", _("a product was stopped by staff")
        SEAT_OFFERED = "SEAT_OFFERED", _("somebody was invited to act for an organisation")
        SEAT_TAKEN = "SEAT_TAKEN", _("somebody acts for an organisation")
        SEAT_CHANGED = "SEAT_CHANGED", _("somebody has another role at an organisation")
        SEAT_ENDED = "SEAT_ENDED", _("somebody acts for an organisation no more")
        ACCOUNT_CLOSED = "ACCOUNT_CLOSED", _("the account is closed")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("member"),
        related_name="notifications",
        db_index=False,  # `notification_by_user` begins with it.
        editable=False,
    )
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices, editable=False)
    order = models.ForeignKey(
        Order,
        models.PROTECT,
        verbose_name=_("order"),
        null=True,
        editable=False,
        related_name="notifications",
    )
    funding = models.ForeignKey(
        Funding,
        models.PROTECT,
        verbose_name=_("top-up"),
        null=True,
        db_index=False,
        editable=False,
        related_name="notifications",
    )
    refund = models.ForeignKey(
        Refund,
        models.PROTECT,
        verbose_name=_("refund"),
        null=True,
        db_index=False,
        editable=False,
        related_name="notifications",
    )
    payout = models.ForeignKey(
        Payout,
        models.PROTECT,
        verbose_name=_("payout"),
        null=True,
        db_index=False,
        editable=False,
        related_name="notifications",
    )
    chargeback = models.ForeignKey(
        Chargeback,
        models.PROTECT,
        verbose_name=_("chargeback"),
        null=True,
        db_index=False,
        editable=False,
        related_name="notifications",
    )
    repayment = models.ForeignKey(
        Repayment,
        models.PROTECT,
        verbose_name=_("repayment"),
        null=True,
        db_index=False,
        editable=False,
        related_name="notifications",
    )
    request = models.ForeignKey(
        Request,
        models.PROTECT,
        verbose_name=_("request for money"),
        null=True,
        db_index=False,
        editable=False,
        related_name="notifications",
    )
    seat = models.ForeignKey(
        Seat,
        models.PROTECT,
        verbose_name=_("seat"),
        null=True,
        db_index=False,  # `seat_is_told_once` begins with it.
        editable=False,
        related_name="notifications",
    )
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)
    seen_at = models.DateTimeField(_("seen at"), null=True, editable=False)

    class Meta:
        # A payment writes two of these: what nobody asks for has no index.
        verbose_name, verbose_name_plural = _("notification"), _("notifications")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "kind", "order"], condition=Q(order__isnull=False), name="order_is_told_once"
            ),
            models.UniqueConstraint(
                fields=["user", "kind", "funding"],
                condition=Q(funding__isnull=False),
                name="funding_is_told_once",
            ),
            models.UniqueConstraint(
                fields=["user", "kind", "refund"],
                condition=Q(refund__isnull=False),
                name="refund_is_told_once",
            ),
            models.UniqueConstraint(
                fields=["user", "kind", "payout"],
                condition=Q(payout__isnull=False),
                name="payout_is_told_once",
            ),
            models.UniqueConstraint(
                fields=["user", "kind", "chargeback"],
                condition=Q(chargeback__isnull=False),
                name="chargeback_is_told_once",
            ),
            models.UniqueConstraint(
                fields=["user", "kind", "repayment"],
                condition=Q(repayment__isnull=False),
                name="repayment_is_told_once",
            ),
            models.UniqueConstraint(
                fields=["user", "kind", "request"],
                condition=Q(request__isnull=False),
                name="request_is_told_once",
            ),
            models.UniqueConstraint(
                fields=["seat", "user", "kind"], condition=Q(seat__isnull=False), name="seat_is_told_once"
            ),
        ]
        indexes = [
            models.Index(fields=["user", "-created_at"], name="notification_by_user"),
            models.Index(fields=["user"], condition=Q(seen_at=None), name="notification_unseen"),
            models.Index(
                fields=["funding"], condition=Q(funding__isnull=False), name="notification_of_funding"
            ),
            models.Index(fields=["refund"], condition=Q(refund__isnull=False), name="notification_of_refund"),
            models.Index(
                fields=["request"], condition=Q(request__isnull=False), name="notification_of_request"
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_kind_display())


class Delivery(models.Model):
    """One message on its way out, by one channel: at least once, with a key that makes it once.

    E-mails and SMS are sent by `payments`, the others by `social`: they answer what was said there.
    """

    class Channel(models.TextChoices):
        EMAIL = "EMAIL", _("e-mail")
        SMS = "SMS", _("SMS")
        X = "X", _("reply on X")
        DM = "DM", _("direct message on X")
        TEXT = "TEXT", _("answer to an SMS")
        MESSENGER = "MESSENGER", "Messenger"

    class Status(models.TextChoices):
        DUE = "DUE", _("due")
        SENT = "SENT", _("sent")
        FAILED = "FAILED", _("given up")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    key = models.CharField(
        _("key"), max_length=100, unique=True, editable=False, help_text="one message, one key"
    )
    channel = models.CharField(_("channel"), max_length=12, choices=Channel.choices, editable=False)
    notification = models.ForeignKey(
        Notification,
        models.PROTECT,
        verbose_name=_("notification"),
        null=True,
        editable=False,
        related_name="deliveries",
    )
    reply_to = models.CharField(
        _("in reply to"),
        max_length=64,
        blank=True,
        editable=False,
        help_text=_("the post or message that is answered; a number that is told unasked"),
    )
    address = models.BinaryField(
        null=True, editable=False, help_text="encrypted; of a user who has none any more, until it is sent"
    )
    subject = models.CharField(_("subject"), max_length=120, blank=True, editable=False)
    text = models.TextField(_("text"), editable=False)
    status = models.CharField(
        _("status"), max_length=8, choices=Status.choices, default=Status.DUE, editable=False
    )
    due_at = models.DateTimeField(
        _("due at"), default=timezone.now, editable=False, help_text="also the end of a lease"
    )
    tries = models.PositiveSmallIntegerField(_("tries"), default=0, editable=False)
    sent_at = models.DateTimeField(_("sent at"), null=True, editable=False)
    external_id = models.CharField(_("number there"), max_length=64, blank=True, editable=False)
    problem = models.CharField(_("problem"), max_length=200, blank=True, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("delivery"), _("deliveries")
        constraints = [
            models.CheckConstraint(
                condition=(~Q(channel="EMAIL") & ~Q(reply_to=""))
                | (Q(channel__in=["EMAIL", "SMS"]) & Q(notification__isnull=False)),
                name="delivery_has_an_address",
            ),
            models.CheckConstraint(
                condition=Q(status="SENT", sent_at__isnull=False)
                | (~Q(status="SENT") & Q(sent_at__isnull=True)),
                name="sent_delivery_was_sent_at_a_moment",
            ),
        ]
        indexes = [models.Index(fields=["channel", "due_at"], condition=Q(status="DUE"), name="delivery_due")]

    def __str__(self) -> str:
        return self.key
