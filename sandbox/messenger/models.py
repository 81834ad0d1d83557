"""What the sandbox's Messenger remembers: people, as the service's page knows them, and what was written."""

from __future__ import annotations

import secrets

from django.db import models
from django.utils import timezone


def new_person_id() -> str:
    """A page-scoped id, as long as Meta's."""
    return str(secrets.randbelow(9 * 10**15) + 10**15)


def new_mid() -> str:
    return f"m_{secrets.token_urlsafe(60)}"


class Person(models.Model):
    """Somebody who writes to the page."""

    id = models.CharField(primary_key=True, max_length=20, default=new_person_id)
    name = models.CharField(max_length=60)
    met_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.name


class Note(models.Model):
    """A message of a person's, or of the page's with its buttons."""

    mid = models.CharField(primary_key=True, max_length=120, default=new_mid)
    person = models.ForeignKey(Person, models.CASCADE, related_name="notes")
    text = models.TextField()
    buttons = models.JSONField(default=list, help_text="title and payload of each quick reply")
    is_pages = models.BooleanField(default=False, help_text="written by the page")
    problem = models.CharField(max_length=200, blank=True, help_text="why the service did not get it")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["person", "-at"], name="note_by_person")]

    def __str__(self) -> str:
        return self.mid
