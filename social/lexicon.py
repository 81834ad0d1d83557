"""The commands and their words: what may be ordered, in each language, and which words are meant as one.

In public a command wears its `#`. In private it may go without, so there a word counts for its place as well:
`envoyer 10€ @bob pour acheter du pain` sends, and buys nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum

from social.entities import Span


class Command(StrEnum):
    """What may be ordered."""

    SEND = "SEND"
    GIVE = "GIVE"
    REQUEST = "REQUEST"
    SPLIT = "SPLIT"
    BUY = "BUY"
    CANCEL = "CANCEL"
    BALANCE = "BALANCE"
    HELP = "HELP"
    STOP = "STOP"


WORDS = {
    "fr": {
        Command.SEND: "envoyer",
        Command.GIVE: "donner",
        Command.REQUEST: "demander",
        Command.SPLIT: "partager",
        Command.BUY: "acheter",
        Command.CANCEL: "annuler",
        Command.BALANCE: "solde",
        Command.HELP: "aide",
        Command.STOP: "stop",
    },
    "en": {
        Command.SEND: "send",
        Command.GIVE: "give",
        Command.REQUEST: "request",
        Command.SPLIT: "split",
        Command.BUY: "buy",
        Command.CANCEL: "cancel",
        Command.BALANCE: "balance",
        Command.HELP: "help",
        Command.STOP: "stop",
    },
}
OF_MONEY = {Command.SEND, Command.GIVE, Command.REQUEST, Command.SPLIT}
OF_PRIVATE = {Command.BALANCE, Command.HELP, Command.STOP}  # `#aide` is an ordinary word of public posts.


def command(span: Span) -> Command:
    return _COMMANDS[span.word.lower()]


def language(span: Span) -> str:
    return _LANGUAGES[span.word.lower()]


def connectors(meant: Command) -> set[str]:
    """The words that lead to a name and say nothing themselves: `12€ à @bob`, `60€ entre @a et @b`."""
    return _CONNECTORS | _MORE_CONNECTORS.get(meant, set())


def tagged(hashtags: Iterable[Span], *, is_of_money: bool) -> list[Span]:
    """The hashtags that are commands; those of private channels where nothing else is ordered."""
    tags = [tag for tag in hashtags if tag.word.isascii() and tag.word.lower() in _COMMANDS]
    large = [tag for tag in tags if command(tag) not in OF_PRIVATE]
    return large or ([] if is_of_money else tags[:1])


def bare(masked: str, *, edge: int, is_an_order: bool) -> list[Span]:
    """The words that are commands without a sign; more than one is a doubt.

    The message's first word is its command, and what stands behind `edge`, the last of amount and payees, is
    its note. Anywhere else the command is the only such word.
    """
    words = [Span(found.group(), *found.span()) for found in _WORD.finditer(masked)]
    large = [word for word in words if command(word) not in OF_PRIVATE]
    start = _FIRST.search(masked)
    if not (words and start and words[0].start == start.start()):
        return large
    first = words[0]
    if command(first) in OF_PRIVATE:
        return [first, *large] if is_an_order else [first]
    return [first, *(word for word in large[1:] if word.start < edge)]


_LANGUAGES = {word: name for name in ("en", "fr") for word in WORDS[name].values()}  # `stop` is both.
_COMMANDS = {word: meant for words in WORDS.values() for meant, word in words.items()}
ALL = frozenset(_COMMANDS)
_CONNECTORS = {"à", "a", "pour", "to", "for"}
_MORE_CONNECTORS = {
    Command.REQUEST: {"de", "from"},
    Command.SPLIT: {"entre", "between", "avec", "with", "et", "and", "&"},
}
_FIRST = re.compile(r"[^\W_]")
# No re.IGNORECASE: it takes ſ for s and the Kelvin sign for k.
_ANY_CASE = "|".join("".join(f"[{c}{c.upper()}]" for c in word) for word in _COMMANDS)
_WORD = re.compile(rf"(?<![\w#＃@＠&'’.\-])(?:{_ANY_CASE})(?![\w'’\-@＠#＃\u0300-\u036f])")
