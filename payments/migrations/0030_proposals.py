from pathlib import Path

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

SQL = (Path(__file__).parent / "sql" / "0030_proposals.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0030_audit'),
        ('payments', '0020_limits'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Proposal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('LIMIT', 'change a limit'), ('RIGHTS', 'change the rights of staff'), ('UNFREEZE', 'unfreeze a member'), ('TIER', "change a member's tier"), ('RESUME', 'let money move again'), ('REFUND', 'refund'), ('RELEASE', 'release a held order')], editable=False, max_length=12, verbose_name='kind')),
                ('about', models.CharField(editable=False, help_text='accounts.user:12', max_length=80, verbose_name='about')),
                ('terms', models.JSONField(editable=False, verbose_name='terms')),
                ('amount', models.BigIntegerField(editable=False, help_text='cents', null=True, verbose_name='amount')),
                ('reason', models.CharField(editable=False, max_length=500, verbose_name='reason')),
                ('proposed_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='proposed at')),
                ('status', models.CharField(choices=[('OPEN', 'waits for a second person'), ('APPROVED', 'approved'), ('REJECTED', 'rejected'), ('EXPIRED', 'expired')], default='OPEN', editable=False, max_length=8, verbose_name='status')),
                ('decided_at', models.DateTimeField(editable=False, null=True, verbose_name='decided at')),
                ('decided_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='decided by')),
                ('proposed_by', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='proposed by')),
            ],
            options={
                'verbose_name': 'proposal',
                'verbose_name_plural': 'proposals',
                'permissions': [('decide_proposal', 'Can propose, and approve what another proposed')],
                'indexes': [models.Index(fields=['about'], name='proposal_by_about')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('status', 'APPROVED'), _negated=True), models.Q(('decided_by', models.F('proposed_by')), _negated=True), _connector='OR'), name='nobody_approves_their_own'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', True), ('decided_by__isnull', True), ('status', 'OPEN')), models.Q(('decided_at__isnull', False), ('decided_by__isnull', True), ('status', 'EXPIRED')), models.Q(('decided_at__isnull', False), ('decided_by__isnull', False), ('status__in', ['APPROVED', 'REJECTED'])), _connector='OR'), name='proposal_is_decided_by_somebody'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='proposal_says_why'), models.CheckConstraint(condition=models.Q(('amount__isnull', True), ('amount__gt', 0), _connector='OR'), name='proposal_moves_something'), models.UniqueConstraint(condition=models.Q(('status', 'OPEN')), fields=('kind', 'about'), name='thing_waits_for_one_decision')],
            },
        ),
        migrations.RunSQL(SQL, reverse_sql=migrations.RunSQL.noop),
    ]
