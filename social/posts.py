"""What X's JSON says of posts and people, in one shape: all that is known of how X spells it is here.

X says `tweet` in webhooks and up to 2.166 of its API, `post` from 2.167: both are read, everywhere.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any, NamedTuple

from social.entities import Mention

Json = Mapping[str, Any]
X_BEGAN, LAST_YEAR = 2006, 2999


class Malformed(Exception):
    """The JSON is not what X documents."""


class UnknownEvent(Exception):
    """An event that nobody asked X for."""


class Person(NamedTuple):
    """Somebody on X, as X describes them now; what it left out is empty."""

    id: str
    handle: str
    name: str = ""
    picture_url: str = ""
    joined_at: datetime | None = None
    is_protected: bool | None = None


class Absence(Enum):
    """Why X does not describe somebody."""

    SUSPENDED = "X has suspended the account"
    GONE = "the account was closed, or never was"


@dataclass(frozen=True, slots=True)
class Post:
    """One version of a post. `text` is its author's own words, without the handles X put before a reply."""

    id: str
    root_id: str
    versions: tuple[str, ...]
    author_id: str
    posted_at: datetime
    text: str
    mentions: tuple[Mention, ...]
    is_repost: bool
    written: str = field(default="", repr=False, compare=False)  # As it came, in JSON.

    @property
    def is_edit(self) -> bool:
        return self.id != self.root_id


@dataclass(frozen=True, slots=True)
class Page:
    """Posts, and the people whom they are about.

    `missing` are ids that X was asked for and has not; `malformed` those of posts that could not be read.
    """

    posts: tuple[Post, ...] = ()
    people: tuple[Person, ...] = ()
    missing: tuple[str, ...] = ()
    malformed: tuple[str, ...] = ()
    next_token: str = ""


@dataclass(frozen=True, slots=True)
class Deletion:
    """A post that its author took back."""

    post_id: str
    author_id: str
    raw: Json = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Renaming:
    """Somebody's handle became another."""

    person_id: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Revocation:
    """Somebody took back what they let us do for them; X does not always say when."""

    person_id: str
    at: datetime | None


Event = Page | Deletion | Renaming | Revocation


def page(raw: Json) -> Page:
    """An answer of the API: one post or many, what it includes, and what it could not find.

    :raises Malformed: if it is not one
    """
    data = _object(raw).get("data", [])
    # Each post is written once, to be looked through and to be kept.
    rows = [_written(row) for row in (data if isinstance(data, list) else [data])]
    return _page(_clean({name: value for name, value in raw.items() if name != "data"}), rows)


def kept(raw: Json) -> Page:
    """A post that was kept as `compact` made it, so without what no database keeps.

    :raises Malformed: if it is not one
    """
    return _page(raw, [(raw["data"], "")] if "data" in raw else [])


def _page(raw: Json, rows: Iterable[tuple[Any, str]]) -> Page:
    people = tuple(_people(raw.get("includes")))
    ids = _ids(people)
    posts, malformed = [], []
    for row, written in rows:
        try:
            posts.append(_post(_object(row), ids, written))
        except Malformed:
            malformed.append(str(row.get("id") if isinstance(row, dict) else row)[:40])
    errors = [_object(error) for error in _rows(raw.get("errors"))]
    return Page(
        posts=tuple(posts),
        people=people,
        missing=tuple(str(e.get("resource_id") or e.get("value")) for e in errors if _is_missing(e)),
        malformed=tuple(malformed),
        next_token=str(_object(raw.get("meta") or {}).get("next_token") or ""),
    )


def person(raw: Json) -> Person | Absence:
    """An answer about one person; of those whom X does not show, the title of its error says why.

    :raises Malformed: if it is not one
    """
    raw = _object(_clean(raw))
    if found := next(_people({"users": [raw.get("data")]}), None):
        return found
    errors = [_object(error) for error in _rows(raw.get("errors"))]
    absent = next((error for error in errors if _is_missing(error)), None)
    if absent is None:
        raise Malformed("neither a person nor a reason")
    is_suspended = "suspended" in str(absent.get("detail")).lower()
    return Absence.SUSPENDED if is_suspended else Absence.GONE


def event(raw: Json) -> Event:
    """What a webhook was told.

    :raises Malformed: if it is no event
    :raises UnknownEvent: if it is about something else
    """
    data = _object(_object(_clean(raw)).get("data"))
    payload, whom = _object(data.get("payload")), _object(data.get("filter") or {})
    match data.get("event_type"):
        case "post.mention.create":
            people = tuple(_people(data.get("includes")))
            return Page(posts=(_post(payload, _ids(people), _json(payload)),), people=people)
        case "post.delete":
            return Deletion(_id(payload, "id"), str(payload.get("author_id") or ""), payload)
        case "profile.update.handle":
            return Renaming(_id(whom, "user_id"), _handle(payload, "before"), _handle(payload, "after"))
        case "oauth.revoke":
            return Revocation(_id(whom, "user_id"), _moment_or_none(payload.get("date_time")))
        case kind:
            raise UnknownEvent(str(kind)[:40])


def answered(payload: Json) -> str:
    """The number of the post that a post replies to, as it was kept; or nothing."""
    raw = payload.get("data")
    rows = _either(raw, *_REFERENCED) if isinstance(raw, dict) else None
    replied = (row for row in rows or () if isinstance(row, dict) and row.get("type") == "replied_to")
    return str(next(replied, {}).get("id") or "")


def people(raw: Json) -> list[Person]:
    """An answer of the API about people: those whom it could find.

    :raises Malformed: if it is not one
    """
    return list(_people({"users": _rows(_object(_clean(raw)).get("data"))}))


def compact(post: Post, people: Mapping[str, Person]) -> str:
    """What is kept of a post, in JSON: itself as it came, and the people of its page whom it names."""
    named = dict.fromkeys([post.author_id, *(mention.id for mention in post.mentions)])
    users = [
        {"id": person.id, "username": person.handle, "protected": person.is_protected}
        for person in map(people.get, named)
        if person
    ]
    return f'{{"data": {post.written}, "includes": {{"users": {_json(users)}}}}}'


def _post(raw: Json, ids: Mapping[str, str], written: str) -> Post:
    id = _id(raw, "id")
    history = _either(raw, *_HISTORY)
    if not isinstance(history, list) or not all(_is_id(version) for version in history):
        raise Malformed("a post without its history could be an edit")
    versions = (id,) if history == [id] else tuple(sorted({*history, id}, key=int))
    note = _either(raw, *_NOTE)
    whole = note if isinstance(note, dict) and note.get("text") else raw
    kinds = [_object(reference).get("type") for reference in _rows(_either(raw, *_REFERENCED))]
    return Post(
        id=id,
        root_id=versions[0],
        versions=versions,
        author_id=_id(raw, "author_id"),
        posted_at=_moment(raw.get("created_at")),
        text=_own_words(raw, _text(whole), is_reply="replied_to" in kinds),
        mentions=tuple(_mentions(_object(whole.get("entities") or {}), ids)),
        is_repost="retweeted" in kinds,
        written=written,
    )


_json = json.JSONEncoder(ensure_ascii=False).encode
# As X spells it now, and as it did.
_REFERENCED = "referenced_posts", "referenced_tweets"
_HISTORY = "edit_history_post_ids", "edit_history_tweet_ids"
_NOTE = "note_post", "note_tweet"
_LONGEST_ID = 19
_HANDLE = re.compile("[A-Za-z0-9_]{1,15}")
_LEAD = re.compile(r"(?:[@＠][A-Za-z0-9_]++\s*+)*")


def _own_words(raw: Json, text: str, *, is_reply: bool) -> str:
    """Cut the handles before a reply, which are not its author's; in doubt, all that stand there."""
    shown = raw.get("display_text_range")
    if not (isinstance(shown, list) and shown and isinstance(shown[0], int) and shown[0] >= 0):
        lead = _LEAD.match(text) if is_reply else None
        return unescaped(text[lead.end() :] if lead else text)
    head = _text(raw)[: shown[0]]
    return unescaped(text.removeprefix(head))


def unescaped(text: str) -> str:
    """X escapes three characters."""
    if "&" not in text:
        return text
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _clean(value: Any) -> Any:
    """Without what no database keeps: NUL, and halves of characters. Hardly anything has them."""
    return _written(value)[0]


def _written(value: Any) -> tuple[Any, str]:
    """As `_clean` leaves it, and that in JSON."""
    text = _json(value)
    with suppress(UnicodeEncodeError):
        text.encode()
        if "\\u0000" not in text:
            return value, text
    cleaned = _cleaned(value)
    return cleaned, _json(cleaned)


def _cleaned(value: Any) -> Any:
    match value:
        case str():
            return value.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
        case list():
            return [_cleaned(each) for each in value]
        case dict():
            return {_cleaned(name): _cleaned(each) for name, each in value.items()}
        case _:
            return value


def _ids(people: Iterable[Person]) -> dict[str, str]:
    """Numbers by handle, for mentions that say none."""
    return {person.handle.lower(): person.id for person in people}


def _mentions(entities: Json, ids: Mapping[str, str]) -> Iterator[Mention]:
    for entity in _rows(entities.get("mentions")):
        username = str(_object(entity).get("username") or "")
        id = str(entity.get("id") or ids.get(username.lower(), ""))
        if username and (not id or _is_id(id)):
            yield Mention(username, id)


def _people(includes: object) -> Iterator[Person]:
    """Those who can be read: a person too many or too few is no reason to lose a post."""
    users = _object(includes or {}).get("users")
    for row in users if isinstance(users, list) else ():
        # The event of a deletion wraps its user in "data".
        user = row.get("data") or row if isinstance(row, dict) else {}
        if isinstance(user, dict) and _is_id(user.get("id")):
            yield Person(
                id=user["id"],
                handle=str(user.get("username") or ""),
                name=str(user.get("name") or ""),
                picture_url=str(user.get("profile_image_url") or ""),
                joined_at=_moment_or_none(user.get("created_at")),
                is_protected=bool(user["protected"]) if "protected" in user else None,
            )


def _is_missing(error: Json) -> bool:
    """Deleted, or no longer to be seen by us."""
    return str(error.get("type")).endswith(("/resource-not-found", "/not-authorized-for-resource"))


def _either(raw: Json, new: str, old: str) -> Any:
    return raw[new] if new in raw else raw.get(old)


def _object(value: object) -> Json:
    if not isinstance(value, dict):
        raise Malformed("not an object")
    return value


def _rows(value: object) -> list[Any]:
    """A list that X leaves out where it is empty."""
    if not isinstance(value, list | None):
        raise Malformed("not a list")
    return value or []


def _text(raw: Json) -> str:
    if not isinstance(text := raw.get("text"), str):
        raise Malformed("a post without a text")
    return text


def _id(raw: Json, name: str) -> str:
    if not _is_id(value := raw.get(name)):
        raise Malformed(f"{name} is not an id")
    return str(value)


def _handle(raw: Json, name: str) -> str:
    value = raw.get(name)
    if not isinstance(value, str) or not _HANDLE.fullmatch(value):
        raise Malformed(f"{name} is not a handle")
    return value


def _is_id(value: object) -> bool:
    return isinstance(value, str) and value.isdecimal() and value.isascii() and len(value) <= _LONGEST_ID


def _moment_or_none(value: object) -> datetime | None:
    try:
        return _moment(value) if value else None
    except Malformed:
        return None


def _moment(value: object) -> datetime:
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError as problem:
        raise Malformed("created_at is not a moment") from problem
    if moment.tzinfo is None:
        raise Malformed("created_at has no time zone")
    if not X_BEGAN <= moment.year <= LAST_YEAR:
        raise Malformed("created_at is out of X's time")  # The database would take it, and nobody read it.
    return moment
