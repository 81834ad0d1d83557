from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """One index finds an author's messages on all channels and on one; nobody looks for a number's beginning."""

    atomic = False  # PostgreSQL builds no index concurrently in a transaction.

    dependencies = [('social', '0110_state_of_x')]

    operations = [
        AddIndexConcurrently(
            model_name='message',
            index=models.Index(fields=['author_id', 'channel', '-received_at'], name='message_by_author_channel'),
        ),
        RemoveIndexConcurrently(model_name='message', name='message_by_author'),
        RemoveIndexConcurrently(model_name='message', name='message_by_channel_author'),
        migrations.RunSQL(
            'DROP INDEX CONCURRENTLY IF EXISTS social_charge_post_id_1a569041_like',
            'CREATE INDEX CONCURRENTLY social_charge_post_id_1a569041_like'
            ' ON social_charge (post_id varchar_pattern_ops)',
        ),
    ]
