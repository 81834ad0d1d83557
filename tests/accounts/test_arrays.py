from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from accounts import arrays

HARD = [
    "",
    "NULL",
    "null",
    '"',
    "\\",
    '\\"',
    "{",
    "}",
    "{a,b}",
    ",",
    " ",
    "\n",
    "'",
    "';--",
    "%s",
    "é 🍕",
    "a\tb",
]


def read_back(values: list[Any], sql_type: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT unnest(%s::{sql_type}[])", [arrays.written(values)])
        return [row[0] for row in cursor.fetchall()]


@pytest.mark.django_db
class TestWritten:
    @pytest.mark.parametrize(
        ("values", "sql_type"),
        [
            ([], "text"),
            (HARD, "text"),
            ([*HARD, None], "text"),
            ([None, None], "timestamptz"),
            ([1, None, -(2**40)], "bigint"),
            ([UUID(int=1), None], "uuid"),
            ([datetime(2026, 11, 22, 10, 0, 0, 123456, tzinfo=UTC), None], "timestamptz"),
            ([date(2026, 11, 22)], "date"),
            (['a"b', 'a"b', 'a"b'], "text"),
            (("a", "b"), "text"),
            ([7, 7], "bigint"),
        ],
    )
    def test_is_read_as_it_was(self, values: list[Any], sql_type: str) -> None:
        assert read_back(values, sql_type) == list(values)

    @pytest.mark.parametrize("values", [["a\0b"], ["a\0b", "c"], ["a", None, "\0"]])
    def test_refuses_what_would_become_two(self, values: list[Any]) -> None:
        with pytest.raises(ValueError, match="NUL"):
            arrays.written(values)

    def test_refuses_what_it_does_not_know(self) -> None:
        with pytest.raises(TypeError):
            arrays.written([b"bytes"])


class TestAnyText(TestCase):
    @given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0")) | st.none()))
    def test_is_read_as_it_was(self, values: list[str | None]) -> None:
        assert read_back(values, "text") == values
