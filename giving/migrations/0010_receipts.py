"""Tax receipts: who issues them, where givers live, and what was issued."""

from pathlib import Path

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
import uuid_utils.compat
from django.conf import settings
from django.db import migrations, models


SQL = (Path(__file__).parent / "sql" / "0010_receipts.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):


    dependencies = [
        ('accounts', '0251_organisations'),
        ('giving', '0030_loans'),
        ('payments', '0233_receipts_kind'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='GiverAddress',
            fields=[
                ('user', models.OneToOneField(editable=False, on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='giver_address', serialize=False, to=settings.AUTH_USER_MODEL, verbose_name='member')),
                ('content', models.BinaryField(help_text='encrypted')),
                ('rhythm', models.CharField(choices=[('EACH', 'one for each gift, at once'), ('YEAR', 'one for all gifts of a year, in January')], default='EACH', max_length=4, verbose_name='receipts')),
                ('changed_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='changed at')),
            ],
            options={
                'verbose_name': "giver's address",
                'verbose_name_plural': "givers' addresses",
                'constraints': [models.CheckConstraint(condition=models.Q(('rhythm__in', ['EACH', 'YEAR'])), name='rhythm_is_known')],
            },
        ),
        migrations.CreateModel(
            name='Receipt',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False, verbose_name='number')),
                ('year', models.PositiveSmallIntegerField(editable=False, help_text='in which it was issued', verbose_name='year')),
                ('number', models.PositiveIntegerField(editable=False, verbose_name='number in the year')),
                ('amount', models.BigIntegerField(editable=False, help_text='cents', verbose_name='amount')),
                ('given_on', models.DateField(editable=False, help_text='the last of its gifts', verbose_name='given on')),
                ('is_yearly', models.BooleanField(editable=False, verbose_name='for the gifts of a year')),
                ('content', models.BinaryField(help_text='encrypted; empty after six years', null=True)),
                ('issued_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='issued at')),
                ('kept_until', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='kept until')),
                ('void_at', models.DateTimeField(editable=False, null=True, verbose_name='void since')),
                ('void_reason', models.CharField(blank=True, choices=[('WRONG_GIVER', 'name or address of the giver was wrong'), ('NO_GIFT', 'what was paid was no gift'), ('TWICE', 'the gift has another receipt, on paper'), ('WRONG_ISSUER', 'what it says of the organisation was wrong'), ('REFUNDED', 'the gift, or a part of it, was given back')], editable=False, max_length=12, verbose_name='why it is void')),
                ('giver', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='receipts', to=settings.AUTH_USER_MODEL, verbose_name='giver')),
                ('organisation', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='receipts', to='accounts.organisation', verbose_name='organisation')),
                ('voided_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='made void by')),
            ],
            options={
                'verbose_name': 'receipt',
                'verbose_name_plural': 'receipts',
                'indexes': [models.Index(fields=['giver', '-issued_at'], name='receipt_by_giver'), models.Index(condition=models.Q(('content__isnull', False)), fields=['kept_until'], name='receipt_to_be_forgotten')],
                'constraints': [models.UniqueConstraint(fields=('organisation', 'year', 'number'), name='receipt_has_a_number_of_its_own'), models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='receipt_is_for_something'), models.CheckConstraint(condition=models.Q(models.Q(('void_at__isnull', True), ('void_reason', ''), ('voided_by__isnull', True)), models.Q(('void_at__isnull', False), ('void_reason__in', ['WRONG_GIVER', 'NO_GIFT', 'TWICE', 'WRONG_ISSUER', 'REFUNDED'])), _connector='OR'), name='void_receipt_says_why')],
            },
        ),
        migrations.CreateModel(
            name='ReceiptBook',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('year', models.PositiveSmallIntegerField(verbose_name='year')),
                ('last', models.PositiveIntegerField(default=0, verbose_name='last number')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='accounts.organisation', verbose_name='organisation')),
            ],
            options={
                'verbose_name': 'book of receipts',
                'verbose_name_plural': 'books of receipts',
                'constraints': [models.UniqueConstraint(fields=('organisation', 'year'), name='organisation_has_one_book_a_year')],
            },
        ),
        migrations.CreateModel(
            name='ReceiptedGift',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('amount', models.BigIntegerField(editable=False, help_text='cents', verbose_name='amount')),
                ('given_on', models.DateField(editable=False, verbose_name='given on')),
                ('void_at', models.DateTimeField(editable=False, null=True, verbose_name='void since')),
                ('order', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='receipted', to='payments.order', verbose_name='order')),
                ('receipt', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='gifts', to='giving.receipt', verbose_name='receipt')),
            ],
            options={
                'verbose_name': 'gift on a receipt',
                'verbose_name_plural': 'gifts on receipts',
                'constraints': [models.UniqueConstraint(condition=models.Q(('void_at__isnull', True)), fields=('order',), name='gift_is_on_one_valid_receipt'), models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='receipted_gift_is_something')],
            },
        ),
        migrations.CreateModel(
            name='ReceiptIssuer',
            fields=[
                ('organisation', models.OneToOneField(editable=False, on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='receipt_issuer', serialize=False, to='accounts.organisation', verbose_name='organisation')),
                ('quality', models.CharField(choices=[('GENERAL_INTEREST', 'body of general interest'), ('PUBLIC_UTILITY', 'association or foundation of public utility, by decree'), ('ENDOWMENT', 'endowment fund'), ('WORSHIP', 'association of worship or of charity'), ('TEACHING', 'school or research body, public or of general interest')], max_length=16, verbose_name='quality')),
                ('decreed_on', models.DateField(blank=True, null=True, verbose_name='date of the decree')),
                ('articles', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=8), size=None, verbose_name='articles of the tax code')),
                ('signatory_name', models.CharField(max_length=80, verbose_name='who signs')),
                ('signatory_office', models.CharField(max_length=80, verbose_name='as what they sign')),
                ('asked_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='asked for at')),
                ('since', models.DateField(editable=False, help_text='empty until two of staff have allowed it', null=True, verbose_name='for gifts since')),
                ('ended_at', models.DateTimeField(editable=False, null=True, verbose_name='ended at')),
                ('asked_by', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='asked for by')),
                ('proposal', models.OneToOneField(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='payments.proposal', verbose_name='proposal')),
            ],
            options={
                'verbose_name': 'issuer of receipts',
                'verbose_name_plural': 'issuers of receipts',
                'constraints': [models.CheckConstraint(condition=models.Q(('quality__in', ['GENERAL_INTEREST', 'PUBLIC_UTILITY', 'ENDOWMENT', 'WORSHIP', 'TEACHING'])), name='issuer_has_a_known_quality'), models.CheckConstraint(condition=models.Q(models.Q(('quality', 'PUBLIC_UTILITY'), _negated=True), ('decreed_on__isnull', False), _connector='OR'), name='public_utility_has_its_decree'), models.CheckConstraint(condition=models.Q(('articles__contained_by', ['200', '238 bis', '978']), ('articles__len__gt', 0)), name='issuer_names_articles_of_the_tax_code'), models.CheckConstraint(condition=models.Q(models.Q(('signatory_name', ''), _negated=True), models.Q(('signatory_office', ''), _negated=True)), name='somebody_signs_receipts'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', True), ('proposal__isnull', True), ('since__isnull', True)), models.Q(('proposal__isnull', False), ('since__isnull', False)), _connector='OR'), name='issuer_is_allowed_since_a_day')],
            },
        ),
        migrations.RunSQL(SQL, reverse_sql=migrations.RunSQL.noop),
    ]
