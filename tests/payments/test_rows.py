"""Rows by plain SQL are what the ORM makes of them."""

from __future__ import annotations

from django.utils import timezone

from payments import rows
from payments.models import Order


class TestANewRow:
    def test_is_what_its_model_makes(self) -> None:
        at = timezone.now()
        facts = {"amount": 12_99, "note": "Merci", "words": "…", "channel": "x", "created_at": at}
        made, ordinary = rows.made(Order, **facts), Order(**facts)
        assert made.pk != ordinary.pk
        ordinary.pk = made.pk
        state, of_ordinary = vars(made).pop("_state"), vars(ordinary).pop("_state")
        assert vars(made) == vars(ordinary)
        assert state.adding == of_ordinary.adding

    def test_has_a_key_of_its_own(self) -> None:
        assert rows.made(Order).pk != rows.made(Order).pk
