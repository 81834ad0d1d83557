"""Which webhooks of the processor took effect: noted in the transaction of the effect, each once."""

from __future__ import annotations

from uuid import UUID

from payments.acquirer import Event
from payments.models import AcquirerEvent

NOBODYS = UUID(int=0)


def is_new(event: Event) -> bool:
    """Note the event; false where it took effect before."""
    _noted, is_new = AcquirerEvent.objects.get_or_create(pk=event.id, defaults={"kind": event.kind})
    return is_new


def our_id(event: Event, name: str) -> UUID:
    """The id of ours that the event's object carries under that name: it is there before its id is here."""
    metadata = event.object.get("metadata")
    return uuid(metadata.get(name) if isinstance(metadata, dict) else "")


def uuid(said: object) -> UUID:
    """What was said as an id of ours; nobody's where it is none."""
    try:
        return UUID(str(said))
    except ValueError:
        return NOBODYS
