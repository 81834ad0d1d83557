"""A member's own limits are looked for once for all limits: the function keeps its name and what it gives."""

from pathlib import Path

from django.db import migrations

FOLDER = Path(__file__).parent / "sql"
SQL = (FOLDER / "0223_limits_at_once.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    dependencies = [("payments", "0222_fewer_indexes")]

    operations = [migrations.RunSQL(SQL)]
