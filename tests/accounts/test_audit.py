"""The trail of staff's acts: each is chained to the one before, and no role changes one."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable
from typing import Any

import psycopg2
import pytest
from django.db import ProgrammingError, connection, transaction
from django.test import Client

from accounts import audit, discretion, freezes
from accounts.models import AuditEntry, User
from tests import database
from tests.staff import list_of, page_of, read


@pytest.fixture
def acts(agathe: User, claire: User) -> list[AuditEntry]:
    return [
        audit.record(agathe, "documents.opened", about=claire, before=None, after={"n": n}, reason="Étude")
        for n in range(3)
    ]


@pytest.mark.django_db
class TestRecord:
    def test_chains_each_act_to_the_one_before(self, acts: list[AuditEntry]) -> None:
        first, second, third = AuditEntry.objects.order_by("number")
        assert (first.previous, second.previous, third.previous) == ("", first.digest, second.digest)
        assert [entry.number for entry in acts] == [1, 2, 3]
        assert audit.verify() is None

    def test_takes_neither_number_nor_digest_from_the_caller(self, agathe: User, claire: User) -> None:
        AuditEntry.objects.create(number=7, act="a.b", about="x", digest="00", previous="11")
        (entry,) = AuditEntry.objects.all()
        assert (entry.number, entry.previous) == (1, "")
        assert len(entry.digest) == 64

    def test_finds_what_was_done_with_a_row(self, acts: list[AuditEntry], claire: User) -> None:
        assert [entry.after for entry in audit.of(claire)] == [{"n": 2}, {"n": 1}, {"n": 0}]

    def test_knows_each_act_by_its_words(self, agathe: User, claire: User) -> None:
        with pytest.raises(ValueError, match=r"member\.tickled"):
            audit.record(agathe, "member.tickled", about=claire, before=None, after=None)

    def test_takes_our_own_words_whatever_a_member_is_called(self, agathe: User, claire: User) -> None:
        User.objects.filter(pk=claire.pk).update(tier="PHONE")  # Her name is not checked yet.
        User.objects.filter(pk=claire.pk).update(name="Claire chargeback")
        claire.refresh_from_db()
        with pytest.raises(discretion.Indiscreet), transaction.atomic():
            freezes.freeze(claire, reason="a chargeback", by=agathe)
        freezes.freeze(claire, reason="chargeback dp_1")
        assert AuditEntry.objects.get().reason == "chargeback dp_1"

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE accounts_auditentry SET reason = 'other'",
            "DELETE FROM accounts_auditentry",
            "TRUNCATE accounts_auditentry",
        ],
    )
    def test_is_changed_by_nobody(self, acts: list[AuditEntry], statement: str) -> None:
        with (
            pytest.raises(ProgrammingError, match="permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


@pytest.mark.django_db
class TestPage:
    def test_says_what_was_done_and_to_what_in_words(self, desk: Client, agathe: User, claire: User) -> None:
        agathe.language = "fr"
        agathe.save()
        freezes.freeze(claire, reason="Étude", by=agathe)
        (entry,) = AuditEntry.objects.all()
        for address in (list_of(AuditEntry), page_of(entry)):
            page = read(desk, address)
            assert "member.frozen" not in re.sub(r"href=\"[^\"]*\"", "", page), address
            assert "membre gelé" in page, address
            assert f">membre {claire.pk}</a>" in page, address

    def test_is_filtered_by_act(self, desk: Client, agathe: User, claire: User, armand: User) -> None:
        freezes.freeze(claire, reason="Étude", by=agathe)
        audit.record(agathe, "documents.opened", about=armand, before=None, after=None)
        page = read(desk, f"{list_of(AuditEntry)}?act=documents.opened")
        assert (f"accounts/user/{armand.pk}/" in page, f"accounts/user/{claire.pk}/" in page) == (True, False)


@pytest.mark.django_db(transaction=True)
class TestChain:
    def test_is_not_forked_by_acts_at_once(
        self, agathe: User, claire: User, at_once: Callable[..., list[Any]]
    ) -> None:
        made = at_once(
            12, lambda n: audit.record(agathe, "documents.opened", about=claire, before=None, after={"n": n})
        )
        assert not [problem for problem in made if isinstance(problem, Exception)]
        assert audit.verify() is None
        assert AuditEntry.objects.count() == 12

    def test_refuses_changes_to_the_owner_as_well(self, acts: list[AuditEntry]) -> None:
        with contextlib.closing(database.as_owner()) as owner, owner.cursor() as cursor:
            for statement, rule in (
                ("UPDATE accounts_auditentry SET reason = ''", "acts_are_append_only"),
                ("DELETE FROM accounts_auditentry", "acts_are_append_only"),
                ("TRUNCATE accounts_auditentry", "acts_are_never_truncated"),
            ):
                with pytest.raises(psycopg2.Error, match="kept as it was written") as refused:
                    cursor.execute(statement)
                assert refused.value.diag.constraint_name == rule

    @pytest.mark.parametrize(
        ("statement", "broken"),
        [
            ("UPDATE accounts_auditentry SET reason = 'other' WHERE number = 2", 2),
            ("UPDATE accounts_auditentry SET at = at + interval '1 second' WHERE number = 3", 3),
            ("DELETE FROM accounts_auditentry WHERE number = 2", 3),
            ("UPDATE accounts_auditentry SET after = '{}', digest = 'x' WHERE number = 1", 1),
        ],
    )
    def test_shows_the_first_row_that_was_changed(
        self, acts: list[AuditEntry], statement: str, broken: int
    ) -> None:
        with contextlib.closing(database.as_owner()) as owner, owner.cursor() as cursor:
            cursor.execute("ALTER TABLE accounts_auditentry DISABLE TRIGGER USER")
            cursor.execute(statement)
            cursor.execute("ALTER TABLE accounts_auditentry ENABLE TRIGGER USER")
        assert audit.verify() == broken
        with contextlib.closing(database.as_owner()) as owner, owner.cursor() as cursor:
            cursor.execute("ALTER TABLE accounts_auditentry DISABLE TRIGGER USER")
            cursor.execute("DELETE FROM accounts_auditentry")
            cursor.execute("ALTER TABLE accounts_auditentry ENABLE TRIGGER USER")
