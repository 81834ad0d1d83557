from pathlib import Path

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

SQL = (Path(__file__).parent / "sql" / "0032_dossiers.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0031_rights'),
    ]

    operations = [
        migrations.CreateModel(
            name='Dossier',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('status', models.CharField(choices=[('DRAFT', 'being put together'), ('WAITING', 'waits for staff'), ('ACCEPTED', 'accepted'), ('REFUSED', 'refused')], default='DRAFT', editable=False, max_length=8, verbose_name='status')),
                ('sent_at', models.DateTimeField(editable=False, null=True, verbose_name='sent at')),
                ('decided_at', models.DateTimeField(editable=False, null=True, verbose_name='decided at')),
                ('problem', models.CharField(blank=True, choices=[('UNREADABLE', 'The picture cannot be read: take it in good light, whole and sharp.'), ('INCOMPLETE', 'A side or a page is missing.'), ('OUT_OF_DATE', 'The document is out of date.'), ('NAME_DIFFERS', 'The name is not the one of your account.'), ('NOT_IDENTITY', 'This document does not show who you are.')], editable=False, max_length=12, verbose_name='problem')),
                ('purged_at', models.DateTimeField(editable=False, null=True, verbose_name='documents purged at')),
                ('decided_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='decided by')),
                ('user', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='dossiers', to=settings.AUTH_USER_MODEL, verbose_name='member')),
            ],
            options={
                'verbose_name': 'identity check',
                'verbose_name_plural': 'identity checks',
                'permissions': [('review_dossier', 'Can open identity documents, and decide on them')],
                'indexes': [models.Index(condition=models.Q(('status', 'WAITING')), fields=['sent_at'], name='dossier_waiting'), models.Index(condition=models.Q(('purged_at__isnull', True)), fields=['decided_at'], name='dossier_kept')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('status__in', ['DRAFT', 'WAITING'])), fields=('user',), name='member_is_checked_once_at_a_time'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', True), ('decided_by__isnull', True), ('status__in', ['DRAFT', 'WAITING'])), models.Q(('decided_at__isnull', False), ('decided_by__isnull', False), ('status__in', ['ACCEPTED', 'REFUSED'])), _connector='OR'), name='dossier_is_decided_by_somebody'), models.CheckConstraint(condition=models.Q(('decided_by__isnull', True), models.Q(('decided_by', models.F('user')), _negated=True), _connector='OR'), name='nobody_checks_their_own_identity'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'REFUSED'), models.Q(('problem', ''), _negated=True)), models.Q(models.Q(('status', 'REFUSED'), _negated=True), ('problem', '')), _connector='OR'), name='refused_dossier_says_why'), models.CheckConstraint(condition=models.Q(('purged_at__isnull', True), ('decided_at__isnull', False), _connector='OR'), name='dossier_is_purged_after_its_decision')],
            },
        ),
        migrations.CreateModel(
            name='Document',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(editable=False, max_length=100, verbose_name='name')),
                ('media_type', models.CharField(choices=[('image/jpeg', 'JPEG'), ('image/png', 'PNG'), ('application/pdf', 'PDF')], editable=False, max_length=15, verbose_name='type')),
                ('size', models.PositiveIntegerField(editable=False, help_text='bytes', verbose_name='size')),
                ('content', models.BinaryField(help_text='encrypted; empty once purged', null=True)),
                ('added_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='added at')),
                ('dossier', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='documents', to='accounts.dossier', verbose_name='dossier')),
            ],
            options={
                'verbose_name': 'identity document',
                'verbose_name_plural': 'identity documents',
                'constraints': [models.CheckConstraint(condition=models.Q(('media_type__in', ['image/jpeg', 'image/png', 'application/pdf'])), name='document_is_of_a_known_type'), models.CheckConstraint(condition=models.Q(('size__gt', 0), ('size__lte', 8388608)), name='document_is_not_too_large')],
            },
        ),
        migrations.RunSQL(SQL, reverse_sql=migrations.RunSQL.noop),
    ]
