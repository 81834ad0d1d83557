"""What the sandbox's program remembers: the secret that it was given, and what it was told."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

LONGEST_SIGNATURE = 400


class Secret(models.Model):
    """By which it knows S-Money; the newest counts."""

    text = models.CharField(max_length=120)

    def __str__(self) -> str:
        return f"secret {self.pk}"


class Told(models.Model):
    """A callback, as it came."""

    signature = models.CharField(max_length=LONGEST_SIGNATURE, blank=True)
    body = models.TextField()
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"told {self.pk}"
