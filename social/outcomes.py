"""What becomes of a message, and how its answer is said: once, where the message was said.

A key of its own, or one that it shares, makes an answer once. Whoever notes the result says the answer, by
`say`, in the same transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from accounts import prepared
from accounts.models import Identity, User
from payments import hints, notices, sets
from payments.models import Delivery, Order
from social import answers, words
from social.answers import Refusal
from social.grammar import Reading
from social.models import Message
from social.words import Answer

PRIVATE = Message.Kind.PRIVATE


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a message, and the answer that is to be said."""

    outcome: Message.Outcome
    problem: str = ""
    order: Order | None = None
    answer: Delivery | None = None


@dataclass(frozen=True, slots=True)
class Spoken:
    """What a member said, and all that it takes to do it; `people` are those of X, by their number there."""

    message: Message
    author: User
    reading: Reading
    people: Mapping[str, Identity]
    at: datetime

    @property
    def is_private(self) -> bool:
        return self.message.kind == PRIVATE

    @property
    def language(self) -> str:
        return self.reading.language or self.author.language


def ignored(why: str) -> Result:
    return Result(Message.Outcome.IGNORED, why)


def refuse(message: Message, problem: str, language: str, *, key: str = "", **facts: str) -> Result:
    """Answer once why nothing was ordered: to this message, or to all that share the key."""
    text = answers.refusal(problem, language=language, seed=message.pk, **facts)
    said = _answer(message, text, key=f"answer:{key or message.pk}")
    return Result(Message.Outcome.REFUSED, problem, answer=said)


def answer(message: Message, what: Answer, language: str, *, key: str = "", **facts: str) -> Result:
    """Answer once, in private."""
    text = words.of(what, language=language, **facts)
    said = _answer(message, text, key=key or f"answer:{message.pk}")
    return Result(Message.Outcome.ANSWERED, what, answer=said)


def announce(message: Message, what: Answer, text: str) -> Result:
    """Say in public what became of it, once: no figure, no address."""
    return Result(Message.Outcome.ANSWERED, what, answer=_answer(message, text, key=f"answer:{message.pk}"))


def invite(message: Message, language: str, *, at: datetime) -> Result:
    """To somebody whom we do not know: once a day is an invitation, more would be a nuisance."""
    key = f"answer:join:{message.channel}:{message.author_id}:{at:%Y-%m-%d}"
    said = _answer(message, words.invitation(message.channel, language=language), key=key)
    return Result(Message.Outcome.REFUSED, Refusal.NOT_LINKED, answer=said)


def say(*results: Result) -> None:
    """Say their answers, each once; in the transaction that notes the results."""
    if calls := saying(results):
        prepared.run(*calls)


def saying(results: Iterable[Result]) -> list[prepared.Call]:
    """What says their answers, for `prepared.run`; whoever sends them is woken."""
    answers = [result.answer for result in results if result.answer]
    if not answers:
        return []
    hints.give(tasks={notices.TASKS[answer.channel] for answer in answers})
    return [sets.insertion(answers, leaves_known=True)]


def _answer(message: Message, text: str, *, key: str) -> Delivery:
    channel = notices.THERE[message.channel]
    return Delivery(key=key[:100], channel=channel, reply_to=message.external_id, text=text)
