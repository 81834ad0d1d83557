"""What a browser is told about each page: what may load, who may keep it, that it is spoken to by TLS."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLResolver, get_resolver
from django.utils import timezone

from accounts.models import SecretCode, User

ROOT = Path(settings.ROOT)


def addresses(patterns: Any = None, start: str = "/") -> Iterator[str]:
    """Every route of the product, with something in its gaps that is not there."""
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        route = start + str(entry.pattern).removeprefix("^").removesuffix("$").removesuffix(r"\Z")
        if isinstance(entry, URLResolver):
            yield from addresses(entry.url_patterns, route)
        else:
            route = re.sub(r"<uuid:\w+>", str(UUID(int=7)), re.sub(r"\(\?P<\w+>[^)]*\)", "1", route))
            yield re.sub(r"<[^>]*>", "1", route)


# A stream is not waited for here.
ADDRESSES = sorted({*addresses(), "/nothing/"} - {"/live/"})
PLAIN = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Permitted-Cross-Domain-Policies": "none",
    "X-Frame-Options": "DENY",
}


@pytest.mark.django_db
class TestHeaders:
    def test_are_strict_at_every_address(self, client: Client) -> None:
        for path in ADDRESSES:
            said = client.get(path).headers
            assert "unsafe" not in said["Content-Security-Policy"], path
            assert {"script-src 'self'", "frame-ancestors 'none'"} <= set(
                said["Content-Security-Policy"].split("; ")
            ), path
            assert {"camera=()", "payment=()", "publickey-credentials-get=(self)"} <= set(
                said["Permissions-Policy"].split(", ")
            ), path
            assert {name: said.get(name) for name in PLAIN} == PLAIN, path

    def test_keep_a_members_pages_out_of_every_cache(self, client: Client, member: User) -> None:
        for path in ADDRESSES:
            client.force_login(member)  # Some address signs out.
            said = client.get(path).headers["Cache-Control"]
            assert {"private", "no-store"} <= set(said.split(", ")), path

    def test_are_on_files_which_anybody_may_keep(self, client: Client) -> None:
        response = client.get("/static/css/base.css")
        assert b"".join(response)
        assert response["Cross-Origin-Resource-Policy"] == "same-origin"
        assert response["Permissions-Policy"]
        assert "no-store" not in response.headers.get("Cache-Control", "")

    def test_are_on_what_csrf_refuses(self) -> None:
        response = Client(enforce_csrf_checks=True).post("/account/login/")
        assert response.status_code == 403
        assert response["Content-Security-Policy"]
        assert "403" in response.text


@pytest.fixture
def member(claire: User) -> User:
    """With a code that nothing opens: hashing takes its time."""
    SecretCode.objects.create(user=claire, digest="none that any code has", changed_at=timezone.now())
    return claire


class TestTLS:
    def test_is_kept_to_where_the_site_has_it(self) -> None:
        """Settings are read once, so another process reads them with an https address."""
        show = (
            "import django; django.setup(); from django.conf import settings as s;"
            "print(s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_HSTS_SECONDS >= 31536000,"
            " s.SECURE_SSL_REDIRECT, s.SECURE_HSTS_INCLUDE_SUBDOMAINS,"
            " s.CONTENT_SECURITY_POLICY['DIRECTIVES']['upgrade-insecure-requests'])"
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
        assert shown.stdout.split() == ["True"] * 6
