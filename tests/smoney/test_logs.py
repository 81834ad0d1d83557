"""What is written down of a request never holds what signs somebody in."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import OperationalError
from django.test import Client, RequestFactory

from smoney import outage
from tests.smoney.test_outage import refuse


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What the process writes, as it writes it."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    dictionary: dict[str, Any] = settings.LOGGING["formatters"]["json"]  # type: ignore[index]  # free in shape
    made = {name: value for name, value in dictionary.items() if name != "()"}
    handler.setFormatter(dictionary["()"](**made))
    logging.getLogger().addHandler(handler)
    yield stream
    logging.getLogger().removeHandler(handler)


@pytest.mark.django_db
def test_leave_the_query_of_an_address_out(client: Client, lines: io.StringIO) -> None:
    client.get("/help/?code=canary-code&state=canary-state")
    written = [json.loads(line) for line in lines.getvalue().splitlines()]
    assert any(line.get("request") == "GET /help/" for line in written)
    assert "canary" not in lines.getvalue()


@pytest.mark.django_db
@pytest.mark.parametrize("start", ["/account/password/reset/key/", "/account/confirm-email/"])
def test_leave_the_key_of_a_mailed_link_out(lines: io.StringIO, start: str) -> None:
    """Of what we write, what Django writes of a refusal, and what is written where a server is away."""
    path = f"{start}1-canary:canary/"
    Client().get(path)
    Client(enforce_csrf_checks=True).post(path)
    try:
        refuse()
    except OperationalError:
        outage.server_error(RequestFactory().get(path))
    written = [json.loads(line) for line in lines.getvalue().splitlines()]
    assert [line["path"] for line in written if "path" in line] == [f"{start}…"]
    assert f"GET {start}…" in {line.get("request") for line in written}
    assert "canary" not in lines.getvalue()


@pytest.mark.django_db
def test_keep_a_secret_code_out(client: Client, lines: io.StringIO) -> None:
    client.post("/orders/ABCDEFGH/confirm/", {"code": "918273"})
    assert "918273" not in lines.getvalue()


def test_carry_ids_and_trace(lines: io.StringIO) -> None:
    try:
        int("inside")
    except ValueError:
        logging.getLogger("payments.x").exception("A thing failed", extra={"funding": "7"})
    line = json.loads(lines.getvalue())
    assert (line["event"], line["funding"], line["level"]) == ("A thing failed", "7", "error")
    assert "ValueError: invalid literal" in line["exception"]
