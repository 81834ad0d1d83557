"""What the database holds of money that leaves, of debts, limits and tiers."""

from pathlib import Path

from django.db import migrations

SQL = (Path(__file__).parent / "sql" / "0111_departures.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0050_devices'),
        ('payments', '0110_debts'),
    ]

    operations = [
        migrations.RunSQL(SQL, reverse_sql=migrations.RunSQL.noop),
    ]
