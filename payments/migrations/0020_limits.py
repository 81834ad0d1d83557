"""Limits for each tier, with the figures of before; what members allow themselves."""

from pathlib import Path

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

SQL = Path(__file__).parent / "sql"
TIERS = [
    ("PHONE", "number verified"),
    ("IDENTIFIED", "identity verified"),
    ("ENHANCED", "identity and means verified"),
]
NAMES = [
    ("ORDER_TO_PERSON", "one order to a person"),
    ("ORDER_TO_ORGANISATION", "one order to an organisation"),
    ("DAY", "paid in 24 hours"),
    ("MONTH", "paid in 30 days"),
    ("NIGHT", "paid in a night"),
    ("FIRST_PAYEE", "paid at once to somebody new"),
    ("TOP_UP", "one top-up by card"),
    ("WALLET", "what a wallet may hold"),
]
OWN = [("ORDER", "for one order"), ("DAY", "in 24 hours"), ("MONTH", "in 30 days")]
COUNTED = models.Q(("status__in", ["FUNDING", "REVIEW", "HELD", "PAID"]))
BEFORE = "CREATE TEMPORARY TABLE limits_before ON COMMIT DROP AS SELECT name, amount FROM payments_limit"


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0020_tiers"),
        ("payments", "0005_claims"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL(BEFORE, reverse_sql=migrations.RunSQL.noop),
        migrations.DeleteModel("Limit"),
        migrations.CreateModel(
            "Limit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("tier", models.CharField(choices=TIERS, editable=False, max_length=12, verbose_name="tier")),
                ("name", models.CharField(choices=NAMES, editable=False, max_length=32, verbose_name="limit")),
                ("amount", models.BigIntegerField(help_text="cents", verbose_name="amount")),
            ],
            options={
                "verbose_name": "limit",
                "verbose_name_plural": "limits",
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("amount__gte", 0)), name="limit_is_not_negative"),
                    models.CheckConstraint(
                        condition=models.Q(("tier__in", [tier for tier, _ in TIERS])), name="limit_is_for_a_known_tier"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("name__in", [name for name, _ in NAMES])), name="limit_is_known"
                    ),
                    models.UniqueConstraint(fields=("tier", "name"), name="tier_has_each_limit_once"),
                ],
            },
        ),
        migrations.RunSQL((SQL / "0020_policy.sql").read_text(encoding="utf-8"), migrations.RunSQL.noop),
        migrations.CreateModel(
            "OwnLimit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(choices=OWN, editable=False, max_length=12, verbose_name="limit")),
                ("amount", models.BigIntegerField(editable=False, help_text="cents", null=True, verbose_name="amount")),
                (
                    "before",
                    models.BigIntegerField(editable=False, help_text="cents", null=True, verbose_name="amount before"),
                ),
                ("asked_at", models.DateTimeField(editable=False, verbose_name="asked at")),
                ("effective_at", models.DateTimeField(editable=False, verbose_name="counts from")),
                ("cancelled_at", models.DateTimeField(editable=False, null=True, verbose_name="cancelled at")),
                (
                    "user",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="own_limits",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="member",
                    ),
                ),
            ],
            options={
                "verbose_name": "own limit",
                "verbose_name_plural": "own limits",
                "indexes": [models.Index(fields=["user", "name", "-asked_at"], name="own_limit_newest")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("amount__isnull", True), ("amount__gte", 0), _connector="OR"),
                        name="own_limit_is_not_negative",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("name__in", [name for name, _ in OWN])), name="own_limit_is_known"
                    ),
                ],
            },
        ),
        migrations.AddIndex(
            "order",
            models.Index(fields=["payer", "confirmed_at"], include=["amount"], condition=COUNTED, name="order_counted"),
        ),
        migrations.AddIndex(
            "order",
            models.Index(
                fields=["payer", "payee", "confirmed_at"], condition=COUNTED, name="order_counted_of_payee"
            ),
        ),
        migrations.RunSQL((SQL / "0020_limits.sql").read_text(encoding="utf-8"), migrations.RunSQL.noop),
    ]
