"""System checks: what would fail late is said at the start."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import Error, Tags, register
from django.db import connection

DURABLE = ("fsync", "full_page_writes", "synchronous_commit")


@register(Tags.database, deploy=True)
def database_is_durable(databases: Sequence[str] | None = None, **_options: Any) -> list[Error]:
    """An acknowledged payment must survive a power cut."""
    if not databases:
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, setting FROM pg_settings WHERE name = ANY(%s)", [list(DURABLE)])
        weak = [name for name, setting in cursor.fetchall() if setting == "off"]
    return [
        Error(f"PostgreSQL runs with {name} off.", hint=f"Set {name} = on.", id="payments.E001")
        for name in weak
    ]


@register(deploy=True)
def application_owns_no_table(**_options: Any) -> list[Error]:
    """The role that serves must not be the one that migrates."""
    owner = settings.DATABASES.get("owner", {}).get("USER")
    if owner is None or owner != settings.DATABASES["default"]["USER"]:
        return []
    return [
        Error(
            "DATABASE_URL and DATABASE_OWNER_URL name one role, so the books are open to the application.",
            hint="Serve with a role that owns no table.",
            id="payments.E002",
        )
    ]
