"""What each reading does: one function for each command, which gives what became of the message.

A message is answered once, where it was said: a key of its own, or one that it shares, makes it once. Whoever
notes the result says the answer, by `say`, in the same transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.conf import settings

from accounts import freezes, numbers, prepared
from accounts.models import Identity, User
from payments import (
    claims,
    hints,
    ledger,
    life,
    limits,
    money,
    notices,
    orders,
    requests,
    sets,
    settlement,
    silences,
    standstill,
)
from payments.models import Delivery, Order, Request, Split
from social import answers, lexicon, lines, manners, posts, words
from social.answers import Refusal
from social.entities import Mention, Phone
from social.grammar import Kind, Problem, Reading
from social.lexicon import Command
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


def obey(spoken: Spoken) -> Result:
    """Do what was said, or answer that it is not possible yet."""
    return _COMMANDS.get(spoken.reading.command, _not_ready)(spoken)


def correct(message: Message, problem: Problem, language: str) -> Result:
    """Answer what is wrong, and the line to write instead."""
    if problem.command and problem.command not in _COMMANDS:
        return _refuse_for_now(message, problem.command, language)
    return refuse(message, problem.kind, language, line=problem.line, written=problem.written)


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


# --- The commands -------------------------------------------------------------------------------


def pay(spoken: Spoken) -> Result:
    """An order waits for its payer's code; in private they are told so where they wrote."""
    message, language = spoken.message, spoken.language
    (named,) = spoken.reading.payees
    payee = _identity(spoken, named)
    if payee is None:
        return refuse(message, Refusal.PAYEE_UNKNOWN, language, payee=_shown(named))
    try:
        order = _place(spoken, payee)
    except orders.AlreadyPlaced:
        return ignored("already_placed")
    except _REFUSED as why:
        return _refuse_order(spoken, why, payee=_shown(named))
    if spoken.is_private:
        amount = money.show(order.amount, language)
        facts = {"reference": order.reference, "amount": amount, "payee": _shown(named)}
        told = answer(message, Answer.ORDER_WAITS, language, **facts)
        return replace(told, outcome=Message.Outcome.ORDER, problem="", order=order)
    return Result(Message.Outcome.ORDER, order=order)


def ask(spoken: Spoken) -> Result:
    """Somebody is asked for money, and told so; nothing moves until they pay by their own code."""
    (named,) = spoken.reading.payees
    payer = _identity(spoken, named)
    if payer is None:
        return refuse(spoken.message, Refusal.PAYEE_UNKNOWN, spoken.language, payee=_shown(named))
    return _asked(spoken, lambda: requests.ask(spoken.author, payer=payer, **_terms(spoken)))


def split(spoken: Spoken) -> Result:
    """A bill is divided among who are named and the writer, to the cent."""
    people = [(named, _identity(spoken, named)) for named in spoken.reading.payees]
    if missing := [named for named, identity in people if identity is None]:
        return refuse(spoken.message, Refusal.PAYEE_UNKNOWN, spoken.language, payee=_shown(missing[0]))
    payers = [identity for _, identity in people if identity]
    return _asked(spoken, lambda: requests.split(spoken.author, payers=payers, **_terms(spoken)))


def take_back(spoken: Spoken) -> Result:
    """An order or a request, by its reference or as a reply to it; as far as its state allows."""
    message, language = spoken.message, spoken.language
    which = _named(spoken)
    try:
        order = claims.withdraw(spoken.author, **which)
    except claims.NothingToWithdraw:
        return _take_back_request(spoken, which)
    except life.OrderClosed as closed:
        reference = closed.order.reference
        return _answer_taken(spoken, Answer.TOO_LATE_TO_TAKE_BACK, reference=reference)
    except standstill.MoneyStandsStill:  # Kept until it moves again, it would hold up all that is said.
        return refuse(message, Refusal.NOT_YET if spoken.is_private else Refusal.NOT_TAKEN_BACK, language)
    if message.kind != PRIVATE:
        return Result(
            Message.Outcome.ANSWERED, Answer.TAKEN_BACK
        )  # Their app says so; the public need not know.
    return answer(message, Answer.TAKEN_BACK, language, reference=order.reference)


def balance(spoken: Spoken) -> Result:
    language = spoken.language
    amount = money.show(ledger.balance(ledger.wallet(spoken.author)), language)
    waiting = words.waiting(len(orders.waiting(spoken.author)), language=language)
    return answer(spoken.message, Answer.BALANCE, language, amount=amount, waiting=waiting)


def explain(spoken: Spoken) -> Result:
    return answer(spoken.message, Answer.HELP, spoken.language)


def stop(spoken: Spoken) -> Result:
    """Said among other words; the bare word is heeded when it is recorded."""
    silences.begin(manners.SILENCED[spoken.message.channel], spoken.message.author_id)
    return confirm_silence(spoken.message, spoken.language)


def confirm_silence(message: Message, language: str) -> Result:
    """Say once for each silence that they hear no more; a carrier of texts says so itself."""
    silence = manners.silence(message)
    if silence is None or message.channel == Message.Channel.SMS:
        return Result(Message.Outcome.ANSWERED, Answer.STOPPED)
    return answer(message, Answer.STOPPED, language, key=f"{LAST_WORD}{silence.pk}")


LAST_WORD = "stopped:"  # What is said to whoever said STOP, and nothing after it.
_COMMANDS: dict[Command, Callable[[Spoken], Result]] = {
    Command.SEND: pay,
    Command.GIVE: pay,
    Command.REQUEST: ask,
    Command.SPLIT: split,
    Command.CANCEL: take_back,
    Command.BALANCE: balance,
    Command.HELP: explain,
    Command.STOP: stop,
}
OBEYED = frozenset(_COMMANDS)


def _not_ready(spoken: Spoken) -> Result:
    return _refuse_for_now(spoken.message, spoken.reading.command, spoken.language)


def _refuse_for_now(message: Message, command: Command, language: str) -> Result:
    word = lexicon.WORDS[language or settings.LANGUAGE_CODE][command]
    sign = "" if message.kind == PRIVATE else "#"
    return refuse(message, Refusal.NOT_READY, language, written=f"{sign}{word}")


def _place(spoken: Spoken, payee: Identity) -> Order:
    return orders.place(
        spoken.author,
        payee=payee,
        amount=spoken.reading.amount,
        note=spoken.reading.note,
        words=spoken.message.text,
        channel=spoken.message.channel,
        channel_id=spoken.message.root_id,
        at=spoken.at,
    )


_REFUSED = (
    settlement.PayeeIsPayer,
    settlement.PayeeRefuses,
    limits.OverLimit,
    orders.TooMany,
    freezes.Frozen,
)


def _refuse_order(spoken: Spoken, why: Exception, *, payee: str) -> Result:
    message, language = spoken.message, spoken.language
    match why:
        case settlement.PayeeIsPayer():
            return refuse(message, Refusal.PAYEE_IS_PAYER, language, payee=payee)
        case settlement.PayeeRefuses():
            return refuse(message, Refusal.PAYEE_REFUSES, language, payee=payee)
        case limits.OverLimit():
            problem = answers.over(why.limit, is_own=why.is_own)
            return refuse(message, problem, language, allowed=money.show(why.allowed, language), payee=payee)
        case _:
            return _refuse_for_today(spoken, why.allowed if isinstance(why, orders.TooMany) else 0)


def _terms(spoken: Spoken) -> dict[str, Any]:
    return {
        "amount": spoken.reading.amount,
        "note": spoken.reading.note,
        "words": spoken.message.text,
        "channel": spoken.message.channel,
        "channel_id": spoken.message.root_id,
        "at": spoken.at,
    }


def _asked(spoken: Spoken, work: Callable[[], Request | Split]) -> Result:
    """Ask, and say so in private; in public who is asked is told by us, and the post says it itself."""
    if not spoken.author.identities.exclude(network=Identity.Network.MESSENGER).exists():
        numbers.identity(str(spoken.author.phone), at=spoken.at)  # Whom else would an answer pay?
    try:
        made = work()
    except requests.AlreadyAsked:
        return ignored("already_asked")
    except _NOT_ASKED as why:
        return _refuse_request(spoken, why)
    is_bill = isinstance(made, Split)
    if spoken.is_private:
        facts = {"reference": made.reference, "amount": money.show(made.amount, spoken.language)}
        told = answer(spoken.message, Answer.SPLIT if is_bill else Answer.ASKED, spoken.language, **facts)
        return replace(told, outcome=Message.Outcome.ASKED, problem="")
    return Result(Message.Outcome.ASKED)


_NOT_ASKED = (
    requests.AskerIsPayer,
    requests.PayerRefuses,
    requests.TooManyRequests,
    requests.TooLittleToShare,
    limits.OverLimit,
    freezes.Frozen,
)


def _refuse_request(spoken: Spoken, why: Exception) -> Result:
    message, language = spoken.message, spoken.language
    match why:
        case requests.AskerIsPayer():
            return refuse(message, Refusal.ASKER_IS_PAYER, language)
        case requests.PayerRefuses():
            return refuse(message, Refusal.PAYER_REFUSES, language, payer=str(why.payer))
        case requests.TooLittleToShare():
            return refuse(message, Kind.SMALL_AMOUNT, language)
        case limits.OverLimit():
            allowed = money.show(why.allowed, language)
            return refuse(message, Refusal.OVER_LIMIT, language, allowed=allowed)
        case requests.TooManyRequests():
            key = f"{Refusal.TOO_MANY_REQUESTS}:{message.author_id}:{spoken.at:%Y-%m-%d}"
            return refuse(message, Refusal.TOO_MANY_REQUESTS, language, key=key, count=str(why.allowed))
        case _:
            return _refuse_for_today(spoken, 0)


def _named(spoken: Spoken) -> dict[str, str]:
    """The order that is meant: by its reference, or by the message that this answers."""
    if spoken.reading.code:
        return {"reference": spoken.reading.code}
    return {"channel": spoken.message.channel, "channel_id": _ordered_by(spoken.message)}


def _ordered_by(message: Message) -> str:
    """The root of what it answers: a message of theirs, or an answer of ours to that."""
    answered = (
        posts.answered(message.payload) if message.kind != PRIVATE else message.payload.get("reply_to", "")
    )
    if not answered:
        return ""
    ours = Delivery.objects.filter(channel=notices.THERE[message.channel], external_id=answered)
    said = str(ours.values_list("reply_to", flat=True).first() or answered)
    known = Message.objects.filter(channel=message.channel, external_id=said).exclude(
        kind=Message.Kind.DELETION
    )
    return str(known.values_list("root_id", flat=True).first() or said)


def _take_back_request(spoken: Spoken, which: dict[str, str]) -> Result:
    try:
        (first, *_) = requests.withdraw(spoken.author, **which)
    except requests.NothingAsked:
        line = lines.write(lines.Draft(Command.CANCEL, spoken.language), service="")
        return _answer_taken(spoken, Answer.NOTHING_TO_TAKE_BACK, line=line)
    if not spoken.is_private:
        return Result(Message.Outcome.ANSWERED, Answer.TAKEN_BACK)
    reference = first.split.reference if first.split else first.reference
    return answer(spoken.message, Answer.TAKEN_BACK, spoken.language, reference=reference)


def _answer_taken(spoken: Spoken, what: Answer, **facts: str) -> Result:
    """In public nobody is told what somebody's orders have come to."""
    if spoken.is_private:
        return answer(spoken.message, what, spoken.language, **facts)
    return refuse(spoken.message, Refusal.NOT_TAKEN_BACK, spoken.language)


def _refuse_for_today(spoken: Spoken, many: int) -> Result:
    """Too many orders, or a frozen member: said once a day."""
    problem = Refusal.TOO_MANY if many else Refusal.FROZEN
    key = f"{problem}:{spoken.message.author_id}:{spoken.at:%Y-%m-%d}"
    return refuse(spoken.message, problem, spoken.language, key=key, count=str(many))


def _identity(spoken: Spoken, named: Mention | Phone) -> Identity | None:
    if isinstance(named, Phone):
        return numbers.identity(named.number, at=spoken.at)
    return spoken.people.get(named.id)


def _shown(named: Mention | Phone) -> str:
    return numbers.shown(named.number) if isinstance(named, Phone) else f"@{named.username}"


def _answer(message: Message, text: str, *, key: str) -> Delivery:
    channel = notices.THERE[message.channel]
    return Delivery(key=key[:100], channel=channel, reply_to=message.external_id, text=text)
