"""What was given back whole is not dispatched."""

from pathlib import Path

from django.db import migrations

SQL = (Path(__file__).parent / "sql" / "0002_refunded_purchases.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):

    beside_old_code = {
        "RunSQL: adds a trigger": "old code looks at the refunds too, under the row's lock, before it dispatches",
    }

    dependencies = [
        ('shop', '0001_shop'),
    ]

    operations = [
        migrations.RunSQL(SQL, reverse_sql=migrations.RunSQL.noop),
    ]
