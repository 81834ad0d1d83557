from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from accounts import codes, tries
from accounts.models import SecretCode, User
from tests.people import CODE

pytestmark = pytest.mark.django_db(transaction=True)

WRONG = "804913"


def tried(user: User) -> int:
    return SecretCode.objects.get(user=user).tries


class TestVerify:
    def test_lets_the_right_code_pass(self, member: User) -> None:
        codes.verify(member, CODE)
        assert tried(member) == 0

    def test_counts_down(self, member: User) -> None:
        for left in (4, 3, 2, 1, 0):
            with pytest.raises(codes.WrongCode) as wrong:
                codes.verify(member, WRONG)
            assert wrong.value.tries_left == left
        assert tried(member) == 5

    def test_is_locked_for_the_right_code_too(self, member: User) -> None:
        SecretCode.objects.update(tries=5)
        with pytest.raises(codes.CodeLocked):
            codes.verify(member, CODE)
        assert tried(member) == 5

    def test_accepts_the_right_code_at_the_last_try(self, member: User) -> None:
        SecretCode.objects.update(tries=4)
        codes.verify(member, CODE)
        assert tried(member) == 0

    def test_needs_a_code(self, camille: User) -> None:
        with pytest.raises(codes.NoCode):
            codes.verify(camille, CODE)

    def test_refuses_to_run_in_a_transaction_that_could_take_the_try_back(self, member: User) -> None:
        with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
            codes.verify(member, WRONG)

    def test_counts_before_it_looks(self, member: User, monkeypatch: pytest.MonkeyPatch) -> None:
        def look(*_args: Any, **_kwargs: Any) -> bool:
            assert tried(member) == 1
            raise ConnectionAbortedError

        monkeypatch.setattr(tries, "is_right", look)
        with pytest.raises(ConnectionAbortedError):
            codes.verify(member, WRONG)
        assert tried(member) == 1

    def test_does_not_clear_the_tries_of_others(self, member: User, monkeypatch: pytest.MonkeyPatch) -> None:
        def look(*_args: Any, **_kwargs: Any) -> bool:
            SecretCode.objects.update(tries=3)  # Two wrong ones were counted meanwhile.
            return True

        monkeypatch.setattr(tries, "is_right", look)
        codes.verify(member, CODE)
        assert tried(member) == 3

    def test_takes_no_digits_but_ascii(self, member: User) -> None:
        with pytest.raises(codes.WrongCode):
            codes.verify(member, "٢٧٠٩١٤")

    def test_is_of_one_user(self, member: User, armand: User) -> None:
        codes.choose(armand, WRONG)
        SecretCode.objects.filter(user=armand).update(digest=SecretCode.objects.get(user=member).digest)
        with pytest.raises(codes.WrongCode):
            codes.verify(armand, CODE)

    def test_is_of_one_pepper(self, member: User, settings: Any) -> None:
        settings.CODE_PEPPER = "another pepper, of thirty-two characters"
        with pytest.raises(codes.WrongCode):
            codes.verify(member, CODE)

    def test_evaluates_five_of_sixty_guesses(
        self, member: User, at_once: Callable[..., list[Any]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        looked: list[int] = []
        is_right = tries.is_right

        def look(one: tries.Try, *, user: User, digits: str) -> bool:
            looked.append(one.number)
            return is_right(one, user=user, digits=digits)

        monkeypatch.setattr(tries, "is_right", look)
        outcomes = Counter(
            type(one) for one in at_once(60, lambda number: codes.verify(member, f"{900_000 + number}"))
        )
        assert outcomes == {codes.WrongCode: 5, codes.CodeLocked: 55}
        assert sorted(looked) == [1, 2, 3, 4, 5]
        assert tried(member) == 5


class TestChoose:
    @pytest.mark.parametrize(
        ("code", "weakness"),
        [
            ("12345", codes.Weakness.NOT_SIX_DIGITS),
            ("1234567", codes.Weakness.NOT_SIX_DIGITS),
            ("２７０９１４", codes.Weakness.NOT_SIX_DIGITS),
            ("270914\n", codes.Weakness.NOT_SIX_DIGITS),
            ("111111", codes.Weakness.REPEATED),
            ("474747", codes.Weakness.REPEATED),
            ("428428", codes.Weakness.REPEATED),
            ("123456", codes.Weakness.RUN),
            ("567890", codes.Weakness.RUN),
            ("654321", codes.Weakness.RUN),
            ("098765", codes.Weakness.RUN),
            ("061234", codes.Weakness.PHONE),
            ("345678", codes.Weakness.RUN),
            ("198412", codes.Weakness.YEAR),
            ("122004", codes.Weakness.YEAR),
        ],
    )
    def test_refuses_what_others_would_try_first(
        self, camille: User, code: str, weakness: codes.Weakness
    ) -> None:
        with pytest.raises(codes.WeakCode) as weak:
            codes.choose(camille, code)
        assert weak.value.weakness is weakness
        assert not SecretCode.objects.exists()

    def test_refuses_the_end_of_the_number(self, armand: User) -> None:
        with pytest.raises(codes.WeakCode) as weak:
            codes.choose(armand, str(armand.phone)[-6:])
        assert weak.value.weakness is codes.Weakness.PHONE

    def test_keeps_no_digits(self, member: User) -> None:
        kept = SecretCode.objects.get(user=member).digest
        assert kept.startswith("$argon2id$v=19$m=7168,t=5,p=1$")
        assert CODE not in kept

    def test_does_not_unlock(self, member: User) -> None:
        SecretCode.objects.update(tries=5)
        codes.choose(member, WRONG)
        with pytest.raises(codes.CodeLocked):
            codes.verify(member, WRONG)


class TestChange:
    def test_needs_the_old_one(self, member: User) -> None:
        with pytest.raises(codes.WrongCode):
            codes.change(member, old=WRONG, new="736251")
        assert tried(member) == 1
        codes.change(member, old=CODE, new="736251")
        codes.verify(member, "736251")

    def test_takes_no_try_for_a_weak_new_one(self, member: User) -> None:
        with pytest.raises(codes.WeakCode):
            codes.change(member, old=WRONG, new="111111")
        assert tried(member) == 0


class TestUnlock:
    def test_gives_a_new_code_and_fresh_tries(self, member: User) -> None:
        SecretCode.objects.update(tries=5)
        codes.unlock(member, "736251")
        codes.verify(member, "736251")
        with pytest.raises(codes.WrongCode):
            codes.verify(member, CODE)

    def test_refuses_a_weak_one(self, member: User) -> None:
        SecretCode.objects.update(tries=5)
        with pytest.raises(codes.WeakCode):
            codes.unlock(member, "000000")
        assert tried(member) == 5
