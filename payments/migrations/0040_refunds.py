from pathlib import Path

import django.db.models.deletion
import django.db.models.expressions
import django.utils.timezone
import uuid_utils.compat
from django.conf import settings
from django.db import migrations, models

SQL = (Path(__file__).parent / "sql" / "0040_refunds.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):

    dependencies = [
        ('payments', '0032_guards'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Chargeback',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False, verbose_name='number')),
                ('dispute_id', models.CharField(editable=False, max_length=64, unique=True, verbose_name='dispute at the processor')),
                ('amount', models.BigIntegerField(editable=False, help_text='cents', verbose_name='amount')),
                ('taken', models.BigIntegerField(editable=False, help_text='cents', verbose_name='taken from the wallet')),
                ('owed', models.BigIntegerField(editable=False, help_text='cents', verbose_name='owed')),
                ('status', models.CharField(choices=[('OPEN', 'contested'), ('WON', 'decided for us'), ('LOST', 'decided against us')], default='OPEN', editable=False, max_length=8, verbose_name='status')),
                ('opened_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='opened at')),
                ('closed_at', models.DateTimeField(editable=False, null=True, verbose_name='closed at')),
                ('checked_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='last asked for at')),
                ('funding', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='chargebacks', to='payments.funding', verbose_name='top-up')),
                ('owed_return', models.OneToOneField(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='forgiven_chargeback', to='payments.transfer')),
                ('owed_transfer', models.OneToOneField(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='owed_chargeback', to='payments.transfer')),
                ('wallet_return', models.OneToOneField(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='won_chargeback', to='payments.transfer')),
                ('wallet_transfer', models.OneToOneField(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='chargeback', to='payments.transfer')),
            ],
            options={
                'verbose_name': 'chargeback',
                'verbose_name_plural': 'chargebacks',
                'indexes': [models.Index(condition=models.Q(('status', 'OPEN')), fields=['checked_at'], name='chargeback_open')],
                'constraints': [models.CheckConstraint(condition=models.Q(('amount', django.db.models.expressions.CombinedExpression(models.F('taken'), '+', models.F('owed'))), ('amount__gt', 0), ('owed__gte', 0), ('taken__gte', 0)), name='chargeback_is_taken_or_owed'), models.CheckConstraint(condition=models.Q(models.Q(models.Q(('taken', 0), ('wallet_transfer__isnull', True)), models.Q(('taken__gt', 0), ('wallet_transfer__isnull', False)), _connector='OR'), models.Q(models.Q(('owed', 0), ('owed_transfer__isnull', True)), models.Q(('owed__gt', 0), ('owed_transfer__isnull', False)), _connector='OR')), name='chargeback_moved_its_money'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'WON'), models.Q(('wallet_transfer__isnull', True), ('wallet_return__isnull', False), _connector='OR'), models.Q(('owed_transfer__isnull', True), ('owed_return__isnull', False), _connector='OR')), models.Q(models.Q(('status', 'WON'), _negated=True), ('owed_return__isnull', True), ('wallet_return__isnull', True)), _connector='OR'), name='won_chargeback_brought_its_money_back'), models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', True), ('status', 'OPEN')), models.Q(models.Q(('status', 'OPEN'), _negated=True), ('closed_at__isnull', False)), _connector='OR'), name='closed_chargeback_was_closed_at_a_moment')],
            },
        ),
        migrations.CreateModel(
            name='Refund',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False, verbose_name='number')),
                ('origin', models.CharField(choices=[('PAYEE', 'the payee'), ('STAFF', 'staff, two of them'), ('SYSTEM', 'by itself: the card was charged for nothing')], editable=False, max_length=8, verbose_name='given back by')),
                ('amount', models.BigIntegerField(editable=False, help_text='cents', verbose_name='amount')),
                ('form_key', models.UUIDField(editable=False, help_text='of the form that asked, however often it was sent', null=True, verbose_name='form')),
                ('status', models.CharField(choices=[('REQUESTED', 'about to be asked for'), ('UNKNOWN', 'on its way to the card'), ('SUCCEEDED', 'given back'), ('FAILED', 'the card did not take it')], default='REQUESTED', editable=False, max_length=12, verbose_name='status')),
                ('return_id', models.CharField(blank=True, editable=False, max_length=64, verbose_name='refund at the processor')),
                ('problem', models.CharField(blank=True, editable=False, max_length=64, verbose_name='problem')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='created at')),
                ('checked_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='last asked for at')),
                ('back_transfer', models.OneToOneField(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='failed_refund', to='payments.transfer', verbose_name='transfer of what the card did not take')),
                ('card_transfer', models.OneToOneField(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='card_refund', to='payments.transfer', verbose_name='transfer to the card')),
                ('funding', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='refunds', to='payments.funding', verbose_name='top-up')),
                ('order', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='refunds', to='payments.order', verbose_name='order')),
                ('proposal', models.OneToOneField(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='refund', to='payments.proposal', verbose_name='proposal')),
                ('transfer', models.OneToOneField(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='refund', to='payments.transfer', verbose_name='transfer to the payer')),
            ],
            options={
                'verbose_name': 'refund',
                'verbose_name_plural': 'refunds',
                'indexes': [models.Index(condition=models.Q(('status__in', ['REQUESTED', 'UNKNOWN'])), fields=['checked_at'], name='refund_open')],
                'constraints': [models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='refund_gives_something_back'), models.CheckConstraint(condition=models.Q(models.Q(('funding__isnull', True), ('order__isnull', False), ('origin', 'PAYEE')), models.Q(('funding__isnull', False), ('order__isnull', True), ('origin', 'SYSTEM')), models.Q(('origin', 'STAFF'), models.Q(('order__isnull', False), ('funding__isnull', False), _connector='OR')), _connector='OR'), name='refund_is_of_a_payment'), models.CheckConstraint(condition=models.Q(models.Q(('origin', 'STAFF'), ('proposal__isnull', False)), models.Q(models.Q(('origin', 'STAFF'), _negated=True), ('proposal__isnull', True)), _connector='OR'), name='staff_refund_was_proposed'), models.CheckConstraint(condition=models.Q(models.Q(('order__isnull', True), ('transfer__isnull', True)), models.Q(('order__isnull', False), ('transfer__isnull', False)), _connector='OR'), name='refund_of_an_order_moved_its_money'), models.CheckConstraint(condition=models.Q(models.Q(('card_transfer__isnull', True), ('funding__isnull', True), ('status', 'SUCCEEDED')), models.Q(('card_transfer__isnull', False), ('funding__isnull', False)), _connector='OR'), name='refund_to_a_card_took_its_money_first'), models.CheckConstraint(condition=models.Q(models.Q(('back_transfer__isnull', False), ('status', 'FAILED')), models.Q(models.Q(('status', 'FAILED'), _negated=True), ('back_transfer__isnull', True)), _connector='OR'), name='failed_refund_brought_its_money_back'), models.UniqueConstraint(fields=('order', 'form_key'), name='form_asks_for_one_refund'), models.UniqueConstraint(condition=models.Q(('return_id', ''), _negated=True), fields=('return_id',), name='processor_refund_is_of_one_refund'), models.UniqueConstraint(condition=models.Q(('origin', 'SYSTEM')), fields=('funding',), name='charge_for_nothing_goes_back_once')],
            },
        ),
        migrations.AddField(
            model_name='funding',
            name='order',
            field=models.ForeignKey(editable=False, help_text='for which the card is asked, as the wallet lacks it', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='fundings', to='payments.order', verbose_name='order'),
        ),
        migrations.AlterField(
            model_name='ledgeraccount',
            name='kind',
            field=models.CharField(choices=[('WALLET', 'wallet'), ('HELD', 'held for somebody'), ('CARD_CLEARING', 'on its way from the card processor'), ('BANK', 'safeguarded at the bank'), ('FEES', 'our fees'), ('PAYOUT', 'on its way to a bank account'), ('RECEIVABLE', 'owed to us by members')], editable=False, max_length=16, verbose_name='kind'),
        ),
        migrations.AlterField(
            model_name='notification',
            name='kind',
            field=models.CharField(choices=[('ORDER_PENDING', 'an order waits for the secret code'), ('ORDER_VOIDED', 'an order is void'), ('ORDER_EXPIRED', 'an order expired'), ('PAYMENT_SENT', 'a payment was made'), ('PAYMENT_RECEIVED', 'a payment was received'), ('PAYMENT_HELD', 'a payment waits for its payee to join'), ('CLAIM_WAITS', 'a payment still waits for its payee'), ('CLAIM_ENDS', 'a payment that waits for its payee returns tomorrow'), ('PAYMENT_RETURNED', 'a payment came back'), ('PAYMENT_CANCELLED', 'a payment was taken back'), ('WALLET_LOADED', 'the wallet was loaded'), ('LOAD_REFUSED', 'the card was refused'), ('FUNDING_FAILED', 'the card did not pay for an order'), ('REFUND_SENT', 'a payment was given back'), ('REFUND_RECEIVED', 'a refund was received'), ('CARD_REFUNDED', 'money goes back to the card'), ('CARD_REFUND_FAILED', 'a refund came back from the card'), ('CHARGEBACK_OPENED', 'a bank took a top-up back'), ('CHARGEBACK_WON', 'a bank gave a top-up back'), ('CODE_LOCKED', 'the secret code is locked'), ('MONEY_HALTED', 'money stands still'), ('IDENTITY_ACCEPTED', 'the identity is verified'), ('IDENTITY_REFUSED', 'the identity could not be verified')], editable=False, max_length=20, verbose_name='kind'),
        ),
        migrations.AlterField(
            model_name='transfer',
            name='kind',
            field=models.CharField(choices=[('PAYMENT', 'payment'), ('TOP_UP', 'top-up by card'), ('REFUND', 'refund by the payee'), ('CARD_REFUND', 'refund to the card'), ('REFUND_FAILED', 'refund that the card did not take'), ('CHARGEBACK', 'taken back by the cardholder’s bank'), ('CHARGEBACK_WON', 'given back by the cardholder’s bank'), ('HOLD', 'set aside'), ('RELEASE', 'payment that was set aside'), ('RETURN', 'given back')], editable=False, max_length=16, verbose_name='kind'),
        ),
        migrations.AddConstraint(
            model_name='funding',
            constraint=models.UniqueConstraint(condition=models.Q(('status__in', ['CREATED', 'ACTION', 'UNKNOWN'])), fields=('order',), name='order_asks_one_card_at_a_time'),
        ),
        migrations.AddField(
            model_name='notification',
            name='chargeback',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='notifications', to='payments.chargeback', verbose_name='chargeback'),
        ),
        migrations.AddField(
            model_name='notification',
            name='refund',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='notifications', to='payments.refund', verbose_name='refund'),
        ),
        migrations.AddConstraint(
            model_name='notification',
            constraint=models.UniqueConstraint(condition=models.Q(('refund__isnull', False)), fields=('user', 'kind', 'refund'), name='refund_is_told_once'),
        ),
        migrations.AddConstraint(
            model_name='notification',
            constraint=models.UniqueConstraint(condition=models.Q(('chargeback__isnull', False)), fields=('user', 'kind', 'chargeback'), name='chargeback_is_told_once'),
        ),
        migrations.RunSQL(SQL, reverse_sql=migrations.RunSQL.noop),
    ]
