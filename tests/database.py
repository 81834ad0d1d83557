"""A connection as the tables' owner, past Django's guards: for what the application may not do."""

from __future__ import annotations

from typing import Any

import psycopg2
from django.db import connections


def as_owner() -> Any:
    """A connection of psycopg's own, in autocommit."""
    parameters = connections["owner"].get_connection_params()
    connection = psycopg2.connect(**parameters)
    connection.autocommit = True
    return connection
