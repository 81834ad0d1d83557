"""The staff's first page: how many orders wait, what went wrong, and whether the books balance."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from payments import self_check, tasks
from payments.models import Delivery
from smoney import staff
from social.models import Message
from tests.staff import read

pytestmark = pytest.mark.django_db
BOSS = User(is_superuser=True)


def figures() -> list[str]:
    return [re.sub(r"<[^>]*>", "", figure.says) for figure in staff.figures(BOSS)]


def delivery(status: str, **fields: object) -> Delivery:
    key = f"{status} {Delivery.objects.count()}"
    return Delivery.objects.create(key=key, channel="X", reply_to="1", text="…", status=status, **fields)


class TestFigures:
    def test_count_what_went_wrong(self) -> None:
        delivery("DUE")
        delivery("FAILED")
        delivery("DUE", due_at=timezone.now() - timedelta(hours=1))
        Message.objects.create(
            channel="x", external_id="1", root_id="1", author_id="1", payload={},
            received_at=timezone.now() - timedelta(hours=1),
        )  # fmt: skip
        assert figures()[-5:-1] == ["0", "1", "1", "1"]

    def test_forget_what_was_given_up_long_ago(self) -> None:
        delivery("FAILED", pk=staff.first_id(timezone.now() - timedelta(days=8)))
        assert figures()[-4] == "0"

    def test_tell_what_the_last_check_found(self) -> None:
        assert self_check.latest() is None
        tasks.check()
        assert (self_check.latest(), figures()[-1]) == (0, "à l’équilibre")
        self_check.remember([self_check.Breach("no wallet is overdrawn", 1)])
        assert figures()[-1].startswith("1 ")

    def test_of_identities_are_for_those_who_may_open_them(self, agathe: User) -> None:
        assert len(staff.figures(agathe)) == len(staff.figures(BOSS)) - 1

    def test_are_on_the_first_page_beside_names_in_french(self, desk: Client) -> None:
        page = read(desk, "/staff/")
        for word in ("figures", "Personnes", "Argent", "Messages", "Comptes comptables", "Envois"):
            assert word in page

    def test_lead_to_what_they_count(self, desk: Client) -> None:
        for external_id, outcome, handled_at in (("1", "", None), ("2", "IGNORED", timezone.now())):
            Message.objects.create(
                channel="x", external_id=external_id, root_id=external_id, author_id="1", payload={},
                text=f"post {external_id}", outcome=outcome, handled_at=handled_at,
            )  # fmt: skip
        addresses = [re.findall(r'href="([^"]+)"', figure.says) for figure in staff.figures(BOSS)[-5:-1]]
        pages = [read(desk, address.replace("&amp;", "&")) for (address,) in addresses]
        assert "post 1" in pages[3]
        assert "post 2" not in pages[3]
