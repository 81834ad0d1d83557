"""Empty: the words that it gave to tables and columns are in 0001_initial now. Databases know its name."""

from django.conf import settings
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_names'),
        ('payments', '0002_ledger'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = []
