"""Organisations, who acts for them, and the tier of those that staff have accepted."""

from pathlib import Path

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


SQL = (Path(__file__).parent / "sql" / "0251_organisations.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    beside_old_code = {
        "AddConstraint user member_tier_is_known": "it allows what it did, and one tier more",
        "RunSQL: adds a trigger": "they are about the accounts of organisations, which old code knows nothing of",
    }

    dependencies = [
        ("account", "0001_initial"),
        ("mfa", "0001_initial"),
        ('accounts', '0250_checked_names'),
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        migrations.CreateModel(
            name='Invitation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('OWNER', 'owner: everything, and who else'), ('TREASURER', 'treasurer: money in and out, receipts, accounts'), ('READER', 'reader: looks, and changes nothing')], editable=False, max_length=9, verbose_name='role')),
                ('digest', models.CharField(editable=False, max_length=64, unique=True)),
                ('invited_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='invited at')),
                ('expires_at', models.DateTimeField(editable=False, verbose_name='expires at')),
                ('withdrawn_at', models.DateTimeField(editable=False, null=True, verbose_name='withdrawn at')),
                ('invited_by', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='invited by')),
            ],
            options={
                'verbose_name': 'invitation',
                'verbose_name_plural': 'invitations',
                'constraints': [models.CheckConstraint(condition=models.Q(('role__in', ['OWNER', 'TREASURER', 'READER'])), name='invited_role_is_known'), models.CheckConstraint(condition=models.Q(('expires_at__gt', models.F('invited_at'))), name='invitation_expires_after_it_was_made')],
            },
        ),
        migrations.CreateModel(
            name='Organisation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(editable=False, max_length=32, unique=True, verbose_name='address of its page')),
                ('kind', models.CharField(choices=[('ASSOCIATION', 'association'), ('FOUNDATION', 'foundation or endowment fund'), ('COMPANY', 'company'), ('PUBLIC', 'public body')], max_length=12, verbose_name='kind')),
                ('siren', models.CharField(blank=True, max_length=9, verbose_name='SIREN')),
                ('rna', models.CharField(blank=True, max_length=10, verbose_name='RNA')),
                ('purpose', models.TextField(help_text='what its page says it is for', max_length=500, verbose_name='purpose')),
                ('street', models.CharField(max_length=120, verbose_name='street and number')),
                ('postcode', models.CharField(max_length=5, verbose_name='postcode')),
                ('city', models.CharField(max_length=80, verbose_name='town')),
                ('website', models.URLField(blank=True, verbose_name='website')),
                ('founded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='signed up at')),
                ('account', models.OneToOneField(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='organisation', to=settings.AUTH_USER_MODEL, verbose_name='account')),
                ('founded_by', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='signed up by')),
            ],
            options={
                'verbose_name': 'organisation',
                'verbose_name_plural': 'organisations',
                'indexes': [models.Index(condition=models.Q(('siren', ''), _negated=True), fields=['siren'], name='organisation_by_siren'), models.Index(condition=models.Q(('rna', ''), _negated=True), fields=['rna'], name='organisation_by_rna')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('siren', ''), _negated=True), models.Q(('rna', ''), _negated=True), _connector='OR'), name='organisation_is_in_a_register'), models.CheckConstraint(condition=models.Q(('rna', ''), ('kind', 'ASSOCIATION'), _connector='OR'), name='associations_alone_have_an_rna'), models.CheckConstraint(condition=models.Q(('kind__in', ['ASSOCIATION', 'FOUNDATION', 'COMPANY', 'PUBLIC'])), name='organisation_kind_is_known'), models.CheckConstraint(condition=models.Q(('account', models.F('founded_by')), _negated=True), name='organisation_is_founded_by_a_person')],
            },
        ),
        migrations.CreateModel(
            name='Seat',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('OWNER', 'owner: everything, and who else'), ('TREASURER', 'treasurer: money in and out, receipts, accounts'), ('READER', 'reader: looks, and changes nothing')], editable=False, max_length=9, verbose_name='role')),
                ('taken_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='since')),
                ('left_at', models.DateTimeField(editable=False, null=True, verbose_name='until')),
                ('organisation', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='seats', to='accounts.organisation', verbose_name='organisation')),
                ('user', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='seats', to=settings.AUTH_USER_MODEL, verbose_name='member')),
            ],
            options={
                'verbose_name': 'seat',
                'verbose_name_plural': 'seats',
                'constraints': [models.UniqueConstraint(condition=models.Q(('left_at__isnull', True)), fields=('organisation', 'user'), name='member_has_one_seat_at_a_time'), models.CheckConstraint(condition=models.Q(('role__in', ['OWNER', 'TREASURER', 'READER'])), name='role_is_known'), models.CheckConstraint(condition=models.Q(('left_at__isnull', True), ('left_at__gte', models.F('taken_at')), _connector='OR'), name='seat_is_left_after_it_was_taken')],
            },
        ),
        migrations.RemoveConstraint(
            model_name='user',
            name='member_tier_is_known',
        ),
        migrations.AlterField(
            model_name='identity',
            name='network',
            field=models.CharField(choices=[('x', 'X'), ('phone', 'phone'), ('messenger', 'Messenger'), ('site', 'our own pages')], max_length=12, verbose_name='network'),
        ),
        migrations.AlterField(
            model_name='user',
            name='tier',
            field=models.CharField(choices=[('PHONE', 'number verified'), ('IDENTIFIED', 'identity verified'), ('ENHANCED', 'identity and means verified'), ('ORGANISATION', 'organisation that was reviewed')], db_default='PHONE', default='PHONE', editable=False, max_length=12, verbose_name='tier'),
        ),
        migrations.AddConstraint(
            model_name='user',
            constraint=models.CheckConstraint(condition=models.Q(('tier__in', ['PHONE', 'IDENTIFIED', 'ENHANCED', 'ORGANISATION'])), name='member_tier_is_known'),
        ),
        migrations.AddField(
            model_name='invitation',
            name='organisation',
            field=models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.organisation', verbose_name='organisation'),
        ),
        migrations.AddField(
            model_name='invitation',
            name='seat',
            field=models.OneToOneField(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.seat', verbose_name='seat'),
        ),
        migrations.AddConstraint(
            model_name='invitation',
            constraint=models.CheckConstraint(condition=models.Q(('seat__isnull', True), ('withdrawn_at__isnull', True), _connector='OR'), name='invitation_is_taken_or_withdrawn'),
        ),
        migrations.RunSQL(SQL, reverse_sql=migrations.RunSQL.noop),
    ]
