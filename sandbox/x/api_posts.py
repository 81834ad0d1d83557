"""X's API on posts: /2/tweets… and the mentions of a person."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from sandbox.x import api, ids, objects, posts, text
from sandbox.x.limits import Family
from sandbox.x.models import Mention, Person, Post

READ = frozenset({"tweet.read", "users.read"})
WRITE = READ | {"tweet.write"}
REACH = 800  # the mentions timeline goes no further back
PAGE, SMALLEST_PAGE, LARGEST_PAGE = 10, 5, 100
DUPLICATE_WINDOW = timedelta(hours=1)
DUPLICATE = "You are not allowed to create a Tweet with duplicate content."
NOT_ENGAGED = (
    "Reply to this conversation is not allowed because you have not been mentioned "
    "or otherwise engaged by the author of the post you are replying to."
)
REFUSALS: dict[type[Exception], str] = {
    posts.TooLong: "Your Tweet text is too long.",
    posts.PostGone: "You attempted to reply to a Tweet that is deleted or not visible to you.",
    posts.NotEditable: "This Post is not eligible to be edited any more.",
}


# --- Reading ---------------------------------------------------------------------------------------


def _by_id(call: api.Call, post_id: str) -> dict[str, Any]:
    answer = _found(call, [post_id], parameter="id")
    return answer | ({"data": answer["data"][0]} if "data" in answer else {})


def _by_ids(call: api.Call) -> dict[str, Any]:
    wanted = [word for word in call.request.GET.get("ids", "").split(",") if word]
    if not 1 <= len(wanted) <= LARGEST_PAGE:
        raise api.invalid("The `ids` query parameter must name 1 to 100", ids=wanted[:1])
    return _found(call, wanted, parameter="ids")


def _found(call: api.Call, wanted: list[str], *, parameter: str) -> dict[str, Any]:
    """Those that there are, and a partial error for each that is not: deleted, protected or never there."""
    numbers, wish = api.numbers(wanted, name=parameter), call.wish
    rows = _visible(call).filter(pk__in=numbers).select_related("author", "reply_to")
    found = {row.pk: row for row in rows}
    shown = [found[number] for number in numbers if number in found]
    missing = [value for value in wanted if int(value) not in found]
    errors = [api.not_found(value, resource="tweet", parameter=parameter) for value in missing]
    answer: dict[str, Any] = {"data": [objects.post(row, wish) for row in shown]} if shown else {}
    if related := objects.includes(shown, wish):
        answer["includes"] = related
    return answer | ({"errors": errors} if errors else {})


def _visible(call: api.Call) -> QuerySet[Post]:
    may_see = Q(author__is_protected=False, author__is_suspended=False)
    if call.caller.person:
        may_see |= Q(author=call.caller.person)
    return Post.objects.filter(may_see, deleted_at__isnull=True)


@dataclass(frozen=True)
class Range:
    """Which mentions, and how many at once."""

    size: int
    after: int  # ids greater than this
    before: int  # and smaller than this


def _mentions(call: api.Call, user_id: str) -> dict[str, Any]:
    person_id, wish, wanted = api.number(user_id, name="id"), call.wish, _range(call)
    if not Person.objects.filter(pk=person_id).exists():
        return {"errors": [api.not_found(user_id, resource="user", parameter="id")]}
    open_ = Mention.objects.filter(post__author__is_protected=False, post__author__is_suspended=False)
    newest_first = open_.filter(person_id=person_id).order_by("-post_id")
    beyond = newest_first.values_list("post_id", flat=True)[REACH : REACH + 1].first()
    inside = newest_first.filter(post_id__gt=max(wanted.after, beyond or 0), post_id__lt=wanted.before)
    rows = [row.post for row in inside.select_related("post__author", "post__reply_to")[: wanted.size + 1]]
    page = rows[: wanted.size]
    answer: dict[str, Any] = {"data": [objects.post(row, wish) for row in page]} if page else {}
    if related := objects.includes(page, wish):
        answer["includes"] = related
    return answer | {"meta": _meta(page, has_more=len(rows) > len(page))}


def _meta(page: list[Post], *, has_more: bool) -> dict[str, Any]:
    if not page:
        return {"result_count": 0}
    meta = {"result_count": len(page), "newest_id": str(page[0].pk), "oldest_id": str(page[-1].pk)}
    return meta | ({"next_token": _page_token(page[-1].pk)} if has_more else {})


def _range(call: api.Call) -> Range:
    query = call.request.GET
    size = api.number(query.get("max_results", str(PAGE)), name="max_results")
    if not SMALLEST_PAGE <= size <= LARGEST_PAGE:
        raise api.invalid(
            f"The `max_results` query parameter value [{size}] is not {SMALLEST_PAGE} to {LARGEST_PAGE}",
            max_results=[str(size)],
        )
    after = [api.number(query[name], name=name) for name in ("since_id",) if name in query]
    before = [api.number(query[name], name=name) for name in ("until_id",) if name in query]
    after += [_moment(query[name], name=name) - 1 for name in ("start_time",) if name in query]
    before += [_moment(query[name], name=name) for name in ("end_time",) if name in query]
    before += [_page_start(query[name]) for name in ("pagination_token",) if name in query]
    return Range(size, max(after, default=0), min(before, default=2**63 - 1))


def _moment(value: str, *, name: str) -> int:
    try:
        moment = datetime.strptime(value[:19], "%Y-%m-%dT%H:%M:%S").replace(tzinfo=UTC)
    except ValueError as problem:
        raise api.invalid(
            f"The `{name}` query parameter value [{value}] is not RFC 3339", **{name: [value]}
        ) from problem
    return ids.at(moment.timestamp())


def _page_token(oldest: int) -> str:
    return base64.b32hexencode(str(oldest).encode()).decode().rstrip("=").lower()


def _page_start(token: str) -> int:
    try:
        return int(base64.b32hexdecode(token.upper() + "=" * (-len(token) % 8)))
    except (binascii.Error, ValueError) as problem:
        message = f"The `pagination_token` query parameter value [{token}] is not valid"
        raise api.invalid(message, pagination_token=[token]) from problem


# --- Writing ---------------------------------------------------------------------------------------


def _create(call: api.Call) -> dict[str, Any]:
    """Post, reply, quote, or edit. X lets self-serve apps reply only to those who mentioned them."""
    said = str(call.body.get("text") or "")
    reply_to = _referred(call.body.get("reply"), "in_reply_to_tweet_id")
    quote_of = _referred(call.body, "quote_tweet_id")
    previous = _referred(call.body.get("edit_options"), "previous_post_id")
    if reply_to and not _may_reply(call.person, reply_to):
        raise api.forbidden(NOT_ENGAGED)
    try:
        if previous:
            post = _edit(call.person, previous, said)
        elif _said_just_now(call.person, said, reply_to):
            raise api.forbidden(DUPLICATE)
        else:
            post = posts.publish(
                call.person, said, reply_to=reply_to, quote_of=quote_of, longest=text.MAX_WEIGHT
            )
    except posts.EmptyPost as problem:
        raise api.invalid("Your Post has neither text nor media.", text=[said]) from problem
    except tuple(REFUSALS) as problem:
        raise api.forbidden(REFUSALS[type(problem)]) from problem
    return {"data": objects.post(post, call.wish)}


def _edit(person: Person, previous: Post, said: str) -> Post:
    if previous.author_id != person.pk:
        raise api.forbidden("You are not permitted to edit this Post.")
    return posts.edit(previous, said, longest=text.MAX_WEIGHT)


def _referred(part: object, name: str) -> Post | None:
    """The post that this part of the body names, if it names one."""
    value = part.get(name) if isinstance(part, dict) else None
    if value is None:
        return None
    row = Post.objects.select_related("author").filter(pk=api.number(str(value), name=name)).first()
    if row is None or row.author.is_protected or row.author.is_suspended:
        raise api.forbidden(REFUSALS[posts.PostGone])
    return row


def _may_reply(person: Person, post: Post) -> bool:
    return post.deleted_at is not None or post.author_id == person.pk or person.pk in post.mentions.values()


def _said_just_now(person: Person, said: str, reply_to: Post | None) -> bool:
    lately = person.posts.filter(
        pk__gt=ids.at((timezone.now() - DUPLICATE_WINDOW).timestamp()), reply_to=reply_to
    )
    return any(
        row.text[row.lead :] == said.strip() for row in lately.filter(deleted_at__isnull=True, quote_of=None)
    )


def _delete(call: api.Call, post_id: str) -> dict[str, Any]:
    post = Post.objects.select_related("author").filter(pk=api.number(post_id, name="id")).first()
    if post is not None and post.author_id != call.person.pk:
        raise api.forbidden("You are not authorized to delete this Tweet.")
    if post is not None:
        posts.delete(post)
    return {"data": {"deleted": post is not None}}


several = api.serve(
    GET=api.Endpoint(Family("GET tweets", app=3500, person=5000), _by_ids, READ),
    POST=api.Endpoint(Family("POST tweets", person=100), _create, WRITE, status=201),
)
one = api.serve(
    GET=api.Endpoint(Family("GET tweets/:id", app=450, person=900), _by_id, READ),
    DELETE=api.Endpoint(Family("DELETE tweets/:id", person=50), _delete, WRITE),
)
mentions = api.serve(GET=api.Endpoint(Family("GET users/:id/mentions", app=450, person=300), _mentions, READ))
