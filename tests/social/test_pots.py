"""A pot is given to by a post, a direct message or an SMS that names it; what is doubtful is no order."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import User
from giving import pot_closings, pots
from giving.models import Contribution, Pot
from payments import orders
from payments.models import Order
from social.models import Message
from tests.giving.pots import opened, opened_by_number
from tests.people import CODE
from tests.social.conftest import came_of, hear
from tests.social.conftest import post as written
from tests.social.test_conversations import answers, say, x_is_away

__all__ = ["x_is_away"]  # A fixture of another file's.
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("joined_long_ago")]


@pytest.fixture
def pot(lea: User) -> Pot:
    return opened(lea)


class TestByPost:
    def test_is_a_contribution_of_the_post(self, pot: Pot, claire: User, with_code: Any) -> None:
        row = written("claire_martin", f"@Smoneyfr #donner 10€ @lea_petit #pot{pot.code} bonne route")
        hear(row)
        one = Contribution.objects.select_related("order").get()
        order = one.order
        assert (order.kind, order.amount, order.note, order.payer) == ("POT", 10_00, "bonne route", claire)
        assert (one.pot, one.hides_name, one.hides_amount) == (pot, True, True)
        assert (order.channel, order.channel_id) == ("x", row["id"])
        with_code(claire)
        assert orders.confirm(order, code=CODE).status == "HELD"
        assert pots.tally(pot).total == 10_00

    def test_shows_nobody_by_a_name_that_they_did_not_post(
        self, pot: Pot, claire: User, with_code: Any
    ) -> None:
        with_code(claire)
        hear(written("claire_martin", f"@Smoneyfr #donner 10€ @lea_petit #pot{pot.code}"))
        orders.confirm(Order.objects.get(), code=CODE)
        assert [(one.name, one.amount) for one in pots.shares(pot, to=None)] == [("", None)]

    def test_of_a_number_is_none_for_who_knows_the_handle(self, lea: User, claire: User) -> None:
        row = written("claire_martin", f"@Smoneyfr #donner 10€ @lea_petit #pot{opened_by_number(lea).code}")
        hear(row)
        assert (came_of(row), Order.objects.count()) == (("REFUSED", "no_pot"), 0)

    def test_in_english_and_by_the_other_command(self, pot: Pot, claire: User) -> None:
        hear(written("claire_martin", f"@Smoneyfr #give €5 @lea_petit #POT{pot.code.lower()}"))
        hear(written("claire_martin", f"@Smoneyfr #envoyer 6€ @lea_petit #pot{pot.code}"))
        assert sorted(Contribution.objects.values_list("order__amount", flat=True)) == [5_00, 6_00]

    def test_of_no_open_pot_orders_nothing(self, pot: Pot, claire: User) -> None:
        pot_closings.give_back(pot)
        for tag in ("#potZZZZ99", f"#pot{pot.code}"):
            row = written("claire_martin", f"@Smoneyfr #donner 10€ @lea_petit {tag}")
            hear(row)
            assert came_of(row) == ("REFUSED", "no_pot")
        assert not Order.objects.exists()

    def test_of_somebody_elses_pot_orders_nothing(self, pot: Pot, claire: User, armand: User) -> None:
        row = written("claire_martin", f"@Smoneyfr #donner 10€ @armanddossantos #pot{pot.code}")
        hear(row)
        assert (came_of(row), Order.objects.count()) == (("REFUSED", "no_pot"), 0)

    def test_without_a_code_is_a_transfer(self, pot: Pot, claire: User) -> None:
        hear(written("claire_martin", "@Smoneyfr #donner 10€ @lea_petit #potagers"))
        assert (Order.objects.get().kind, Order.objects.get().note) == ("SEND", "#potagers")


@pytest.mark.usefixtures("x_is_away")
class TestInPrivate:
    def test_by_text_hides_who_it_was(self, pot: Pot, claire: User) -> None:
        message = say(f"DONNER 10 @lea_petit #pot{pot.code} bonne route")
        one = Contribution.objects.select_related("order").get()
        assert (one.hides_name, one.order.note, one.order.channel) == (True, "bonne route", "sms")
        assert (message.outcome, message.order) == ("ORDER", one.order)
        assert one.order.reference in answers()[0]

    def test_by_number(self, pot: Pot, claire: User) -> None:
        say(f"donner 10€ 0612340003 #pot{pot.code}")
        assert Contribution.objects.get().order.payee == pot.payee

    def test_by_direct_message(self, pot: Pot, claire: User) -> None:
        say(f"donner 10€ @lea_petit #pot{pot.code}", by="1001", channel=Message.Channel.DM)
        assert Contribution.objects.get().order.channel == "dm"

    def test_of_no_pot_is_answered(self, pot: Pot, claire: User) -> None:
        message = say("donner 10€ @lea_petit #potZZZZ99")
        assert (message.outcome, message.problem) == ("REFUSED", "no_pot")
        assert len(answers()) == 1
