from pathlib import Path

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

SQL = (Path(__file__).parent / "sql" / "0030_audit.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0020_tiers'),
    ]

    operations = [
        migrations.CreateModel(
            name='AuditEntry',
            fields=[
                ('number', models.BigIntegerField(db_default=0, editable=False, primary_key=True, serialize=False, verbose_name='number')),
                ('act', models.CharField(editable=False, max_length=40, verbose_name='act')),
                ('about', models.CharField(db_index=True, editable=False, max_length=80, verbose_name='about')),
                ('before', models.JSONField(editable=False, null=True, verbose_name='before')),
                ('after', models.JSONField(editable=False, null=True, verbose_name='after')),
                ('reason', models.CharField(blank=True, editable=False, max_length=500, verbose_name='reason')),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='when')),
                ('previous', models.CharField(db_default='', editable=False, max_length=64, unique=True, verbose_name='digest before')),
                ('digest', models.CharField(db_default='', editable=False, max_length=64, verbose_name='digest')),
                ('staff', models.ForeignKey(editable=False, help_text='nobody for what a rule did by itself', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='staff')),
            ],
            options={
                'verbose_name': 'act of staff',
                'verbose_name_plural': 'acts of staff',
                'constraints': [models.CheckConstraint(condition=models.Q(('act__regex', '^[a-z]+(\\.[a-z_]+)+$')), name='act_is_named_by_words_and_dots'), models.CheckConstraint(condition=models.Q(('about', ''), _negated=True), name='act_is_about_something')],
            },
        ),
        migrations.CreateModel(
            name='Freeze',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(editable=False, max_length=500, verbose_name='reason')),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='frozen at')),
                ('ended_at', models.DateTimeField(editable=False, null=True, verbose_name='ended at')),
                ('by', models.ForeignKey(editable=False, help_text='nobody when a rule or the member did it', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='frozen by')),
                ('ended_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='ended by')),
                ('user', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='freezes', to=settings.AUTH_USER_MODEL, verbose_name='member')),
            ],
            options={
                'verbose_name': 'freeze',
                'verbose_name_plural': 'freezes',
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('user',), name='member_is_frozen_once'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='freeze_says_why'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', True), ('ended_by__isnull', True)), models.Q(('ended_at__gte', models.F('at')), ('ended_by__isnull', False)), _connector='OR'), name='freeze_is_ended_by_somebody')],
            },
        ),
        migrations.RunSQL(SQL, reverse_sql=migrations.RunSQL.noop),
    ]
