"""Codes that an order names: a product's, and the reference of an order that is taken back.

A word of a sentence is never taken for one: a product's code has letters and digits, a reference has digits
or is all capitals.
"""

from __future__ import annotations

import re

from payments import money, references
from social.entities import Span

LENGTH = 8


def products(masked: str) -> list[Span]:
    """Codes such as TSHIRT42: a letter, then letters, digits and hyphens, at least one of them a digit."""
    return [span for span in _tokens(masked, _PRODUCT) if re.search("[0-9]", span.word)]


def orders(masked: str) -> list[Span]:
    """References of orders, and what looks so much like one that it is a doubt."""
    return [
        span for span in _tokens(masked, _TOKEN) if is_reference(span.word) or _looks_like_one(span, masked)
    ]


def is_reference(word: str) -> bool:
    return (
        len(word) == LENGTH
        and set(word.upper()) <= set(references.LETTERS)
        and (word.isupper() or re.search("[0-9]", word) is not None)
    )


_PRODUCT = re.compile(r"(?<![\w#＃@＠.\-])[A-Za-z][A-Za-z0-9]*+(?:-[A-Za-z0-9]++)*(?![\w€\-])")
_TOKEN = re.compile(r"(?<![\w#＃@＠.\-])[A-Za-z0-9]{6,20}+(?![\w€\-])")  # No shorter one can be taken for it.
_MIXED = range(6, 11)  # A slip of a character or two.
_NEAR = 8
_SHORTEST, _LONGEST = 3, 20


def _tokens(masked: str, shape: re.Pattern[str]) -> list[Span]:
    found = (Span(each.group(), *each.span()) for each in shape.finditer(masked))
    return [span for span in found if _SHORTEST <= len(span.word) <= _LONGEST]


def _looks_like_one(span: Span, masked: str) -> bool:
    """`K7Q2M9X0`, whose last is none of ours; `#annuler kxqzmnab`, which may be a word or a reference."""
    has_both = re.search("[0-9]", span.word) and re.search("[A-Za-z]", span.word)
    if has_both:
        return len(span.word) in _MIXED
    before = masked[max(0, span.start - _NEAR) : span.start].rstrip()
    is_next = before.endswith(money.MASK) or (not before and span.start < _NEAR)
    return is_next and len(span.word) == LENGTH and set(span.word.upper()) <= set(references.LETTERS)
