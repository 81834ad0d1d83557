"""Pages of a busy mention timeline, as X's API sends them: the JSON that the sandbox answers, newest first.

Every order is another member's. A page repeats posts of the one before, as a poll that looks back does.
"""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from social import x

NEW, REPEATED = 80, 20
_EPOCH_MS, _SHIFT = 1_288_834_974_657, 22  # An id of X holds its milliseconds above 22 bits.
_STRANGERS = 900_000_000  # Numbers on X from here on are nobody's who joined.
# What people write, of a hundred: orders in both languages, small talk, doubtful amounts.
_ORDERS = (
    (28, "@{service} #envoyer {euros},{cents:02}€ @{payee} {note}"),
    (16, "@{service} #envoyer {euros} € @{payee}"),
    (10, "Merci @{payee} ! @{service} #envoyer {euros},{cents:02} € {note}"),
    (8, "@{service} #donner {euros}€ @{payee}"),
    (18, "@{service} #send €{euros}.{cents:02} @{payee} {note}"),
)
_TALK = (
    (8, "@{service} bonjour, c'est quand la version pour le bureau ?"),
    (7, "J'ai payé ma part avec @{service}, ça marche @{payee} 😀"),
)
_DOUBTS = ((5, "@{service} #envoyer {euros}.000€ @{payee} {note}"),)
_NOTES = (
    "",
    "",
    "pour le resto",
    "merci pour samedi 🍕",
    "ta part du cadeau d'Anaïs",
    "for the tickets",
    "loyer",
)
_KINDS = [*_ORDERS, *_TALK, *_DOUBTS]
Json = dict[str, Any]


class Timeline:
    """What the members of these numbers on X post, and the pages that X makes of it."""

    def __init__(self, members: list[tuple[str, str]], *, seed: int = 1) -> None:
        self._chance = random.Random(seed)
        self._members, self._authors = members, itertools.cycle(members)
        self._before: list[Json] = []
        self._ids = itertools.count(_id_at(timezone.now()))

    def pages(self, count: int) -> list[str]:
        """The next pages, as they come over the wire."""
        return [json.dumps(self._page(), ensure_ascii=False) for _ in range(count)]

    def _page(self) -> Json:
        new = [self._post() for _ in range(NEW)]
        rows = sorted([*new, *self._before[:REPEATED]], key=lambda row: int(row["id"]), reverse=True)
        self._before = new[::-1]
        people = {id: handle for row in rows for id, handle in _people(row)}
        users = [_user(id, handle) for id, handle in people.items()]
        meta = {"result_count": len(rows), "newest_id": rows[0]["id"], "oldest_id": rows[-1]["id"]}
        return {"data": [_shown(row) for row in rows], "includes": {"users": users}, "meta": meta}

    def _post(self) -> Json:
        (text,) = self._chance.choices([text for _, text in _KINDS], [weight for weight, _ in _KINDS])
        is_joined = self._chance.random() < 0.8
        stranger = self._chance.randrange(_STRANGERS, _STRANGERS + 50_000)
        author = next(self._authors)
        first, second = self._chance.sample(self._members, 2)
        member = second if first == author else first
        payee = member if is_joined else (str(stranger), f"s{stranger}")
        facts = {
            "service": settings.X_SERVICE_HANDLE,
            "payee": payee[1],
            "euros": self._chance.randrange(1, 30),
            "cents": self._chance.randrange(100),
            "note": self._chance.choice(_NOTES),
        }
        service = (settings.X_SERVICE_ID, settings.X_SERVICE_HANDLE)
        row = _post(str(next(self._ids)), author[0], text.format(**facts).strip(), [service, payee])
        return row | {"author_handle": author[1]}


def _post(id: str, author: str, text: str, people: list[tuple[str, str]]) -> Json:
    at = timezone.now()
    mentions = sorted(_mentions(text, people), key=lambda mention: int(mention["start"]))
    return {
        "id": id,
        "text": text,
        "edit_history_tweet_ids": [id],
        "author_id": author,
        "created_at": _stamp(at),
        "display_text_range": [0, len(text)],
        "edit_controls": {
            "edits_remaining": 5,
            "is_edit_eligible": True,
            "editable_until": _stamp(at + timedelta(hours=1)),
        },
        "entities": {"mentions": mentions},
        "lang": "fr",
    }


def _mentions(text: str, people: list[tuple[str, str]]) -> Iterator[Json]:
    for id, handle in people:
        if (start := text.find(f"@{handle}")) >= 0:
            yield {"start": start, "end": start + len(handle) + 1, "username": handle, "id": id}


def _people(row: Json) -> Iterator[tuple[str, str]]:
    yield row["author_id"], row["author_handle"]
    for mention in row["entities"]["mentions"]:
        yield mention["id"], mention["username"]


def _shown(row: Json) -> Json:
    return {name: value for name, value in row.items() if name != "author_handle"}


def _user(id: str, handle: str) -> Json:
    return {
        "id": id,
        "name": handle.title(),
        "username": handle,
        "created_at": "2012-03-14T09:26:53.000Z",
        "profile_image_url": f"https://pbs.twimg.com/profile_images/{id}/{handle}_normal.jpg",
        "protected": False,
    }


def _stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _id_at(moment: datetime) -> int:
    return (int(moment.timestamp() * 1000) - _EPOCH_MS) << _SHIFT


assert NEW + REPEATED == x.PAGE
