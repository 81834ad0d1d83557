"""What reached people in the sandbox: text messages, e-mails, and the secrets of their authenticator."""

from __future__ import annotations

import secrets

from django.db import models
from django.utils import timezone


def new_sid() -> str:
    return f"SM{secrets.token_hex(16)}"


class Text(models.Model):
    """A text message, as Twilio keeps it. Outbound is from the service to a phone."""

    sid = models.CharField(primary_key=True, max_length=34, default=new_sid)
    number = models.CharField(max_length=16, help_text="the phone that it is on, E.164")
    sender = models.CharField(max_length=20, help_text="whoever is at the other end")
    body = models.TextField()
    is_inbound = models.BooleanField(default=False, help_text="written on the phone")
    problem = models.CharField(max_length=200, blank=True, help_text="why the service did not get it")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["number", "-at"], name="text_by_number")]

    def __str__(self) -> str:
        return self.sid


class Stop(models.Model):
    """A phone that answered STOP to a sender, and gets nothing from it until it says START."""

    number = models.CharField(max_length=16)
    sender = models.CharField(max_length=20)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["number", "sender"], name="sender_is_stopped_once")]

    def __str__(self) -> str:
        return f"{self.number} stopped {self.sender}"


class Mail(models.Model):
    """An e-mail in somebody's mailbox: one row for each recipient."""

    address = models.CharField(max_length=254, help_text="whose mailbox, in small letters")
    sender = models.CharField(max_length=320)
    subject = models.TextField(blank=True)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["address", "-at"], name="mail_by_address")]

    def __str__(self) -> str:
        return self.subject


class Secret(models.Model):
    """An entry of the authenticator: what time-based codes are made of."""

    label = models.CharField(max_length=120, unique=True)
    base32 = models.CharField(max_length=128)
    added_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.label
