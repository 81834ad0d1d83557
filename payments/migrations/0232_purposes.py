"""What an order is for, beside a payment between people; the policy for organisations."""

from pathlib import Path

from django.db import migrations, models


SQL = (Path(__file__).parent / "sql" / "0232_purposes.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    beside_old_code = {
        "AddConstraint limit limit_is_for_a_known_tier": "it allows what it did, and one tier more",
    }

    dependencies = [
        ("accounts", "0251_organisations"),
        ('payments', '0231_no_index_of_patterns'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='limit',
            name='limit_is_for_a_known_tier',
        ),
        migrations.AlterField(
            model_name='limit',
            name='tier',
            field=models.CharField(choices=[('PHONE', 'number verified'), ('IDENTIFIED', 'identity verified'), ('ENHANCED', 'identity and means verified'), ('ORGANISATION', 'organisation that was reviewed')], editable=False, max_length=12, verbose_name='tier'),
        ),
        migrations.AlterField(
            model_name='notification',
            name='kind',
            field=models.CharField(choices=[('ORDER_PENDING', 'an order waits for the secret code'), ('ORDER_VOIDED', 'an order is void'), ('ORDER_EXPIRED', 'an order expired'), ('ORDER_IN_REVIEW', 'an order is looked at before it is paid'), ('PAYMENT_SENT', 'a payment was made'), ('PAYMENT_RECEIVED', 'a payment was received'), ('PAYMENT_HELD', 'a payment waits for its payee to join'), ('PROMISE_HELD', 'a payment waits for what it is for'), ('CLAIM_WAITS', 'a payment still waits for its payee'), ('CLAIM_ENDS', 'a payment that waits for its payee returns tomorrow'), ('PAYMENT_RETURNED', 'a payment came back'), ('PAYMENT_CANCELLED', 'a payment was taken back'), ('WALLET_LOADED', 'the wallet was loaded'), ('LOAD_REFUSED', 'the card was refused'), ('FUNDING_FAILED', 'the card did not pay for an order'), ('REFUND_SENT', 'a payment was given back'), ('REFUND_RECEIVED', 'a refund was received'), ('CARD_REFUNDED', 'money goes back to the card'), ('CARD_REFUND_FAILED', 'a refund came back from the card'), ('CHARGEBACK_OPENED', 'a bank took a top-up back'), ('CHARGEBACK_WON', 'a bank gave a top-up back'), ('PAYOUT_REQUESTED', 'a payout was asked for'), ('PAYOUT_WAITS', 'a payout waits for a day'), ('PAYOUT_ARRIVED', 'a payout was made'), ('PAYOUT_RETURNED', 'a payout came back'), ('BANK_ACCOUNT_ADDED', 'a bank account was added'), ('DEBT_TO_RECOVER', 'what is owed will be taken from the wallet'), ('DEBT_RECOVERED', 'something was taken for a debt'), ('DEBT_VOID', 'nothing is owed, and what was taken is back'), ('REQUEST_RECEIVED', 'somebody asks for money'), ('REQUEST_REMINDED', 'a request for money still waits'), ('REQUEST_PAID', 'a request for money was paid'), ('SPLIT_PAID', 'everybody has paid their share'), ('REQUEST_DECLINED', 'a request for money was declined'), ('REQUEST_EXPIRED', 'a request for money expired'), ('REQUEST_CANCELLED', 'a request for money was taken back'), ('CODE_LOCKED', 'the secret code is locked'), ('MONEY_HALTED', 'money stands still'), ('X_ALARM', 'X wants somebody'), ('X_REVOKED', 'access to the X account was taken back'), ('IDENTITY_ACCEPTED', 'the identity is verified'), ('IDENTITY_REFUSED', 'the identity could not be verified'), ('ACCOUNT_CLOSED', 'the account is closed')], editable=False, max_length=20, verbose_name='kind'),
        ),
        migrations.AlterField(
            model_name='order',
            name='kind',
            field=models.CharField(choices=[('SEND', 'transfer'), ('GIFT', 'gift'), ('POT', 'share in a money pot'), ('LOAN', 'share in a loan'), ('PURCHASE', 'purchase')], default='SEND', editable=False, max_length=12, verbose_name='kind'),
        ),
        migrations.AlterField(
            model_name='transfer',
            name='kind',
            field=models.CharField(choices=[('PAYMENT', 'payment'), ('TOP_UP', 'top-up by card'), ('REFUND', 'refund by the payee'), ('CARD_REFUND', 'refund to the card'), ('REFUND_FAILED', 'refund that the card did not take'), ('CHARGEBACK', 'taken back by the cardholder’s bank'), ('CHARGEBACK_WON', 'given back by the cardholder’s bank'), ('RECOVERY', 'taken for a debt'), ('WRITE_OFF', 'debt written off'), ('DEBT_VOID', 'given back, as nothing is owed'), ('HOLD', 'set aside'), ('RELEASE', 'payment that was set aside'), ('RETURN', 'given back'), ('FEE', 'fees of an organisation'), ('REPAYMENT', 'repayment of a loan'), ('PAYOUT', 'reserved for a bank account'), ('PAYOUT_PAID', 'paid to a bank account'), ('PAYOUT_BACK', 'back from a bank account')], editable=False, max_length=16, verbose_name='kind'),
        ),
        migrations.AddConstraint(
            model_name='limit',
            constraint=models.CheckConstraint(condition=models.Q(('tier__in', ['PHONE', 'IDENTIFIED', 'ENHANCED', 'ORGANISATION'])), name='limit_is_for_a_known_tier'),
        ),
        migrations.RunSQL(SQL, reverse_sql=migrations.RunSQL.noop),
    ]
