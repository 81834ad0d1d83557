from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GivingConfig(AppConfig):
    name = "giving"
    verbose_name = _("Gifts, pots and loans")

    def ready(self) -> None:
        from giving import (  # noqa: PLC0415  # models are there from here on
            forgetting,
            gifts,
            givers,
            issuers,  # noqa: F401  # says what its approval does
            loan_books,
            loans,
            pot_forgetting,
            pot_purpose,
        )
        from payments import erasures, halts, purposes, self_check  # noqa: PLC0415  # models are there from here on
        from payments.models import Order  # noqa: PLC0415  # models are there from here on

        purposes.register(Order.Kind.GIFT, gifts.GiftPurpose())
        purposes.register(Order.Kind.POT, pot_purpose.PotPurpose())
        purposes.register(Order.Kind.LOAN, loans.LoanPurpose())
        self_check.RULES.update(loan_books.RULES)
        halts.HARMLESS.update(loan_books.HARMLESS)
        erasures.OBSTACLES.update(loans.OBSTACLES)
        erasures.OBSTACLES.update(pot_forgetting.OBSTACLES)
        for step in (forgetting.forget, pot_forgetting.forget, givers.forget):
            if step not in erasures.STEPS:
                erasures.STEPS.append(step)
