"""Messages by their authors: whoever leaves takes their words along. Made beside those who write."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("social", "0002_names")]

    operations = [
        AddIndexConcurrently("message", models.Index(fields=["author_id"], name="message_by_author")),
    ]
