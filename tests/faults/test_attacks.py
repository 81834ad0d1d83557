"""Whoever has the application's password of the database: what they try on the books, and never get.

Each statement is tried as the application's role, by itself; all are refused, and the books are as they were.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.db import Error, connection, transaction

from accounts.models import User
from payments import ledger, orders, privileges, self_check
from payments.models import Transfer
from tests.people import CODE, load, place
from tests.trial import Trial

LONG_MINUTES = 1  # It ends when each was tried.
REFUSED = (
    "permission denied",
    "must be",  # owner, superuser, able to SET ROLE
    "append-only",
    "cannot be",
    "only superuser",
    "is not allowed",
    "only roles with",
)
BOOKS, APPENDED, KEPT = privileges.BOOKS, privileges.APPENDED, privileges.KEPT

WRITES = tuple(
    statement.format(table=table)
    for tables, statements in (
        (
            BOOKS,
            (
                "INSERT INTO {table} DEFAULT VALUES",
                "UPDATE {table} SET amount = amount",
                "WITH gone AS (DELETE FROM {table} RETURNING *) SELECT count(*) FROM gone",
                "MERGE INTO {table} t USING {table} s ON false WHEN NOT MATCHED THEN INSERT DEFAULT VALUES",
                "SELECT * FROM {table} FOR UPDATE",
                "LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE",
                "COPY {table} FROM '/dev/null'",
            ),
        ),
        (
            APPENDED,
            ("WITH t AS (DELETE FROM {table} RETURNING 1) SELECT 1 FROM t", "UPDATE {table} SET id = id"),
        ),
        (KEPT, ("DELETE FROM {table}",)),
        (
            (*BOOKS, *APPENDED, *KEPT),
            (
                "TRUNCATE {table} CASCADE",
                "ALTER TABLE {table} DISABLE TRIGGER ALL",
                "ALTER TABLE {table} DISABLE TRIGGER USER",
                "ALTER TABLE {table} OWNER TO CURRENT_USER",
                "ALTER TABLE {table} RENAME TO taken",
                "ALTER TABLE {table} SET SCHEMA pg_temp",
                "ALTER TABLE {table} ADD COLUMN mine int",
                "DROP TABLE {table} CASCADE",
                "CREATE RULE mine AS ON INSERT TO {table} DO INSTEAD NOTHING",
                "CREATE INDEX ON {table} ((1))",
                "CREATE TRIGGER mine BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_change()",
                "CREATE TEMP TABLE child () INHERITS ({table})",
                "COPY {table} TO '/tmp/taken'",
                "CLUSTER {table}",
            ),
        ),
    )
    for table in tables
    for statement in statements
)
GUARDS = (
    "DROP TRIGGER transfers_are_append_only ON payments_transfer",
    "ALTER TABLE payments_balance DROP CONSTRAINT wallet_is_never_overdrawn",
    "ALTER TABLE payments_order DROP CONSTRAINT message_makes_one_order",
    "DROP INDEX message_makes_one_order",
    "DROP FUNCTION refuse_change() CASCADE",
    "DROP FUNCTION post_transfers CASCADE",
    "ALTER FUNCTION refuse_change() RENAME TO permit_change",
    "ALTER FUNCTION refuse_change() OWNER TO CURRENT_USER",
    "ALTER FUNCTION open_balance() SET search_path = pg_temp",
    "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    "CREATE OR REPLACE FUNCTION open_balance() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
    "CREATE FUNCTION public.append_entry(int, int) RETURNS void LANGUAGE sql AS 'SELECT'",
    "GRANT EXECUTE ON FUNCTION append_entry TO CURRENT_USER",
    "SELECT append_entry(1, 100)",
    "SELECT open_balance()",
    "SELECT setval('payments_entry_id_seq', 1)",
    "UPDATE payments_order SET amount = 1",
    "UPDATE payments_order SET payer_id = payee_user_id, payee_user_id = payer_id",
    "UPDATE payments_order SET channel_id = 'another'",
    "SET session_replication_role = replica",
    "SELECT set_config('session_replication_role', 'replica', false)",
)
SERVER = (
    "SET ROLE smoney_owner",
    "SET ROLE postgres",
    "SET SESSION AUTHORIZATION postgres",
    "SET SESSION AUTHORIZATION smoney_owner",
    "ALTER ROLE CURRENT_USER SUPERUSER",
    "ALTER ROLE CURRENT_USER BYPASSRLS",
    "ALTER ROLE CURRENT_USER REPLICATION",
    "ALTER ROLE smoney_owner PASSWORD 'mine'",
    "GRANT smoney_owner TO CURRENT_USER",
    "CREATE ROLE mine SUPERUSER",
    "DROP ROLE smoney_owner",
    "ALTER SYSTEM SET fsync = off",
    "ALTER DEFAULT PRIVILEGES FOR ROLE smoney_owner GRANT ALL ON TABLES TO PUBLIC",
    "CREATE TABLE public.mine (id int)",
    "CREATE VIEW public.mine AS SELECT 1",
    "CREATE SCHEMA mine",
    "CREATE EXTENSION plpython3u",
    "CREATE EXTENSION dblink",
    "CREATE EVENT TRIGGER mine ON ddl_command_start EXECUTE FUNCTION refuse_change()",
    "CREATE PUBLICATION mine FOR ALL TABLES",
    "CREATE SERVER mine FOREIGN DATA WRAPPER postgres_fdw",
    "CREATE LANGUAGE plperlu",
    "UPDATE pg_catalog.pg_class SET relowner = 0",
    "UPDATE pg_catalog.pg_authid SET rolsuper = true",
    "DELETE FROM pg_catalog.pg_trigger",
    "SELECT rolpassword FROM pg_catalog.pg_authid",
    "COPY (SELECT 1) TO PROGRAM 'true'",
    "COPY (SELECT 1) TO '/tmp/taken'",
    "SELECT pg_read_file('postgresql.conf')",
    "SELECT pg_ls_dir('.')",
    "SELECT lo_import('/etc/passwd')",
    "SELECT lo_export(1, '/tmp/taken')",
    "SELECT pg_reload_conf()",
    "SELECT pg_switch_wal()",
    "SELECT pg_create_physical_replication_slot('mine')",
    "DROP DATABASE smoney",
    "ALTER DATABASE smoney OWNER TO CURRENT_USER",
    "DO LANGUAGE plpgsql $$ BEGIN EXECUTE 'ALTER TABLE payments_transfer DISABLE TRIGGER ALL'; END $$",
)
MAINTAIN_SINCE = 170_000
OTHER_WAYS = ("does not exist", "is not available", "not available", "cannot run inside a transaction block")


def attempt(statement: str) -> str:
    """What the database says to it, or nothing where it lets it pass; whatever it did is taken back."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
            transaction.set_rollback(True)
    except Error as refusal:
        return str(refusal).split("\n", 1)[0]
    return ""


def books() -> list[Any]:
    with connection.cursor() as cursor:
        rows = []
        for table in (*BOOKS, "payments_order", "payments_orderevent"):
            cursor.execute(f"SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {table} t")
            rows.append(cursor.fetchone())
    return rows


def rights() -> dict[str, set[str]]:
    """What the role may do to each table."""
    kinds = ["INSERT", "SELECT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER", "MAINTAIN"]
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        if int(cursor.fetchone()[0]) < MAINTAIN_SINCE:
            kinds.remove("MAINTAIN")
        cursor.execute(
            "SELECT relname, array(SELECT r FROM unnest(%s::text[]) r WHERE has_table_privilege(c.oid, r))"
            " FROM pg_class c WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace",
            [kinds],
        )
        return {table: set(names) for table, names in cursor.fetchall()}


@pytest.fixture
def paid(claire: User, armand: User, with_code: Any) -> None:
    with_code(claire)
    orders.confirm(place(claire, armand), code=CODE)
    load(armand, 5_00)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("paid")
class TestRole:
    def test_is_refused_whatever_it_tries(self, trial: Trial) -> None:
        before = books()
        tried = (*WRITES, *GUARDS, *SERVER)
        said = {statement: attempt(statement) for statement in tried}
        passed = [statement for statement, refusal in said.items() if not refusal]
        odd = {
            statement: refusal
            for statement, refusal in said.items()
            if refusal and not any(word in refusal for word in (*REFUSED, *OTHER_WAYS))
        }
        trial.saw("statements tried", len(said))
        trial.found("let pass", len(passed), statements=passed)
        trial.found("refused for another reason than its rights", len(odd), statements=odd)
        assert books() == before
        assert not self_check.run()

    def test_owns_nothing_and_is_nobody_else(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls,"
                " (SELECT count(*) FROM pg_auth_members m WHERE m.member = r.oid),"
                " (SELECT count(*) FROM pg_class c WHERE c.relowner = r.oid),"
                " (SELECT count(*) FROM pg_proc p WHERE p.proowner = r.oid)"
                " FROM pg_roles r WHERE rolname = current_user"
            )
            assert cursor.fetchone() == (False, 0, 0, 0)

    def test_has_on_each_table_what_its_kind_allows_and_no_more(self, trial: Trial) -> None:
        """A new table of the ledger that nobody thought of here fails this test."""
        kinds = (
            (BOOKS, {"SELECT"}),
            (APPENDED, {"SELECT", "INSERT"}),
            (KEPT, {"SELECT", "INSERT", "UPDATE"}),
            ((*privileges.GIVEN, *privileges.RIGHTS), {"SELECT"}),
        )
        wanted = {table: allowed for tables, allowed in kinds for table in tables}
        found = rights()
        usual = {"SELECT", "INSERT", "UPDATE", "DELETE"}
        wrong = {table: sorted(names) for table, names in found.items() if names != wanted.get(table, usual)}
        # A wish of a member's is taken back by forgetting it.
        ours = {table for table in found if table.startswith("payments_")} - {"payments_nostrangers", *wanted}
        trial.found("tables with other rights", len(wrong), tables=wrong)
        trial.found("tables of payments that may be deleted from", len(ours), tables=sorted(ours))

    def test_gives_itself_no_right(self) -> None:
        """GRANT by whoever has nothing to give warns, and does nothing."""
        before = rights()
        for table in before:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f"GRANT ALL ON {table} TO CURRENT_USER")
                cursor.execute(f"GRANT ALL ON {table} TO PUBLIC")
        assert rights() == before

    def test_posts_for_nobody_but_by_the_function(self, claire: User) -> None:
        """What it may call moves money between accounts, and makes none: the sum stays zero."""
        assert ledger.balance(ledger.wallet(claire)) == 87_01
        assert Transfer.objects.count() == 3
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT sum(b.amount) + (SELECT coalesce(sum(amount), 0) FROM payments_entry)"
                " FROM payments_balance b"
            )
            assert cursor.fetchone() == (0,)
