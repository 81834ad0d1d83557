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
# Time goes by for a pot and what waits in it, past the rule that its days never change.
_AGE_POT = """
    CREATE FUNCTION age_pot(pot uuid, by interval) RETURNS void
      LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
      SET CONSTRAINTS ALL IMMEDIATE;  -- What is to be checked still keeps a table as it is.
      ALTER TABLE giving_pot DISABLE TRIGGER pot_terms_never_change;
      UPDATE giving_pot SET opened_at = opened_at - by, closes_at = closes_at - by WHERE id = pot;
      ALTER TABLE giving_pot ENABLE TRIGGER pot_terms_never_change;
      UPDATE payments_order SET expires_at = expires_at - by
       WHERE id IN (SELECT order_id FROM giving_contribution WHERE pot_id = pot);
    END $$;
"""

# Past the rule that a campaign keeps its terms.
_LET_DEADLINE_PASS = """
    CREATE FUNCTION let_deadline_pass(campaign bigint) RETURNS void
      LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
      SET CONSTRAINTS ALL IMMEDIATE;
      ALTER TABLE giving_campaign DISABLE TRIGGER campaign_keeps_its_terms;
      UPDATE giving_campaign SET deadline = clock_timestamp() - interval '1 second' WHERE id = campaign;
      ALTER TABLE giving_campaign ENABLE TRIGGER campaign_keeps_its_terms;
      SET CONSTRAINTS ALL DEFERRED;
    END $$;
"""

# What was booked on another day than today, in the test's own transaction.
_REDATE = """
    CREATE FUNCTION redate(which uuid, moment timestamptz) RETURNS void
      LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
      SET CONSTRAINTS ALL IMMEDIATE;
      ALTER TABLE payments_transfer DISABLE TRIGGER USER;
      UPDATE payments_transfer SET posted_at = moment WHERE id = which;
      ALTER TABLE payments_transfer ENABLE TRIGGER USER;
      SET CONSTRAINTS ALL DEFERRED;
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
        cursor.execute(_LET_DEADLINE_PASS)
        cursor.execute(_AGE_POT)
        cursor.execute(_REDATE)
