"""What a message orders, read from its words alone: what is doubtful is refused, never guessed.

An order has one mention of the service, one command, one amount and one payee (to split, one or more), in any
order of words. In private the mention and the `#` may be left out, and a payee may be a mobile number.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from operator import attrgetter
from typing import NamedTuple

from accounts import phones
from payments import money
from social import amounts, entities, lexicon, lines, notes, references
from social.entities import Mention as Mention
from social.entities import Phone as Phone
from social.entities import Span
from social.lexicon import Command as Command

NOTE = notes.MOST
MOST_PAYEES = 50  # Who divides an amount among more has made a slip, or is up to something.


class Kind(StrEnum):
    """What is wrong with an order."""

    NO_COMMAND = "no_command"
    SEVERAL_COMMANDS = "several_commands"
    SEVERAL_SERVICES = "several_services"
    ONLY_IN_PRIVATE = "only_in_private"
    NO_AMOUNT = "no_amount"
    SEVERAL_AMOUNTS = "several_amounts"
    FOREIGN_AMOUNT = "foreign_amount"
    AMBIGUOUS_AMOUNT = "ambiguous_amount"
    ZERO_AMOUNT = "zero_amount"
    NEGATIVE_AMOUNT = "negative_amount"
    UNREADABLE_AMOUNT = "unreadable_amount"
    SMALL_AMOUNT = "small_amount"
    NEEDLESS_AMOUNT = "needless_amount"
    NO_PAYEE = "no_payee"
    SEVERAL_PAYEES = "several_payees"
    REPEATED_PAYEE = "repeated_payee"
    MANY_PAYEES = "many_payees"
    UNKNOWN_PAYEE = "unknown_payee"
    UNKNOWN_PHONE = "unknown_phone"
    NO_CODE = "no_code"
    SEVERAL_CODES = "several_codes"
    UNSURE_CODE = "unsure_code"
    LONG_NOTE = "long_note"


class Role(StrEnum):
    """What a part of the text was read as; the rest says nothing."""

    SERVICE = "service"
    COMMAND = "command"
    AMOUNT = "amount"
    PAYEE = "payee"
    CODE = "code"
    NOTE = "note"
    LINK = "link"


class Part(NamedTuple):
    """Where something that was read stands in the text."""

    role: Role
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Reading:
    """What was ordered: `amount` in cents, `code` a product's or the reference of the order to take back."""

    command: Command
    language: str
    amount: int = 0
    payees: tuple[Mention | Phone, ...] = ()
    note: str = ""
    code: str = ""
    parts: tuple[Part, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a text is no order, and the line to write instead. `language` is empty where no command told it."""

    kind: Kind
    language: str
    line: str
    written: str = ""
    command: Command | None = None
    parts: tuple[Part, ...] = field(default=(), compare=False, repr=False)


def read(
    text: str, *, mentions: Iterable[Mention], service: Mention, is_private: bool = False
) -> Reading | Problem | None:
    """The order that the text gives, what is wrong with it, or None where it is not meant as an order."""
    if entities.is_quoted(text):
        return None
    message = _Message(text, mentions, service, is_private=is_private)
    is_spoken_to = is_private or message.services
    if not is_spoken_to or not (message.commands or message.is_of_money):
        return None
    try:
        return message.reading()
    except _Wrong as wrong:
        return message.problem(wrong)


_AMOUNT_KINDS = {
    money.Why.MISSING: Kind.NO_AMOUNT,
    money.Why.SEVERAL: Kind.SEVERAL_AMOUNTS,
    money.Why.FOREIGN: Kind.FOREIGN_AMOUNT,
    money.Why.AMBIGUOUS: Kind.AMBIGUOUS_AMOUNT,
    money.Why.ZERO: Kind.ZERO_AMOUNT,
    money.Why.NEGATIVE: Kind.NEGATIVE_AMOUNT,
    money.Why.UNREADABLE: Kind.UNREADABLE_AMOUNT,
}
_NOT_OF_MONEY = frozenset({Command.BUY, Command.CANCEL, *lexicon.OF_PRIVATE})
_BY_PLACE = attrgetter("start")
_HANDLE = 15  # The longest that X gives out.
_EXAMPLE = 1299  # The article's own: 12,99€.


class _Wrong(Exception):
    """What is wrong, the doubtful words, and the code that may have been meant."""

    def __init__(self, kind: Kind, written: str = "", code: str = "") -> None:
        super().__init__(kind)
        self.kind = kind
        self.written = written
        self.code = code


class _Message:
    """The text taken apart: who, what, and the rest with all that masked."""

    def __init__(self, text: str, mentions: Iterable[Mention], service: Mention, *, is_private: bool) -> None:
        self._text = text
        self._service = service
        self._is_private = is_private
        self._known = _by_name(mentions)
        self._service_names = self._names_of_service()
        handles, hashtags = entities.handles(text), entities.hashtags(text)
        self._links = entities.links(text)
        self._notes: list[Span] = []
        self._codes: list[Span] = []
        self._numbers: set[Span] = set(entities.phones(text)) if is_private else set()
        self.services = [handle for handle in handles if self._is_service(handle)]
        people = [handle for handle in handles if not self._is_service(handle)]
        self._people = sorted([*people, *self._numbers], key=_BY_PLACE)
        masked = _mask(text, [*handles, *hashtags, *self._links, *self._numbers])
        self._amount = amounts.find(masked)
        self.is_of_money = isinstance(self._amount, money.Found) or self._amount.why != money.Why.MISSING
        self.commands = lexicon.tagged(hashtags, is_of_money=self.is_of_money)
        self._masked = masked
        if is_private and not self.commands:
            self.commands = self._bare_commands(masked)
            self._masked = _mask(masked, self.commands)
        if is_private and self.commands and not self.is_of_money:
            self._amount = self._bare_amount(self._amount)

    def reading(self) -> Reading:
        """:raises _Wrong: where it is none"""
        command = self._the_command()
        language = lexicon.language(self.commands[0])
        if command in lexicon.OF_PRIVATE:
            return Reading(command, language, parts=self._parts())
        if command == Command.CANCEL:
            return self._cancel(language)
        return self._buy(language) if command == Command.BUY else self._of_money(command, language)

    def problem(self, wrong: _Wrong) -> Problem:
        found = self.commands[0] if self.commands else None
        language = lexicon.language(found) if found else ""
        command = lexicon.command(found) if found and len(self.commands) == 1 else None
        amount = self._amount.cents if isinstance(self._amount, money.Found) else self._amount.proposal
        names = self._names()
        known = [name for name in names if name]
        has_more = len(known) < len(names) or len(self._people) > MOST_PAYEES
        is_public = not self._is_private and wrong.kind != Kind.ONLY_IN_PRIVATE
        draft = lines.Draft(
            command or Command.SEND,
            language or "fr",
            amount=_EXAMPLE if not amount or wrong.kind == Kind.SMALL_AMOUNT else amount,
            payees=tuple(known),
            has_more=has_more,
            code=wrong.code,
        )
        line = lines.write(draft, service=self._service.username if is_public else "")
        return Problem(wrong.kind, language, line, wrong.written, command, self._parts())

    def _the_command(self) -> Command:
        if not self.commands:
            raise _Wrong(Kind.NO_COMMAND)
        if len(self.commands) > 1:
            raise _Wrong(Kind.SEVERAL_COMMANDS)
        command = lexicon.command(self.commands[0])
        if command in lexicon.OF_PRIVATE and not self._is_private:
            raise _Wrong(Kind.ONLY_IN_PRIVATE, self.commands[0].word.lower())
        if len(self.services) > 1:
            raise _Wrong(Kind.SEVERAL_SERVICES)
        return command

    def _of_money(self, command: Command, language: str) -> Reading:
        amount = self._amount
        if isinstance(amount, money.Unreadable):
            raise _Wrong(_AMOUNT_KINDS[amount.why], amount.written)
        payees = self._payees(command)
        if command == Command.SPLIT and amount.cents <= len(payees):
            raise _Wrong(Kind.SMALL_AMOUNT)
        stretch = Span("", amount.start, amount.end)
        note = self._note(command, [*self._people, stretch], names=self._people)
        return Reading(command, language, amount.cents, payees, note, parts=self._parts())

    def _buy(self, language: str) -> Reading:
        codes = self._codes = references.products(self._masked)
        if len(codes) != 1:
            raise _Wrong(Kind.SEVERAL_CODES if codes else Kind.NO_CODE)
        code = codes[0].word.upper()
        if self.is_of_money:
            raise _Wrong(Kind.NEEDLESS_AMOUNT, code=code)  # The price is the shop's.
        note = self._note(Command.BUY, codes)
        return Reading(Command.BUY, language, note=note, code=code, parts=self._parts())

    def _cancel(self, language: str) -> Reading:
        codes = self._codes = references.orders(self._masked)
        if len(codes) > 1:
            raise _Wrong(Kind.SEVERAL_CODES)
        code = codes[0].word.upper() if codes else ""
        if codes and not references.is_reference(codes[0].word):
            raise _Wrong(Kind.UNSURE_CODE, codes[0].word, code if references.is_reference(code) else "")
        return Reading(Command.CANCEL, language, code=code, parts=self._parts())

    def _payees(self, command: Command) -> tuple[Mention | Phone, ...]:
        if not self._people:
            raise _Wrong(Kind.NO_PAYEE)
        if len(self._people) > 1 and command != Command.SPLIT:
            raise _Wrong(Kind.SEVERAL_PAYEES, self._people[0].word[:_HANDLE])
        if len(self._people) > MOST_PAYEES:
            raise _Wrong(Kind.MANY_PAYEES)
        payees = tuple(self._payee(person) for person in self._people)
        ids = {payee.number if isinstance(payee, Phone) else payee.id for payee in payees}
        if len(ids) < len(payees):
            raise _Wrong(Kind.REPEATED_PAYEE)
        return payees

    def _payee(self, person: Span) -> Mention | Phone:
        if person in self._numbers:
            try:
                return Phone(phones.parse(person.word))
            except phones.NotAFrenchMobile:
                raise _Wrong(Kind.UNKNOWN_PHONE, person.word) from None
        if not self._is_known(person):
            raise _Wrong(Kind.UNKNOWN_PAYEE, f"@{person.word[:_HANDLE]}")
        return Mention(person.word, self._known[person.word.lower()])

    def _is_known(self, person: Span) -> bool:
        """X reads @b in @bоb, whose о is Cyrillic: somebody else."""
        is_longer = self._text[person.end : person.end + 1].isalnum()
        return bool(self._known.get(person.word.lower())) and not is_longer

    def _names_of_service(self) -> set[str]:
        """X's word decides; the handle counts where X says nothing about it."""
        known = {self._service.username.lower(): self._service.id} | self._known
        return {name for name, id in known.items() if id == self._service.id}

    def _is_service(self, handle: Span) -> bool:
        return handle.word.lower() in self._service_names

    def _bare_commands(self, masked: str) -> list[Span]:
        edge = max([person.end for person in self._people], default=0)
        if isinstance(self._amount, money.Found):
            edge = max(edge, self._amount.end)
        return lexicon.bare(masked, edge=edge, is_an_order=self.is_of_money or bool(self._people))

    def _bare_amount(self, missing: money.Found | money.Unreadable) -> money.Found | money.Unreadable:
        connectors = lexicon.connectors(lexicon.command(self.commands[0]))
        landmarks = [*self.services, *self.commands, *self._people]
        found = amounts.find_bare(self._masked, landmarks=landmarks, connectors=connectors)
        is_none = isinstance(found, money.Unreadable) and found.why == money.Why.MISSING
        return missing if is_none else found

    def _note(self, command: Command, taken: Iterable[Span], *, names: Iterable[Span] = ()) -> str:
        self._notes = notes.left_over(
            self._text,
            taken=[*self.services, *self.commands, *self._links, *taken],
            names=names,
            connectors=lexicon.connectors(command),
        )
        note = notes.joined(self._notes)
        if len(note) > NOTE:
            raise _Wrong(Kind.LONG_NOTE)
        return note

    def _names(self) -> list[str]:
        """Each of those named, once, as they were written; empty for whom we may not name ourselves."""
        names: dict[str, str] = {}
        for person in self._people[:MOST_PAYEES]:
            try:
                payee = self._payee(person)
            except _Wrong:
                is_heard_of = person not in self._numbers and person.word.lower() in self._known
                names.setdefault(person.word.lower(), f"@{person.word}" if is_heard_of else "")
                continue
            if isinstance(payee, Phone):
                names.setdefault(payee.number, person.word)
            else:
                names.setdefault(person.word.lower(), f"@{person.word}")
        return list(names.values())

    def _parts(self) -> tuple[Part, ...]:
        command = lexicon.command(self.commands[0]) if self.commands else None
        has_money = command not in _NOT_OF_MONEY
        spans = {
            Role.SERVICE: self.services,
            Role.COMMAND: self.commands,
            Role.PAYEE: self._people if has_money else [],
            Role.CODE: self._codes,
            Role.NOTE: self._notes,
            Role.LINK: self._links,
        }
        parts = [Part(role, span.start, span.end) for role, found in spans.items() for span in found]
        if isinstance(self._amount, money.Found) and has_money:
            parts.append(Part(Role.AMOUNT, self._amount.start, self._amount.end))
        return tuple(sorted(parts, key=_BY_PLACE))


def _by_name(mentions: Iterable[Mention]) -> dict[str, str]:
    """Ids by handle; a handle that is said to be two people is nobody."""
    ids: dict[str, str] = {}
    for mention in mentions:
        name = mention.username.lower()
        ids[name] = mention.id if ids.get(name, mention.id) == mention.id else ""
    return ids


def _mask(text: str, spans: Iterable[Span]) -> str:
    """The text with each span covered, every other character in its place."""
    pieces, place = [], 0
    for span in sorted(spans, key=_BY_PLACE):
        start = max(place, span.start)
        pieces += [text[place:start], money.MASK * (span.end - start)]
        place = max(place, span.end)
    return "".join([*pieces, text[place:]])
