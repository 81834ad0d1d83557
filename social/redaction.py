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
    kept = _kept(text, references)
    found = [span for span in _codes(text) if not any(a < span[1] and span[0] < b for a, b in kept)]
    for start, end in reversed(found):
        text = text[:start] + STRUCK + text[end:]
    return text, bool(found)


_BLANK = "[ \u00a0\u202f\u2009.\\-]"
_RUN = re.compile(f"[0-9]++(?:{_BLANK}[0-9]++)*")
_GROUP = re.compile("[0-9]++")
_PHONE = re.compile(
    rf"(?<![0-9])(?:(?:\+|00)33{_BLANK}?(?:\(0\){_BLANK}?)?|0)[1-9](?:{_BLANK}?[0-9]{{2}}){{4}}(?![0-9])"
)
_EURO = re.compile(rf"\A{_BLANK}?(?:€|[eE][uU][rR])")
_FULL_WIDTH = str.maketrans("０１２３４５６７８９", "0123456789")


def _kept(text: str, references: Collection[str]) -> list[tuple[int, int]]:
    """Where digits are a number, a handle, an address or an order's reference."""
    kept = [found.span() for found in _PHONE.finditer(text)]
    kept += [(span.start, span.end) for span in (*entities.handles(text), *entities.links(text))]
    for reference in references:
        kept += [found.span() for found in re.finditer(re.escape(reference), text, re.IGNORECASE)]
    return kept


def _codes(text: str) -> list[tuple[int, int]]:
    """Six digits in one piece; or in pieces, as one says them, where they are not euros."""
    plain = text.translate(_FULL_WIDTH)
    codes = []
    for run in _RUN.finditer(plain):
        groups = [found.span() for found in _GROUP.finditer(plain, run.start(), run.end())]
        is_euros = _EURO.match(plain[run.end() :]) is not None
        taken = -1
        for place, (start, end) in enumerate(groups):
            if start < taken:
                continue
            ends = end if end - start == DIGITS else _end_of_six(groups[place:])
            if ends and not (is_euros and ends != end):
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
