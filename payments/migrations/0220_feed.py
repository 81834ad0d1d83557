from pathlib import Path

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

SQL = (Path(__file__).parent / "sql" / "0220_feed.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0220_handles'),
        ('payments', '0211_kinds'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Publicity',
            fields=[
                ('user', models.OneToOneField(editable=False, on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='publicity', serialize=False, to=settings.AUTH_USER_MODEL, verbose_name='member')),
                ('since', models.DateTimeField(editable=False, help_text='what was posted before is never shown', null=True, verbose_name='allowed since')),
            ],
            options={
                'verbose_name': 'wish to be in the public feed',
                'verbose_name_plural': 'wishes on the public feed',
            },
        ),
        migrations.CreateModel(
            name='FeedEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('posted_at', models.DateTimeField(editable=False, verbose_name='posted at')),
                ('removed_at', models.DateTimeField(editable=False, null=True, verbose_name='removed at')),
                ('order', models.OneToOneField(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='feed_entry', to='payments.order', verbose_name='order')),
                ('payee', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='payee')),
                ('payer', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='payer')),
            ],
            options={
                'verbose_name': 'entry of the public feed',
                'verbose_name_plural': 'public feed',
                'ordering': ['-pk'],
                'indexes': [models.Index(condition=models.Q(('removed_at__isnull', True)), fields=['-id'], name='feed_entry_shown')],
                'constraints': [models.CheckConstraint(condition=models.Q(('payer', models.F('payee')), _negated=True), name='feed_entry_is_of_two_members')],
            },
        ),
        migrations.RunSQL(SQL, reverse_sql=migrations.RunSQL.noop),
    ]
