"""Real PostgreSQL, always; the tests connect as the application's role, which owns no table."""

from __future__ import annotations

import contextlib
import os
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import caches
from django.core.management import call_command
from django.db import ProgrammingError, connection, connections
from django.test import TransactionTestCase
from django.utils import translation

from tests import database

# What migrations put there and no test changes.
KEPT = (
    "django_migrations",
    "django_content_type",
    "auth_permission",
    "auth_group",
    "auth_group_permissions",
    "payments_limit",
    "payments_feebracket",
)


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: Any, worker_id: str) -> Iterator[None]:
    """Make the test database as its owner, then serve it as the application."""
    name = f"test_{settings.DATABASES['owner']['NAME']}_{worker_id}"
    with django_db_blocker.unblock():
        owner = connections["owner"]
        _recreate(owner, name)
        for alias in ("owner", "default"):
            connections[alias].close()
            connections[alias].settings_dict["NAME"] = name
        call_command("migrate", database="owner", verbosity=0)
        database.prepare(owner)
        owner.close()
    yield
    with django_db_blocker.unblock():
        for alias in ("owner", "default"):
            connections[alias].close()
        owner.settings_dict["NAME"] = "postgres"
        # A test's web server may hold a connection still, which the owner may not end: the next run drops it.
        with owner.cursor() as cursor, contextlib.suppress(ProgrammingError):
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        owner.close()


def _recreate(owner: Any, name: str) -> None:
    owner.settings_dict["NAME"] = "postgres"
    owner.close()
    with owner.cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{name}"')
    owner.close()


def _empty(_self: TransactionTestCase) -> None:
    """Empty the tables as their owner: the application may not. Most are empty, and are left alone."""
    connection.close()
    with contextlib.closing(database.as_owner()) as owner, owner.cursor() as cursor:
        cursor.execute(_filled(cursor))
        rows = cursor.fetchall()
        guarded = [table for table, has_triggers in rows if has_triggers]
        cursor.execute("BEGIN")
        for table in guarded:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for table, _ in rows:
            cursor.execute(f"DELETE FROM {table}")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in guarded:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        cursor.execute("COMMIT")


def _filled(cursor: Any) -> str:
    """The query for the tables that have rows, and whether triggers guard them."""
    cursor.execute(
        "SELECT string_agg("
        "  format('SELECT %%L, %%L::bool WHERE EXISTS (SELECT FROM %%I)', quote_ident(relname),"
        "  EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND NOT tgisinternal), relname),"
        "  ' UNION ALL ')"
        " FROM pg_class c WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        " AND relname <> ALL(%s)",
        [list(KEPT)],
    )
    return str(cursor.fetchone()[0])


TransactionTestCase._fixture_teardown = _empty  # type: ignore[attr-defined]  # noqa: SLF001  # flush wants an owner


@pytest.fixture(autouse=True)
def _no_collected_files(settings: Any) -> None:
    """Pages are asked for without `collectstatic` having run."""
    settings.WHITENOISE_AUTOREFRESH = True


@pytest.fixture(autouse=True)
def _no_language_left() -> None:
    """A page that a test asks for leaves its reader's language in this thread."""
    translation.deactivate()


@pytest.fixture(autouse=True)
def _fresh_cache(request: pytest.FixtureRequest, worker_id: str) -> None:
    """Rate limits of one test must not meet the next, nor those of another worker."""
    settings.CACHES["default"]["KEY_PREFIX"] = f"{worker_id}:{uuid.uuid4()}"
    with contextlib.suppress(AttributeError):
        del caches["default"]


pytest_plugins = [
    "tests.people",
    "tests.browsers",
    "tests.staff",
    "tests.outside",
    "tests.whole",
    "tests.spread",
    "tests.bodies",
    "tests.giving.receipted",
    "tests.stalls",
    "tests.trial",
]

if "PYTEST_XDIST_WORKER" not in os.environ:

    @pytest.fixture(scope="session")
    def worker_id() -> str:
        return "main"
