from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0003_names"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            "funding",
            "form_key",
            models.UUIDField(
                editable=False, help_text="of the form that asked, however often it was sent", null=True, verbose_name="form"
            ),
        ),
        migrations.AddConstraint(
            "funding",
            models.UniqueConstraint(fields=["user", "form_key"], name="form_asks_for_one_funding"),
        ),
    ]
