"""Staff read what was said to us: every message, what came of it, and nothing to write."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Identity, User
from payments.models import Delivery
from social.models import Message
from tests.social.conftest import hear, post
from tests.staff import list_of, page_of, read

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("joined_long_ago")]
TEXT = "@Smoneyfr #envoyer 12,99€ @armanddossantos"


class TestMessages:
    def test_list_asks_no_more_for_more_rows(self, desk: Client) -> None:
        hear(post("claire_martin", TEXT), post("claire_martin", "@Smoneyfr bonjour"))
        read(desk, list_of(Message))
        with CaptureQueriesContext(connection) as few:
            read(desk, list_of(Message))
        hear(*(post("claire_martin", TEXT) for _ in range(8)))
        with CaptureQueriesContext(connection) as many:
            assert "@Smoneyfr bonjour" in read(desk, list_of(Message))
        assert len(many) == len(few)

    def test_lead_to_the_order_and_the_author(self, desk: Client) -> None:
        hear(post("claire_martin", TEXT))
        message = Message.objects.get()
        page = read(desk, page_of(message))
        assert message.order is not None
        assert page_of(message.order) in page
        assert page_of(Identity.objects.get(handle="claire_martin")) in page
        assert page_of(message) in read(desk, page_of(message.order))

    def test_lead_to_their_answer(self, desk: Client) -> None:
        hear(post("claire_martin", "@Smoneyfr #envoyer @armanddossantos"))
        message = Message.objects.get()
        address = f"{list_of(Delivery)}?q={message.external_id}"
        assert address in read(desk, page_of(message))
        assert page_of(Delivery.objects.get()) in read(desk, address)

    def test_take_nothing(self, desk: Client) -> None:
        hear(post("claire_martin", TEXT))
        message = Message.objects.get()
        for address in (page_of(message), page_of(message).replace("change", "delete")):
            assert desk.post(address, {"text": "autre chose"}).status_code == 403
        assert Message.objects.get().text == TEXT

    def test_are_for_staff_with_a_second_factor(self, client: Client, agathe: User, claire: User) -> None:
        for user in (agathe, claire):
            client.force_login(user)
            assert client.get(list_of(Message)).status_code == 302
