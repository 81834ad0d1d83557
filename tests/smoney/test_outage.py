"""Where a server is away, pages say so; they neither break nor hang."""

from __future__ import annotations

import contextlib
import json
import socket
from collections.abc import Iterator
from http import HTTPStatus
from time import monotonic
from typing import Any, NoReturn

import pytest
from django.core.cache import caches
from django.db import OperationalError
from django.test import Client, RequestFactory

from accounts.models import User
from smoney import outage


@pytest.fixture
def frozen_broker(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """It takes calls and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as ear:
        frozen = f"redis://127.0.0.1:{ear.getsockname()[1]}/0"
        monkeypatch.setitem(settings.CACHES["default"], "LOCATION", frozen)  # Else it outlives the test.
        _reconnect()
        yield
        _reconnect()


def _reconnect() -> None:
    with contextlib.suppress(AttributeError):
        del caches["default"]


def refuse(*_args: object, **_options: object) -> NoReturn:
    raise OperationalError("the database is away")


@pytest.fixture
def visitor() -> Client:
    return Client(raise_request_exception=False)


@pytest.mark.django_db
class TestAway:
    def test_is_said_where_a_view_meets_it(
        self, visitor: Client, claire: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        visitor.force_login(claire)
        monkeypatch.setattr("accounts.members.step", refuse)
        self.assert_said(visitor.get("/wallet/"))

    def test_is_said_where_a_middleware_meets_it(
        self, visitor: Client, claire: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        visitor.force_login(claire)
        monkeypatch.setattr("accounts.sessions.SessionStore.load", refuse)
        self.assert_said(visitor.get("/wallet/"))

    @pytest.mark.usefixtures("frozen_broker")
    def test_is_said_soon_where_a_broker_is_frozen(self, visitor: Client) -> None:
        began = monotonic()
        self.assert_said(visitor.post("/account/login/", {"phone": "0612340001", "password": "wrong"}))
        assert monotonic() - began < 5

    def test_is_not_said_of_another_fault(self, visitor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        def break_(*_args: object) -> NoReturn:
            raise ValueError

        monkeypatch.setattr("payments.views.pages.render", break_)
        assert visitor.get("/").status_code == 500

    def test_is_said_to_a_program_as_its_document_says(
        self, visitor: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("payments.api_keys.opened", refuse)
        answer = visitor.get("/api/v1/balance/", headers={"Authorization": "Bearer smk_x"})
        assert (answer.status_code, answer["Retry-After"]) == (503, "5")
        assert answer["Content-Type"] == "application/problem+json"
        assert answer.json()["detail"].startswith("A server is away")

    def test_of_another_fault_a_program_is_told_too(
        self, visitor: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def break_(*_args: object) -> NoReturn:
            raise ValueError

        monkeypatch.setattr("payments.api_keys.opened", break_)
        answer = visitor.get("/api/v1/balance/", headers={"Authorization": "Bearer smk_x"})
        assert (answer.status_code, answer.json()["title"]) == (500, "Internal Server Error")

    def assert_said(self, response: Any) -> None:
        assert response.status_code == 503
        assert response["Retry-After"] == "5"
        assert "503" in response.text
        assert response["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("status", "language", "words"),
    [
        (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "fr-FR,fr;q=0.9", "Ce fichier est trop lourd"),
        (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "en", "This file is too large"),
        (HTTPStatus.SERVICE_UNAVAILABLE, "en-GB,en", "Many people at once"),
        (HTTPStatus.SERVICE_UNAVAILABLE, "*", "Beaucoup de monde"),
    ],
)
def test_whoever_is_not_let_in_reads_why(status: HTTPStatus, language: str, words: str) -> None:
    answer = outage.refused(RequestFactory(headers={"Accept-Language": language}).post("/"), status)
    assert (answer.status_code, words in answer.content.decode()) == (status, True)


@pytest.mark.parametrize(
    "status", [HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.SERVICE_UNAVAILABLE], ids=lambda one: one.name
)
def test_a_program_that_is_not_let_in_is_told_a_problem(status: HTTPStatus) -> None:
    answer = outage.refused(RequestFactory().post("/api/v1/balance/"), status)
    assert json.loads(answer.content)["status"] == answer.status_code == status
    page = outage.refused(RequestFactory().get("/api/v1/docs/"), status)
    assert page["Content-Type"].startswith("text/html")
