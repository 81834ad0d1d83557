"""What was asked, read from a form with nested brackets: typed, and refused where it is not understood."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from sandbox.processor import problems

MOST_KEYS, LONGEST_KEY, LONGEST_VALUE = 50, 40, 500  # of metadata, in characters: Stripe's bounds


class Params:
    """The parameters of one request."""

    def __init__(self, encoded: str) -> None:
        self.pairs = parse_qsl(encoded, keep_blank_values=True)
        self._tree: dict[str, Any] = {}
        for name, value in self.pairs:
            _put(self._tree, _path(name), value)

    def allow(self, *names: str) -> None:
        """:raises Refused: for the first parameter that is not among the names"""
        for name in self._tree:
            if name not in {*names, "expand"}:
                raise problems.unknown(name)

    def has(self, name: str) -> bool:
        return bool(self._look_up(name))

    def text(self, name: str, default: str = "") -> str:
        value = self._look_up(name)
        if isinstance(value, dict):
            raise problems.Refused(f"Invalid string: {value}", param=name)
        return default if value is None else str(value)

    def required(self, name: str) -> str:
        value = self.text(name)
        if not value:
            raise problems.missing(name)
        return value

    def choice(self, name: str, known: Iterable[str], default: str | None = None) -> str:
        value = self.text(name, default) if default is not None else self.required(name)
        options = list(known)
        if value not in options and value != default:
            raise problems.not_one_of(name, value, options)
        return value

    def integer(self, name: str, default: int | None = None) -> int:
        value = self.text(name)
        if not value and default is not None:
            return default
        if not re.fullmatch("-?[0-9]{1,15}", self.required(name)):
            raise problems.Refused(f"Invalid integer: {value}", code="parameter_invalid_integer", param=name)
        return int(value)

    def flag(self, name: str) -> bool:
        return self.choice(name, ["true", "false"], default="false") == "true"

    def moment(self, name: str) -> datetime | None:
        return datetime.fromtimestamp(self.integer(name), tz=UTC) if self.has(name) else None

    def mapping(self, name: str) -> dict[str, Any]:
        value = self._look_up(name)
        return value if isinstance(value, dict) else {}

    def metadata(self, name: str = "metadata") -> dict[str, str]:
        """Keys and values as Stripe bounds them: 50 of them, 40 and 500 characters."""
        held = {key: str(value) for key, value in self.mapping(name).items() if value != ""}
        if len(held) > MOST_KEYS or any(
            len(key) > LONGEST_KEY or len(value) > LONGEST_VALUE for key, value in held.items()
        ):
            raise problems.Refused("Metadata holds 50 keys of 40 characters, values of 500.", param=name)
        return held

    def items(self, name: str) -> list[Any]:
        """Return the members of an array, which is written `name[]=` or `name[0]=`."""
        return list(self.mapping(name).values())

    def _look_up(self, name: str) -> Any:
        node: Any = self._tree
        for part in _path(name):
            node = node.get(part) if isinstance(node, dict) else None
        return node


def _path(name: str) -> list[str]:
    head, *rest = name.split("[")
    return [head, *(part.removesuffix("]") for part in rest)]


def _put(tree: dict[str, Any], path: list[str], value: str) -> None:
    for part in path[:-1]:
        below = tree.setdefault(part or str(len(tree)), {})
        if not isinstance(below, dict):
            raise problems.Refused(f"Invalid object: {part}", param=path[0])
        tree = below
    tree[path[-1] or str(len(tree))] = value
