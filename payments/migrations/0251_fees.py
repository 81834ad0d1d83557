"""The fees of organisations: brackets of a month's receipts, and what was charged for each day."""

from pathlib import Path

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

SQL = (Path(__file__).parent / "sql" / "0251_fees.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0251_organisations'),
        ('payments', '0250_organisation_kinds'),
    ]

    operations = [
        migrations.CreateModel(
            name='FeeBracket',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('valid_from', models.DateField(editable=False, help_text='the first day of a month', verbose_name='valid from')),
                ('above', models.BigIntegerField(editable=False, help_text='cents', verbose_name='above')),
                ('rate', models.PositiveSmallIntegerField(editable=False, help_text='hundredths of a percent', verbose_name='share')),
            ],
            options={
                'verbose_name': 'bracket of fees',
                'verbose_name_plural': 'brackets of fees',
                'ordering': ['valid_from', 'above'],
                'constraints': [models.UniqueConstraint(fields=('valid_from', 'above'), name='fee_bracket_is_there_once'), models.CheckConstraint(condition=models.Q(('above__gte', 0)), name='fee_bracket_begins_at_an_amount'), models.CheckConstraint(condition=models.Q(('rate__lte', 190)), name='fees_are_never_above_their_highest'), models.CheckConstraint(condition=models.Q(('valid_from__day', 1)), name='fees_change_with_a_month')],
            },
        ),
        migrations.CreateModel(
            name='FeeCharge',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField(editable=False, verbose_name='day')),
                ('receipts', models.BigIntegerField(editable=False, help_text='cents', verbose_name="the month's receipts")),
                ('fee', models.BigIntegerField(editable=False, help_text='cents', verbose_name="the month's fees")),
                ('amount', models.BigIntegerField(editable=False, help_text='cents', verbose_name='amount')),
                ('owed', models.BigIntegerField(editable=False, help_text='cents', verbose_name='still owed')),
                ('charged_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='charged at')),
                ('organisation', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='fee_charges', to='accounts.organisation', verbose_name='organisation')),
                ('transfer', models.OneToOneField(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='fee_charge', to='payments.transfer', verbose_name='transfer')),
            ],
            options={
                'verbose_name': 'charge of fees',
                'verbose_name_plural': 'charges of fees',
                'ordering': ['-day'],
                'constraints': [models.UniqueConstraint(fields=('organisation', 'day'), name='day_is_charged_once'), models.CheckConstraint(condition=models.Q(models.Q(('amount', 0), ('transfer__isnull', True)), models.Q(models.Q(('amount', 0), _negated=True), ('transfer__isnull', False)), _connector='OR'), name='charge_that_moves_money_has_its_transfer'), models.CheckConstraint(condition=models.Q(('fee__gte', 0), ('owed__gte', 0)), name='fees_and_what_is_owed_are_not_negative'), models.CheckConstraint(condition=models.Q(('fee', 0), ('receipts__gte', models.F('fee')), _connector='OR'), name='fees_are_a_part_of_receipts')],
            },
        ),
        migrations.RunSQL(SQL),
    ]
