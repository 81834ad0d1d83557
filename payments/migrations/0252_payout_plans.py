"""By which plan an organisation is paid out by itself."""

from pathlib import Path

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

SQL = (Path(__file__).parent / "sql" / "0252_payout_plans.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0251_organisations'),
        ('payments', '0251_fees'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='PayoutPlan',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('factor', models.CharField(choices=[('DEVICE', 'the secret code, on a known device'), ('PASSKEY', 'the secret code and a passkey')], editable=False, max_length=8, null=True, verbose_name='confirmed by')),
                ('passkey_id', models.BigIntegerField(editable=False, help_text='its number; it may be removed later', null=True, verbose_name='passkey')),
                ('period', models.CharField(choices=[('DAY', 'every day'), ('WEEK', 'every Monday'), ('MONTH', 'on the first of each month')], editable=False, max_length=5, verbose_name='when')),
                ('minimum', models.BigIntegerField(editable=False, help_text='cents', verbose_name='from this amount on')),
                ('set_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='since')),
                ('looked_on', models.DateField(editable=False, verbose_name='last looked at on')),
                ('ended_at', models.DateTimeField(editable=False, null=True, verbose_name='until')),
                ('bank_account', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='payments.bankaccount', verbose_name='bank account')),
                ('device', models.ForeignKey(db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.device', verbose_name='device')),
                ('organisation', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='payout_plans', to='accounts.organisation', verbose_name='organisation')),
                ('set_by', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='set by')),
            ],
            options={
                'verbose_name': 'plan of payouts',
                'verbose_name_plural': 'plans of payouts',
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('organisation',), name='organisation_has_one_plan_at_a_time'), models.CheckConstraint(condition=models.Q(models.Q(('device__isnull', False), ('factor', 'DEVICE'), ('passkey_id__isnull', True)), models.Q(('device__isnull', True), ('factor', 'PASSKEY'), ('passkey_id__isnull', False)), _connector='OR'), name='plan_was_agreed_to_strongly'), models.CheckConstraint(condition=models.Q(('period__in', ['DAY', 'WEEK', 'MONTH'])), name='period_of_a_plan_is_known'), models.CheckConstraint(condition=models.Q(('minimum__gte', 100)), name='plan_pays_a_euro_at_least'), models.CheckConstraint(condition=models.Q(('ended_at__isnull', True), ('ended_at__gte', models.F('set_at')), _connector='OR'), name='plan_ends_after_it_was_set')],
            },
        ),
        migrations.RunSQL(SQL),
    ]
