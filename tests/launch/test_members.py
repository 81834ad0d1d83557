"""The demo's members: who is missing joins, whenever the demo was begun; each is introduced in one column."""

from __future__ import annotations

import re
from typing import Any, cast

from launch import choices, demo, members, stack

CLAIRE: dict[str, object] = {"member": "Claire Martin", "phone": "+33612340001"}
ACF: dict[str, object] = {
    "charity": "Action contre la Faim",
    "owner": "Armand Dos Santos",
    "desk": "/organisations/action-contre-la-faim/",
    "shop": "/buy/TSHIRT42/",
}
AGATHE: dict[str, object] = {"staff": "Agathe Moreau", "phone": "+33612340009"}


class TestMissing:
    def test_is_everybody_at_first(self) -> None:
        assert members.missing([]) == [
            "Claire Martin",
            "Armand Dos Santos",
            "Léa Petit",
            "Agathe Moreau",
            "Bruno Adjoint",
        ]

    def test_is_who_was_thought_of_since(self) -> None:
        before: list[dict[str, object]] = [
            {"member": name} for name in ("Claire Martin", "Armand Dos Santos", "Léa Petit")
        ]
        assert members.missing([*before, AGATHE]) == ["Bruno Adjoint"]

    def test_is_the_charity_where_the_demo_is_toured(self) -> None:
        everybody: list[dict[str, object]] = [{"name": name} for name in members.missing([])]
        assert members.missing(everybody, with_tour=True) == ["Action contre la Faim"]
        assert members.missing([*everybody, ACF], with_tour=True) == []


def test_the_welcome_is_in_columns() -> None:
    lines = [line for line in welcome(CLAIRE, AGATHE) if "http" in line or "phone +" in line]
    starts = {max(line.find("http"), line.find("phone +")) for line in lines}
    assert (len(lines), len(starts)) == (11, 1)


def test_the_welcome_says_where_the_charity_is_and_who_acts_for_it() -> None:
    told = [re.split(" {2,}", line.strip()) for line in welcome(CLAIRE, AGATHE, ACF)]
    site = choices.Choices().site_url
    assert ["Action contre la Faim", "Armand Dos Santos acts for it, and signs in as above."] in told
    assert ["Desk", f"{site}/organisations/action-contre-la-faim/"] in told
    assert ["Shop", f"{site}/buy/TSHIRT42/"] in told


def welcome(*introduced: dict[str, object]) -> list[str]:
    told = stack.Stack(choices.Choices(), {}, list(introduced), cast("Any", None))
    return demo.welcome(told).splitlines()
