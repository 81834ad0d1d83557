"""The numbers by which France's registers know an organisation: SIREN of all of them, RNA of associations."""

from __future__ import annotations

import re

_SPACES = re.compile(r"[ .\u00a0\u202f-]")
_SIREN = re.compile(r"[0-9]{9}")
_RNA = re.compile(r"W[0-9][0-9A-Z][0-9]{7}")  # Department, office, and the number that it gave.
_LUHN_OF_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


class NotANumber(Exception):
    """It is none of that register's."""


def siren(written: str) -> str:
    """The nine digits, however they were grouped.

    :raises NotANumber: if they are not nine, or their checksum is wrong (Luhn's, as INSEE gives them)
    """
    digits = _SPACES.sub("", written)
    if not _SIREN.fullmatch(digits) or not int(digits) or _luhn(digits) % 10:
        raise NotANumber(written)
    return digits


def rna(written: str) -> str:
    """W and nine signs, however they were grouped; the register has no checksum.

    :raises NotANumber: if it is not that
    """
    number = _SPACES.sub("", written).upper()
    if not _RNA.fullmatch(number):
        raise NotANumber(written)
    return number


def _luhn(digits: str) -> int:
    """The sum that is a multiple of ten; each second digit counts double, from the right."""
    numbers = [int(digit) for digit in reversed(digits)]
    return sum(numbers[::2]) + sum(_LUHN_OF_DOUBLED[number] for number in numbers[1::2])
