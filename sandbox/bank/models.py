"""What the bank keeps: files that it was given, the payments in them, and the files that it gives back."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class PaymentFile(models.Model):
    """A pain.001 that was taken, once for its key."""

    key = models.CharField(primary_key=True, max_length=64)
    digest = models.CharField(max_length=64)
    body = models.TextField()
    received_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.key


class Payment(models.Model):
    """A payment that a file asks for. Amounts are cents."""

    class Status(models.TextChoices):
        WAITING = "WAITING", "about to be made"
        PAID = "PAID", "arrived"
        REJECTED = "REJECTED", "rejected"
        RETURNED = "RETURNED", "sent back"

    file = models.ForeignKey(PaymentFile, models.CASCADE, related_name="payments")
    end_to_end_id = models.CharField(max_length=35)
    iban = models.CharField(max_length=34)
    name = models.CharField(max_length=140)
    amount = models.PositiveBigIntegerField()
    text = models.CharField(max_length=140, blank=True)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.WAITING)
    reason = models.CharField(max_length=4, blank=True)
    acts_at = models.DateTimeField(null=True, help_text="when the bank does the next thing with it")

    class Meta:
        indexes = [models.Index(fields=["acts_at"], name="payment_due")]

    def __str__(self) -> str:
        return self.end_to_end_id


class Statement(models.Model):
    """A file of the bank's for its customer."""

    kind = models.CharField(max_length=8)
    body = models.TextField()
    made_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return f"{self.kind.replace('.', '')}-{self.pk:08}"
