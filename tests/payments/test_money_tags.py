from __future__ import annotations

import pytest
from django.template import Context, Template
from django.utils import translation


def printed(what: str, cents: int, *, language: str = "fr") -> str:
    with translation.override(language):
        return Template("{% load money %}{{ cents|" + what + " }}").render(Context({"cents": cents}))


@pytest.mark.parametrize(
    ("what", "cents", "french", "english"),
    [
        ("amount", 123450, "1\u202f234,50\u00a0€", "€1,234.50"),
        ("amount_short", 25000, "250\u00a0€", "€250"),
        ("amount_short", 100000, "1\u202f000\u00a0€", "€1,000"),
        ("amount_short", 1299, "12,99\u00a0€", "€12.99"),
        ("amount_signed", 1299, "+12,99\u00a0€", "+€12.99"),
        ("amount_signed", -1299, "\u221212,99\u00a0€", "\u2212€12.99"),
        ("amount_signed", 0, "0,00\u00a0€", "€0.00"),
        ("amount_bare", 6255, "62,55", "62.55"),
    ],
)
def test_amounts_are_printed_as_each_language_does(what: str, cents: int, french: str, english: str) -> None:
    assert printed(what, cents) == french
    assert printed(what, cents, language="en") == english


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("fr", '1\u202f234<span class="amount-cents">,50</span>\u00a0€'),
        ("en", '€1,234<span class="amount-cents">.50</span>'),
    ],
)
def test_a_headline_amount_has_its_cents_apart(language: str, expected: str) -> None:
    page = printed("amount_large", 123450, language=language)
    assert page == f'<span class="amount amount-large">{expected}</span>'
