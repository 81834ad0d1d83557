"""Browsers of members, who are signed in and have the secret code of all tests; and what a page says."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User

PageOf = Callable[[User], Client]


@pytest.fixture
def page_of(with_code: Callable[[User], User]) -> PageOf:
    def open_browser(user: User) -> Client:
        client = Client()
        client.force_login(user if hasattr(user, "secret_code") else with_code(user))
        return client

    return open_browser


def says(client: Client, path: str) -> str:
    """The page of that address, which is there."""
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()
