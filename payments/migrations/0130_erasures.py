from pathlib import Path

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

SQL = (Path(__file__).parent / "sql" / "0130_erasures.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    beside_old_code = {
        "AddConstraint balance closed_wallet_is_empty": "only new code closes a wallet, of somebody who has left",
        "RunSQL: adds a trigger": "they refuse what is about somebody who has left, and what nobody does",
    }

    dependencies = [
        ('accounts', '0100_leaving'),
        ('payments', '0111_departures'),
    ]

    operations = [
        migrations.CreateModel(
            name='Erasure',
            fields=[
                ('user', models.OneToOneField(editable=False, on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='+', serialize=False, to=settings.AUTH_USER_MODEL, verbose_name='member')),
                ('traces', models.BinaryField(help_text='encrypted', null=True)),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='left at')),
                ('rounds', models.PositiveIntegerField(db_default=0, editable=False, verbose_name='rounds')),
                ('due_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, help_text='also the end of a lease', verbose_name='due at')),
                ('finished_at', models.DateTimeField(editable=False, null=True, verbose_name='forgotten at')),
                ('proposal', models.OneToOneField(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='payments.proposal', verbose_name='proposal')),
            ],
            options={
                'verbose_name': 'erasure',
                'verbose_name_plural': 'erasures',
                'indexes': [models.Index(condition=models.Q(('finished_at__isnull', True)), fields=['due_at'], name='erasure_due')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('finished_at__isnull', True), ('traces__isnull', False)), models.Q(('finished_at__isnull', False), ('traces__isnull', True)), _connector='OR'), name='finished_erasure_leaves_no_trace')],
            },
        ),
        migrations.AddField(
            model_name='balance',
            name='is_closed',
            field=models.BooleanField(db_default=False, editable=False, help_text='its owner has left'),
        ),
        migrations.AddField(
            model_name='delivery',
            name='address',
            field=models.BinaryField(help_text='encrypted; of a user who has none any more, until it is sent', null=True),
        ),
        migrations.AlterField(
            model_name='notification',
            name='kind',
            field=models.CharField(choices=[('ORDER_PENDING', 'an order waits for the secret code'), ('ORDER_VOIDED', 'an order is void'), ('ORDER_EXPIRED', 'an order expired'), ('ORDER_IN_REVIEW', 'an order is looked at before it is paid'), ('PAYMENT_SENT', 'a payment was made'), ('PAYMENT_RECEIVED', 'a payment was received'), ('PAYMENT_HELD', 'a payment waits for its payee to join'), ('CLAIM_WAITS', 'a payment still waits for its payee'), ('CLAIM_ENDS', 'a payment that waits for its payee returns tomorrow'), ('PAYMENT_RETURNED', 'a payment came back'), ('PAYMENT_CANCELLED', 'a payment was taken back'), ('WALLET_LOADED', 'the wallet was loaded'), ('LOAD_REFUSED', 'the card was refused'), ('FUNDING_FAILED', 'the card did not pay for an order'), ('REFUND_SENT', 'a payment was given back'), ('REFUND_RECEIVED', 'a refund was received'), ('CARD_REFUNDED', 'money goes back to the card'), ('CARD_REFUND_FAILED', 'a refund came back from the card'), ('CHARGEBACK_OPENED', 'a bank took a top-up back'), ('CHARGEBACK_WON', 'a bank gave a top-up back'), ('PAYOUT_REQUESTED', 'a payout was asked for'), ('PAYOUT_ARRIVED', 'a payout was made'), ('PAYOUT_RETURNED', 'a payout came back'), ('CODE_LOCKED', 'the secret code is locked'), ('MONEY_HALTED', 'money stands still'), ('IDENTITY_ACCEPTED', 'the identity is verified'), ('IDENTITY_REFUSED', 'the identity could not be verified'), ('ACCOUNT_CLOSED', 'the account is closed')], editable=False, max_length=20, verbose_name='kind'),
        ),
        migrations.AlterField(
            model_name='proposal',
            name='kind',
            field=models.CharField(choices=[('LIMIT', 'change a limit'), ('RIGHTS', 'change the rights of staff'), ('UNFREEZE', 'unfreeze a member'), ('TIER', "change a member's tier"), ('RESUME', 'let money move again'), ('REFUND', 'refund'), ('RELEASE', 'release a held order'), ('ERASE', "close a member's account and forget them")], editable=False, max_length=12, verbose_name='kind'),
        ),
        migrations.AddConstraint(
            model_name='balance',
            constraint=models.CheckConstraint(condition=models.Q(('is_closed', False), models.Q(('amount', 0), ('mode', 'STORED')), _connector='OR'), name='closed_wallet_is_empty'),
        ),
        migrations.RunSQL(SQL, reverse_sql=migrations.RunSQL.noop),
    ]
