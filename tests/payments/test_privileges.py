"""The application's role serves, and has no way round the books."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.db import DataError, InternalError, ProgrammingError, connection, connections, transaction
from django.db.utils import IntegrityError
from uuid_utils.compat import uuid7

from accounts.models import User
from payments import ledger, privileges, self_check
from payments.models import LedgerAccount, Transfer

POST = "SELECT post_transfers(%s::uuid[], %s::bigint[], %s::bigint[], %s::bigint[], %s::text[])"

WAYS_ROUND = (
    "INSERT INTO payments_balance VALUES (99, 'STORED', true, 100)",
    "UPDATE payments_balance SET amount = amount + 1",
    "UPDATE payments_balance SET may_be_negative = true",
    "INSERT INTO payments_entry (account_id, amount) VALUES (1, 100)",
    "DELETE FROM payments_entry",
    "TRUNCATE payments_transfer CASCADE",
    "TRUNCATE payments_order CASCADE",
    "TRUNCATE accounts_user CASCADE",
    "DELETE FROM payments_limit",
    "DELETE FROM accounts_identitylink",
    "UPDATE accounts_handle SET handle = 'bob'",
    "DELETE FROM accounts_handle",
    "DELETE FROM payments_feedentry",
    "DELETE FROM payments_publicity",
    "DELETE FROM django_migrations",
    "DELETE FROM payments_payout",
    "DELETE FROM payments_request",
    "DELETE FROM payments_split",
    "DELETE FROM giving_pot",
    "DELETE FROM giving_contribution",
    "UPDATE payments_requestevent SET detail = ''",
    "DELETE FROM payments_payoutbatch",
    "DELETE FROM payments_bankaccount",
    "UPDATE payments_payoutevent SET detail = ''",
    "UPDATE payments_bankfile SET taken = 0",
    "SELECT append_entry(1, 100)",
    "ALTER TABLE payments_balance DISABLE TRIGGER ALL",
    "ALTER TABLE payments_transfer OWNER TO CURRENT_USER",
    "DROP TRIGGER transfers_are_append_only ON payments_transfer",
    "CREATE TABLE public.payments_shadow (id int)",
    "CREATE FUNCTION public.append_entry(int, int) RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint'",
    "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    "CREATE TRIGGER t BEFORE INSERT ON payments_transfer FOR EACH ROW EXECUTE FUNCTION refuse_change()",
    "ALTER DEFAULT PRIVILEGES FOR ROLE smoney_owner GRANT ALL ON TABLES TO PUBLIC",
    "SET session_replication_role = replica",
    "SELECT setval('payments_entry_id_seq', 1)",
    "COPY payments_balance FROM PROGRAM 'true'",
)


@pytest.mark.django_db
class TestRole:
    @pytest.mark.parametrize("statement", WAYS_ROUND)
    def test_has_no_way_round_the_books(self, claire: User, statement: str) -> None:
        with (
            pytest.raises((ProgrammingError, InternalError), match=r"permission denied|must be (owner|able)"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)

    def test_cannot_have_the_function_look_into_tables_of_its_own(self, claire: User, lea: User) -> None:
        """A temporary table of the same name comes first, unless the function says where it looks."""
        run("CREATE TEMP TABLE payments_balance (LIKE public.payments_balance)")
        with pytest.raises(IntegrityError, match="wallet_is_never_overdrawn"), transaction.atomic():
            post([uuid7()], [claire], [lea], [200_00], ["PAYMENT"])
        run("DROP TABLE pg_temp.payments_balance")

    @pytest.mark.django_db(transaction=True, databases=["default", "owner"])
    def test_can_write_the_books_at_no_moment_of_a_deploy(
        self, claire: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The grants are seen together: rights that are given and taken again are never there."""
        name = connection.settings_dict["USER"]
        seen = []

        def look(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
            result = execute(sql, params, many, context)
            with connection.cursor() as cursor:
                cursor.execute("SELECT has_table_privilege(%s, 'payments_balance', 'UPDATE')", [name])
                seen.append(cursor.fetchone()[0])
            return result

        with connections["owner"].execute_wrapper(look):
            privileges.grant(using="owner")
        connections["owner"].close()
        assert seen
        assert not any(seen)

    @pytest.mark.django_db(transaction=True, databases=["default", "owner"])
    def test_is_given_what_a_new_table_needs(self, as_owner: Callable[[str], None], claire: User) -> None:
        as_owner("CREATE TABLE later (id bigserial PRIMARY KEY)")
        try:
            privileges.grant(using="owner")
            run("INSERT INTO later DEFAULT VALUES")
        finally:
            connection.close()
            connections["owner"].close()
            as_owner("DROP TABLE later")


@pytest.mark.bare_transfers
@pytest.mark.django_db
class TestFunction:
    """Whoever calls it past `ledger` gets an error, and nothing moved."""

    @pytest.mark.parametrize(
        ("ids", "amounts", "kinds"),
        [
            ([uuid7()], [None], ["PAYMENT"]),
            ([None], [100], ["PAYMENT"]),
            ([uuid7()], [100], [None]),
            ([uuid7()], [-100], ["PAYMENT"]),
            ([uuid7()], [0], ["PAYMENT"]),
            ([uuid7()], [2**63 - 1], ["PAYMENT"]),
            ([uuid7()], [100], ["K" * 17]),
            ([uuid7(), uuid7()], [100], ["PAYMENT"]),
            ([uuid7()], [100, 100], ["PAYMENT"]),
            ([uuid7()], [100], []),
        ],
    )
    def test_refuses_what_is_no_transfer(
        self,
        claire: User,
        lea: User,
        ids: list[UUID | None],
        amounts: list[int | None],
        kinds: list[str | None],
    ) -> None:
        with pytest.raises((IntegrityError, DataError)), transaction.atomic():
            post(ids, [claire] * len(ids), [lea] * len(ids), amounts, kinds)
        self.assert_nothing_moved(claire, lea)

    def test_refuses_more_than_a_wallet_can_count(self, claire: User, lea: User) -> None:
        clearing = ledger.system(LedgerAccount.Kind.CARD_CLEARING)
        with pytest.raises(DataError, match="out of range"), transaction.atomic():
            run(
                POST,
                [[str(uuid7())], [clearing.pk], [ledger.wallet(claire).pk], [2**63 - 1], ["TOP_UP"]],
            )
        self.assert_nothing_moved(claire, lea)

    def test_takes_an_id_twice_in_a_batch_for_one(self, claire: User, lea: User) -> None:
        once = uuid7()
        post([once, once], [claire] * 2, [lea] * 2, [10_00] * 2, ["PAYMENT"] * 2)
        assert ledger.balance(ledger.wallet(lea)) == 10_00

    @pytest.mark.django_db(transaction=True)
    def test_knows_no_unknown_account(self, claire: User, lea: User) -> None:
        with pytest.raises(IntegrityError):
            run(POST, [[str(uuid7())], [ledger.wallet(claire).pk], [999_999], [10_00], ["PAYMENT"]])
        self.assert_nothing_moved(claire, lea)

    def test_moves_nothing_for_nothing(self, claire: User) -> None:
        assert ledger.post() == 0

    def assert_nothing_moved(self, claire: User, lea: User) -> None:
        assert ledger.balance(ledger.wallet(claire)) == 100_00
        assert ledger.balance(ledger.wallet(lea)) == 0
        assert Transfer.objects.count() == 1
        assert not self_check.run()


def post(
    ids: list[Any], sources: list[User], targets: list[User], amounts: list[Any], kinds: list[Any]
) -> None:
    wallets = [[ledger.wallet(user).pk for user in users] for users in (sources, targets)]
    run(POST, [[id and str(id) for id in ids], *wallets, amounts, kinds])


def run(statement: str, parameters: list[Any] | None = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
