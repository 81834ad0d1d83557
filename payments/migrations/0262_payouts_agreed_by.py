"""Who agreed to a payout, by their own number: what they showed may be removed later."""

from pathlib import Path

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

SQL = (Path(__file__).parent / "sql" / "0262_payouts_agreed_by.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):

    beside_old_code = {
        "RunSQL: adds a trigger": "as the one before it, for a column that old code leaves empty",
    }

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('payments', '0261_replaced_secrets'),
    ]

    operations = [
        migrations.AddField(
            model_name='payout',
            name='agreed_by',
            field=models.ForeignKey(db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='agreed to by'),
        ),
        migrations.RunSQL(SQL, reverse_sql=migrations.RunSQL.noop),
    ]
