from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SocialConfig(AppConfig):
    name = "social"
    verbose_name = _("Messages")

    def ready(self) -> None:
        from payments import erasures  # noqa: PLC0415  # models are there from here on
        from social import forgetting  # noqa: PLC0415  # the same

        if forgetting.forget not in erasures.STEPS:
            erasures.STEPS.append(forgetting.forget)
