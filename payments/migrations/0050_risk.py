"""How orders are confirmed, the rules that fired on them, and how reviews ended."""

from pathlib import Path

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

SQL = (Path(__file__).parent / "sql" / "0050_risk.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0050_devices'),
        ('payments', '0040_refunds'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Confirmation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('payee_handle', models.CharField(editable=False, max_length=32, verbose_name="payee's handle then")),
                ('amount', models.BigIntegerField(editable=False, help_text='cents', verbose_name='amount')),
                ('factor', models.CharField(choices=[('CODE', 'the secret code alone'), ('DEVICE', 'the secret code, on a known device'), ('PASSKEY', 'the secret code and a passkey')], editable=False, max_length=8, verbose_name='confirmed by')),
                ('passkey_id', models.BigIntegerField(editable=False, help_text='its number; it may be removed later', null=True, verbose_name='passkey')),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='when')),
                ('device', models.ForeignKey(db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.device', verbose_name='device')),
                ('order', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='confirmations', to='payments.order', verbose_name='order')),
                ('payee', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.identity', verbose_name='payee')),
                ('payer', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='payer')),
            ],
            options={
                'verbose_name': 'confirmation',
                'verbose_name_plural': 'confirmations',
                'indexes': [models.Index(fields=['payer', '-id'], name='confirmation_by_payer'), models.Index(condition=models.Q(('factor', 'CODE'), _negated=True), fields=['payer', '-id'], name='confirmation_strong')],
                'constraints': [models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='confirmation_is_of_an_amount'), models.CheckConstraint(condition=models.Q(models.Q(('device__isnull', True), ('factor', 'CODE'), ('passkey_id__isnull', True)), models.Q(('device__isnull', False), ('factor', 'DEVICE'), ('passkey_id__isnull', True)), models.Q(('device__isnull', True), ('factor', 'PASSKEY'), ('passkey_id__isnull', False)), _connector='OR'), name='confirmation_names_what_was_shown')],
            },
        ),
        migrations.CreateModel(
            name='Review',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('decision', models.CharField(choices=[('RELEASED', 'released: the payee was paid'), ('RETURNED', 'returned to the payer')], editable=False, max_length=8, verbose_name='decision')),
                ('note', models.CharField(editable=False, max_length=500, verbose_name='note')),
                ('decided_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='decided at')),
                ('decided_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='decided by')),
                ('order', models.OneToOneField(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='review', to='payments.order', verbose_name='order')),
                ('proposal', models.OneToOneField(editable=False, help_text='of the second person, above an amount', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='payments.proposal', verbose_name='proposal')),
            ],
            options={
                'verbose_name': 'review',
                'verbose_name_plural': 'reviews',
                'constraints': [models.CheckConstraint(condition=models.Q(('decided_by__isnull', False), ('decision', 'RETURNED'), _connector='OR'), name='review_is_released_by_somebody'), models.CheckConstraint(condition=models.Q(('note', ''), _negated=True), name='review_is_decided_with_a_note')],
            },
        ),
        migrations.CreateModel(
            name='RiskFinding',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rule', models.CharField(choices=[('NEW_PAYEE_LARGE', 'a large payment to somebody never paid before'), ('MANY_PAYEES', 'many different payees within an hour'), ('BURST', 'many payments within minutes'), ('HANDLE_CHANGED', "the payee's handle changed since they were paid last"), ('HANDLE_TAKEN_OVER', "the handle was somebody else's when it was paid last"), ('YOUNG_ACCOUNT', "the payee's account on X is very young"), ('NEW_DEVICE', 'a large payment from a new device to a new payee'), ('CHANGED_LATELY', 'number, password or secret code changed within a day'), ('CARDS_REFUSED', 'several refused cards within a day'), ('COLLECTING', 'the payee collects from many new members')], editable=False, max_length=24, verbose_name='rule')),
                ('verdict', models.CharField(choices=[('ALLOW', 'nothing against it'), ('FACTOR', 'asks for a second factor'), ('REVIEW', 'held for review'), ('REFUSE', 'refused')], editable=False, max_length=8, verbose_name='verdict')),
                ('facts', models.JSONField(editable=False, verbose_name='facts')),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='when')),
                ('order', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='findings', to='payments.order', verbose_name='order')),
            ],
            options={
                'verbose_name': 'finding',
                'verbose_name_plural': 'findings',
                'ordering': ['pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('verdict__in', ['FACTOR', 'REVIEW', 'REFUSE'])), name='finding_asks_for_something')],
            },
        ),
        migrations.RunSQL(SQL, reverse_sql=migrations.RunSQL.noop),
    ]
