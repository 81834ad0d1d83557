"""Each day's proof that what members hold is there, and its sheet, in which no cell is a formula."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import pytest
from django.db import ProgrammingError, transaction
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from payments import orders, safeguarding, sheets, tasks
from payments.models import SafeguardingDay
from tests.people import CODE, place

DAY = date(2026, 11, 22)


@pytest.mark.django_db
class TestTake:
    def test_adds_up(self, claire: User, armand: User, with_code: Callable[[User], User]) -> None:
        orders.confirm(place(with_code(claire), armand), code=CODE)
        proof = safeguarding.take(DAY)
        assert (proof.wallets, proof.held, proof.payouts, proof.own) == (100_00, 0, 0, 0)
        assert (proof.at_bank, proof.in_transit) == (0, 100_00)
        assert (proof.owed, proof.difference) == (100_00, 0)

    def test_is_taken_once_a_day_and_stays(self, claire: User) -> None:
        first = safeguarding.take(DAY)
        assert safeguarding.take(DAY) == first
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            SafeguardingDay.objects.update(wallets=1)

    def test_a_difference_is_an_alarm(
        self, claire: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        proof = SafeguardingDay(day=DAY, wallets=5, held=0, payouts=0, own=0, at_bank=0, in_transit=4)
        assert proof.difference == -1
        monkeypatch.setattr(safeguarding, "take", lambda _day: proof)
        tasks.prove_day()
        assert "not safeguarded" in caplog.text


@pytest.mark.django_db
class TestPages:
    def test_show_each_day_and_give_a_sheet(self, desk: Client, claire: User) -> None:
        safeguarding.take(DAY)
        assert "100,00" in desk.get("/staff/payments/safeguardingday/").content.decode()
        sheet = desk.get("/staff/payments/safeguardingday/sheet/").content.decode()
        assert "2026-11-22;10000;0;0;0;0;10000;0\r\n" in sheet

    def test_are_for_staff(self, client: Client, claire: User) -> None:
        client.force_login(claire)
        assert client.get("/staff/payments/safeguardingday/sheet/").status_code == 302


class TestSheets:
    @pytest.mark.parametrize("text", ["=1+1", "+1+1", "-1+1", "@bob", "-", "+33612345678"])
    def test_quote_what_would_be_run(self, text: str) -> None:
        assert sheets.cell(text) == f"'{text}"

    @pytest.mark.parametrize("blank", ["\t", "\r"])
    def test_quote_it_behind_what_another_program_takes_for_a_separator(self, blank: str) -> None:
        assert sheets.cell(f"{blank}=1") == f"'{blank}'=1"

    @pytest.mark.parametrize("value", [0, -5, 10_00, "Claire", "", date(2026, 1, 1)])
    def test_leave_the_rest(self, value: object) -> None:
        assert sheets.cell(value) == str(value)

    @given(st.text())
    def test_hold_no_formula(self, text: str) -> None:
        """Nor where it is opened with another separator."""
        cell = sheets.cell(text)
        assert not cell.startswith(("=", "+", "@", "\t", "\r"))
        assert not any(part.startswith(("=", "+", "@")) for part in re.split("[,;\t\r\n]", cell))
        assert cell.replace("'", "") == text.replace("'", "")
