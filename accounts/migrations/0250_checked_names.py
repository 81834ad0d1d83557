"""The name that an identity was checked by stays."""

from pathlib import Path

from django.db import migrations

SQL = (Path(__file__).parent / "sql" / "0250_checked_names.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    beside_old_code = {
        "RunSQL: adds a trigger": "a change of name that new code refuses in words fails in old code for these"
        " minutes, and leaves nothing behind; whatever else old code writes of a member is let pass",
    }

    dependencies = [("accounts", "0240_room_for_identities")]

    operations = [migrations.RunSQL(SQL, reverse_sql=migrations.RunSQL.noop)]
