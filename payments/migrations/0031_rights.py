"""The function by which two of staff change the rights of a third."""

from pathlib import Path

from django.db import migrations

SQL = (Path(__file__).parent / "sql" / "0031_rights.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    dependencies = [("payments", "0030_proposals"), ("accounts", "0031_rights")]

    operations = [migrations.RunSQL(SQL, reverse_sql=migrations.RunSQL.noop)]
