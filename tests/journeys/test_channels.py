"""A journey for each private channel: from a message to money, over HTTP, as a person does it."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

import requests

from launch.people import Person, until
from tests.whole import Whole

LEA = "lea_petit"
LINK = re.compile(r'href="([^"]+/m\.me/[^"]+)"')


def text(whole: Whole, person: Person, words: str) -> None:
    """Write an SMS on their phone."""
    answer = requests.post(f"{whole.at.sandbox}/phone/{person.phone}/write", data={"body": words}, timeout=30)
    answer.raise_for_status()
    assert "not delivered" not in answer.text


def direct(whole: Whole, person: Person, words: str) -> None:
    """Write a direct message on X."""
    said = {"as": person.handle, "text": words}
    requests.post(f"{whole.at.sandbox}/sandbox/x/messages", json=said, timeout=30).raise_for_status()


def chat(whole: Whole, psid: str, **said: str) -> None:
    """Write or tap on Messenger."""
    answer = requests.post(f"{whole.at.sandbox}/messenger/{psid}/write", data=said, timeout=30)
    assert "not delivered" not in answer.text


def heard(whole: Whole, path: str) -> list[dict[str, Any]]:
    """What the service said there, the newest first."""
    rows: list[dict[str, Any]] = requests.get(
        f"{whole.at.sandbox}/sandbox/{path}/messages", timeout=10
    ).json()
    return rows


def direct_answers(whole: Whole, person: Person) -> list[str]:
    rows = requests.get(f"{whole.at.sandbox}/sandbox/x/messages/{person.handle}", timeout=10).json()
    return [row["text"] for row in rows]


class TestText:
    def test_orders_and_the_code_on_the_site_pays(self, whole: Whole) -> None:
        payer, payee = whole.newcomer(euros=20, is_linked=False), whole.payee()
        before = int(payee.balance())
        text(whole, payer, f"ENVOYER 5 @{LEA} pour le pain")
        (reference,) = until(payer.waiting, "the wallet shows no order")
        until(lambda: any(reference in said for said in payer.texts()), "the text was not answered")
        payer.confirm(reference)
        assert (payer.balance(), int(payee.balance())) == ("1500", before + 5_00)
        until(lambda: sum(reference in said for said in payer.texts()) == 2, "no receipt by SMS")

    def test_to_a_number_waits_until_it_signs_up(self, whole: Whole) -> None:
        payer, payee = whole.newcomer(euros=20, is_linked=False), whole.stranger()
        text(whole, payer, f"ENVOYER 5 0{payee.phone[3:]}")
        (reference,) = until(payer.waiting, "the wallet shows no order")
        page = payer.confirm(reference)
        assert page.says("GARDÉ")
        until(payee.texts, "the number was not told")
        payee.sign_up()
        assert payee.balance() == "500"  # At once: the number is theirs.
        assert whole.orders(payer) == [(reference, "PAID")]

    def test_with_a_code_orders_nothing_and_keeps_none(self, whole: Whole) -> None:
        payer = whole.newcomer(euros=20, is_linked=False)
        text(whole, payer, f"ENVOYER 5 @{LEA} {payer.code}")
        until(lambda: any("code secret" in said for said in payer.texts()), "no warning")
        assert payer.waiting() == []
        kept = whole.rows(
            "SELECT text || payload::text FROM social_message WHERE author_id = %s", payer.phone
        )
        assert all(payer.code not in row for (row,) in kept)

    def test_asks_for_the_balance_and_stops(self, whole: Whole) -> None:
        payer = whole.newcomer(euros=20, is_linked=False)
        text(whole, payer, "solde")
        until(lambda: any("20,00" in said for said in payer.texts()), "no balance by SMS")
        text(whole, payer, "STOP")
        told = len(payer.texts())
        text(whole, payer, f"ENVOYER 5 @{LEA}")
        told_of = "SELECT count(*) FROM social_message WHERE author_id = %s AND problem = 'stopped'"
        until(lambda: whole.rows(told_of, payer.phone)[0][0] >= 1, "nobody decided on it")
        assert (payer.waiting(), len(payer.texts())) == ([], told)
        text(whole, payer, "REPRENDRE")
        text(whole, payer, "solde")
        until(lambda: len(payer.texts()) > told, "START takes STOP back")


class TestDirectMessage:
    def test_orders_and_the_code_on_the_site_pays(self, whole: Whole) -> None:
        payer = whole.newcomer(euros=20)
        direct(whole, payer, f"envoyer 5€ @{LEA} en secret")
        (reference,) = until(payer.waiting, "the wallet shows no order", seconds=60)
        (answer,) = until(lambda: direct_answers(whole, payer), "no answer there")
        assert reference in answer
        payer.confirm(reference)
        assert payer.balance() == "1500"
        until(lambda: len(direct_answers(whole, payer)) == 2, "no receipt there")


class TestMessenger:
    def test_is_linked_once_and_orders(self, whole: Whole) -> None:
        payer = whole.newcomer(euros=20, is_linked=False)
        link, psid = self.linked(whole, payer)
        until(lambda: heard(whole, f"messenger/{psid}"), "nobody says that it is linked")
        chat(whole, psid, text=f"envoyer 5€ @{LEA}")
        (reference,) = until(payer.waiting, "the wallet shows no order")
        answer = until(
            lambda: [row for row in heard(whole, f"messenger/{psid}") if reference in row["text"]],
            "no answer there",
        )[0]
        assert [button["payload"] for button in answer["buttons"]][1:] == ["solde", "aide"]
        payer.confirm(reference)
        assert payer.balance() == "1500"
        # Used once, the link is good for nobody else.
        assert link
        other = requests.post(link, data={"name": "Mallory"}, timeout=30).url.rsplit("/", 1)[1]
        dead = until(lambda: heard(whole, f"messenger/{other}"), "nobody says that the link is dead")
        assert "réglages" in dead[0]["text"]

    def linked(self, whole: Whole, payer: Person) -> tuple[str, str]:
        """The one-time link, and the number by which Messenger knows them."""
        page = payer.browser.open(f"{whole.at.site}/settings/messenger/")
        form = page.form(action="/settings/messenger/")
        page = payer.browser.submit(page, form)
        found = LINK.search(page.html)
        assert found
        link = found[1].replace("&amp;", "&")
        assert urlsplit(link).netloc == urlsplit(whole.at.sandbox).netloc
        opened = requests.post(link, data={"name": payer.name}, timeout=30)
        return link, opened.url.rsplit("/", 1)[1]
