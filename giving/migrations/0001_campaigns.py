"""What organisations collect for, and what came together."""

from pathlib import Path

import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models


SQL = (Path(__file__).parent / "sql" / "0001_campaigns.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0251_organisations'),
        ('payments', '0232_purposes'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Campaign',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(editable=False, max_length=40, unique=True, verbose_name='address of its page')),
                ('title', models.CharField(max_length=80, verbose_name='title')),
                ('story', models.TextField(max_length=5000, verbose_name='story')),
                ('hashtag', models.CharField(help_text='in small letters, without its #', max_length=30, verbose_name='hashtag')),
                ('goal', models.BigIntegerField(help_text='cents', null=True, verbose_name='goal')),
                ('deadline', models.DateTimeField(null=True, verbose_name='deadline')),
                ('is_all_or_nothing', models.BooleanField(default=False, verbose_name='all or nothing')),
                ('opened_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='opened at')),
                ('ended_at', models.DateTimeField(editable=False, null=True, verbose_name='ended at')),
                ('outcome', models.CharField(blank=True, choices=[('CLOSED', 'ended'), ('REACHED', 'reached its goal'), ('MISSED', 'missed its goal')], editable=False, max_length=12, verbose_name='outcome')),
                ('collected', models.BigIntegerField(editable=False, help_text='cents', null=True, verbose_name='collected by its end')),
                ('organisation', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='campaigns', to='accounts.organisation', verbose_name='organisation')),
            ],
            options={
                'verbose_name': 'campaign',
                'verbose_name_plural': 'campaigns',
                'indexes': [models.Index(condition=models.Q(('deadline__isnull', False), ('ended_at__isnull', True)), fields=['deadline'], name='campaign_with_a_deadline')],
                'constraints': [models.CheckConstraint(condition=models.Q(('goal__gt', 0)), name='campaign_has_a_goal_or_none'), models.CheckConstraint(condition=models.Q(('is_all_or_nothing', False), models.Q(('deadline__isnull', False), ('goal__isnull', False)), _connector='OR'), name='all_or_nothing_has_goal_and_deadline'), models.CheckConstraint(condition=models.Q(models.Q(('hashtag', ''), _negated=True), ('hashtag', django.db.models.functions.text.Lower('hashtag'))), name='hashtag_is_in_small_letters'), models.CheckConstraint(condition=models.Q(models.Q(('collected__isnull', True), ('ended_at__isnull', True), ('outcome', '')), models.Q(('collected__gte', 0), ('ended_at__isnull', False), ('is_all_or_nothing', False), ('outcome', 'CLOSED')), models.Q(('collected__gte', models.F('goal')), ('ended_at__isnull', False), ('is_all_or_nothing', True), ('outcome', 'REACHED')), models.Q(('collected__lt', models.F('goal')), ('ended_at__isnull', False), ('is_all_or_nothing', True), ('outcome', 'MISSED')), _connector='OR'), name='ended_campaign_has_its_outcome'), models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('organisation', 'hashtag'), name='organisation_has_one_open_campaign_of_a_hashtag')],
            },
        ),
        migrations.CreateModel(
            name='Gift',
            fields=[
                ('order', models.OneToOneField(editable=False, on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='gift', serialize=False, to='payments.order', verbose_name='order')),
                ('is_anonymous', models.BooleanField(default=True, verbose_name='without a name')),
                ('message', models.CharField(blank=True, max_length=140, verbose_name='message')),
                ('given_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='given at')),
                ('campaign', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='gifts', to='giving.campaign', verbose_name='campaign')),
            ],
            options={
                'verbose_name': 'gift',
                'verbose_name_plural': 'gifts',
                'indexes': [models.Index(fields=['campaign', '-given_at'], name='gift_of_campaign')],
            },
        ),
        migrations.CreateModel(
            name='Match',
            fields=[
                ('order', models.OneToOneField(editable=False, on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='match', serialize=False, to='payments.order', verbose_name='order')),
                ('threshold', models.BigIntegerField(editable=False, help_text='cents', verbose_name='threshold')),
                ('is_anonymous', models.BooleanField(default=True, verbose_name='without a name')),
                ('campaign', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='matches', to='giving.campaign', verbose_name='campaign')),
            ],
            options={
                'verbose_name': 'sponsor’s promise',
                'verbose_name_plural': 'sponsors’ promises',
                'constraints': [models.CheckConstraint(condition=models.Q(('threshold__gt', 0)), name='match_has_a_threshold')],
            },
        ),
        migrations.CreateModel(
            name='MonthlyGift',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('amount', models.BigIntegerField(editable=False, help_text='cents', verbose_name='amount')),
                ('day', models.PositiveSmallIntegerField(editable=False, verbose_name='day of the month')),
                ('is_anonymous', models.BooleanField(default=True, verbose_name='without a name')),
                ('started_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='started at')),
                ('ended_at', models.DateTimeField(editable=False, null=True, verbose_name='ended at')),
                ('campaign', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='monthly_gifts', to='giving.campaign', verbose_name='campaign')),
                ('payer', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='monthly_gifts', to=settings.AUTH_USER_MODEL, verbose_name='payer')),
            ],
            options={
                'verbose_name': 'monthly gift',
                'verbose_name_plural': 'monthly gifts',
                'constraints': [models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='monthly_gift_is_something'), models.CheckConstraint(condition=models.Q(('day__gte', 1), ('day__lte', 28)), name='monthly_gift_has_a_day_of_every_month'), models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('payer', 'campaign'), name='member_has_one_monthly_gift_to_a_campaign')],
            },
        ),
        migrations.CreateModel(
            name='Tally',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('why', models.CharField(choices=[('HELD', 'set aside'), ('PAID', 'paid'), ('RETURNED', 'given back'), ('CANCELLED', 'taken back'), ('REFUNDED', 'refunded')], editable=False, max_length=12, verbose_name='why')),
                ('amount', models.BigIntegerField(editable=False, help_text='cents', verbose_name='amount')),
                ('gifts', models.SmallIntegerField(editable=False, verbose_name='gifts')),
                ('campaign', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='giving.campaign', verbose_name='campaign')),
                ('order', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='payments.order', verbose_name='order')),
                ('refund', models.OneToOneField(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='payments.refund', verbose_name='refund')),
            ],
            options={
                'verbose_name': 'tally',
                'verbose_name_plural': 'tallies',
                'constraints': [models.UniqueConstraint(condition=models.Q(('refund__isnull', True)), fields=('order', 'why'), name='order_is_tallied_once'), models.CheckConstraint(condition=models.Q(models.Q(('amount__gt', 0), ('gifts', 1), ('refund__isnull', True), ('why__in', ['HELD', 'PAID'])), models.Q(('amount__lt', 0), ('gifts', -1), ('refund__isnull', True), ('why__in', ['RETURNED', 'CANCELLED'])), models.Q(('amount__lt', 0), ('gifts__in', [-1, 0]), ('refund__isnull', False), ('why', 'REFUNDED')), _connector='OR'), name='tally_adds_or_takes_off')],
            },
        ),
        migrations.CreateModel(
            name='CampaignPicture',
            fields=[
                ('campaign', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='picture', serialize=False, to='giving.campaign', verbose_name='campaign')),
                ('content', models.BinaryField(verbose_name='picture')),
                ('media_type', models.CharField(choices=[('image/jpeg', 'JPEG'), ('image/png', 'PNG')], max_length=12, verbose_name='type')),
                ('digest', models.CharField(max_length=12, verbose_name='digest')),
            ],
            options={
                'verbose_name': 'picture',
                'verbose_name_plural': 'pictures',
                'constraints': [models.CheckConstraint(condition=models.Q(('media_type__in', ['image/jpeg', 'image/png'])), name='picture_is_of_a_known_type')],
            },
        ),
        migrations.CreateModel(
            name='CampaignTotal',
            fields=[
                ('campaign', models.OneToOneField(editable=False, on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='+', serialize=False, to='giving.campaign', verbose_name='campaign')),
                ('amount', models.BigIntegerField(editable=False, help_text='cents', verbose_name='amount')),
                ('gifts', models.BigIntegerField(editable=False, verbose_name='gifts')),
            ],
            options={
                'verbose_name': 'total',
                'verbose_name_plural': 'totals',
                'constraints': [models.CheckConstraint(condition=models.Q(('amount__gte', 0), ('gifts__gte', 0)), name='total_is_never_negative')],
            },
        ),
        migrations.RunSQL(SQL, reverse_sql=migrations.RunSQL.noop),
    ]
