from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F

from accounts import codes, sent_codes, unlocks
from accounts.models import SecretCode, UnlockCode, User

pytestmark = pytest.mark.django_db(transaction=True)

NEW = "736251"


@pytest.fixture
def locked(member: User) -> User:
    SecretCode.objects.update(tries=5)
    return member


def other(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06}"


class TestFinish:
    def test_gives_a_new_code(self, locked: User) -> None:
        unlocks.finish(locked, sent=unlocks.start(locked), new_code=NEW)
        codes.verify(locked, NEW)

    def test_takes_a_code_once(self, locked: User) -> None:
        sent = unlocks.start(locked)
        unlocks.finish(locked, sent=sent, new_code=NEW)
        with pytest.raises(sent_codes.NoSentCode):
            unlocks.finish(locked, sent=sent, new_code="829164")

    def test_takes_the_last_code_only(self, locked: User) -> None:
        first, last = unlocks.start(locked), unlocks.start(locked)
        with pytest.raises(sent_codes.WrongSentCode):
            unlocks.finish(locked, sent=first if first != last else other(last), new_code=NEW)
        unlocks.finish(locked, sent=last, new_code=NEW)

    def test_takes_three_tries(self, locked: User) -> None:
        sent = unlocks.start(locked)
        for left in (2, 1, 0):
            with pytest.raises(sent_codes.WrongSentCode) as wrong:
                unlocks.finish(locked, sent=other(sent), new_code=NEW)
            assert wrong.value.tries_left == left
        with pytest.raises(sent_codes.NoSentCode):
            unlocks.finish(locked, sent=sent, new_code=NEW)
        assert SecretCode.objects.get().is_locked

    def test_takes_a_code_for_ten_minutes_of_the_database(self, locked: User) -> None:
        sent = unlocks.start(locked)
        UnlockCode.objects.update(expires_at=F("expires_at") - timedelta(minutes=10))
        assert not unlocks.is_started(locked)
        with pytest.raises(sent_codes.NoSentCode):
            unlocks.finish(locked, sent=sent, new_code=NEW)

    def test_spends_no_try_on_a_weak_code(self, locked: User) -> None:
        sent = unlocks.start(locked)
        with pytest.raises(codes.WeakCode):
            unlocks.finish(locked, sent=other(sent), new_code="111111")
        assert UnlockCode.objects.get().tries == 0

    def test_evaluates_three_of_thirty_guesses(self, locked: User, at_once: Callable[..., list[Any]]) -> None:
        sent = unlocks.start(locked)
        outcomes = Counter(
            type(one)
            for one in at_once(30, lambda _number: unlocks.finish(locked, sent=other(sent), new_code=NEW))
        )
        assert outcomes == {sent_codes.WrongSentCode: 3, sent_codes.NoSentCode: 27}

    def test_is_used_once_by_two_at_once(self, locked: User, at_once: Callable[..., list[Any]]) -> None:
        sent = unlocks.start(locked)
        outcomes = at_once(3, lambda number: unlocks.finish(locked, sent=sent, new_code=f"73625{number}"))
        assert Counter(type(one) for one in outcomes) == {type(None): 1, sent_codes.NoSentCode: 2}
