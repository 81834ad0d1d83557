"""What is known of a member's limits is one query, which whoever asks for many members' has planned as theirs."""

from pathlib import Path

from django.db import migrations

FOLDER = Path(__file__).parent / "sql"
SQL = (FOLDER / "0230_limits_inlined.sql").read_text(encoding="utf-8")
# It gives rows now, as only such a function is planned with its query; that makes it another function.
DROP = "DROP FUNCTION look_at_limits(bigint, timestamptz, uuid, bigint, bigint, interval)"


class Migration(migrations.Migration):
    beside_old_code = {
        "RunSQL: drops": "the same transaction makes it anew: name, arguments and columns are what they were",
    }

    dependencies = [("payments", "0223_limits_at_once")]

    operations = [migrations.RunSQL([DROP, SQL])]
