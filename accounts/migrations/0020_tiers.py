from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_refusals")]

    operations = [
        migrations.AddField(
            "user",
            "tier",
            models.CharField(
                choices=[
                    ("PHONE", "number verified"),
                    ("IDENTIFIED", "identity verified"),
                    ("ENHANCED", "identity and means verified"),
                ],
                # In the database too: a sign-up by the code from before this column goes on.
                db_default="PHONE",
                default="PHONE",
                editable=False,
                max_length=12,
                verbose_name="tier",
            ),
        ),
        migrations.AddConstraint(
            "user",
            models.CheckConstraint(
                condition=models.Q(("tier__in", ["PHONE", "IDENTIFIED", "ENHANCED"])), name="member_tier_is_known"
            ),
        ),
    ]
