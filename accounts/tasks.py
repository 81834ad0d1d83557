"""Jobs: each takes nothing, makes one call, and is harmless when repeated."""

from __future__ import annotations

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from accounts import dossiers, members, sealing
from accounts.sessions import SessionStore

CLAIM_LIFETIME = timedelta(days=1)


@shared_task(name="accounts.forget_claims")
def forget_claims() -> None:
    """Forget sign-ups whose number was never verified."""
    members.forget_claims(before=timezone.now() - CLAIM_LIFETIME)


@shared_task(name="accounts.purge_sessions")
def purge_sessions() -> None:
    """Forget sessions that are over: most end by nobody coming back."""
    SessionStore.clear_expired()


@shared_task(name="accounts.purge_documents")
def purge_documents() -> None:
    """Forget identity documents some time after they were decided on."""
    dossiers.purge_due()


@shared_task(name="accounts.purge_sealed")
def purge_sealed() -> None:
    """Forget former members whose five years are over."""
    sealing.purge_due()
