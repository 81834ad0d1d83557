from pathlib import Path

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

SQL = (Path(__file__).parent / "sql" / "0100_leaving.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    beside_old_code = {
        "AddConstraint user former_member_is_nobody": "it is about a column that only new code fills in",
        "RunSQL: adds a trigger": "they refuse what is about somebody who has left, whom old code does not let leave",
    }

    dependencies = [
        ("account", "0001_initial"),
        ("mfa", "0001_initial"),
        ('accounts', '0120_search'),
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        migrations.CreateModel(
            name='SealedRecord',
            fields=[
                ('user', models.OneToOneField(editable=False, on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='+', serialize=False, to=settings.AUTH_USER_MODEL, verbose_name='member')),
                ('content', models.BinaryField(help_text='encrypted')),
                ('sealed_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='sealed at')),
                ('kept_until', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), db_index=True, editable=False, verbose_name='kept until')),
            ],
            options={
                'verbose_name': 'sealed record',
                'verbose_name_plural': 'sealed records',
                'constraints': [models.CheckConstraint(condition=models.Q(('kept_until__gt', models.F('sealed_at'))), name='sealed_record_is_kept_for_a_time')],
            },
        ),
        migrations.AddField(
            model_name='user',
            name='erased_at',
            field=models.DateTimeField(editable=False, null=True, verbose_name='left at'),
        ),
        migrations.AddConstraint(
            model_name='user',
            constraint=models.CheckConstraint(condition=models.Q(('erased_at__isnull', True), models.Q(('email', ''), ('is_active', False), ('is_staff', False), ('is_superuser', False), ('last_login__isnull', True), ('name', ''), ('phone__isnull', True)), _connector='OR'), name='former_member_is_nobody'),
        ),
        migrations.RunSQL(SQL, reverse_sql=migrations.RunSQL.noop),
    ]
