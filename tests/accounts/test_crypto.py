from __future__ import annotations

from typing import Any

import pytest
from cryptography.fernet import Fernet

from accounts import crypto


class TestFields:
    def test_are_read_by_who_wrote_them(self) -> None:
        secret = crypto.encrypt("jeton à garder")
        assert b"jeton" not in secret
        assert crypto.decrypt(secret) == "jeton à garder"
        assert crypto.decrypt(memoryview(secret)) == "jeton à garder"

    def test_are_read_with_an_older_key_and_written_with_the_newest(self, settings: Any) -> None:
        old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
        settings.FIELD_KEYS = [old]
        secret = crypto.encrypt("jeton")
        settings.FIELD_KEYS = [new, old]
        assert crypto.decrypt(secret) == "jeton"
        assert Fernet(new).decrypt(crypto.encrypt("jeton")) == b"jeton"

    def test_are_not_read_by_others(self, settings: Any) -> None:
        secret = crypto.encrypt("jeton")
        settings.FIELD_KEYS = [Fernet.generate_key().decode()]
        with pytest.raises(crypto.Undecipherable):
            crypto.decrypt(secret)
