"""What was said to us, recorded once and handled once: the only writer of messages.

A post's versions share their first one's id, its root. Whatever comes of a root is decided by one process
at a time, and by what is known of all its versions: in any order, repeated, or broken off half-way.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import Error, OperationalError, connection, transaction
from django.db.models import Q
from django.utils import timezone

from accounts import arrays, identities, prepared
from accounts.models import Identity
from accounts.prepared import Prepared
from payments import clock, hints, orders, requests
from payments.models import Order, Request
from shop import baskets
from social import (
    commands,
    conversations,
    crowds,
    grammar,
    manners,
    outcomes,
    payees,
    posts,
    profiles,
    speech,
)
from social.answers import Refusal
from social.channels.said import Said
from social.entities import Mention
from social.models import Message
from social.outcomes import Result, ignored, refuse
from social.speech import Speech

logger = logging.getLogger(__name__)

BATCH = 100
PRIVATE_BATCH = 10  # Whom they name, X may be asked for: ten seconds each, if it is slow.
People = dict[str, Identity]
_TOLD = ("kind", "external_id", "root_id", "author_id", "text", "posted_at")
_RECORD = Prepared(
    "record_messages",
    """
    INSERT INTO social_message (channel, kind, external_id, root_id, author_id, text, payload, posted_at,
                                received_at, outcome, problem)
    SELECT 'x', kind, external_id, root_id, author_id, text, payload,
           NULLIF(posted_at, '')::timestamptz, %(at)s, '', ''
      FROM ROWS FROM (
             unnest(%(kind)s, %(external_id)s, %(root_id)s, %(author_id)s, %(text)s, %(posted_at)s),
             jsonb_array_elements(%(payload)s))
           AS page (kind, external_id, root_id, author_id, text, posted_at, payload)
        ON CONFLICT (channel, kind, external_id) DO NOTHING
    RETURNING id
    """,
    at="timestamptz",
    payload="jsonb",  # As one list: quoted for JSON, it need not be quoted for an array as well.
    **dict.fromkeys(_TOLD, "text[]"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Heard:
    """A post or a deletion, as a row of the inbox."""

    kind: Message.Kind
    external_id: str
    root_id: str
    author_id: str
    text: str = ""
    payload: str  # JSON
    posted_at: str = ""


def record(
    page: posts.Page, *, at: datetime, known_at: datetime | None = None, also: Sequence[prepared.Call] = ()
) -> int:
    """Keep the posts of a page, but not our own, and know its people better; how many posts are new.

    Its people were as it says at `known_at`, where the page is older than its coming. What else there is to
    note of the page goes along, in the same message.
    """
    people = {person.id: person for person in page.people}
    messages = [
        _Heard(
            kind=Message.Kind.POST,
            external_id=post.id,
            root_id=post.root_id,
            author_id=post.author_id,
            text=post.text,
            payload=posts.compact(post, people),
            posted_at=post.posted_at.isoformat(),
        )
        for post in page.posts
        if post.author_id != settings.X_SERVICE_ID
    ]
    seeing = identities.seeing(_labels(page), network=Identity.Network.X, at=known_at or at)
    return _insert(messages, at=at, first=[*also, seeing] if messages else also)


def record_deletions(deletions: Iterable[posts.Deletion], *, at: datetime) -> int:
    """Keep that these posts are gone; how many we did not know of."""
    gone = [
        _Heard(
            kind=Message.Kind.DELETION,
            external_id=deletion.post_id,
            root_id=deletion.post_id,
            author_id=deletion.author_id,
            payload=json.dumps(deletion.raw, ensure_ascii=False),
        )
        for deletion in deletions
    ]
    return _insert(gone, at=at)


def hear(channel: Message.Channel, said: Iterable[Said], *, at: datetime) -> int:
    """Keep what was said in private, each message once; STOP holds from here on. How many are new."""
    new = 0
    for each in said:
        row = conversations.message(channel, each, at=at)
        with transaction.atomic():
            is_new = _is_new(row)
            if is_new:
                manners.heed(row)
        new += is_new
    if new:
        hints.run("social.handle_private")
    return new


def handle(*, limit: int = BATCH) -> int:
    """Decide what comes of the oldest posts that nobody decided on; how many were."""
    decided, left, is_full = _handle_together(limit)
    people = _people(left) if left else {}
    decided += sum(_handle(message, people) for message in left)
    if decided and is_full:
        hints.run("social.handle_messages")
    return decided


def handle_private(*, limit: int = PRIVATE_BATCH) -> int:
    """Decide what comes of the oldest private messages; how many were. Slower, as X says whom they name."""
    waiting = _waiting(limit, is_private=True)
    decided = sum(_handle(message, {}, payees.mentions(message.text)) for message in waiting)
    if decided and len(waiting) == limit:
        hints.run("social.handle_private")
    return decided


def _handle_together(limit: int) -> tuple[int, list[Message], bool]:
    """How many of the oldest were decided on together, which are left, and whether there may be more."""
    try:
        with transaction.atomic():
            crowd = crowds.claim(limit=limit)
            left = crowds.decide(crowd)
    except (Error, crowds.Outrun):
        logger.warning("Messages are decided on one by one", exc_info=True)
    except Exception:
        logger.exception("Messages could not be decided on together")
    else:
        return len(crowd) - len(left), left, len(crowd) == limit
    waiting = _waiting(limit, is_private=False)
    return 0, waiting, len(waiting) == limit


def _waiting(limit: int, *, is_private: bool) -> list[Message]:
    kind = Q(kind=Message.Kind.PRIVATE)
    waiting = Message.objects.filter(kind if is_private else ~kind, handled_at=None)
    return list(waiting.order_by("received_at", "pk")[:limit])


def _is_new(row: Message) -> bool:
    """Keep it, if it is not there: whoever sends twice is told nothing of that."""
    keys = {"channel": row.channel, "kind": row.kind, "external_id": row.external_id}
    rest = ("root_id", "author_id", "text", "payload", "posted_at", "received_at")
    _kept, is_new = Message.objects.get_or_create(
        **keys, defaults={name: getattr(row, name) for name in rest}
    )
    return is_new


def _insert(messages: list[_Heard], *, at: datetime, first: Sequence[prepared.Call] = ()) -> int:
    """In the order of their ids, so that two pages do not wait for each other.

    It is one message to the database, so one transaction, whether or not the caller has begun another.
    """
    messages.sort(key=lambda message: message.external_id)
    columns = {name: arrays.written([getattr(message, name) for message in messages]) for name in _TOLD}
    payload = ",".join(message.payload for message in messages)
    new = len(prepared.run(*first, _RECORD(**columns, payload=f"[{payload}]", at=at)))
    if new:
        hints.run("social.handle_messages")
    return new


def _labels(page: posts.Page) -> list[identities.Label]:
    """Everybody on the page; of somebody who is only mentioned, the handle."""
    labels = {person.id: profiles.label(person) for person in page.people}
    for post in page.posts:
        if post.author_id not in labels:
            labels[post.author_id] = identities.Label(post.author_id, "")
    for mention in (mention for post in page.posts for mention in post.mentions):
        if mention.id and mention.id not in labels:
            labels[mention.id] = identities.Label(mention.id, mention.username)
    return list(labels.values())


def _people(messages: Iterable[Message]) -> People:
    """The authors and everybody whom they mention, in one query."""
    ids = {message.author_id for message in messages}
    for message in messages:
        ids |= {mention.id for post in speech.kept(message).posts for mention in post.mentions}
    known = Identity.objects.filter(network=Identity.Network.X, external_id__in=ids)
    return {identity.external_id: identity for identity in known.select_related("user")}


def _handle(message: Message, people: People, mentions: Iterable[Mention] = ()) -> bool:
    try:
        return _decide(message, people, mentions)
    except OperationalError:
        logger.warning("A message waits for the next round", extra={"message_id": message.pk}, exc_info=True)
        return False
    except Exception:
        # It would be the oldest for ever, and fail every round.
        logger.exception("A message could not be handled", extra={"message_id": message.pk})
        return bool(
            Message.objects.filter(pk=message.pk, handled_at=None).update(
                handled_at=timezone.now(), outcome=Message.Outcome.IGNORED, problem="failed"
            )
        )


@transaction.atomic
def _decide(waiting: Message, people: People, mentions: Iterable[Mention]) -> bool:
    message = _claimed(waiting)
    if message is None:
        return False
    at = clock.now()
    match message.kind:
        case Message.Kind.DELETION:
            result = _void_deleted(message)
        case Message.Kind.PRIVATE:
            result = conversations.decide(message, mentions, at=at)
        case _:
            result = _bearable(message, _read(message, people, at))
    message.handled_at = at
    message.outcome, message.problem, message.order = result.outcome, result.problem, result.order
    message.save(update_fields=["root_id", "handled_at", "outcome", "problem", "order"])
    outcomes.say(result)
    return True


def _claimed(message: Message) -> Message | None:
    """The message, for this transaction alone, and with it all that shares its root.

    Locks are advisory: its root's decisions write to its row, which whoever waits for them must not hold.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [f"message:{message.pk}"])
        if not cursor.fetchone()[0]:
            return None
        root = _root_of(message)
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"{message.channel}:{root}"])
    # As it is now: what was decided meanwhile may have emptied it, or told of another root.
    now = Message.objects.filter(pk=message.pk, handled_at=None).first()
    if now is None or _root_of(now) != root:
        return None
    now.root_id = root
    return now


def _root_of(message: Message) -> str:
    """X says which version is gone; the others go with it."""
    if message.kind != Message.Kind.DELETION:
        return message.root_id
    version = Message.objects.filter(
        channel=message.channel, kind=Message.Kind.POST, external_id=message.external_id
    ).first()
    return version.root_id if version else message.external_id


def _void_deleted(message: Message) -> Result:
    """Void what the post ordered or asked for if it was not paid, and forget its words, as its author did."""
    Message.objects.filter(channel=message.channel, kind=Message.Kind.POST, root_id=message.root_id).update(
        text="", payload={}
    )
    of_request = Q(request__channel=message.channel, request__channel_id=message.root_id)
    said = Q(channel=message.channel, channel_id=message.root_id)
    for order in Order.objects.filter(said | of_request).order_by("pk"):  # Before their requests are locked.
        orders.forget_words(order)
    result = _take_back(message, "deleted") or ignored("deleted")
    requests.forget_words(channel=message.channel, channel_id=message.root_id)
    return result


def _bearable(message: Message, result: Result) -> Result:
    """The same, but nothing to whoever goes on and on: they would use up what we may say to all."""
    return ignored("too_many") if result.answer and manners.has_heard_enough(message) else result


def _read(message: Message, people: People, at: datetime) -> Result:
    """What the author's own words order, if they are all there ever was of them."""
    said = speech.of(message)
    others = _others(message, said.post.versions if said else ())
    if said is None or Message.Kind.DELETION in others:
        return _forget(message)
    if said.why_not:
        return ignored(said.why_not)
    if said.post.is_edit:
        return _read_edit(message, said.reading, people)
    if len(said.post.versions) > 1 or others:
        return ignored("edited")
    return _read_order(said, people, at)


def _read_edit(message: Message, reading: grammar.Reading | grammar.Problem | None, people: People) -> Result:
    """An edit voids what the post ordered or asked for, and orders nothing itself."""
    if result := _take_back(message, "edited"):
        return result
    author = people.get(message.author_id)
    if reading is None or author is None or author.user is None:
        return ignored("edited")
    return refuse(message, Refusal.EDITED, reading.language, key=f"edited:{message.root_id}")


def _read_order(said: Speech, people: People, at: datetime) -> Result:
    author = people.get(said.post.author_id)
    if result := speech.hindrance(said, author, at):
        return result
    assert author
    assert author.user
    assert isinstance(said.reading, grammar.Reading)
    return commands.obey(outcomes.Spoken(said.message, author.user, said.reading, people, at))


def _take_back(message: Message, why: str) -> Result | None:
    """Void what its post ordered, or end what it asked for; None where it did neither."""
    order = Order.objects.filter(channel=message.channel, channel_id=message.root_id).first()
    if order:
        return _void(order, why)
    said = {"channel": message.channel, "channel_id": message.root_id}
    if baskets.drop_written(**said):
        return Result(Message.Outcome.VOIDED, why)
    asked = Request.objects.filter(**said)
    if not asked.exists():
        return None
    ended = requests.cancel_all(asked, detail=f"post {why}")
    return Result(Message.Outcome.VOIDED, why) if ended else ignored(why)


def _void(order: Order, why: str) -> Result:
    try:
        orders.void(order, detail=f"post {why}")
    except orders.OrderClosed:
        return ignored(why)  # Paid, declined or expired: nothing changes that.
    return Result(Message.Outcome.VOIDED, why)


def _forget(message: Message) -> Result:
    """Its author took it back before we read it."""
    Message.objects.filter(pk=message.pk).update(text="", payload={})
    return _take_back(message, "deleted") or ignored("deleted")


def _others(message: Message, versions: Iterable[str]) -> set[str]:
    """The kinds of what else was said of the post: another version, or that one of them is deleted."""
    of_root = Q(root_id=message.root_id)
    of_version = Q(kind=Message.Kind.DELETION, external_id__in=versions)
    said = Message.objects.filter(of_root | of_version, channel=message.channel)
    return set(said.exclude(pk=message.pk).values_list("kind", flat=True))
