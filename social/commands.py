"""What each reading does: one function for each command, which gives what became of the message."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from accounts import freezes, numbers
from accounts.models import Identity
from payments import (
    claims,
    ledger,
    life,
    limits,
    money,
    notices,
    orders,
    requests,
    settlement,
    silences,
    standstill,
)
from payments.models import Delivery, Order, Request, Split
from shop import baskets, products
from shop.products import Offer
from social import answers, causes, lines, manners, posts, words
from social.answers import Refusal
from social.entities import Mention, Phone
from social.grammar import Kind, Problem
from social.lexicon import Command
from social.models import Message
from social.outcomes import PRIVATE, Result, Spoken, announce, answer, ignored, refuse
from social.words import Answer


def obey(spoken: Spoken) -> Result:
    """Do what was said, or answer that it is not possible yet."""
    return _COMMANDS[spoken.reading.command](spoken)


def correct(message: Message, problem: Problem, language: str) -> Result:
    """Answer what is wrong, and the line to write instead."""
    return refuse(message, problem.kind, language, line=problem.line, written=problem.written)


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


def buy(spoken: Spoken) -> Result:
    """A product is put aside; its variant is chosen and paid on our pages, and nothing is reserved."""
    message, language, code = spoken.message, spoken.language, spoken.reading.code
    try:
        basket = baskets.put(
            spoken.author,
            code=code,
            note=spoken.reading.note,
            channel=message.channel,
            channel_id=message.root_id,
        )
    except baskets.Unknown:
        return refuse(message, Refusal.PRODUCT_UNKNOWN, language, code=code)
    except baskets.NotToBeHad as why:
        return refuse(message, _NOT_TO_BE_HAD[why.offer], language, code=code)
    if spoken.is_private:
        address = products.address(basket.product)
        return answer(message, Answer.BASKET, language, code=code, address=address)
    return announce(message, Answer.BASKET, answers.basket(code, language=language, seed=message.pk))


_NOT_TO_BE_HAD = {
    Offer.SOON: Refusal.NOT_ON_SALE,
    Offer.OVER: Refusal.NOT_ON_SALE,
    Offer.SOLD_OUT: Refusal.SOLD_OUT,
}


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
    Command.BUY: buy,
    Command.CANCEL: take_back,
    Command.BALANCE: balance,
    Command.HELP: explain,
    Command.STOP: stop,
}
OBEYED = frozenset(_COMMANDS)


def _place(spoken: Spoken, payee: Identity) -> Order:
    terms = _terms(spoken)
    return causes.place(spoken, payee, terms) or orders.place(spoken.author, payee=payee, **terms)


_REFUSED: tuple[type[Exception], ...] = (
    settlement.PayeeIsPayer,
    settlement.PayeeRefuses,
    limits.OverLimit,
    orders.TooMany,
    freezes.Frozen,
    *causes.REFUSED,
)


def _refuse_order(spoken: Spoken, why: Exception, *, payee: str) -> Result:
    message, language = spoken.message, spoken.language
    if problem := causes.REFUSED.get(type(why)):
        return refuse(message, problem, language, payee=payee, **causes.facts(why, language))
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
