from django.db import migrations


class Migration(migrations.Migration):
    """Django gives a unique text an index for `LIKE` as well; nobody looks for the beginning of either."""

    atomic = False  # PostgreSQL drops no index concurrently in a transaction.

    dependencies = [('payments', '0230_limits_inlined')]

    operations = [
        migrations.RunSQL(
            'DROP INDEX CONCURRENTLY IF EXISTS payments_order_reference_124ee454_like',
            'CREATE INDEX CONCURRENTLY payments_order_reference_124ee454_like'
            ' ON payments_order (reference varchar_pattern_ops)',
        ),
        migrations.RunSQL(
            'DROP INDEX CONCURRENTLY IF EXISTS payments_delivery_key_0b1f0ca5_like',
            'CREATE INDEX CONCURRENTLY payments_delivery_key_0b1f0ca5_like'
            ' ON payments_delivery (key varchar_pattern_ops)',
        ),
    ]
