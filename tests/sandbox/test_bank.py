"""The sandbox's bank, as a customer's program and a person at its page meet it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
import requests

from payments import bank_files, pain
from tests.sandbox.running import Sandbox

KEY = {"Authorization": "Bearer demo-bank-key"}
OURS = "FR7630006000011234567890189"
GOOD = "FR1420041010050500013M02606"
CLOSED = "FR7630002005500000015784164"
DEAD = "FR7610278060000002020010240"


def written(*wishes: tuple[str, int], payer: str = OURS) -> tuple[str, bytes]:
    """A payment file, and its message id."""
    message_id = uuid4().hex
    payments = [
        pain.Payment(
            end_to_end_id=uuid4().hex, amount=amount, to=pain.Party(name="Léa Petit", iban=iban), text="x"
        )
        for iban, amount in wishes
    ]
    payer_ = pain.Party(name="S-Money", iban=payer)
    return message_id, pain.write(payments, message_id=message_id, payer=payer_, on=date(2026, 11, 23))


def send(sandbox: Sandbox, key: str, content: bytes) -> requests.Response:
    headers = KEY | {"Idempotency-Key": key, "Content-Type": "application/xml"}
    url = f"{sandbox.url}/bank/v1/payment-files"
    return requests.post(url, data=content, headers=headers, timeout=10)


def payments_of(sandbox: Sandbox, content: bytes) -> list[dict[str, Any]]:
    listed = sandbox.get("/sandbox/bank/payments").json()
    return [it for it in listed if it["end_to_end_id"].encode() in content]


def told(sandbox: Sandbox) -> Iterator[bank_files.Fact]:
    """All that the bank's files say."""
    after = ""
    while listed := sandbox.get("/bank/v1/statement-files", KEY, after=after).json()["files"]:
        for entry in listed:
            content = sandbox.get(f"/bank/v1/statement-files/{entry['id']}", KEY).content
            yield from bank_files.read(content).facts
            after = entry["id"]


def wait_for(sandbox: Sandbox, content: bytes, *statuses: str) -> list[dict[str, Any]]:
    until = time.monotonic() + 10
    found: list[dict[str, Any]] = []
    while time.monotonic() < until:
        found = payments_of(sandbox, content)
        if sorted(it["status"] for it in found) == sorted(statuses):
            return found
        time.sleep(0.05)
    raise AssertionError(found)


class TestFiles:
    def test_payments_arrive_are_refused_or_come_back(self, sandbox: Sandbox) -> None:
        key, content = written((GOOD, 10_00), (CLOSED, 20_00), (DEAD, 30_00))
        assert send(sandbox, key, content).status_code == 201
        wait_for(sandbox, content, "PAID", "REJECTED", "RETURNED")
        said = {
            (it.kind, it.amount, it.reason) for it in told(sandbox) if it.end_to_end_id.encode() in content
        }
        assert said == {
            ("paid", 10_00, ""),
            ("refused", 20_00, "AC04"),
            ("paid", 30_00, ""),
            ("returned", 30_00, "MD07"),
        }

    def test_are_taken_once_for_their_key(self, sandbox: Sandbox) -> None:
        key, content = written((GOOD, 10_00))
        assert send(sandbox, key, content).json() == send(sandbox, key, content).json()
        assert len(payments_of(sandbox, content)) == 1
        assert send(sandbox, key, content.replace(b"10.00", b"99.00")).status_code == 409

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            (b"<NbOfTxs>1", b"<NbOfTxs>2"),
            (b"pain.001.001.09", b"pain.001.001.03"),
            (b"</Document>", b""),
            (b'Ccy="EUR"', b'Ccy="CHF"'),
            (OURS.encode(), GOOD.encode()),
        ],
    )
    def test_that_do_not_add_up_are_refused(self, sandbox: Sandbox, old: bytes, new: bytes) -> None:
        key, content = written((GOOD, 10_00))
        assert send(sandbox, key, content.replace(old, new)).status_code == 422
        assert payments_of(sandbox, content) == []

    def test_want_their_message_id_for_a_key(self, sandbox: Sandbox) -> None:
        assert send(sandbox, "another", written((GOOD, 10_00))[1]).status_code == 422

    def test_are_for_its_customer(self, sandbox: Sandbox) -> None:
        for path in ("payment-files", "payee-verifications", "statement-files"):
            answer = requests.post(
                f"{sandbox.url}/bank/v1/{path}", headers={"Authorization": "x"}, timeout=10
            )
            assert answer.status_code == 401


class TestPage:
    def test_shows_what_arrived_and_sends_it_back(self, sandbox: Sandbox) -> None:
        key, content = written((GOOD, 12_34))
        send(sandbox, key, content)
        (arrived,) = wait_for(sandbox, content, "PAID")
        page = sandbox.get("/bank/").text
        assert "€12.34" in page
        assert "Nothing here is real" in page
        requests.post(f"{sandbox.url}/bank/payments/{arrived['id']}/back", timeout=10)
        (back,) = wait_for(sandbox, content, "RETURNED")
        assert back["reason"] == "AC06"

    def test_tells_its_rules(self, sandbox: Sandbox) -> None:
        page = sandbox.get("/bank/").text
        for word in ("Camille Durand", "not possible", "AC04", "MD07"):
            assert word in page

    def test_gives_its_files(self, sandbox: Sandbox) -> None:
        key, content = written((GOOD, 10_00))
        send(sandbox, key, content)
        wait_for(sandbox, content, "PAID")
        name = sandbox.get("/bank/v1/statement-files", KEY).json()["files"][0]["id"]
        assert sandbox.get(f"/bank/files/{name}").content.startswith(b"<?xml")
        assert sandbox.get("/bank/files/nothing-1").status_code == 404
