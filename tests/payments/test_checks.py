"""What the start refuses of the bank's settings."""

from __future__ import annotations

from typing import Any

import pytest

from payments import checks


class TestBankIsOurs:
    @pytest.mark.parametrize("iban", ["", "FR76", checks.DEMO_IBAN, "FR1420041010050500013M02607"])
    def test_refuses_what_is_no_account_of_ours(self, settings: Any, iban: str) -> None:
        settings.BANK_IBAN = iban
        assert [found.id for found in checks.bank_is_ours()] == ["payments.E003"]

    def test_says_nothing_of_one(self, settings: Any) -> None:
        settings.BANK_IBAN = "FR1420041010050500013M02606"
        assert checks.bank_is_ours() == []
