"""Many posts decided on together, in as many statements as one takes: plain orders, small talk, refusals.

A post that is not plain (edited, deleted, about something else than a payment, its author's second, refused
by a rule of money) is left to `inbox`, which decides on each alone. What is decided here holds together, or
not at all: each root is locked, and what is said of one meanwhile takes the whole decision back.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts import arrays, prepared
from accounts.models import Identity, User
from accounts.prepared import Prepared
from giving import tags
from payments import placements, rows
from payments.placements import Wish
from social import causes, manners, outcomes, speech
from social.entities import Mention
from social.grammar import Reading
from social.lexicon import Command
from social.models import Message
from social.outcomes import Result
from social.speech import Speech

PAYMENTS = frozenset({Command.SEND, Command.GIVE})
X = Message.Channel.X
# Looked through for those that nobody else decides on: several workers share a rush.
_REACH = 4
_OWN = ("id", "channel", "kind", "external_id", "root_id", "author_id", "text", "payload", "posted_at")
_PAYLOAD = 2 + _OWN.index("payload")  # Where it stands in a row that is claimed.
_OF_AUTHOR = ("id", "user_id", "linked_at", "revoked_at")
_OF_MEMBER = ("id", "name", "email", "language", "is_active", "erased_at", "tier")
# Locks are advisory, as `inbox` has them, and never waited for. Alone: nothing else was said of its root.
_SAID = """(
               SELECT count(*) FROM social_message o WHERE o.channel = m.channel AND o.root_id = m.root_id)"""
# As `manners` counts what its author was answered lately.
_ANSWERED = f"""(
               SELECT count(*) FROM (
                   SELECT FROM social_message l WHERE l.author_id = m.author_id AND l.channel = m.channel
                      AND l.received_at > statement_timestamp() - interval '{manners.WITHIN.seconds} seconds'
                      AND l.handled_at IS NOT NULL AND l.outcome <> 'IGNORED' LIMIT {manners.ANSWERS}
               ) lately)"""  # noqa: S608  # our own names
_CLAIM = Prepared(
    "claim_messages",
    f"""
    WITH waiting AS MATERIALIZED (
        SELECT id, channel, root_id FROM social_message
         WHERE handled_at IS NULL AND kind <> 'PRIVATE' ORDER BY received_at, id LIMIT %(reach)s
    ), taken AS MATERIALIZED (
        SELECT id, pg_try_advisory_xact_lock(hashtextextended(channel || ':' || root_id, 0)) AS has_root
          FROM waiting
         WHERE pg_try_advisory_xact_lock(hashtextextended('message:' || id, 0)) LIMIT %(most)s
    )
    SELECT clock_timestamp(),
           taken.has_root AND {_SAID} = 1 AS is_alone,
           {", ".join(f"m.{name}" for name in _OWN)},
           {", ".join(f"author.{name}" for name in _OF_AUTHOR)},
           {", ".join(f"member.{name}" for name in _OF_MEMBER)}
           , {_ANSWERED} AS answered, coalesce(member.phone, '') <> '' AS has_phone
      FROM taken JOIN social_message m ON m.id = taken.id
      LEFT JOIN accounts_identity author ON author.network = 'x' AND author.external_id = m.author_id
      LEFT JOIN accounts_user member ON member.id = author.user_id
     ORDER BY m.received_at, m.id
    """,  # noqa: S608  # our own names
    reach="bigint",
    most="bigint",
)
# Under the locks of their roots. One that was decided on, emptied or followed by another is not marked.
_MARK = Prepared(
    "mark_messages",
    f"""
    UPDATE social_message m
       SET handled_at = %(at)s, outcome = done.outcome, problem = done.problem, order_id = done.order_id
      FROM unnest(%(messages)s, %(outcomes)s, %(problems)s, %(orders)s)
           AS done (id, outcome, problem, order_id)
     WHERE m.id = done.id AND m.outcome = ''
       AND {_SAID} = 1
    RETURNING m.id
    """,  # noqa: S608  # our own names
    at="timestamptz",
    messages="bigint[]",
    outcomes="text[]",
    problems="text[]",
    orders="uuid[]",
)


class Outrun(Exception):
    """Something was said of one of these posts while they were decided on."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message that this transaction decides on; `is_alone` says that nothing else was said of its root.

    `answered` is how often its author was answered lately.
    """

    message: Message
    author: Identity | None
    answered: int
    has_phone: bool
    is_alone: bool
    at: datetime


@dataclass(slots=True)
class Decision:
    """What becomes of a message; nothing yet, where it is left to `inbox`."""

    claimed: Claimed
    result: Result | None = None
    wish: Wish | None = None


def claim(*, limit: int) -> list[Claimed]:
    """The oldest messages that nobody else decides on, for this transaction alone."""
    claimed = prepared.run(_CLAIM(reach=limit * _REACH, most=limit))
    # Read at once, which is quicker than one by one.
    payloads = json.loads(f"[{','.join(row[_PAYLOAD] for row in claimed)}]")
    return [_claimed(row, payload) for row, payload in zip(claimed, payloads, strict=True)]


def decide(crowd: Sequence[Claimed]) -> list[Message]:
    """Decide on all that is plain, and mark it; the others.

    :raises Outrun: if something was said of one of them meanwhile
    :raises django.db.Error: if one of them cannot be placed with the others
    """
    decisions = [_read(claimed) for claimed in crowd]
    _leave_unbearable(decisions)
    _leave_gifts(decisions)
    _place([each for each in decisions if each.wish])
    done = [(each.claimed, each.result) for each in decisions if each.result]
    if done:
        _mark(done)
    return [each.claimed.message for each in decisions if each.result is None]


def _claimed(row: prepared.Row, payload: dict[str, Any]) -> Claimed:
    at, is_alone = row[:2]
    message, values = rows.read_some(Message, _OWN, row[2:])
    message.payload = payload
    answered, has_phone = row[-2:]
    return Claimed(message, _author(values), answered, has_phone, is_alone, at)


def _author(values: Sequence[Any]) -> Identity | None:
    if values[0] is None:
        return None
    author, values = rows.read_some(Identity, _OF_AUTHOR, values)
    author.user = rows.read_some(User, _OF_MEMBER, values)[0] if author.user_id else None
    return author


def _read(claimed: Claimed) -> Decision:
    """What is to be done, as far as its words and its author decide it."""
    said = speech.of(claimed.message) if claimed.is_alone else None
    if said is None or len(said.post.versions) > 1:
        return Decision(claimed)
    if result := speech.hindrance(said, claimed.author, claimed.at):
        return Decision(claimed, result)
    return Decision(claimed, wish=_wish(said, claimed))


def _leave_unbearable(decisions: Sequence[Decision]) -> None:
    """Whoever was answered so often that they may be answered no more: `inbox` sees to that."""
    answered: Counter[str] = Counter()
    for each in decisions:
        if each.result and each.result.answer:
            author_id = each.claimed.message.author_id
            if each.claimed.answered + answered[author_id] >= manners.ANSWERS:
                each.result = None
            answered[author_id] += 1


def _leave_gifts(decisions: Sequence[Decision]) -> None:
    """A hashtag may name a campaign of the payee's: `commands` sees to that."""
    tags: dict[str, frozenset[str]] = {}
    for each in decisions:
        if each.wish and (found := causes.hashtags(each.wish.words)):
            tags[each.wish.payee] = tags.get(each.wish.payee, frozenset()) | found
    named = causes.named(tags)
    for each in decisions:
        if each.wish and each.wish.payee in named and causes.hashtags(each.wish.words):
            each.wish = None


def _wish(said: Speech, claimed: Claimed) -> Wish | None:
    reading, author = said.reading, claimed.author
    assert isinstance(reading, Reading)
    assert author
    assert author.user
    if reading.command not in PAYMENTS or tags.name_something(said.message.text):
        return None
    (payee,) = reading.payees
    return Wish(
        payer=author.user,
        has_phone=claimed.has_phone,
        payee=payee.id if isinstance(payee, Mention) else "",
        amount=reading.amount,
        note=reading.note,
        words=said.message.text,
        channel_id=said.message.root_id,
    )


def _place(decisions: Sequence[Decision]) -> None:
    """Place what is wished; of a member who wishes twice nothing, as the first may be one too many."""
    wished = Counter(each.wish.payer.pk for each in decisions if each.wish)
    once = [(each, each.wish) for each in decisions if each.wish and wished[each.wish.payer.pk] == 1]
    if not once:
        return
    wishes, at = [wish for _, wish in once], once[0][0].claimed.at
    placed = placements.place_all(wishes, network=Identity.Network.X, channel=X, at=at)
    for (decision, _), order in zip(once, placed, strict=True):
        if order:
            decision.result = Result(Message.Outcome.ORDER, order=order)


def _mark(done: Sequence[tuple[Claimed, Result]]) -> None:
    """Say what there is to say, and note what became of each.

    :raises Outrun: if it is not what it was
    """
    results = [result for _, result in done]
    marking = _MARK(
        at=done[0][0].at,
        messages=arrays.written([claimed.message.pk for claimed, _ in done]),
        outcomes=arrays.written([result.outcome for result in results]),
        problems=arrays.written([result.problem for result in results]),
        orders=arrays.written([result.order.pk if result.order else None for result in results]),
    )
    if len(prepared.run(*outcomes.saying(results), marking)) != len(done):
        raise Outrun
