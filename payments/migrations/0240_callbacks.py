"""Keys and callbacks of organisations."""

from pathlib import Path

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


SQL = (Path(__file__).parent / "sql" / "0240_callbacks.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0251_organisations'),
        ('payments', '0233_purchases'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Callback',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('url', models.CharField(editable=False, max_length=500, verbose_name='address')),
                ('secret', models.BinaryField(help_text='encrypted')),
                ('events', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('payment.received', 'a payment was received'), ('payment.refunded', 'a payment was given back'), ('payout.paid', 'a payout was made')], max_length=20), editable=False, size=None, verbose_name='events')),
                ('made_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='made at')),
                ('announced', models.BigIntegerField(editable=False, help_text='the number of the transfer up to which it was told of all')),
                ('fails_since', models.DateTimeField(editable=False, null=True, verbose_name='fails since')),
                ('paused_at', models.DateTimeField(editable=False, null=True, verbose_name='paused at')),
                ('removed_at', models.DateTimeField(editable=False, null=True, verbose_name='removed at')),
                ('made_by', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='made by')),
                ('organisation', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='callbacks', to='accounts.organisation', verbose_name='organisation')),
            ],
            options={
                'verbose_name': 'callback',
                'verbose_name_plural': 'callbacks',
                'constraints': [models.CheckConstraint(condition=models.Q(('events__len__gt', 0), ('events__contained_by', ['payment.received', 'payment.refunded', 'payout.paid'])), name='callback_is_told_of_something'), models.UniqueConstraint(condition=models.Q(('removed_at__isnull', True)), fields=('organisation', 'url'), name='address_is_a_callback_once')],
            },
        ),
        migrations.CreateModel(
            name='CallbackDelivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('event', models.UUIDField(editable=False, help_text="the transfer's id; a test's own", verbose_name='event')),
                ('kind', models.CharField(choices=[('payment.received', 'a payment was received'), ('payment.refunded', 'a payment was given back'), ('payout.paid', 'a payout was made'), ('test', 'a test')], editable=False, max_length=20, verbose_name='kind')),
                ('body', models.TextField(editable=False, help_text='as it is sent', verbose_name='body')),
                ('status', models.CharField(choices=[('DUE', 'due'), ('SENT', 'sent'), ('FAILED', 'given up')], default='DUE', editable=False, max_length=8, verbose_name='status')),
                ('tries', models.PositiveSmallIntegerField(default=0, editable=False, verbose_name='tries')),
                ('made_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='made at')),
                ('due_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, help_text='also the end of a lease', verbose_name='due at')),
                ('gives_up_at', models.DateTimeField(editable=False, verbose_name='gives up at')),
                ('sent_at', models.DateTimeField(editable=False, null=True, verbose_name='sent at')),
                ('answer_status', models.PositiveSmallIntegerField(editable=False, null=True, verbose_name='answer')),
                ('answer', models.CharField(blank=True, editable=False, help_text='how it begins', max_length=500, verbose_name='what it answered')),
                ('problem', models.CharField(blank=True, editable=False, max_length=80, verbose_name='problem')),
                ('callback', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='payments.callback', verbose_name='callback')),
            ],
            options={
                'verbose_name': 'delivery to a callback',
                'verbose_name_plural': 'deliveries to callbacks',
                'indexes': [models.Index(condition=models.Q(('status', 'DUE')), fields=['callback', 'due_at'], name='callback_delivery_due'), models.Index(fields=['callback', '-id'], name='callback_delivery_by_callback'), models.Index(condition=models.Q(('answer', ''), _negated=True), fields=['made_at'], name='callback_answer_to_forget')],
                'constraints': [models.UniqueConstraint(fields=('callback', 'event'), name='callback_is_told_of_an_event_once'), models.CheckConstraint(condition=models.Q(models.Q(('sent_at__isnull', False), ('status', 'SENT')), models.Q(models.Q(('status', 'SENT'), _negated=True), ('sent_at__isnull', True)), _connector='OR'), name='sent_event_was_sent_at_a_moment')],
            },
        ),
        migrations.CreateModel(
            name='Horizon',
            fields=[
                ('id', models.PositiveSmallIntegerField(default=1, editable=False, primary_key=True, serialize=False)),
                ('settled', models.BigIntegerField(default=0, editable=False)),
                ('candidate', models.BigIntegerField(default=0, editable=False)),
                ('candidate_before', models.BigIntegerField(default=0, editable=False, help_text='the transaction before which all that had such a number began')),
            ],
            options={
                'verbose_name': 'horizon',
                'verbose_name_plural': 'horizons',
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='horizon_is_one'), models.CheckConstraint(condition=models.Q(('settled__lte', models.F('candidate'))), name='horizon_goes_on')],
            },
        ),
        migrations.CreateModel(
            name='ApiKey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(editable=False, max_length=60, verbose_name='name')),
                ('digest', models.CharField(editable=False, max_length=64, unique=True)),
                ('prefix', models.CharField(editable=False, help_text='to tell it from others', max_length=12, verbose_name='begins with')),
                ('scope', models.CharField(choices=[('READ', 'may read')], default='READ', editable=False, max_length=8, verbose_name='may do')),
                ('made_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='made at')),
                ('last_used_at', models.DateTimeField(editable=False, null=True, verbose_name='last used at')),
                ('revoked_at', models.DateTimeField(editable=False, null=True, verbose_name='revoked at')),
                ('made_by', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='made by')),
                ('organisation', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='api_keys', to='accounts.organisation', verbose_name='organisation')),
            ],
            options={
                'verbose_name': 'API key',
                'verbose_name_plural': 'API keys',
                'constraints': [models.CheckConstraint(condition=models.Q(('scope', 'READ')), name='api_key_only_reads')],
            },
        ),
        migrations.RunSQL(SQL, reverse_sql=migrations.RunSQL.noop),
    ]
