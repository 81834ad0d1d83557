"""Steps 1 to 7, from sign-up to the staff's view of the payment: what `./run demo --play` walks."""

from __future__ import annotations

from launch import play
from tests.whole import Whole


def test_from_sign_up_to_the_staffs_view(whole: Whole) -> None:
    play.play(whole.at)
