"""What the application's database role may do: everything it needs, and nothing to what happened.

Run after each `migrate`, so that a new table is served and the books stay closed.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import connections, transaction

# Moved by SQL functions alone.
BOOKS = ("payments_transfer", "payments_balance", "payments_entry", "giving_campaigntotal")
# Written by migrations.
GIVEN = ("payments_feebracket",)
# Written once.
APPENDED = (
    "payments_ledgeraccount",
    "payments_orderevent",
    "payments_acquirerevent",
    "payments_confirmation",
    "payments_riskfinding",
    "payments_review",
    "payments_safeguardingday",
    "accounts_auditentry",
    "payments_payoutevent",
    "payments_bankfile",
    "social_charge",
    "payments_debtdecision",
    "payments_requestevent",
    "accounts_handle",
    "giving_tally",
    "giving_loanevent",
    "giving_repaymentpart",
    "giving_receiptedgift",
    "shop_stockmove",
    "payments_feecharge",
    "django_migrations",
)
# Changed by their writers, never deleted.
KEPT = (
    "payments_order",
    "payments_funding",
    "payments_refund",
    "payments_chargeback",
    "payments_repayment",
    "payments_card",
    "payments_bankaccount",
    "payments_payout",
    "payments_payoutbatch",
    "payments_payoutplan",
    "payments_notification",
    "payments_delivery",
    "payments_silence",
    "payments_limit",
    "accounts_device",
    "payments_ownlimit",
    "payments_request",
    "payments_split",
    "payments_proposal",
    "payments_halt",
    "payments_publicity",
    "payments_feedentry",
    "payments_erasure",
    "payments_horizon",
    "payments_apikey",
    "payments_callback",
    "payments_callbackdelivery",
    "payments_replacedsecret",
    "accounts_identitylink",
    "accounts_freeze",
    "accounts_dossier",
    "accounts_organisation",
    "accounts_seat",
    "accounts_invitation",
    "giving_campaign",
    "giving_gift",
    "giving_match",
    "giving_monthlygift",
    "giving_pot",
    "giving_contribution",
    "giving_loan",
    "giving_loanshare",
    "giving_instalment",
    "giving_receiptissuer",
    "giving_receiptbook",
    "giving_receipt",
    "shop_product",
    "shop_variant",
    "shop_purchase",
    "social_message",
    "social_alarm",
    "social_way",
)
# What a role of staff may do: the owner's, by `add_staff` and by each deploy.
RIGHTS = ("auth_group", "auth_group_permissions", "auth_permission")
FUNCTIONS = (
    "post_transfers",
    "roll_up",
    "fold_tallies",
    "append_wallet",
    "close_wallet",
    "reopen_wallet",
    "forget_handles",
    "apply_rights",
)


def grant(*, using: str, **_signal: Any) -> None:
    """Give the application's role its rights, where another role owns the tables."""
    role = str(settings.DATABASES["default"]["USER"])
    connection = connections[using]
    if connection.settings_dict["USER"] == role:
        return
    name = connection.ops.quote_name(role)
    # At once: while it serves, the application must not be able to write the books for a moment.
    with transaction.atomic(using), connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
        # A function or a table of somebody else's, found before ours, would run with the owner's rights.
        cursor.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {name}")
        cursor.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {name}")
        cursor.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {name}")
        for rights, names in (
            ("INSERT, UPDATE, DELETE, TRUNCATE", (*BOOKS, *GIVEN, *RIGHTS)),
            ("UPDATE, DELETE, TRUNCATE", APPENDED),
            ("DELETE, TRUNCATE", KEPT),
        ):
            for table in sorted(tables & set(names)):
                cursor.execute(f"REVOKE {rights} ON {table} FROM {name}")
        for function in FUNCTIONS:
            cursor.execute(f"GRANT EXECUTE ON FUNCTION {function} TO {name}")
