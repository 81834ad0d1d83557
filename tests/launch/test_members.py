"""The demo's members: who is missing joins, whenever the demo was begun; each is introduced in one column."""

from __future__ import annotations

from typing import Any, cast

from launch import choices, demo, members, stack

CLAIRE: dict[str, object] = {"member": "Claire Martin", "phone": "+33612340001"}
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


def test_the_welcome_is_in_columns() -> None:
    told = stack.Stack(choices.Choices(), {}, [CLAIRE, AGATHE], cast("Any", None))
    lines = [line for line in demo.welcome(told).splitlines() if "http" in line or "phone +" in line]
    starts = {max(line.find("http"), line.find("phone +")) for line in lines}
    assert (len(lines), len(starts)) == (11, 1)
