"""A text as we would read it, to look at before anything is posted: nothing is ordered, and nothing kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings

from social import answers, entities, grammar
from social.entities import Mention, Phone
from social.grammar import Problem, Reading


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the text, and what it was read as; `role` is empty where it says nothing."""

    text: str
    role: str = ""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What came of a text: what it orders, what is wrong with it, or that it is not meant for us."""

    pieces: tuple[Piece, ...]
    reading: Reading | None = None
    problem: Problem | None = None
    reason: str = ""

    @property
    def payees(self) -> list[str]:
        named = self.reading.payees if self.reading else ()
        return [payee.number if isinstance(payee, Phone) else f"@{payee.username}" for payee in named]

    @property
    def next_line(self) -> str:
        """The line to try next, where it is complete."""
        return self.problem.line if self.problem and "…" not in self.problem.line else ""


def rehearse(text: str, *, is_private: bool) -> Rehearsal:
    """Read it with every handle taken for somebody's."""
    service = Mention(settings.X_SERVICE_HANDLE, settings.X_SERVICE_ID)
    names = {span.word.lower() for span in entities.handles(text)} - {service.username.lower()}
    mentions = [service, *(Mention(name, f"try:{name}") for name in sorted(names))]
    read = grammar.read(text, mentions=mentions, service=service, is_private=is_private)
    pieces = tuple(_pieces(text, read))
    if isinstance(read, Problem):
        return Rehearsal(pieces, problem=read, reason=answers.reason(read.kind, written=read.written))
    return Rehearsal(pieces, reading=read)


def _pieces(text: str, read: Reading | Problem | None) -> Iterator[Piece]:
    place = 0
    for part in read.parts if read else ():
        if place < part.start:
            yield Piece(text[place : part.start])
        yield Piece(text[part.start : part.end], part.role)
        place = part.end
    if place < len(text):
        yield Piece(text[place:])
