from __future__ import annotations

import re

import pytest
from django.core.exceptions import ValidationError

from accounts import numbers, phones


class TestParse:
    @pytest.mark.parametrize(
        ("written", "number"),
        [
            ("06 12 34 56 78", "+33612345678"),
            ("+33 6 12 34 56 78", "+33612345678"),
            ("0033612345678", "+33612345678"),
            ("07.55.12.34.56", "+33755123456"),
            ("06\u202f12\u00a034 56 78", "+33612345678"),
        ],
    )
    def test_reads_what_people_write(self, written: str, number: str) -> None:
        assert phones.parse(written) == number

    @pytest.mark.parametrize(
        ("written", "number"),
        [
            ("0690 00 12 34", "+590690001234"),
            ("0696 20 12 34", "+596696201234"),
            ("+594 694 20 12 34", "+594694201234"),
            ("0692 12 34 56", "+262692123456"),
            ("+262 639 01 23 45", "+262639012345"),
            ("+508 55 12 34", "+508551234"),
        ],
    )
    def test_counts_the_territories_of_the_euro_as_france(self, written: str, number: str) -> None:
        assert phones.parse(written) == number

    @pytest.mark.parametrize(
        "written",
        [
            "01 42 68 53 00",  # not mobile
            "06 39 98 12 34",  # kept for films
            "+44 7911 123456",
            "+687 75 12 34",  # Nouvelle-Calédonie pays in francs
            "06 12 34 56",
            "061234567x",
            "٠٦١٢٣٤٥٦٧٨",
            "",
            "+",
            "06" * 40,
        ],
    )
    def test_refuses_everything_else(self, written: str) -> None:
        with pytest.raises(phones.NotAFrenchMobile):
            phones.parse(written)


class TestPhoneField:
    def test_says_what_to_write(self) -> None:
        with pytest.raises(ValidationError, match="06 12 34 56 78"):
            phones.PhoneField().clean("01 42 68 53 00")

    def test_cleans_to_e164(self) -> None:
        assert phones.PhoneField().clean(" 06 12 34 56 78 ") == "+33612345678"


class TestWritten:
    @pytest.mark.parametrize(
        "text",
        [
            "0612345678",
            "06 12 34 56 78",
            "06.12.34.56.78",
            "06\u202f12\u00a034-56-78",
            "+33612345678",
            "+33 6 12 34 56 78",
            "+33 (0)6 12 34 56 78",
            "0033612345678",
        ],
    )
    def test_is_found_however_people_write_it(self, text: str) -> None:
        pattern = numbers.written("+33612345678")
        assert re.sub(pattern, "…", f"envoyer 5 {text} merci") == "envoyer 5 … merci"

    @pytest.mark.parametrize("text", ["0612345679", "10612345678", "061234567812", "12,99 612345678"])
    def test_is_not_found_in_another(self, text: str) -> None:
        assert re.search(numbers.written("+33612345678"), text) is None

    def test_is_found_where_it_is_written_abroad(self) -> None:
        assert re.search(numbers.written("+590690123456"), "au +590 690 12 34 56")
        assert re.search(numbers.written("+590690123456"), "au 0690 12 34 56")
