"""What every channel gives and takes: what came over the wire, what was said by whom, how an answer fared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from accounts.models import Identity, User
from social.models import Message


class Malformed(Exception):
    """It is not what the channel documents."""


class Refused(Exception):
    """The channel will not take the answer: the same would be refused again."""


class Limited(Exception):
    """The channel takes no more for so many seconds."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class Unreachable(Exception):
    """The channel gave no answer that counts: what was sent may have arrived."""


@dataclass(frozen=True, slots=True)
class Came:
    """A webhook's request, as much of it as a channel signs; header names are in small letters."""

    url: str
    body: bytes
    headers: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Said:
    """One private message: the channel's own ids of it and of its author, its words, what it answers.

    `ticket` is a leave to link that came with it; `is_automatic` says that no person wrote it.
    """

    id: str
    author_id: str
    text: str
    at: datetime
    reply_to: str = ""
    ticket: str = ""
    is_automatic: bool = False


@dataclass(frozen=True, slots=True)
class Author:
    """The member who writes under a number, and since when it is theirs."""

    user: User
    since: datetime


@dataclass(frozen=True, slots=True)
class Button:
    """A word that is said for whoever taps it."""

    title: str
    says: str


class Channel(Protocol):
    """A module of this package: these names are all that the rest knows of it."""

    NAME: Message.Channel

    def is_genuine(self, came: Came) -> bool:
        """Whether the channel itself sent it."""

    def read(self, came: Came) -> list[Said]:
        """What was said.

        :raises Malformed: if it cannot be read
        """

    def author(self, author_id: str) -> Author | None:
        """The member who writes under this number."""

    def send(self, author_id: str, text: str, *, buttons: Sequence[Button]) -> str:
        """Say it to whoever wrote; the channel's id of it.

        :raises Refused, Limited, Unreachable: if it was not taken
        """


def linked(network: Identity.Network, external_id: str) -> Author | None:
    """Who linked this account of theirs."""
    known = Identity.objects.filter(network=network, external_id=external_id, user__isnull=False)
    identity = known.select_related("user").first()
    if identity is None:
        return None
    assert identity.user
    assert identity.linked_at
    return Author(identity.user, identity.linked_at)
