"""The note of an order: all the words that are left over, as one line, without marks that turn text round."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from social.entities import Span

MOST = 280  # What the payee reads; also the column's length.


def left_over(text: str, *, taken: Iterable[Span], names: Iterable[Span], connectors: set[str]) -> str:
    """The text without what was taken, nor the connector before a name."""
    led_to = set(names)
    pieces: list[str] = []
    place = 0
    for part in sorted(taken, key=lambda part: part.start):
        piece = _trimmed(text[place : part.start].split())
        if part in led_to and piece and piece[-1].lower() in connectors:
            piece = _trimmed(piece[:-1])
        pieces += piece
        place = max(place, part.end)
    pieces += _trimmed(text[place:].split())
    return " ".join("".join(c for c in word if _is_shown(c)) for word in pieces)


_SMALL = set(",;:.-–—()[]«»\"'>#")
_BIDI = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def _trimmed(words: list[str]) -> list[str]:
    """Without the lone commas and brackets that stood round what was taken out."""
    start, end = 0, len(words)
    while start < end and words[start] in _SMALL:
        start += 1
    while end > start and words[end - 1] in _SMALL:
        end -= 1
    return words[start:end]


def _is_shown(c: str) -> bool:
    return c not in _BIDI and unicodedata.category(c) not in ("Cc", "Co", "Cs", "Cn")
