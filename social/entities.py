"""Handles, hashtags and links in a text, where X itself sees them: the rules of its twitter-text library.

And telephone numbers, for channels where they may be written. Positions are found in the text and not
taken from X's JSON, whose offsets count characters in one field and UTF-16 units in another; X's word is
taken for who a handle is.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from payments import money


class Span(NamedTuple):  # One is made for each word of a post: a tuple is made sooner than a dataclass.
    """A piece of a text: what it says, without its sign, and where it stands, with it."""

    word: str
    start: int
    end: int


class Mention(NamedTuple):
    """Somebody who is mentioned, and the number by which the network knows them; empty if it knows nobody."""

    username: str
    id: str


@dataclass(frozen=True, slots=True)
class Phone:
    """Somebody who is named by their mobile number, in E.164."""

    number: str


def handles(text: str) -> list[Span]:
    """Every `@handle`; neither `mail@box`, nor `@a@b`, nor a list `@a/b`, nor `@andré`."""
    return [Span(found["name"], *found.span()) for found in _HANDLE.finditer(text)]


def hashtags(text: str) -> list[Span]:
    """Every `#hashtag`; neither `a#b`, nor `#12`, nor `#a#b`."""
    return list(_hashtags(text))


def links(text: str) -> list[Span]:
    if "://" not in text:
        return []
    return [Span(found.group(), *found.span()) for found in _LINK.finditer(text)]


def phones(text: str) -> list[Span]:
    """Every telephone number as people in France write it, `06 12 34 56 78` or `+33612345678`.

    None that another digit follows, nor one that begins inside such a row: `06 06 12 34 56 78` is a slip.
    """
    found: list[Span] = []
    slipped = 0
    for each in _PHONE.finditer(text):
        span = Span(each[1], *each.span(1))
        if _goes_on(text, span):
            slipped = span.end
        elif span.start >= slipped:
            found.append(span)
    return found


def is_quoted(text: str) -> bool:
    """Whether somebody else's words are repeated by hand: `RT @alice: …`."""
    return _REPOST.search(text) is not None


_LATIN_ACCENTS = (
    "\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u0253\u0254\u0256\u0257\u0259\u025b\u0263\u0268\u026f\u0272"
    "\u0289\u028b\u02bb\u0300-\u036f\u1e00-\u1eff"
)
_HANDLE = re.compile(
    r"(?:(?<![A-Za-z0-9_!#$%&*@＠])|(?<=^[rR][tT])|(?<=[^A-Za-z0-9_+~.\-][rR][tT]))"
    r"[@＠](?P<name>[A-Za-z0-9_]++)"
    rf"(?!/[A-Za-z]|[@＠{_LATIN_ACCENTS}]|://)"
)
_REPOST = re.compile(r"\A\s*+[rR][tT]\s*+[@＠]|(?<!\w)[rR][tT]\s*+[@＠][A-Za-z0-9_]++\s*+:")
_LINK = re.compile(r"(?<![A-Za-z0-9])[hH][tT][tT][pP][sS]?://[A-Za-z0-9./_\-]*+")
_GAP = f"[{money.SPACES}.\\-]"
_PAIRS = rf"(?:{_GAP}?[0-9]{{2}}){{4}}"
# Looked for ahead, so that a number which begins inside another is found as well.
_PHONE = re.compile(
    rf"(?<![\w@＠#＃+€.,/\-])(?=((?:\+|00)33{_GAP}?(?:\(0\){_GAP}?)?[1-9]{_PAIRS}|0[1-9]{_PAIRS}|\+[1-9][0-9]{{7,14}})"
    r"(?![\w€]|[.,/\-][0-9]))"
)
_SIGN = re.compile(r"[#＃](?=[^\s#＃])")  # None of a row of signs is asked of its neighbours.
_PLAIN = re.compile("[A-Za-z0-9_]*+")  # Most of a hashtag, or all of it.
_JOINERS = "\u200c\u200d\ua67e\u05be\u05f3\u05f4\uff5e\u301c\u309b\u309c\u30a0\u30fb\u3003\u0f0b\u0f0c\u00b7"


def _goes_on(text: str, span: Span) -> bool:
    """Whether a number in pairs has another digit behind it: `06 12 34 56 78 90`."""
    is_in_pairs = not span.word.lstrip("+").isdecimal()
    return (
        is_in_pairs
        and text[span.end : span.end + 1] in tuple(money.SPACES)
        and (text[span.end + 1 : span.end + 2].isnumeric())
    )


def _hashtags(text: str) -> Iterator[Span]:
    end = 0
    for sign in _SIGN.finditer(text):
        start = sign.start()
        if start < end or (start and (text[start - 1] == "&" or _continues(text[start - 1]))):
            continue
        end = _PLAIN.match(text, start + 1).end()  # type: ignore[union-attr]  # it matches nothing as well
        while end < len(text) and _continues(text[end]):
            end += 1
        word = text[start + 1 : end]
        rest = word.replace("_", "")
        has_letter = rest and not rest.isdecimal()
        if has_letter and not text.startswith(("#", "＃", "://"), end):
            yield Span(word, start, end)


def _continues(c: str) -> bool:
    """Whether a hashtag's word goes on: over a combining accent, not over a variation selector."""
    if c in "\ufe0e\ufe0f":
        return False
    return c == "_" or c.isalnum() or c in _JOINERS or unicodedata.category(c).startswith("M")
