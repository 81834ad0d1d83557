from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('x', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='person',
            name='is_suspended',
            field=models.BooleanField(default=False),
        ),
    ]
