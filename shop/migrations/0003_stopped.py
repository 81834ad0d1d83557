"""Staff stop a product, for good."""

from django.db import migrations, models


SQL = """
CREATE TRIGGER product_is_stopped_for_good BEFORE UPDATE ON shop_product
  FOR EACH ROW WHEN (OLD.stopped_at IS NOT NULL AND OLD.stopped_at IS DISTINCT FROM NEW.stopped_at)
  EXECUTE FUNCTION refuse_change();
"""


class Migration(migrations.Migration):
    beside_old_code = {
        "RunSQL: adds a trigger": "old code stops nothing, and writes no such column",
    }

    dependencies = [
        ('shop', '0002_refunded_purchases'),
    ]

    operations = [
        migrations.AddField(
            model_name='product',
            name='stopped_at',
            field=models.DateTimeField(editable=False, help_text='by staff, for good', null=True, verbose_name='stopped at'),
        ),
        migrations.RunSQL(SQL, "DROP TRIGGER product_is_stopped_for_good ON shop_product"),
    ]
