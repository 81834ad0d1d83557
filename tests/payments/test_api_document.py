"""The document of the API: sound, of the addresses there are, in both languages; and its page."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from jsonschema import Draft202012Validator

from accounts.models import Organisation, User
from payments.api import urls, views
from tests.browsers import PageOf

DOCUMENT = "/api/v1/openapi.json"


def document(language: str = "en", **asked: str) -> dict[str, Any]:
    answer = Client().get(DOCUMENT, asked, headers={"Accept-Language": language})
    assert answer.headers["Content-Type"] == "application/json"
    return dict(answer.json())


class TestDocument:
    def test_is_sound(self, tmp_path: Path) -> None:
        """drf-spectacular's own judgement, against the schema of OpenAPI 3.1; a warning fails."""
        file = tmp_path / "openapi.json"
        call_command("spectacular", validate=True, fail_on_warn=True, format="openapi-json", file=str(file))
        assert json.loads(file.read_text(encoding="utf-8"))["openapi"].startswith("3.1")

    def test_is_of_the_addresses_that_there_are(self) -> None:
        """All that a key reads, and nothing else."""
        read = {
            re.sub(r"<\w+:(\w+)>", r"{\1}", f"/api/v1/{route.pattern}")
            for route in urls.urlpatterns
            if issubclass(route.callback.view_class, views.Reading)  # type: ignore[attr-defined]  # DRF's view sets it on its callback
        }
        assert len(read) == 4
        assert set(document()["paths"]) == read
        assert {method for path in document()["paths"].values() for method in path} == {"get"}

    def test_says_how_each_address_is_opened(self) -> None:
        described = document()
        (scheme,) = described["components"]["securitySchemes"].values()
        assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")
        for path in described["paths"].values():
            assert path["get"]["security"] == [{"key": []}]

    def test_shows_what_fits_it(self) -> None:
        """Each answer has an example, and it is one."""
        described = document()
        for path in described["paths"].values():
            for status, answer in path["get"]["responses"].items():
                ((kind, body),) = answer["content"].items()
                assert kind == ("application/json" if status == "200" else "application/problem+json")
                shape = body["schema"] | {"components": described["components"]}
                for example in body["examples"].values():
                    Draft202012Validator(shape).validate(example["value"])

    def test_says_of_each_sum_that_it_is_cents(self) -> None:
        shapes = document()["components"]["schemas"]
        sums = [
            shapes[shape]["properties"][name]
            for shape, name in (
                ("Payment", "amount"),
                ("Payment", "refunded"),
                ("Balance", "balance"),
                ("PaidOut", "amount"),
            )
        ]
        for one in sums:
            assert (one["type"], "cents" in one["description"]) == ("integer", True)

    def test_speaks_its_readers_language(self) -> None:
        assert document("en")["paths"]["/api/v1/balance/"]["get"]["summary"] == "Balance"
        assert document("fr")["paths"]["/api/v1/balance/"]["get"]["summary"] == "Solde"

    @pytest.mark.parametrize("language", ["en", "../../etc", "\0", "é" * 999])
    def test_takes_no_language_from_the_address(self, language: str) -> None:
        """drf-spectacular's own view would look for a file of that name."""
        assert document("fr", lang=language) == document("fr")


class TestNowhere:
    @pytest.mark.parametrize(
        "address", ["", "nothing/", "payments/%C3%A9/", "payments/%00/", "a%0Ab/", "a/b/"]
    )
    def test_is_told_as_everything_else(self, address: str) -> None:
        answer = Client().get(f"/api/v1/{address}")
        assert (answer.status_code, answer.json()["status"]) == (404, 404)
        assert answer.headers["Content-Type"] == "application/problem+json"

    def test_is_not_an_address_without_its_slash(self) -> None:
        answer = Client().get("/api/v1/payouts?before=x")
        assert (answer.status_code, answer["Location"]) == (301, "/api/v1/payouts/?before=x")


@pytest.mark.django_db
class TestPage:
    def test_runs_nothing_that_stands_in_it(self) -> None:
        page = Client().get("/api/v1/docs/").content.decode()
        assert not re.findall(r"<script(?![^>]*\bsrc=)", page)
        assert "<style" not in page
        for source in re.findall(r'<script[^>]*\bsrc="([^"]+)"', page):
            assert source.startswith("/"), source

    def test_is_told_where_the_document_is_by_a_script(self) -> None:
        answer = Client().get("/api/v1/docs/?script=")
        assert answer.headers["Content-Type"].startswith("application/javascript")
        assert json.dumps(DOCUMENT)[1:-1] in answer.content.decode().replace(r"\u002D", "-")

    def test_takes_no_password(self, claire: User) -> None:
        """DRF's own settings would: by `Authorization: Basic`, and nobody would count the tries."""
        for address in ("/api/v1/docs/", DOCUMENT, "/api/v1/balance/"):
            answer = Client().get(address, headers={"Authorization": "Basic MDYxMjM0OnNlY3JldA=="})
            assert "Basic" not in answer.headers.get("WWW-Authenticate", "")
            assert answer.status_code == (401 if "balance" in address else 200)

    def test_is_shown_where_keys_are_made(self, acf: Organisation, lea: User, page_of: PageOf) -> None:
        page = page_of(lea).get(f"/organisations/{acf.slug}/api/").content.decode()
        for name in ("api_docs", "api_document"):
            assert f'href="{reverse(name)}"' in page
