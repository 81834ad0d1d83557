"""Direct messages: written by a person, or by the app that speaks for one, and told to who subscribed."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from sandbox.x import events
from sandbox.x.models import DirectMessage, Person

LONGEST = 10_000


class NotAMessage(Exception):
    """It says nothing, or too much, or is to oneself."""


def write(sender: Person, recipient: Person, text: str) -> DirectMessage:
    """:raises NotAMessage: if X would not take it"""
    if not text.strip() or len(text) > LONGEST or sender == recipient:
        raise NotAMessage
    with transaction.atomic():
        message = DirectMessage.objects.create(sender=sender, recipient=recipient, text=text)
        events.direct_message(message, shape(message))
    return message


def of(person: Person) -> QuerySet[DirectMessage]:
    """All that the person wrote and got, the newest first."""
    rows = DirectMessage.objects.filter(Q(sender=person) | Q(recipient=person))
    return rows.select_related("sender", "recipient").order_by("-id")


def between(one: Person, other: Person) -> QuerySet[DirectMessage]:
    return of(one).filter(Q(sender=other) | Q(recipient=other))


def shape(message: DirectMessage) -> dict[str, Any]:
    """https://docs.x.com/x-api/direct-messages/get-dm-events"""
    return {
        "id": str(message.pk),
        "event_type": "MessageCreate",
        "text": message.text,
        "sender_id": str(message.sender_id),
        "dm_conversation_id": message.conversation_id,
        "created_at": message.at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "participant_ids": sorted((str(message.sender_id), str(message.recipient_id)), key=int),
    }
