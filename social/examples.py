"""What we can be told to do, each command with a line in each language, made of the words that we read.

Only what we do is shown; a test has every line read by the grammar, so the page of help stays true.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.conf import settings

from social import commands, lines
from social.lexicon import OF_PRIVATE, WORDS, Command
from social.lines import Draft

_AMOUNTS = {Command.SEND: 12_99, Command.GIVE: 20_00, Command.REQUEST: 15_00, Command.SPLIT: 60_00}
_PAYEES = {Command.GIVE: ("@acf",), Command.SPLIT: ("@bob", "@lea")}
_NOTES = {
    "fr": {Command.SEND: "pour le resto", Command.REQUEST: "le concert", Command.SPLIT: "le week-end"},
    "en": {Command.SEND: "for dinner", Command.REQUEST: "the concert", Command.SPLIT: "the weekend"},
}
_CODES = {Command.BUY: "TSHIRT42", Command.CANCEL: "K7Q2M9XA"}
_DRAFT = Draft(Command.SEND, "fr", amount=10_00, payees=("0612345678",))


@dataclass(frozen=True, slots=True)
class Line:
    """What one may write, word for word, and in which language it is."""

    language: str
    text: str


@dataclass(frozen=True, slots=True)
class Example:
    """A command, and how it is written in each language that has a word of its own for it."""

    command: Command
    lines: tuple[Line, ...]


def public() -> list[Example]:
    """What may be written in a post."""
    return _of(service=settings.X_SERVICE_HANDLE)


def private() -> list[Example]:
    """What may only be written in private."""
    return _of(service="")


def to_a_number() -> Example:
    """Somebody is paid by their mobile number, in private."""
    written = (lines.write(replace(_DRAFT, language=language), service="") for language in WORDS)
    return Example(Command.SEND, tuple(map(Line, WORDS, written)))


def sending(language: str) -> str:
    """The line that most will write, in a post."""
    return _line(Command.SEND, language if language in WORDS else "fr", settings.X_SERVICE_HANDLE)


def _of(*, service: str) -> list[Example]:
    shown = (one for one in Command if one in commands.OBEYED and (one in OF_PRIVATE) != bool(service))
    return [Example(command, _lines(command, service)) for command in shown]


def _lines(command: Command, service: str) -> tuple[Line, ...]:
    written = {_line(command, language, service): language for language in reversed(WORDS)}
    return tuple(Line(language, text) for text, language in reversed(written.items()))


def _line(command: Command, language: str, service: str) -> str:
    draft = Draft(
        command,
        language,
        amount=_AMOUNTS.get(command, 0),
        payees=_PAYEES.get(command, ("@bob",)),
        code=_CODES.get(command, ""),
    )
    note = _NOTES[language].get(command, "")
    return f"{lines.write(draft, service=service)} {note}".rstrip()
