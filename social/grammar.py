"""What a post orders, read from its words alone: what is doubtful is refused, never guessed.

An order has one mention of the service, one command, one amount and one payee, in any order of words.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from payments import money
from social import entities
from social.entities import Mention, Span

NOTE = 280  # What the payee reads; also the column's length.


@dataclass(frozen=True, slots=True)
class Command:
    """A thing that may be ordered, and its word in each language. One without `is_ready` is not built yet."""

    name: str
    fr: str
    en: str
    is_ready: bool = False


SEND = Command("SEND", "envoyer", "send", is_ready=True)
COMMANDS = (
    SEND,
    Command("GIVE", "donner", "give"),
    Command("REQUEST", "demander", "request"),
    Command("SPLIT", "partager", "split"),
    Command("BUY", "acheter", "buy"),
    Command("CANCEL", "annuler", "cancel"),
)


class Kind(StrEnum):
    """What is wrong with an order."""

    NO_COMMAND = "no_command"
    SEVERAL_COMMANDS = "several_commands"
    COMMAND_NOT_READY = "command_not_ready"
    SEVERAL_SERVICES = "several_services"
    NO_AMOUNT = "no_amount"
    SEVERAL_AMOUNTS = "several_amounts"
    FOREIGN_AMOUNT = "foreign_amount"
    AMBIGUOUS_AMOUNT = "ambiguous_amount"
    ZERO_AMOUNT = "zero_amount"
    NEGATIVE_AMOUNT = "negative_amount"
    UNREADABLE_AMOUNT = "unreadable_amount"
    NO_PAYEE = "no_payee"
    SEVERAL_PAYEES = "several_payees"
    UNKNOWN_PAYEE = "unknown_payee"
    LONG_NOTE = "long_note"


@dataclass(frozen=True, slots=True)
class Order:
    """What was ordered; the amount in cents."""

    command: Command
    language: str
    amount: int
    payee: Mention
    note: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a text is no order, and the line to write instead. `language` is empty where no command told it."""

    kind: Kind
    language: str
    line: str
    written: str = ""


def read(text: str, *, mentions: Iterable[Mention], service: Mention) -> Order | Problem | None:
    """The order that the text gives, what is wrong with it, or None where it is not meant as an order."""
    if entities.is_quoted(text):
        return None
    words = _Words(text, mentions, service)
    amount = _amount(words.masked)
    if not words.services or not (words.commands or _speaks_of_money(amount)):
        return None
    return words.order(amount)


_AMOUNT_KINDS = {
    money.Why.MISSING: Kind.NO_AMOUNT,
    money.Why.SEVERAL: Kind.SEVERAL_AMOUNTS,
    money.Why.FOREIGN: Kind.FOREIGN_AMOUNT,
    money.Why.AMBIGUOUS: Kind.AMBIGUOUS_AMOUNT,
    money.Why.ZERO: Kind.ZERO_AMOUNT,
    money.Why.NEGATIVE: Kind.NEGATIVE_AMOUNT,
    money.Why.UNREADABLE: Kind.UNREADABLE_AMOUNT,
}
_HANDLE = 15  # The longest that X gives out.
_EXAMPLE = 1299  # The article's own: 12,99€.
_LANGUAGES = {word: language for c in COMMANDS for word, language in ((c.fr, "fr"), (c.en, "en"))}
_COMMANDS = {word: c for c in COMMANDS for word in (c.fr, c.en)}
_CONNECTORS = {"à", "a", "pour", "to", "for"}  # `12€ à @bob`: not worth a note.
_SMALL = set(",;:.-–—()[]«»\"'>#")
_BIDI = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def _amount(masked: str) -> money.Found | money.Unreadable:
    try:
        return money.find(masked)
    except money.Unreadable as problem:
        return problem


def _speaks_of_money(amount: money.Found | money.Unreadable) -> bool:
    return isinstance(amount, money.Found) or amount.why != money.Why.MISSING


class _Words:
    """The text taken apart: who, what, and the rest with all that masked."""

    def __init__(self, text: str, mentions: Iterable[Mention], service: Mention) -> None:
        self._text = text
        self._service = service
        self._known = _by_name(mentions)
        handles = entities.handles(text)
        hashtags = entities.hashtags(text)
        self._links = entities.links(text)
        self.services = [handle for handle in handles if self._is_service(handle)]
        self.people = [handle for handle in handles if not self._is_service(handle)]
        self.commands = [tag for tag in hashtags if tag.word.isascii() and tag.word.lower() in _COMMANDS]
        self.masked = _mask(text, [*handles, *hashtags, *self._links])

    def order(self, amount: money.Found | money.Unreadable) -> Order | Problem:
        if kind := self._fault_of_command():
            return self._problem(kind, amount)
        command, language = self._command()
        if not command.is_ready:
            return Problem(Kind.COMMAND_NOT_READY, language, "", f"#{self.commands[0].word.lower()}")
        if isinstance(amount, money.Unreadable):
            return self._problem(_AMOUNT_KINDS[amount.why], amount, amount.written)
        if kind := self._fault_of_payee():
            return self._problem(
                kind, amount, "".join(f"@{person.word[:_HANDLE]}" for person in self.people[:1])
            )
        note = self._note(amount)
        if len(note) > NOTE:
            return self._problem(Kind.LONG_NOTE, amount)
        handle = self.people[0].word
        return Order(command, language, amount.cents, Mention(handle, self._known[handle.lower()]), note)

    def _fault_of_command(self) -> Kind | None:
        if not self.commands:
            return Kind.NO_COMMAND
        if len(self.commands) > 1:
            return Kind.SEVERAL_COMMANDS
        return Kind.SEVERAL_SERVICES if len(self.services) > 1 else None

    def _fault_of_payee(self) -> Kind | None:
        if not self.people:
            return Kind.NO_PAYEE
        if len(self.people) > 1:
            return Kind.SEVERAL_PAYEES
        payee = self.people[0]
        is_longer = self._text[
            payee.end : payee.end + 1
        ].isalnum()  # X reads @b in @bоb, whose о is Cyrillic.
        return None if self._known.get(payee.word.lower()) and not is_longer else Kind.UNKNOWN_PAYEE

    def _command(self) -> tuple[Command, str]:
        word = self.commands[0].word.lower()
        return _COMMANDS[word], _LANGUAGES[word]

    def _is_service(self, handle: Span) -> bool:
        """X's word decides; the handle counts where X says nothing about it."""
        name = handle.word.lower()
        return self._known.get(name, self._service.id if name == self._service.username.lower() else "") == (
            self._service.id
        )

    def _note(self, amount: money.Found) -> str:
        """All that is left over, as one line without marks that turn text round."""
        payee = self.people[0]
        parts = [*self.services, *self.commands, payee, *self._links, Span("", amount.start, amount.end)]
        pieces: list[str] = []
        place = 0
        for part in sorted(parts, key=lambda part: part.start):
            piece = _trimmed(self._text[place : part.start].split())
            if part is payee and piece and piece[-1].lower() in _CONNECTORS:
                piece.pop()
            pieces += piece
            place = part.end
        pieces += _trimmed(self._text[place:].split())
        return " ".join("".join(c for c in word if _is_shown(c)) for word in pieces)

    def _problem(self, kind: Kind, amount: money.Found | money.Unreadable, written: str = "") -> Problem:
        language = self._command()[1] if self.commands else ""
        word = self.commands[0].word.lower() if len(self.commands) == 1 else SEND.fr
        cents = amount.cents if isinstance(amount, money.Found) else amount.proposal or _EXAMPLE
        known = [person.word for person in self.people if person.word.lower() in self._known]
        payee = known[0] if known else "…"  # Anybody's real handle would be called into the thread.
        line = f"@{self._service.username} #{word} {money.write(cents, _LANGUAGES[word])} @{payee}"
        return Problem(kind, language, line, written)


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
    for span in sorted(spans, key=lambda span: span.start):
        start = max(place, span.start)
        pieces += [text[place:start], money.MASK * (span.end - start)]
        place = max(place, span.end)
    return "".join([*pieces, text[place:]])


def _trimmed(words: list[str]) -> list[str]:
    """Without the lone commas and brackets that stood round what was taken out."""
    while words and words[0] in _SMALL:
        words = words[1:]
    while words and words[-1] in _SMALL:
        words = words[:-1]
    return words


def _is_shown(c: str) -> bool:
    return c not in _BIDI and unicodedata.category(c) not in ("Cc", "Co", "Cs", "Cn")
