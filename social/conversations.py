"""What comes of a private message: read by the one grammar, done by the one set of commands, answered there.

No private message confirms anything: whoever can write as somebody can only propose.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings

from accounts import identities
from accounts.models import Identity, User
from payments.models import Order
from social import channels, commands, grammar, manners, outcomes, redaction, tickets
from social.channels.said import Author, Said
from social.entities import Mention
from social.models import Message
from social.outcomes import Result
from social.words import Answer

FRESH = timedelta(hours=24)  # An order lives a day: one that is older when it reaches us is dead.
# Networks that are linked by a ticket, by their channel.
LINKED_BY_TICKET = {Message.Channel.MESSENGER: Identity.Network.MESSENGER}


def message(channel: Message.Channel, said: Said, *, at: datetime) -> Message:
    """A row of the inbox: all that is kept of it, without what looks like a secret code."""
    known = channels.BY_NAME[channel].author(said.author_id)
    text, is_struck = redaction.strike(said.text, references=_references(said.text, known))
    facts = {
        "reply_to": said.reply_to,
        "ticket": tickets.digest_of(said.ticket) if said.ticket else "",
        "is_automatic": said.is_automatic,
        "is_struck": is_struck,
    }
    return Message(
        channel=channel,
        kind=Message.Kind.PRIVATE,
        external_id=said.id,
        root_id=said.id,
        author_id=said.author_id,
        text=text,
        payload={name: value for name, value in facts.items() if value},
        posted_at=said.at,
        received_at=at,
    )


def decide(message: Message, mentions: Iterable[Mention], *, at: datetime) -> Result:
    """Do what it says, or answer, or leave it."""
    if ticket := message.payload.get("ticket"):
        return _link(message, str(ticket), at=at)
    author = channels.of(message).author(message.author_id)
    language = author.user.language if author else settings.LANGUAGE_CODE
    if manners.is_stop(message.text):
        return commands.confirm_silence(message, language)
    if why := _why_not(message, author, at):
        return outcomes.ignored(why)
    if message.payload.get("is_struck"):
        return outcomes.answer(message, Answer.CODE_SEEN, language)
    if manners.is_start(message.text):
        return outcomes.answer(message, Answer.STARTED, language)
    return _read(message, author, tuple(mentions), at)


def _why_not(message: Message, author: Author | None, at: datetime) -> str:
    """Why nothing comes of it, not even an answer."""
    if manners.is_silent(message):
        return "stopped"
    if author and author.user.tier == User.Tier.ORGANISATION:
        return "organisation"  # Nobody confirms in its name.
    return manners.why_not(message) or _too_old(message, author, at)


def _read(message: Message, author: Author | None, mentions: tuple[Mention, ...], at: datetime) -> Result:
    service = Mention(settings.X_SERVICE_HANDLE, settings.X_SERVICE_ID)
    reading = grammar.read(message.text, mentions=mentions, service=service, is_private=True)
    if author is None:
        said_in = reading.language if reading else ""
        return outcomes.invite(message, said_in or settings.LANGUAGE_CODE, at=at)
    language = author.user.language
    if reading is None:
        # Once an hour: chatter is not answered on.
        key = f"answer:help:{message.channel}:{message.author_id}:{at:%Y-%m-%dT%H}"
        return outcomes.answer(message, Answer.HELP, language, key=key)
    if isinstance(reading, grammar.Problem):
        return commands.correct(message, reading, reading.language or language)
    people = _people(mentions)
    return commands.obey(outcomes.Spoken(message, author.user, reading, people, at))


def _link(message: Message, ticket: str, *, at: datetime) -> Result:
    """Somebody followed the link that their own page gave them."""
    network = LINKED_BY_TICKET[Message.Channel(message.channel)]
    try:
        identity = tickets.redeem(ticket, network=network, external_id=message.author_id, at=at)
    except tickets.Unknown:
        return outcomes.answer(message, Answer.TICKET_IS_DEAD, settings.LANGUAGE_CODE)
    except identities.AlreadyLinked:
        return outcomes.answer(message, Answer.LINKED_ELSEWHERE, settings.LANGUAGE_CODE)
    except identities.HasAnother:
        return outcomes.answer(message, Answer.HAS_ANOTHER, settings.LANGUAGE_CODE)
    assert identity.user
    return outcomes.answer(message, Answer.LINKED, identity.user.language)


def _too_old(message: Message, author: Author | None, at: datetime) -> str:
    """Why it is too old, or its author too new or gone, for it to be anybody's word today."""
    assert message.posted_at
    if message.posted_at < at - FRESH:
        return "late"
    if author and message.posted_at < author.since.replace(microsecond=0):
        return "before_linking"
    return "" if author is None or author.user.is_active else "inactive"


def _people(mentions: Iterable[Mention]) -> dict[str, Identity]:
    ids = [mention.id for mention in mentions if mention.id]
    known = Identity.objects.filter(network=Identity.Network.X, external_id__in=ids).select_related("user")
    return {identity.external_id: identity for identity in known}


_REFERENCE = re.compile("[0-9A-Z]{8}")


def _references(text: str, author: Author | None) -> list[str]:
    """The words that are references of the author's orders: six digits may be in one."""
    words = _REFERENCE.findall(text.upper())
    if not words or author is None:
        return []
    own = Order.objects.filter(payer=author.user, reference__in=words)
    return list(own.values_list("reference", flat=True))
