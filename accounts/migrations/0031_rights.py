"""The rights of staff are the owner's to change."""

from pathlib import Path

from django.db import migrations

SQL = (Path(__file__).parent / "sql" / "0031_rights.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0030_audit")]

    operations = [migrations.RunSQL(SQL, reverse_sql=migrations.RunSQL.noop)]
