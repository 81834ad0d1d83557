"""Strikes out what looks like a secret code, before a private message is kept or logged.

Any six digits that stand for themselves are struck, whoseever they are or nobody's: were the member's own
told apart, a phone that was stolen could try them all by text, and no try would be counted. No order is lost
by it: six digits of euros are beyond every limit.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from social import entities

STRUCK = "••••••"
DIGITS = 6


def strike(text: str, *, references: Collection[str] = ()) -> tuple[str, bool]:
    """The text without codes, and whether there was one; `references` are of the member's own orders."""
    others = _kept(text, references)
    found = {span for numbers in _numbers(text) for span in _codes(_masked(text, [*others, *numbers]))}
    after = len(text)
    for start, end in sorted(found, reverse=True):
        text = text[:start] + STRUCK + text[min(end, after) :]
        after = start
    return text, bool(found)


_BLANK = "[ \u00a0\u202f\u2009.\\-]"
# Between the pieces of a code: as people part them, on one line or on two.
_GAP = "[ \\t\\r\\n\u00a0\u202f\u2009./\\-\u2013]{1,3}"
_MAY = f"(?:{_GAP})?"
_RUN = re.compile(f"[0-9]++(?:{_GAP}[0-9]++)*")
_GROUP = re.compile("[0-9]++")
# Looked for ahead, so that a number which begins inside another is found as well.
_PHONE = re.compile(
    rf"(?<![0-9])(?=((?:(?:\+|00)33{_MAY}(?:\(0\){_MAY})?|0)[1-9](?:{_MAY}[0-9]{{2}}){{4}})(?![0-9]))"
)
# What makes a sum of the digits before it: thousands that go on, and the sign.
_EUROS = re.compile(rf"(?:(?<=[0-9]{{3}}){_BLANK}[0-9]{{3}})*{_BLANK}?(?:€|[eE][uU][rR])")
_MASK = "x"  # No digit, and nothing that stands between two.
_FULL_WIDTH = str.maketrans("０１２３４５６７８９", "0123456789")


def _kept(text: str, references: Collection[str]) -> list[tuple[int, int]]:
    """Where digits are a handle, an address or an order's reference."""
    kept = [(span.start, span.end) for span in (*entities.handles(text), *entities.links(text))]
    for reference in references:
        kept += [found.span() for found in re.finditer(re.escape(reference), text, re.IGNORECASE)]
    return kept


def _numbers(text: str) -> list[list[tuple[int, int]]]:
    """The phone numbers, as they are read from the left, and from the right: pairs may be of this or that."""
    found = [number.span(1) for number in _PHONE.finditer(text)]
    forwards: list[tuple[int, int]] = []
    backwards: list[tuple[int, int]] = []
    for start, end in found:
        if not forwards or forwards[-1][1] <= start:
            forwards.append((start, end))
    for start, end in reversed(found):
        if not backwards or end <= backwards[-1][0]:
            backwards.append((start, end))
    return [forwards, backwards]


def _masked(text: str, kept: list[tuple[int, int]]) -> str:
    """The text without what is kept: the digits behind a number are then a run of their own."""
    for start, end in kept:
        text = text[:start] + _MASK * (end - start) + text[end:]
    return text


def _codes(text: str) -> list[tuple[int, int]]:
    """Six digits in one piece; or in pieces, as one says them, where they are not euros."""
    plain = text.translate(_FULL_WIDTH)
    codes = []
    for run in _RUN.finditer(plain):
        groups = [found.span() for found in _GROUP.finditer(plain, run.start(), run.end())]
        taken = -1
        for place, (start, end) in enumerate(groups):
            if start < taken:
                continue
            ends = end if end - start == DIGITS else _end_of_six(groups[place:])
            if ends and (ends == end or not _EUROS.match(plain, ends)):
                codes.append((start, ends))
                taken = ends
    return codes


def _end_of_six(groups: list[tuple[int, int]]) -> int:
    """Where six digits end that begin with the first of these groups, none of them longer than three."""
    count = 0
    for start, end in groups:
        count += end - start
        if end - start > DIGITS // 2 or count > DIGITS:
            return 0
        if count == DIGITS:
            return end
    return 0
