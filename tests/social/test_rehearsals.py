"""The page where anybody tries a text."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.test import Client

from payments.models import Order
from social.models import Message

PAGE = "/aide/essayer/"


def shown(text: str, *, channel: str = "public", language: str = "en") -> str:
    client = Client(HTTP_ACCEPT_LANGUAGE=language)
    answer = client.post(PAGE, {"text": text, "channel": channel}, secure=True)
    assert answer.status_code == 200
    return answer.content.decode()


def marked(page: str) -> list[tuple[str, str]]:
    return re.findall(r'<mark class="part part-(\w+)">([^<]*)</mark>', page)


@pytest.mark.django_db
class TestThePage:
    def test_is_there_for_anybody_and_linked_from_help(self) -> None:
        assert Client().get(PAGE, secure=True).status_code == 200
        assert f'href="{PAGE}"' in Client().get("/help/", secure=True).content.decode()

    def test_is_found_without_its_last_stroke(self) -> None:
        assert Client().get("/aide/essayer", secure=True)["Location"].endswith(PAGE)

    def test_marks_each_part_in_its_words(self) -> None:
        page = shown("@Smoneyfr #envoyer 12,99€ à @bob pour le resto")
        assert marked(page) == [
            ("service", "@Smoneyfr"),
            ("command", "#envoyer"),
            ("amount", "12,99€"),
            ("payee", "@bob"),
            ("note", "pour le resto"),
        ]

    def test_takes_every_handle_for_somebodys(self) -> None:
        page = shown("@Smoneyfr #partager 60€ @qui @que @quoi")
        assert [words for role, words in marked(page) if role == "payee"] == ["@qui", "@que", "@quoi"]

    @pytest.mark.parametrize(
        ("text", "role", "words"),
        [
            ("ENVOYER 10 0612345678", "amount", "10"),
            ("ENVOYER 10 06 12 34 56 78", "payee", "06 12 34 56 78"),
            ("acheter TSHIRT42", "code", "TSHIRT42"),
            ("annuler K7Q2M9XA", "code", "K7Q2M9XA"),
            ("solde", "command", "solde"),
        ],
    )
    def test_reads_private_messages_as_such(self, text: str, role: str, words: str) -> None:
        assert (role, words) in marked(shown(text, channel="private"))

    @pytest.mark.parametrize(
        ("language", "why"), [("en", "thousands or cents"), ("fr", "milliers ou des centimes")]
    )
    def test_says_what_is_wrong_and_the_line_to_write(self, language: str, why: str) -> None:
        page = shown("@Smoneyfr #envoyer 1.000€ @bob", language=language)
        assert why in page
        assert "@Smoneyfr #envoyer 12,99€ @bob" in page

    def test_says_when_it_is_not_meant_for_us(self) -> None:
        assert "We would not answer" in shown("bonjour")

    def test_shows_markup_as_words(self) -> None:
        page = shown("@Smoneyfr #envoyer 12€ @bob <script>alert(1)</script>")
        assert "<script>alert" not in page

    def test_orders_nothing_and_keeps_nothing(self) -> None:
        shown("@Smoneyfr #envoyer 12€ @bob")
        assert not Order.objects.exists()
        assert not Message.objects.exists()

    @pytest.mark.parametrize(
        "fields", [{}, {"text": ""}, {"text": "x" * 1001}, {"text": "x", "channel": "?"}]
    )
    def test_asks_again_for_what_is_no_text(self, fields: dict[str, str]) -> None:
        assert Client().post(PAGE, fields, secure=True).status_code in {200, 422}

    def test_asks_for_a_minute_after_many_tries(self) -> None:
        client = Client()
        codes = {
            client.post(PAGE, {"text": str(n), "channel": "public"}, secure=True).status_code
            for n in range(31)
        }
        assert codes == {200, 429}

    def test_offers_the_line_to_try_next(self) -> None:
        assert 'value="@Smoneyfr #envoyer 20€ @bob"' in shown("@Smoneyfr #envoyer 20 @bob")

    def test_speaks_of_the_service_by_its_handle(self) -> None:
        page = Client().get(PAGE, secure=True).content.decode()
        assert f"@{settings.X_SERVICE_HANDLE} #envoyer" in page
