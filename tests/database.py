"""A connection as the tables' owner, past Django's guards: for what the application may not do."""

from __future__ import annotations

from typing import Any

import psycopg2
from django.db import connections

from accounts import staff

_APPOINT = """
    CREATE FUNCTION appoint(member bigint, super boolean, roles text[]) RETURNS void
      LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
      UPDATE accounts_user SET is_staff = true, is_superuser = super WHERE id = member;
      INSERT INTO accounts_user_groups (user_id, group_id)
        SELECT member, g.id FROM auth_group g WHERE g.name = ANY (roles);
    $$
"""

# Past the rule that it takes two of staff, in the test's own transaction.
_SET_LIMIT = """
    CREATE FUNCTION set_limit(which text, cents bigint, of_tier text) RETURNS void
      LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
      ALTER TABLE payments_limit DISABLE TRIGGER limit_takes_two;
      UPDATE payments_limit SET amount = cents WHERE name = which AND of_tier IN ('', tier);
      ALTER TABLE payments_limit ENABLE TRIGGER limit_takes_two;
    END $$;
"""


def as_owner() -> Any:
    """A connection of psycopg's own, in autocommit."""
    parameters = connections["owner"].get_connection_params()
    connection = psycopg2.connect(**parameters)
    connection.autocommit = True
    return connection


def prepare(owner: Any) -> None:
    """As the tables' owner, who alone makes staff: the roles, and a function by which tests hire."""
    staff.make_roles(using=owner.alias)
    with owner.cursor() as cursor:
        cursor.execute(_APPOINT)
        cursor.execute(_SET_LIMIT)
