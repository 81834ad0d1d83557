"""What is told of seats at organisations."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    beside_old_code = {"AddConstraint notification seat_is_told_once": "old code tells of no seat"}

    dependencies = [
        ('accounts', '0251_organisations'),
        ('payments', '0262_payouts_agreed_by'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='notification',
            name='seat',
            field=models.ForeignKey(db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='notifications', to='accounts.seat', verbose_name='seat'),
        ),
        migrations.AlterField(
            model_name='notification',
            name='kind',
            field=models.CharField(choices=[('ORDER_PENDING', 'an order waits for the secret code'), ('ORDER_VOIDED', 'an order is void'), ('ORDER_EXPIRED', 'an order expired'), ('ORDER_IN_REVIEW', 'an order is looked at before it is paid'), ('PAYMENT_SENT', 'a payment was made'), ('PAYMENT_RECEIVED', 'a payment was received'), ('PAYMENT_HELD', 'a payment waits for its payee to join'), ('PROMISE_HELD', 'a payment waits for what it is for'), ('CLAIM_WAITS', 'a payment still waits for its payee'), ('CLAIM_ENDS', 'a payment that waits for its payee returns tomorrow'), ('PAYMENT_RETURNED', 'a payment came back'), ('PAYMENT_CANCELLED', 'a payment was taken back'), ('WALLET_LOADED', 'the wallet was loaded'), ('LOAD_REFUSED', 'the card was refused'), ('FUNDING_FAILED', 'the card did not pay for an order'), ('REFUND_SENT', 'a payment was given back'), ('REFUND_RECEIVED', 'a refund was received'), ('CARD_REFUNDED', 'money goes back to the card'), ('CARD_REFUND_FAILED', 'a refund came back from the card'), ('CHARGEBACK_OPENED', 'a bank took a top-up back'), ('CHARGEBACK_WON', 'a bank gave a top-up back'), ('PAYOUT_REQUESTED', 'a payout was asked for'), ('PAYOUT_WAITS', 'a payout waits for a day'), ('PAYOUT_ARRIVED', 'a payout was made'), ('PAYOUT_RETURNED', 'a payout came back'), ('BANK_ACCOUNT_ADDED', 'a bank account was added'), ('DEBT_TO_RECOVER', 'what is owed will be taken from the wallet'), ('DEBT_RECOVERED', 'something was taken for a debt'), ('DEBT_VOID', 'nothing is owed, and what was taken is back'), ('REQUEST_RECEIVED', 'somebody asks for money'), ('REQUEST_REMINDED', 'a request for money still waits'), ('REQUEST_PAID', 'a request for money was paid'), ('SPLIT_PAID', 'everybody has paid their share'), ('REQUEST_DECLINED', 'a request for money was declined'), ('REQUEST_EXPIRED', 'a request for money expired'), ('REQUEST_CANCELLED', 'a request for money was taken back'), ('POT_TO_CLOSE', 'a money pot waits for its organiser'), ('POT_RETURNED', 'what was in a money pot went back'), ('PURCHASE_DRAFT', 'a product waits in the basket'), ('PURCHASE_SENT', 'a purchase was dispatched'), ('CODE_LOCKED', 'the secret code is locked'), ('MONEY_HALTED', 'money stands still'), ('CALLBACK_PAUSED', 'an address of an organisation does not answer'), ('X_ALARM', 'X wants somebody'), ('X_REVOKED', 'access to the X account was taken back'), ('IDENTITY_ACCEPTED', 'the identity is verified'), ('IDENTITY_REFUSED', 'the identity could not be verified'), ('LOAN_REPAID', 'something of a loan came back'), ('LOAN_LATE', 'an instalment of a loan is late'), ('LOAN_DEFAULTED', 'a loan is in default'), ('ORGANISATION_OPEN', 'an organisation was accepted'), ('ORGANISATION_REFUSED', 'an organisation could not be accepted'), ('SEAT_OFFERED', 'somebody was invited to act for an organisation'), ('SEAT_TAKEN', 'somebody acts for an organisation'), ('SEAT_CHANGED', 'somebody has another role at an organisation'), ('SEAT_ENDED', 'somebody acts for an organisation no more'), ('ACCOUNT_CLOSED', 'the account is closed')], editable=False, max_length=20, verbose_name='kind'),
        ),
        migrations.AddConstraint(
            model_name='notification',
            constraint=models.UniqueConstraint(condition=models.Q(('seat__isnull', False)), fields=('seat', 'user', 'kind'), name='seat_is_told_once'),
        ),
    ]
