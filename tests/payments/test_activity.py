"""A member's history is in the order in which money moved."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from accounts.models import Identity, User
from payments import activity, claims, ledger, orders
from tests.people import CODE, place, settled


@pytest.mark.django_db
class TestPage:
    def test_puts_what_was_paid_last_first(
        self, claire: User, armand: User, with_code: Callable[[User], User]
    ) -> None:
        """An order may wait a day for its code, and others be paid meanwhile."""
        with_code(claire)
        waiting, quick = place(claire, armand, 1_00), place(claire, armand, 2_00)
        orders.confirm(quick, code=CODE)
        orders.confirm(waiting, code=CODE)
        lines = activity.page(ledger.wallet(claire))
        assert [(line.amount, line.after) for line in lines] == [
            (-1_00, 97_00),
            (-2_00, 98_00),
            (100_00, 100_00),
        ]

    @pytest.mark.parametrize("query", ["", "pour le resto"])
    def test_goes_on_where_the_page_before_ended(
        self, claire: User, armand: User, with_code: Callable[[User], User], query: str
    ) -> None:
        with_code(claire)
        for order in reversed([place(claire, armand, amount) for amount in (1, 2, 3)]):
            orders.confirm(order, code=CODE)
        wallet = ledger.wallet(armand)
        first = activity.page(wallet, query=query, limit=2)
        rest = activity.page(wallet, query=query, before=first[-1].number, limit=2)
        assert [line.amount for line in first + rest] == [1, 2, 3]

    def test_writes_who_has_no_name_as_one_writes_to_them(self, claire: User, bob: Identity) -> None:
        bob.name = ""
        bob.save()
        settled(place(claire, bob, 1_00, note=""))
        claims.take_back(settled(place(claire, bob, 2_00, note="")))
        lines = activity.page(ledger.wallet(claire))
        assert [(line.title, line.subtitle) for line in lines[:3]] == [
            ("De retour dans votre portefeuille", "pour @bob"),
            ("@bob", ""),
            ("@bob", ""),
        ]
