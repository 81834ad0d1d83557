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
