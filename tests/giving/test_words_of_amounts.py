"""Amounts in French words: each known trap, and no two numbers said alike."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from giving import words_of_amounts
from giving.words_of_amounts import words

EUROS = {
    0: "zéro euro",
    1: "un euro",
    2: "deux euros",
    16: "seize euros",
    17: "dix-sept euros",
    19: "dix-neuf euros",
    20: "vingt euros",
    21: "vingt et un euros",
    22: "vingt-deux euros",
    31: "trente et un euros",
    60: "soixante euros",
    61: "soixante et un euros",
    69: "soixante-neuf euros",
    70: "soixante-dix euros",
    71: "soixante et onze euros",
    72: "soixante-douze euros",
    77: "soixante-dix-sept euros",
    79: "soixante-dix-neuf euros",
    80: "quatre-vingts euros",
    81: "quatre-vingt-un euros",
    90: "quatre-vingt-dix euros",
    91: "quatre-vingt-onze euros",
    97: "quatre-vingt-dix-sept euros",
    99: "quatre-vingt-dix-neuf euros",
    100: "cent euros",
    101: "cent un euros",
    180: "cent quatre-vingts euros",
    200: "deux cents euros",
    201: "deux cent un euros",
    280: "deux cent quatre-vingts euros",
    999: "neuf cent quatre-vingt-dix-neuf euros",
    1000: "mille euros",
    1001: "mille un euros",
    1100: "mille cent euros",
    2000: "deux mille euros",
    2200: "deux mille deux cents euros",
    21_000: "vingt et un mille euros",
    71_071: "soixante et onze mille soixante et onze euros",
    80_000: "quatre-vingt mille euros",
    80_080: "quatre-vingt mille quatre-vingts euros",
    200_000: "deux cent mille euros",
    280_000: "deux cent quatre-vingt mille euros",
    1_000_000: "un million d’euros",
    1_000_001: "un million un euros",
    2_000_000: "deux millions d’euros",
    2_500_000: "deux millions cinq cent mille euros",
    80_000_000: "quatre-vingts millions d’euros",
    200_000_000: "deux cents millions d’euros",
    999_999_999: (
        "neuf cent quatre-vingt-dix-neuf millions neuf cent quatre-vingt-dix-neuf mille"
        " neuf cent quatre-vingt-dix-neuf euros"
    ),
}
CENTS = {
    1: "un centime",
    50: "cinquante centimes",
    1_01: "un euro et un centime",
    12_99: "douze euros et quatre-vingt-dix-neuf centimes",
    80_80: "quatre-vingts euros et quatre-vingts centimes",
    1_000_000_01: "un million d’euros et un centime",
}


@pytest.mark.parametrize(("euros", "said"), EUROS.items())
def test_says_whole_euros(euros: int, said: str) -> None:
    assert words(euros * 100) == said


@pytest.mark.parametrize(("cents", "said"), CENTS.items())
def test_says_cents(cents: int, said: str) -> None:
    assert words(cents) == said


@pytest.mark.parametrize("cents", [-1, words_of_amounts.MOST + 1])
def test_has_no_words_for_what_is_beyond(cents: int) -> None:
    with pytest.raises(words_of_amounts.TooMuch):
        words(cents)


def test_says_no_two_below_ten_thousand_alike() -> None:
    assert len({words(euros * 100) for euros in range(10_000)}) == 10_000


NAMES = {"zéro": 0, "un": 1, "deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "six": 6, "sept": 7, "huit": 8,
         "neuf": 9, "dix": 10, "onze": 11, "douze": 12, "treize": 13, "quatorze": 14, "quinze": 15,
         "seize": 16, "vingt": 20, "trente": 30, "quarante": 40, "cinquante": 50, "soixante": 60}  # fmt: skip


def understood(said: str) -> int:
    """The number that a reader of French hears, by other rules than it was written by."""
    total = part = 0
    for word in said.replace("quatre-vingts", "quatre-vingt").replace("-", " ").split():
        plain = word.rstrip("s") if word.startswith(("cent", "million")) else word
        if plain == "et":
            continue
        if plain == "vingt" and part % 100 == 4:
            part += 76
        elif plain == "cent":
            part = max(part, 1) * 100
        elif plain in {"mille", "million"}:
            total += max(part, 1) * {"mille": 1000, "million": 1_000_000}[plain]
            part = 0
        else:
            part += NAMES[plain]
    return total + part


@given(st.integers(min_value=0, max_value=999_999_999))
def test_is_understood_as_it_was_meant(euros: int) -> None:
    said = words(euros * 100).rsplit(" ", 1)[0].removesuffix(" d")
    assert understood(said) == euros
