"""Since when a receipt would say of its issuer what it says now."""

from pathlib import Path

import django.db.models.functions.datetime
from django.db import migrations, models

SQL = (Path(__file__).parent / "sql" / "0031_issuers_changes.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):

    beside_old_code = {
        "RunSQL: adds a trigger": "they refuse nothing: they date what old code changes too",
    }

    dependencies = [
        ('accounts', '0251_organisations'),
        ('giving', '0010_receipts'),
    ]

    operations = [
        migrations.AddField(
            model_name='receiptissuer',
            name='changed_at',
            field=models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, help_text='since when receipts say what they say of it; the database dates it', verbose_name='changed at'),
        ),
        migrations.RunSQL(SQL, reverse_sql=migrations.RunSQL.noop),
    ]
