"""A bank in plain Python, in the shape of `payments.bank`: it takes files, or does what it is told to."""

from __future__ import annotations

from payments.bank import Refused, Unreachable


class Counter:
    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}  # by their message ids
        self.next = "takes"

    def send(self, document: bytes, *, message_id: str) -> str:
        if self.next == "away":
            raise Unreachable("away")
        if self.next == "refuses":
            raise Refused(422)
        assert self.files.setdefault(message_id, document) == document, "one message id, two files"
        if self.next == "unheard":
            raise Unreachable("unheard")
        return f"file-{message_id}"
