"""What the eye makes of a handle or a name: whether two that differ are taken for each other.

Letters are drawn as Unicode's list of confusables has them (UTS 39), with what people misread beside it.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from confusable_homoglyphs.confusables import confusables_data

SHORTEST = 4  # Below it, nearly every handle looks like another.

# Read as one in small letters: l, i and 1; o and 0; s and 5; and pairs that a narrow letter makes.
_SAME = str.maketrans("1i05", "llos")
_PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"))


def is_confusable(handle: str, known: str) -> bool:
    """Whether two different handles are taken for each other: drawn alike, or one slip apart."""
    one, other = handle.lower(), known.lower()
    if one == other or min(len(one), len(other)) < SHORTEST:
        return False
    return _drawn(handle) == _drawn(known) or _is_one_slip(one, other)


def is_namesake(name: str, known: str) -> bool:
    """Whether somebody goes by a name that is drawn as the other is, in whatever letters."""
    one, other = _drawn(_folded(name)), _drawn(_folded(known))
    return one == other and len(one) >= SHORTEST


def _folded(name: str) -> str:
    """Without accents, case, spaces and signs, which nobody compares."""
    bare = "".join(letter for letter in unicodedata.normalize("NFKD", name) if letter.isalnum())
    return bare.casefold()


def _drawn(text: str) -> str:
    seen = "".join(map(_prototype, text)).casefold()
    for pair, letter in _PAIRS:
        seen = seen.replace(pair, letter)
    return re.sub("_", "", seen).translate(_SAME)


@cache
def _prototype(letter: str) -> str:
    """The letter that it is drawn as, by Unicode's list: what many are drawn as stands for itself."""
    alike = [str(each["c"]) for each in confusables_data.get(letter, ())]
    if len(alike) != 1:
        return letter
    (other,) = alike
    is_pair = len(confusables_data.get(other, ())) == 1  # The list does not say which stands for which.
    return min(letter, other) if is_pair else other


def _is_one_slip(one: str, other: str) -> bool:
    """One letter put in, left out, exchanged, or two that change places."""
    if len(one) > len(other):
        one, other = other, one
    if len(other) - len(one) > 1:
        return False
    at = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(one))
    if len(one) < len(other):
        return one[at:] == other[at + 1 :]
    is_swapped = one[at : at + 2] == other[at : at + 2][::-1] and one[at + 2 :] == other[at + 2 :]
    return one[at + 1 :] == other[at + 1 :] or is_swapped
