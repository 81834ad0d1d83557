"""Statements that a connection plans once: with each new connection, in one message, one after the other."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from accounts import prepared
from accounts.models import User
from accounts.prepared import Prepared

SUM = Prepared("test_sum", "SELECT %(a)s + %(b)s AS sum, %(a)s AS a", a="bigint", b="bigint")
SAID = Prepared("test_said", "SELECT %(words)s", words="text")
WRITE = Prepared(
    "test_write", "UPDATE accounts_user SET email = %(email)s WHERE id = %(id)s", email="text", id="bigint"
)
READ = Prepared("test_read", "SELECT email FROM accounts_user ORDER BY id")

pytestmark = pytest.mark.django_db


def known() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM pg_prepared_statements WHERE name LIKE 'test_%%' ORDER BY name", [])
        return [name for (name,) in cursor.fetchall()]


class TestRun:
    def test_gives_the_rows_of_the_last(self) -> None:
        assert prepared.run(SUM(a=1, b=2), SUM(a=20, b=22)) == [(42, 20)]

    def test_takes_any_words_as_words(self) -> None:
        for words in ("100 %", "%(a)s", "'; DROP TABLE accounts_user; --", "\\'", "é ’ 😀", "$1"):
            assert prepared.run(SAID(words=words)) == [(words,)]

    def test_sees_what_the_one_before_it_did(self, claire: User) -> None:
        assert prepared.run(WRITE(email="c@example.net", id=claire.pk), READ()) == [("c@example.net",)]

    def test_gives_nothing_for_what_tells_nothing(self, claire: User) -> None:
        assert prepared.run(WRITE(email="c@example.net", id=claire.pk)) == []

    def test_names_its_columns(self) -> None:
        assert prepared.named(SUM(a=1, b=2)) == {"sum": 3, "a": 1}

    def test_wants_every_fact(self) -> None:
        with pytest.raises(KeyError):
            prepared.run(SUM(a=1))


@pytest.mark.django_db(transaction=True)
class TestConnections:
    def test_plan_once(self) -> None:
        connection.close()
        for _ in range(3):
            prepared.run(SUM(a=1, b=2))
        assert known() == ["test_sum"]

    def test_plan_once_what_two_threads_have_built(self) -> None:
        connection.close()
        twin = Prepared("test_sum", "SELECT %(a)s + %(b)s AS sum, %(a)s AS a", a="bigint", b="bigint")
        assert prepared.run(SUM(a=1, b=2), twin(a=2, b=2)) == [(4, 2)]
        assert prepared.run(twin(a=1, b=2)) == [(3, 1)]
        assert known() == ["test_sum"]

    def test_plan_anew_when_they_are_new(self) -> None:
        prepared.run(SUM(a=1, b=2))
        connection.close()
        assert prepared.run(SUM(a=1, b=2)) == [(3, 1)]

    def test_know_it_after_a_transaction_that_failed(self) -> None:
        connection.close()
        with pytest.raises(DatabaseError), transaction.atomic():
            prepared.run(SUM(a=2**63 - 1, b=1))
        assert prepared.run(SUM(a=1, b=2)) == [(3, 1)]
