"""People are seen again and again: the page of their row keeps room for it, so that no index is written anew."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("accounts", "0230_revocations")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE accounts_identity SET (fillfactor = 80)",
            "ALTER TABLE accounts_identity RESET (fillfactor)",
        )
    ]
