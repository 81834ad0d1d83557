from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('x', '0030_direct_messages'),
    ]

    operations = [
        migrations.AddField(
            model_name='person',
            name='is_suspended',
            field=models.BooleanField(default=False),
        ),
    ]
