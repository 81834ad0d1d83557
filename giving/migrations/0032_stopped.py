"""A campaign that staff stop has an end of its own."""

from django.db import migrations, models


class Migration(migrations.Migration):
    beside_old_code = {
        "AddConstraint campaign ended_campaign_has_its_outcome": "it allows what it did, and one outcome more",
    }

    dependencies = [
        ('accounts', '0251_organisations'),
        ('giving', '0031_issuers_changes'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='campaign',
            name='ended_campaign_has_its_outcome',
        ),
        migrations.AlterField(
            model_name='campaign',
            name='outcome',
            field=models.CharField(blank=True, choices=[('CLOSED', 'ended'), ('REACHED', 'reached its goal'), ('MISSED', 'missed its goal'), ('STOPPED', 'stopped by staff')], editable=False, max_length=12, verbose_name='outcome'),
        ),
        migrations.AddConstraint(
            model_name='campaign',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('collected__isnull', True), ('ended_at__isnull', True), ('outcome', '')), models.Q(('collected__gte', 0), ('ended_at__isnull', False), ('is_all_or_nothing', False), ('outcome', 'CLOSED')), models.Q(('collected__gte', models.F('goal')), ('ended_at__isnull', False), ('is_all_or_nothing', True), ('outcome', 'REACHED')), models.Q(('collected__lt', models.F('goal')), ('ended_at__isnull', False), ('is_all_or_nothing', True), ('outcome', 'MISSED')), models.Q(('collected__gte', 0), ('ended_at__isnull', False), ('outcome', 'STOPPED')), _connector='OR'), name='ended_campaign_has_its_outcome'),
        ),
    ]
