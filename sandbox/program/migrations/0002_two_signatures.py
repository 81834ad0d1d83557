from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('program', '0001_initial'),
    ]

    operations = [
        migrations.AlterField(
            model_name='told',
            name='signature',
            field=models.CharField(blank=True, max_length=400),
        ),
    ]
