"""The line that somebody writes instead of a refused one: complete wherever we know what it needs.

`…` stands for what only they know, and no handle is written that they did not write themselves: it would call
a stranger into the conversation.
"""

from __future__ import annotations

from collections.abc import Sequence

from payments import money
from social.lexicon import OF_MONEY, WORDS, Command

MOST_PAYEES = 5  # As many handles as fit into an answer.


def line(
    command: Command,
    language: str,
    *,
    service: str,
    amount: int = 0,
    payees: Sequence[str] = (),
    code: str = "",
    has_more: bool = False,
) -> str:
    """`@Smoneyfr #envoyer 12,99€ @bob`; without a service, as one writes in private: `envoyer 12,99€ @bob`."""
    word = WORDS[language][command]
    words = [f"@{service}", f"#{word}"] if service else [word]
    if command in OF_MONEY:
        words += [money.write(amount, language), *_names(command, payees, has_more=has_more)]
    elif command in {Command.BUY, Command.CANCEL}:
        words.append(code or "…")
    return " ".join(words)


def _names(command: Command, payees: Sequence[str], *, has_more: bool) -> list[str]:
    most = MOST_PAYEES if command == Command.SPLIT else 1
    names = list(payees[:most])
    is_cut = command == Command.SPLIT and (has_more or len(payees) > most)
    return [*names, "@…"] if is_cut or not names else names
