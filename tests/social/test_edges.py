from __future__ import annotations

from typing import Any

import pytest
from celery import current_app
from django.conf import settings
from django.contrib import admin
from django.test import RequestFactory
from django.utils import timezone

from social import outside, tasks
from social.admin import MessageAdmin
from social.models import Message
from tests.social.conftest import hear, post
from tests.staff import hire


class TestTasks:
    def test_are_those_that_beat_calls(self) -> None:
        called = {str(entry["task"]) for entry in settings.CELERY_BEAT_SCHEDULE.values()}
        ours = {name for name in current_app.tasks if name.startswith("social.")}
        assert ours == {name for name in called if name.startswith("social.")}

    @pytest.mark.django_db
    def test_do_nothing_where_there_is_nothing(self) -> None:
        for task in (tasks.handle_messages, tasks.reply, tasks.recheck_posts):
            task()

    @pytest.mark.django_db
    def test_bear_an_x_that_is_away(
        self, settings: Any, joined_long_ago: None, caplog: pytest.LogCaptureFixture
    ) -> None:
        settings.X_API_URL = "http://127.0.0.1:9"
        outside.x.cache_clear()
        hear(post("claire_martin", "@Smoneyfr #envoyer 12,99€ @armanddossantos"))
        tasks.recheck_posts()
        assert "could not be asked" in caplog.text
        outside.x.cache_clear()


def page_of(response: Any) -> str:
    return str(response.render().content.decode())


@pytest.mark.django_db
class TestAdmin:
    @pytest.fixture
    def request_(self, rf: RequestFactory) -> Any:
        request = rf.get("/")
        user = hire("Odile Chef", "+33612340009", is_superuser=True)
        user.is_verified = lambda: True  # type: ignore[attr-defined]  # as after the second factor
        request.user = user
        return request

    def test_shows_messages_and_lets_nobody_write(self, request_: Any) -> None:
        message = Message.objects.create(
            channel="x",
            external_id="1",
            root_id="1",
            author_id="1",
            text="<b>",
            payload={"data": {"text": "<script>"}},
            received_at=timezone.now(),
        )
        edge = MessageAdmin(Message, admin.site)
        listed = page_of(edge.changelist_view(request_))
        assert "&lt;b&gt;" in listed
        shown = page_of(edge.change_view(request_, str(message.pk)))
        assert "&lt;script&gt;" in shown
        assert not edge.has_add_permission(request_)
        assert not edge.has_change_permission(request_, message)
        assert not edge.has_delete_permission(request_, message)
