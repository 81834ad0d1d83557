"""The ledger's functions and triggers, and the limits to start from."""

from pathlib import Path

from django.db import migrations

SQL = (Path(__file__).parent / "sql" / "0002_ledger.sql").read_text(encoding="utf-8")

# Cents. The first two are the figures of 2014's articles.
LIMITS = {"ORDER_TO_PERSON": 250_00, "ORDER_TO_ORGANISATION": 500_00, "TOP_UP": 500_00, "WALLET": 2_500_00}


def set_limits(apps, schema_editor):
    Limit = apps.get_model("payments", "Limit")
    Limit.objects.using(schema_editor.connection.alias).bulk_create(
        Limit(name=name, amount=amount) for name, amount in LIMITS.items()
    )


class Migration(migrations.Migration):
    dependencies = [("payments", "0001_initial")]

    operations = [
        migrations.RunSQL(SQL, reverse_sql=migrations.RunSQL.noop),
        migrations.RunPython(set_limits, migrations.RunPython.noop),
    ]
