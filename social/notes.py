"""The note of an order: all the words that are left over, as one line, without marks that turn text round."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from operator import attrgetter

from social.entities import Span

MOST = 280  # What the payee reads; also the column's length.


def left_over(text: str, *, taken: Iterable[Span], names: Iterable[Span], connectors: set[str]) -> list[Span]:
    """The stretches of the text that were not taken, without the connector before a name."""
    led_to = {name.start for name in names}
    stretches: list[Span] = []
    place = 0
    for part in [*sorted(taken, key=_BY_PLACE), Span("", len(text), len(text))]:
        words = _trimmed(_words(text, place, part.start))
        if part.start in led_to and words and words[-1].word.lower() in connectors:
            words = _trimmed(words[:-1])
        if words:
            start, end = words[0].start, words[-1].end
            stretches.append(Span(text[start:end], start, end))
        place = max(place, part.end)
    return stretches


def joined(stretches: Iterable[Span]) -> str:
    words = (word for stretch in stretches for word in stretch.word.split())
    return " ".join(word if word.isprintable() else "".join(filter(_is_shown, word)) for word in words)


_BY_PLACE = attrgetter("start")
_WORD = re.compile(r"\S++")
_SMALL = set(",;:.-–—()[]«»\"'>#")
_BIDI = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def _words(text: str, start: int, end: int) -> list[Span]:
    return [Span(found.group(), *found.span()) for found in _WORD.finditer(text, start, end)]


def _trimmed(words: list[Span]) -> list[Span]:
    """Without the lone commas and brackets that stood round what was taken out."""
    start, end = 0, len(words)
    while start < end and words[start].word in _SMALL:
        start += 1
    while end > start and words[end - 1].word in _SMALL:
        end -= 1
    return words[start:end]


def _is_shown(c: str) -> bool:
    return c not in _BIDI and unicodedata.category(c) not in ("Cc", "Co", "Cs", "Cn")
