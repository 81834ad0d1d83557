"""A transfer's number, by which transfers are paged, and wallets that are appended to."""

from pathlib import Path

from django.db import migrations, models

SQL = (Path(__file__).parent / "sql" / "0060_numbered_transfers.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    dependencies = [("payments", "0051_review_queue")]

    operations = [
        migrations.RunSQL(
            SQL,
            state_operations=[
                migrations.AddField(
                    "transfer",
                    "number",
                    models.BigIntegerField(
                        editable=False, help_text="given while the balances are locked", verbose_name="entry number"
                    ),
                )
            ],
        ),
        migrations.RemoveIndex("transfer", "transfer_by_source"),
        migrations.RemoveIndex("transfer", "transfer_by_target"),
        migrations.AddIndex("transfer", models.Index(fields=["source", "-number"], name="transfer_by_source")),
        migrations.AddIndex("transfer", models.Index(fields=["target", "-number"], name="transfer_by_target")),
    ]
