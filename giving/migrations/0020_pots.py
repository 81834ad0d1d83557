"""Money pots: what is given is an order, set aside until whoever opened the pot closes it."""

import datetime
from pathlib import Path
import django.db.models.deletion
import django.db.models.expressions
import django.utils.timezone
import uuid_utils.compat
from django.conf import settings
from django.db import migrations, models


SQL = (Path(__file__).parent / "sql" / "0020_pots.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):


    dependencies = [
        ('accounts', '0251_organisations'),
        ('giving', '0001_campaigns'),
        ('payments', '0233_pot_kinds'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Pot',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False, verbose_name='number')),
                ('title', models.CharField(blank=True, editable=False, max_length=80, verbose_name='title')),
                ('story', models.TextField(blank=True, editable=False, max_length=2000, verbose_name='story')),
                ('slug', models.CharField(editable=False, help_text='which nobody can guess', max_length=24, unique=True, verbose_name='address')),
                ('code', models.CharField(editable=False, help_text='the end of its hashtag', max_length=6, unique=True, verbose_name='code')),
                ('goal', models.BigIntegerField(editable=False, help_text='cents', null=True, verbose_name='goal')),
                ('hides_total', models.BooleanField(default=False, editable=False, verbose_name='hides its total')),
                ('to_bank', models.BooleanField(default=False, editable=False, help_text='where its organiser wants the money', verbose_name='for the bank')),
                ('status', models.CharField(choices=[('OPEN', 'open'), ('CLOSED', 'closed: its organiser gets the money'), ('RETURNED', 'closed: everybody gets their money back')], default='OPEN', editable=False, max_length=8, verbose_name='status')),
                ('opened_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='opened at')),
                ('closes_at', models.DateTimeField(editable=False, help_text='the end of its last day; nothing is given after it', verbose_name='closes at')),
                ('ended_at', models.DateTimeField(editable=False, null=True, verbose_name='ended at')),
                ('reminders', models.PositiveSmallIntegerField(default=0, editable=False, help_text='how many its organiser was sent', verbose_name='reminders')),
                ('organiser', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='pots', to=settings.AUTH_USER_MODEL, verbose_name='organiser')),
                ('payee', models.ForeignKey(editable=False, help_text='which is paid', on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.identity', verbose_name="the organiser's identity")),
            ],
            options={
                'verbose_name': 'money pot',
                'verbose_name_plural': 'money pots',
                'indexes': [models.Index(fields=['organiser', '-opened_at'], name='pot_by_organiser'), models.Index(condition=models.Q(('status', 'OPEN')), fields=['closes_at'], name='pot_open')],
                'constraints': [models.CheckConstraint(condition=models.Q(('goal__isnull', True), ('goal__gt', 0), _connector='OR'), name='pot_aims_at_something'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', True), ('status', 'OPEN')), models.Q(('ended_at__isnull', False), ('status__in', ['CLOSED', 'RETURNED'])), _connector='OR'), name='ended_pot_ended_at_a_moment'), models.CheckConstraint(condition=models.Q(('closes_at__gt', models.F('opened_at')), ('closes_at__lte', django.db.models.expressions.CombinedExpression(models.F('opened_at'), '+', models.Value(datetime.timedelta(days=367))))), name='pot_closes_within_twelve_months')],
            },
        ),
        migrations.CreateModel(
            name='Contribution',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('hides_name', models.BooleanField(default=False, editable=False, verbose_name='hides the name')),
                ('hides_amount', models.BooleanField(default=False, editable=False, verbose_name='hides the amount')),
                ('is_in', models.BooleanField(default=False, editable=False, help_text='confirmed, and neither void nor back', verbose_name='is in it')),
                ('order', models.OneToOneField(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='contribution', to='payments.order', verbose_name='order')),
                ('pot', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='contributions', to='giving.pot', verbose_name='money pot')),
            ],
            options={
                'verbose_name': 'contribution',
                'verbose_name_plural': 'contributions',
                'indexes': [models.Index(condition=models.Q(('is_in', True)), fields=['pot'], name='contribution_in_pot')],
            },
        ),
        migrations.RunSQL(SQL, reverse_sql=migrations.RunSQL.noop),
    ]
