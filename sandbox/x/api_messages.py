"""X's API on direct messages: /2/dm_events and /2/dm_conversations/…, for a person's token alone."""

from __future__ import annotations

from typing import Any

from sandbox.x import api, messages
from sandbox.x.limits import Family
from sandbox.x.models import Person

READ, WRITE = frozenset({"dm.read", "users.read", "tweet.read"}), frozenset({"dm.write", "dm.read"})
A_QUARTER_OF_AN_HOUR = 15
MOST = 100


def _latest(call: api.Call) -> dict[str, Any]:
    asked = call.request.GET.get("max_results", "100")
    count = api.number(asked, name="max_results")
    if not 1 <= count <= MOST:
        raise api.invalid(f"The `max_results` query parameter value [{asked}] is not between 1 and 100")
    rows = [messages.shape(row) for row in messages.of(call.person)[:count]]
    meta = {"result_count": len(rows)}
    return {"data": rows, "meta": meta} if rows else {"meta": meta}


def _write(call: api.Call, person_id: str) -> dict[str, Any]:
    recipient = Person.objects.filter(pk=api.number(person_id, name="participant_id")).first()
    text = call.body.get("text")
    if recipient is None or not isinstance(text, str):
        raise api.invalid("Somebody to write to, and a text", participant_id=[person_id])
    try:
        message = messages.write(call.person, recipient, text)
    except messages.NotAMessage:
        raise api.invalid("The text is empty, too long, or to yourself", text=[text[:40]]) from None
    return {"data": {"dm_conversation_id": message.conversation_id, "dm_event_id": str(message.pk)}}


events = api.serve(GET=api.Endpoint(Family("GET dm_events", person=A_QUARTER_OF_AN_HOUR), _latest, READ))
with_person = api.serve(
    POST=api.Endpoint(Family("POST dm_conversations", person=A_QUARTER_OF_AN_HOUR), _write, WRITE, status=201)
)
