from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments import money


class TestShow:
    @pytest.mark.parametrize(
        ("cents", "french", "english"),
        [
            (1299, "12,99\u00a0€", "€12.99"),
            (5, "0,05\u00a0€", "€0.05"),
            (0, "0,00\u00a0€", "€0.00"),
            (123_456_700, "1\u202f234\u202f567,00\u00a0€", "€1,234,567.00"),
            (-1299, "\u221212,99\u00a0€", "\u2212€12.99"),
        ],
    )
    def test_prints_as_the_language_does(self, cents: int, french: str, english: str) -> None:
        assert (money.show(cents, "fr"), money.show(cents, "en")) == (french, english)

    @pytest.mark.parametrize(
        ("hundredths", "french", "english"),
        [
            (4_50, "4,5\u00a0%", "4.5%"),
            (40_00, "40\u00a0%", "40%"),
            (5, "0,05\u00a0%", "0.05%"),
            (0, "0\u00a0%", "0%"),
        ],
    )
    def test_prints_a_share_as_the_language_does(self, hundredths: int, french: str, english: str) -> None:
        assert (money.share(hundredths, "fr"), money.share(hundredths, "en")) == (french, english)

    @given(st.integers(1, 10**11), st.sampled_from(["fr", "en"]))
    def test_is_read_back(self, cents: int, language: str) -> None:
        assert money.read(money.show(cents, language)) == cents
        assert money.read(money.write(cents, language)) == cents

    @given(st.integers(-(10**15), 10**15))
    def test_loses_no_cent(self, cents: int) -> None:
        digits = "".join(c for c in money.show(cents) if c in "0123456789")
        assert int(digits) == abs(cents)


class TestRead:
    @pytest.mark.parametrize(
        ("text", "cents"),
        [("12,5", 1250), (" 1 000 ", 100_000), ("12€", 1200), ("EUR 3.10", 310)],
    )
    def test_takes_an_amount_alone(self, text: str, cents: int) -> None:
        assert money.read(text, is_bare=True) == cents

    @pytest.mark.parametrize("text", ["", "12", "12 € merci", "merci 12 €", "1.000 €", "12\n€", "12€\n"])
    def test_takes_nothing_else(self, text: str) -> None:
        with pytest.raises(money.Unreadable):
            money.read(text)

    @pytest.mark.parametrize("text", ["9" * 13, "9" * 5_000])
    def test_refuses_more_digits_than_any_money_has(self, text: str) -> None:
        with pytest.raises(money.Unreadable, match="unreadable"):
            money.read(text, is_bare=True)
