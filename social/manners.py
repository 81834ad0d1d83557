"""Whom we do not answer: machines, echoes of ourselves, whoever goes on and on, whoever said STOP.

STOP holds at once, when it is recorded; START, or REPRENDRE, takes it back.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import timedelta

from django.db.models import QuerySet
from django.db.models.functions import Now

from payments import silences
from payments.models import Delivery, Silence
from social.models import Message

STOPS = {"stop", "stopall", "arret", "unsubscribe", "desinscription"}
STARTS = {"start", "reprendre", "unstop"}
# A person rarely writes as much; two machines that answer each other write it within minutes.
ANSWERS, WITHIN = 20, timedelta(hours=1)
REPEATS, SOON = 3, timedelta(minutes=10)
# STOP on a channel ends what we send to its address; a text is answered by the carrier that also notifies.
SILENCED: dict[str, Delivery.Channel] = {
    Message.Channel.X: Delivery.Channel.X,
    Message.Channel.DM: Delivery.Channel.DM,
    Message.Channel.SMS: Delivery.Channel.SMS,
    Message.Channel.MESSENGER: Delivery.Channel.MESSENGER,
}
_AUTOMATIC = re.compile(
    r"\A\W*(?:\[?auto(?:matic|matique)?\]?\W|(?:reponse|message) automatique|auto-?reply|automatic reply"
    r"|out of office|absence du bureau|je suis (?:actuellement )?absente?\b|je conduis\b|i.?m driving\b)"
)


def heed(message: Message) -> None:
    """Begin or end a silence that somebody asks for, in the transaction that keeps their words."""
    if is_stop(message.text):
        silences.begin(SILENCED[message.channel], message.author_id)
    elif is_start(message.text):
        silences.end(SILENCED[message.channel], message.author_id)


def is_stop(text: str) -> bool:
    return plain(text) in STOPS


def is_start(text: str) -> bool:
    return plain(text) in STARTS


def is_silent(message: Message) -> bool:
    return silences.holds(SILENCED[message.channel], message.author_id)


def silence(message: Message) -> Silence | None:
    """The one that its author asked for, and that holds."""
    return silences.standing(SILENCED[message.channel], message.author_id)


def why_not(message: Message) -> str:
    """Why this gets no answer, or nothing."""
    if message.payload.get("is_automatic") or _AUTOMATIC.match(plain(message.text)):
        return "automatic"
    if _is_echo(message):
        return "echo"
    if has_heard_enough(message):
        return "too_many"
    same = _before(message).filter(received_at__gt=Now() - SOON, text=message.text)
    return "repeated" if message.text and same[:REPEATS].count() >= REPEATS else ""


def has_heard_enough(message: Message) -> bool:
    """Whether its author was answered so often lately that no person would go on."""
    lately = _before(message).filter(received_at__gt=Now() - WITHIN, handled_at__isnull=False)
    return lately.exclude(outcome=Message.Outcome.IGNORED)[:ANSWERS].count() >= ANSWERS


def plain(text: str) -> str:
    """In small letters, without accents and the marks around it: `« Arrêt ! »` is `arret`."""
    letters = unicodedata.normalize("NFKD", text.lower())
    bare = "".join(c for c in letters if not unicodedata.combining(c))
    return bare.strip(" \t\r\n.,;:!?«»\"'“”’#")


def _before(message: Message) -> QuerySet[Message]:
    theirs = Message.objects.filter(channel=message.channel, author_id=message.author_id)
    return theirs.exclude(pk=message.pk)


def _is_echo(message: Message) -> bool:
    """Our own words, sent back: by a forwarding, or by a machine that repeats."""
    ours = Delivery.objects.filter(text=message.text, reply_to__in=_heard_of(message))
    return bool(message.text) and ours.exists()


def _heard_of(message: Message) -> list[str]:
    before = Message.objects.filter(channel=message.channel, author_id=message.author_id)
    return list(before.order_by("-received_at").values_list("external_id", flat=True)[:ANSWERS])
