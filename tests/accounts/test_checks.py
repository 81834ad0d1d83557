from __future__ import annotations

from typing import Any

import pytest
from cryptography.fernet import Fernet

from accounts import checks


def ids(found: list[Any]) -> list[str]:
    return [message.id for message in found]


class TestSecretsAreUsable:
    def test_says_nothing_of_good_ones(self, settings: Any) -> None:
        settings.CODE_PEPPER = "p" * 32
        settings.FIELD_KEYS = [Fernet.generate_key().decode()]
        assert checks.secrets_are_usable() == []

    def test_refuses_a_short_pepper(self, settings: Any) -> None:
        settings.CODE_PEPPER = "p" * 31
        assert "accounts.E001" in ids(checks.secrets_are_usable())

    @pytest.mark.parametrize("keys", [[], [""], ["short"], ["é" * 44], [Fernet.generate_key().decode(), "x"]])
    def test_refuses_what_is_no_key(self, settings: Any, keys: list[str]) -> None:
        settings.FIELD_KEYS = keys
        assert "accounts.E002" in ids(checks.secrets_are_usable())


class TestNothingIsOfTheDemo:
    @pytest.fixture(autouse=True)
    def _production(self, settings: Any) -> None:
        settings.DEBUG, settings.SITE_URL = False, "https://s-money.example"
        for name in checks.SECRETS:
            setattr(settings, name, "a real one")

    def test_says_nothing_of_production(self) -> None:
        assert checks.nothing_is_of_the_demo() == []

    @pytest.mark.parametrize("name", checks.SECRETS)
    @pytest.mark.parametrize("value", ["demo-secret", "whsec_demo_1", "sk_test_demo_1", ["fine", "demo-key"]])
    def test_refuses_the_demos_secrets(self, settings: Any, name: str, value: Any) -> None:
        setattr(settings, name, value)
        found = checks.nothing_is_of_the_demo()
        assert ids(found) == ["accounts.E003"]
        assert name in found[0].msg

    def test_refuses_debug(self, settings: Any) -> None:
        settings.DEBUG = True
        assert ids(checks.nothing_is_of_the_demo()) == ["accounts.E004"]

    def test_refuses_http(self, settings: Any) -> None:
        settings.SITE_URL = "http://s-money.example"
        assert ids(checks.nothing_is_of_the_demo()) == ["accounts.E005"]
