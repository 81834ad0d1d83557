"""The line that somebody writes instead of a refused one: complete wherever we know what it needs.

`…` stands for what only they know, and no handle is written that they did not write themselves: it would call
a stranger into the conversation.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from payments import money
from social.lexicon import OF_MONEY, WORDS, Command

MOST_PAYEES = 5  # As many handles as fit into an answer.


@dataclass(frozen=True, slots=True)
class Draft:
    """What is known of an order, its amount in cents; `has_more` where not all who were named are payees."""

    command: Command
    language: str
    amount: int = 0
    payees: tuple[str, ...] = ()
    has_more: bool = False
    code: str = ""


def write(draft: Draft, *, service: str) -> str:
    """`@Smoneyfr #envoyer 12,99€ @bob`; without a service, as in private, `envoyer 12,99€ @bob`."""
    word = WORDS[draft.language][draft.command]
    words = [f"@{service}", f"#{word}"] if service else [word]
    if draft.command in OF_MONEY:
        words += [money.write(draft.amount, draft.language), *_names(draft)]
    elif draft.command in {Command.BUY, Command.CANCEL}:
        words.append(draft.code or "…")
    return " ".join(words)


def _names(draft: Draft) -> Iterator[str]:
    is_split = draft.command == Command.SPLIT
    names = draft.payees[: MOST_PAYEES if is_split else 1]
    yield from names
    if not names or (is_split and (draft.has_more or len(draft.payees) > MOST_PAYEES)):
        yield "@…"
