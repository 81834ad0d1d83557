"""What the documents say is proved by a test is: the test is there, and each fault's command too."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from launch import faults

ROOT = Path(__file__).resolve().parent.parent
PROMISES = (ROOT / "docs" / "promises.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py(?:::\w+)*)`", PROMISES)))
COUNT = 18


@pytest.mark.parametrize("name", NAMED)
def test_what_proves_a_promise_is_there(name: str) -> None:
    path, *names = name.split("::")
    body: list[ast.stmt] = ast.parse((ROOT / path).read_text(encoding="utf-8")).body
    for word in names:
        (found,) = (node for node in body if getattr(node, "name", "") == word)
        body = getattr(found, "body", [])


def test_each_promise_names_its_test() -> None:
    promises = re.split(r"^(?=[0-9]+\. \*\*)", PROMISES.partition("## The figures")[0], flags=re.MULTILINE)[
        1:
    ]
    assert [int(promise.split(".")[0]) for promise in promises] == list(range(1, COUNT + 1))
    assert all("`tests/" in promise for promise in promises)


def test_each_fault_has_its_figure() -> None:
    assert set(re.findall(r"`\./run faults (\w+)`", PROMISES)) == set(faults.names())
