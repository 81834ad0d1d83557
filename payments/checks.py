"""System checks: what would fail late is said at the start."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import Error, Tags, register
from django.db import connection
from schwifty import IBAN

DEMO_IBAN = "FR7630006000011234567890189"  # Of every example in France, and of nobody.
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


@register(deploy=True)
def bank_is_ours(**_options: Any) -> list[Error]:
    """Payouts leave from our own account."""
    if not IBAN(settings.BANK_IBAN, allow_invalid=True).is_valid or settings.BANK_IBAN == DEMO_IBAN:
        return [
            Error(
                "BANK_IBAN is no account of ours.",
                hint="Set the number of the account in which the members' money is safeguarded.",
                id="payments.E003",
            )
        ]
    return []
