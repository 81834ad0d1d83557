"""What a browser is told about each page: what may load, who may keep it, that it is spoken to by TLS."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from accounts.models import User

ROOT = Path(settings.ROOT)


@pytest.mark.django_db
class TestHeaders:
    @pytest.mark.parametrize(
        "path", ["/", "/help/", "/nothing/", "/staff/login/", "/account/login/", "/wallet/"]
    )
    def test_are_strict_on_every_page(self, client: Client, path: str) -> None:
        response = client.get(path)
        policy = response["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "script-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Referrer-Policy"] == "same-origin"
        assert response["Cross-Origin-Opener-Policy"] == "same-origin"
        assert response["X-Frame-Options"] == "DENY"

    @pytest.mark.parametrize(
        "path", ["/wallet/", "/wallet/load/", "/wallet/history/", "/cards/", "/settings/"]
    )
    @pytest.mark.usefixtures("member")
    def test_keep_a_members_pages_out_of_every_cache(self, client: Client, path: str) -> None:
        response = client.get(path)
        assert response.status_code == 200
        assert "no-store" in response["Cache-Control"]

    def test_are_on_what_csrf_refuses(self) -> None:
        response = Client(enforce_csrf_checks=True).post("/account/login/")
        assert response.status_code == 403
        assert response["Content-Security-Policy"]
        assert "403" in response.text


@pytest.fixture
def member(client: Client, claire: User, with_code: object) -> None:
    with_code(claire)  # type: ignore[operator]  # a fixture of people.py
    claire.set_password("a long password of hers")
    claire.save()
    client.force_login(claire)


class TestTLS:
    def test_is_kept_to_where_the_site_has_it(self) -> None:
        """Settings are read once, so another process reads them with an https address."""
        show = (
            "import django; django.setup(); from django.conf import settings as s;"
            "print(s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_HSTS_SECONDS >= 31536000,"
            " s.SECURE_SSL_REDIRECT)"
        )
        environment = os.environ | {
            "SITE_URL": "https://s-money.example",
            "DJANGO_SETTINGS_MODULE": "smoney.settings",
        }
        shown = subprocess.run(
            [sys.executable, "-c", show],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        assert shown.stdout.split() == ["True"] * 4
