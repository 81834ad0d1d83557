from pathlib import Path

import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.text
from django.db import migrations, models

SQL = (Path(__file__).parent / "sql" / "0220_handles.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):

    beside_old_code = {
        "AddConstraint identity identity_has_a_standing_once_it_is_described": "old code writes neither column",
        "RunSQL: adds a trigger": "it writes beside old code what new code reads",
    }

    dependencies = [
        ('accounts', '0210_phones_and_messenger'),
    ]

    operations = [
        migrations.CreateModel(
            name='Handle',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('handle', models.CharField(editable=False, max_length=32, verbose_name='handle')),
                ('since', models.DateTimeField(editable=False, verbose_name='seen since')),
                ('identity', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='handles', to='accounts.identity', verbose_name='identity')),
            ],
            options={
                'verbose_name': 'former and present handle',
                'verbose_name_plural': 'handles, with their history',
                'ordering': ['pk'],
                'indexes': [django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Upper('handle'), 'gin_trgm_ops'), name='former_handle_by_letters')],
            },
        ),
        migrations.AddField(
            model_name='identity',
            name='described_at',
            field=models.DateTimeField(blank=True, help_text='when the network last told all of this', null=True, verbose_name='described at'),
        ),
        migrations.AddField(
            model_name='identity',
            name='standing',
            field=models.CharField(blank=True, choices=[('PUBLIC', 'public'), ('PROTECTED', 'protected: only followers read it'), ('SUSPENDED', 'suspended by the network'), ('GONE', 'closed, or never there')], db_default='', default='', max_length=10, verbose_name='standing there'),
        ),
        migrations.AddConstraint(
            model_name='identity',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('described_at__isnull', True), ('standing', '')), models.Q(('described_at__isnull', False), ('standing__in', ['PUBLIC', 'PROTECTED', 'SUSPENDED', 'GONE'])), _connector='OR'), name='identity_has_a_standing_once_it_is_described'),
        ),
        migrations.RunSQL(SQL, reverse_sql=migrations.RunSQL.noop),
    ]
