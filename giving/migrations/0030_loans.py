"""Loans to organisations, their lenders, and how they are repaid."""

from pathlib import Path

import django.db.models.deletion
import django.db.models.functions.datetime
import uuid_utils.compat
from django.conf import settings
from django.db import migrations, models


SQL = (Path(__file__).parent / "sql" / "0030_loans.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):


    dependencies = [
        ('accounts', '0251_organisations'),
        ('giving', '0020_pots'),
        ('payments', '0260_loan_kinds'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Loan',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(editable=False, max_length=40, unique=True, verbose_name='address of its page')),
                ('code', models.CharField(editable=False, help_text='the end of its hashtag', max_length=6, unique=True, verbose_name='code')),
                ('title', models.CharField(editable=False, max_length=80, verbose_name='title')),
                ('story', models.TextField(editable=False, max_length=3000, verbose_name='what it is for')),
                ('goal', models.BigIntegerField(editable=False, help_text='cents', verbose_name='goal')),
                ('rate', models.PositiveIntegerField(editable=False, help_text='basis points: 450 are 4.5 %', verbose_name='interest a year')),
                ('term_months', models.PositiveIntegerField(editable=False, verbose_name='term in months')),
                ('deadline', models.DateTimeField(editable=False, verbose_name='deadline')),
                ('status', models.CharField(choices=[('PROPOSED', 'waits for staff'), ('REFUSED', 'refused by staff'), ('COLLECTING', 'lenders are looked for'), ('RUNNING', 'being repaid'), ('REPAID', 'repaid'), ('MISSED', 'goal missed'), ('DEFAULTED', 'in default')], default='PROPOSED', editable=False, max_length=10, verbose_name='status')),
                ('made_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='proposed at')),
                ('begun_on', models.DateField(editable=False, help_text='the day on which its goal was reached', null=True, verbose_name='runs since')),
                ('accepted_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='accepted by')),
                ('made_by', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='proposed by')),
                ('organisation', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='loans', to='accounts.organisation', verbose_name='organisation')),
            ],
            options={
                'verbose_name': 'loan',
                'verbose_name_plural': 'loans',
                'indexes': [models.Index(condition=models.Q(('status', 'COLLECTING')), fields=['deadline'], name='giving_loan_with_a_deadline')],
                'constraints': [models.CheckConstraint(condition=models.Q(('goal__gte', 10000), ('goal__lte', 100000000)), name='loan_has_a_goal_of_some_size'), models.CheckConstraint(condition=models.Q(('rate__lte', 2000)), name='loan_is_no_usury'), models.CheckConstraint(condition=models.Q(('term_months__gte', 1), ('term_months__lte', 84)), name='loan_runs_for_some_months'), models.CheckConstraint(condition=models.Q(('status__in', ['PROPOSED', 'REFUSED', 'COLLECTING', 'RUNNING', 'REPAID', 'MISSED', 'DEFAULTED'])), name='loan_status_is_known'), models.CheckConstraint(condition=models.Q(models.Q(('accepted_by__isnull', True), ('status__in', ['PROPOSED', 'REFUSED'])), models.Q(models.Q(('status__in', ['PROPOSED', 'REFUSED']), _negated=True), ('accepted_by__isnull', False)), _connector='OR'), name='loan_is_opened_by_one_of_staff'), models.CheckConstraint(condition=models.Q(('accepted_by__isnull', True), models.Q(('accepted_by', models.F('made_by')), _negated=True), _connector='OR'), name='nobody_opens_their_own_loan'), models.CheckConstraint(condition=models.Q(models.Q(('begun_on__isnull', False), ('status__in', ['RUNNING', 'REPAID', 'DEFAULTED'])), models.Q(models.Q(('status__in', ['RUNNING', 'REPAID', 'DEFAULTED']), _negated=True), ('begun_on__isnull', True)), _connector='OR'), name='running_loan_runs_since_a_day')],
            },
        ),
        migrations.CreateModel(
            name='Instalment',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False, verbose_name='number')),
                ('number', models.PositiveIntegerField(editable=False, verbose_name='which of the loan')),
                ('due_on', models.DateField(editable=False, verbose_name='due on')),
                ('principal', models.BigIntegerField(editable=False, help_text='cents', verbose_name='principal')),
                ('interest', models.BigIntegerField(editable=False, help_text='cents', verbose_name='interest')),
                ('late_at', models.DateTimeField(editable=False, null=True, verbose_name='found late at')),
                ('paid_at', models.DateTimeField(editable=False, null=True, verbose_name='paid at')),
                ('replaced_at', models.DateTimeField(editable=False, null=True, verbose_name='repaid early at')),
                ('loan', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='instalments', to='giving.loan', verbose_name='loan')),
            ],
            options={
                'verbose_name': 'instalment',
                'verbose_name_plural': 'instalments',
                'ordering': ['loan', 'number'],
                'indexes': [models.Index(condition=models.Q(('paid_at__isnull', True), ('replaced_at__isnull', True)), fields=['due_on'], name='giving_instalment_due')],
                'constraints': [models.UniqueConstraint(fields=('loan', 'number'), name='instalments_of_a_loan_are_numbered'), models.CheckConstraint(condition=models.Q(('interest__gte', 0), ('principal__gte', 0), models.Q(('interest', 0), ('principal', 0), _negated=True)), name='instalment_pays_something'), models.CheckConstraint(condition=models.Q(('paid_at__isnull', True), ('replaced_at__isnull', True), _connector='OR'), name='instalment_is_paid_or_replaced')],
            },
        ),
        migrations.CreateModel(
            name='LoanEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('status', models.CharField(choices=[('PROPOSED', 'waits for staff'), ('REFUSED', 'refused by staff'), ('COLLECTING', 'lenders are looked for'), ('RUNNING', 'being repaid'), ('REPAID', 'repaid'), ('MISSED', 'goal missed'), ('DEFAULTED', 'in default')], editable=False, max_length=10, verbose_name='status')),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='when')),
                ('loan', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='events', to='giving.loan', verbose_name='loan')),
            ],
            options={
                'verbose_name': 'step of a loan',
                'verbose_name_plural': 'steps of loans',
                'ordering': ['pk'],
                'constraints': [models.UniqueConstraint(fields=('loan', 'status'), name='loan_reaches_a_status_once')],
            },
        ),
        migrations.CreateModel(
            name='LoanShare',
            fields=[
                ('order', models.OneToOneField(editable=False, on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='loan_share', serialize=False, to='payments.order', verbose_name='order')),
                ('agreed_at', models.DateTimeField(editable=False, help_text='before the code', null=True, verbose_name='risk understood at')),
                ('is_taken', models.BooleanField(editable=False, help_text='decided with the loan, for good', null=True, verbose_name='taken')),
                ('lender', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='loan_shares', to=settings.AUTH_USER_MODEL, verbose_name='lender')),
                ('loan', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='shares', to='giving.loan', verbose_name='loan')),
            ],
            options={
                'verbose_name': 'share in a loan',
                'verbose_name_plural': 'shares in loans',
            },
        ),
        migrations.CreateModel(
            name='RepaymentPart',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('principal', models.BigIntegerField(editable=False, help_text='cents', verbose_name='principal')),
                ('interest', models.BigIntegerField(editable=False, help_text='cents', verbose_name='interest')),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='when')),
                ('instalment', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='parts', to='giving.instalment', verbose_name='instalment')),
                ('lender', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='repayment_parts', to=settings.AUTH_USER_MODEL, verbose_name='lender')),
                ('transfer', models.OneToOneField(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='payments.transfer', verbose_name='transfer')),
            ],
            options={
                'verbose_name': 'repayment to a lender',
                'verbose_name_plural': 'repayments to lenders',
                'constraints': [models.UniqueConstraint(fields=('instalment', 'lender'), name='lender_is_paid_an_instalment_once'), models.CheckConstraint(condition=models.Q(('interest__gte', 0), ('principal__gte', 0), models.Q(('interest', 0), ('principal', 0), _negated=True)), name='repayment_to_a_lender_pays_something')],
            },
        ),
        migrations.RunSQL(SQL, reverse_sql=migrations.RunSQL.noop),
    ]
