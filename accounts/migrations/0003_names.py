"""Empty: the words that it gave to tables and columns are in 0001_initial now. Databases know its name."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_claims'),
    ]

    operations = []
