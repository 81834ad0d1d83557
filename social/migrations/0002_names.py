"""Empty: the words that it gave to tables and columns are in 0001_initial now. Databases know its name."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('payments', '0003_names'),
        ('social', '0001_initial'),
    ]

    operations = []
