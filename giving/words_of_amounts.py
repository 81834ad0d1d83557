"""An amount in French words, as receipts and cheques state it: `deux cent un euros et trente centimes`.

Traditional spelling: hyphens below a hundred only, and none beside `et`; `vingt` and `cent` take their plural
where nothing counts on after them. `million` is a noun: `un million d’euros`.
"""

from __future__ import annotations

MOST = 999_999_999_99  # Cents.

_TO_SIXTEEN = [
    "zéro",
    "un",
    "deux",
    "trois",
    "quatre",
    "cinq",
    "six",
    "sept",
    "huit",
    "neuf",
    "dix",
    "onze",
    "douze",
    "treize",
    "quatorze",
    "quinze",
    "seize",
]
_TENS = ["vingt", "trente", "quarante", "cinquante", "soixante"]


class TooMuch(Exception):
    """More than there are words for here, or less than nothing."""


def words(cents: int) -> str:
    """:raises TooMuch: below zero, or above 999,999,999.99 euros"""
    if not 0 <= cents <= MOST:
        raise TooMuch(cents)
    euros, rest = divmod(cents, 100)
    parts = [_counted(euros, "euro")] if euros or not rest else []
    parts += [_counted(rest, "centime")] if rest else []
    return " et ".join(parts)


def _counted(number: int, noun: str) -> str:
    """`un euro`, `zéro euro`, `deux euros`, `un million d’euros`."""
    said = f"{noun}s" if number > 1 else noun
    of = ("d’" if said[0] in "aeiou" else "de ") if number and not number % 1_000_000 else ""
    return f"{_number(number)} {of}{said}"


def _number(number: int) -> str:
    millions, below = divmod(number, 1_000_000)
    thousands, rest = divmod(below, 1000)
    said = []
    if millions:
        said.append(f"{_below_thousand(millions)} million{'s' if millions > 1 else ''}")
    if thousands:
        # `mille` is no noun, so what counts it loses its plural: quatre-vingt mille.
        said.append("mille" if thousands == 1 else f"{_below_thousand(thousands, is_last=False)} mille")
    if rest or not said:
        said.append(_below_thousand(rest))
    return " ".join(said)


def _below_thousand(number: int, *, is_last: bool = True) -> str:
    hundreds, rest = divmod(number, 100)
    if not hundreds:
        return _below_hundred(rest, is_last=is_last)
    cent = "cent" if hundreds == 1 else f"{_TO_SIXTEEN[hundreds]} cent"
    if not rest:
        return f"{cent}s" if hundreds > 1 and is_last else cent
    return f"{cent} {_below_hundred(rest, is_last=is_last)}"


def _below_hundred(number: int, *, is_last: bool) -> str:
    if number < len(_TO_SIXTEEN):
        return _TO_SIXTEEN[number]
    if number < 20:  # noqa: PLR2004  # dix-sept to dix-neuf
        return f"dix-{_TO_SIXTEEN[number - 10]}"
    if number == 80:  # noqa: PLR2004  # four twenties, and nothing more
        return "quatre-vingts" if is_last else "quatre-vingt"
    ten, ones = _split(number)
    if ones == 0:
        return ten
    if ones in {1, 11} and ten != "quatre-vingt":
        return f"{ten} et {_TO_SIXTEEN[ones]}"
    return f"{ten}-{_below_hundred(ones, is_last=True)}"


def _split(number: int) -> tuple[str, int]:
    """Seventy and ninety count on from sixty and from eighty: soixante-treize, quatre-vingt-dix."""
    if number > 80:  # noqa: PLR2004  # quatre-vingt
        return "quatre-vingt", number - 80
    tens = min(number // 10, 6)
    return _TENS[tens - 2], number - 10 * tens
