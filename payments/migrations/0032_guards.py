from pathlib import Path

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

SQL = (Path(__file__).parent / "sql" / "0032_guards.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):

    dependencies = [
        ('payments', '0031_rights'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='SafeguardingDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField(editable=False, unique=True, verbose_name='day')),
                ('taken_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='taken at')),
                ('wallets', models.BigIntegerField(editable=False, help_text='cents', verbose_name='in wallets')),
                ('held', models.BigIntegerField(editable=False, help_text='cents', verbose_name='held')),
                ('payouts', models.BigIntegerField(editable=False, help_text='cents', verbose_name='being paid out')),
                ('own', models.BigIntegerField(editable=False, help_text='cents', verbose_name='our own')),
                ('at_bank', models.BigIntegerField(editable=False, help_text='cents', verbose_name='at the bank')),
                ('in_transit', models.BigIntegerField(editable=False, help_text='cents', verbose_name='in transit')),
            ],
            options={
                'verbose_name': "day's proof",
                'verbose_name_plural': "days' proofs",
            },
        ),
        migrations.AlterField(
            model_name='notification',
            name='kind',
            field=models.CharField(choices=[('ORDER_PENDING', 'an order waits for the secret code'), ('ORDER_VOIDED', 'an order is void'), ('ORDER_EXPIRED', 'an order expired'), ('PAYMENT_SENT', 'a payment was made'), ('PAYMENT_RECEIVED', 'a payment was received'), ('PAYMENT_HELD', 'a payment waits for its payee to join'), ('CLAIM_WAITS', 'a payment still waits for its payee'), ('CLAIM_ENDS', 'a payment that waits for its payee returns tomorrow'), ('PAYMENT_RETURNED', 'a payment came back'), ('PAYMENT_CANCELLED', 'a payment was taken back'), ('WALLET_LOADED', 'the wallet was loaded'), ('LOAD_REFUSED', 'the card was refused'), ('CODE_LOCKED', 'the secret code is locked'), ('MONEY_HALTED', 'money stands still'), ('IDENTITY_ACCEPTED', 'the identity is verified'), ('IDENTITY_REFUSED', 'the identity could not be verified')], editable=False, max_length=20, verbose_name='kind'),
        ),
        migrations.CreateModel(
            name='Halt',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('breaches', models.JSONField(editable=False, help_text='the rules that did not hold, and the rows', verbose_name='breaches')),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='since')),
                ('lifted_at', models.DateTimeField(editable=False, null=True, verbose_name='lifted at')),
                ('lifted_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='lifted by')),
                ('proposal', models.OneToOneField(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, to='payments.proposal', verbose_name='proposal')),
            ],
            options={
                'verbose_name': 'halt',
                'verbose_name_plural': 'halts',
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('lifted_at__isnull', True), ('lifted_by__isnull', True), ('proposal__isnull', True)), models.Q(('lifted_at__gte', models.F('at')), ('lifted_by__isnull', False), ('proposal__isnull', False)), _connector='OR'), name='halt_is_lifted_by_a_proposal'), models.UniqueConstraint(models.Value(1), condition=models.Q(('lifted_at__isnull', True)), name='money_is_halted_once')],
            },
        ),
        migrations.RunSQL(SQL, reverse_sql=migrations.RunSQL.noop),
    ]
