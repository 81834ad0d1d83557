"""A callback's secret can be replaced; the one before signs on beside it for a day."""

from pathlib import Path

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

SQL = (Path(__file__).parent / "sql" / "0261_replaced_secrets.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):

    beside_old_code = {
        "RunSQL: adds a trigger": "one refuses less than before, the other what old code never does: replace a secret",
    }

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('payments', '0253_last_kinds'),
    ]

    operations = [
        migrations.CreateModel(
            name='ReplacedSecret',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('secret', models.BinaryField(editable=False, help_text='encrypted; empty when it signs no more', null=True)),
                ('replaced_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='replaced at')),
                ('callback', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='replaced_secrets', to='payments.callback', verbose_name='callback')),
                ('replaced_by', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='replaced by')),
            ],
            options={
                'verbose_name': 'replaced secret',
                'verbose_name_plural': 'replaced secrets',
            },
        ),
        migrations.RunSQL(SQL, reverse_sql=migrations.RunSQL.noop),
    ]
