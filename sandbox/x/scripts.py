"""For tests, demonstrations and load: people and posts by JSON, without a browser and without X's limits."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_http_methods, require_POST

from sandbox.x import credits as funds
from sandbox.x import people, posts, tokens
from sandbox.x.models import Person, Post

REFUSED = (
    posts.EmptyPost,
    posts.TooLong,
    posts.NotEditable,
    posts.PostGone,
    people.HandleTaken,
    people.NotAHandle,
)


def _answering(view: Callable[..., dict[str, Any]]) -> Callable[..., HttpResponse]:
    def answer(request: HttpRequest, **path: Any) -> HttpResponse:
        try:
            return JsonResponse(view(request, json.loads(request.body or b"{}"), **path))
        except (Person.DoesNotExist, Post.DoesNotExist) as problem:
            return JsonResponse({"error": str(problem)}, status=404)
        except (*REFUSED, KeyError, ValueError) as problem:
            return JsonResponse({"error": f"{type(problem).__name__}: {problem}"}, status=400)

    return answer


@require_POST
@_answering
def new_person(_request: HttpRequest, said: dict[str, Any]) -> dict[str, Any]:
    """{handle, name?, id?, joined_at?, is_protected?, is_verified?, is_suspended?}"""
    joined_at = datetime.fromisoformat(said["joined_at"]) if "joined_at" in said else None
    number = int(said["id"]) if "id" in said else None
    person = people.create(said["handle"], name=said.get("name", ""), id=number, joined_at=joined_at)
    return _person(people.treat(person, **_treatments(said)))


@require_http_methods(["PUT"])
@_answering
def person(_request: HttpRequest, said: dict[str, Any], person_id: int) -> dict[str, Any]:
    """{handle?, is_protected?, is_verified?, is_suspended?}"""
    row = Person.objects.get(pk=person_id)
    if "handle" in said:
        people.rename(row, handle=said["handle"])
    return _person(people.treat(row, **_treatments(said)))


@require_POST
@_answering
def new_post(_request: HttpRequest, said: dict[str, Any]) -> dict[str, Any]:
    """{as, text, reply_to?, quote_of?, posted_at?} or {as, repost_of}"""
    author = Person.objects.get(handle=str(said["as"]).removeprefix("@"))
    if "repost_of" in said:
        return _post(posts.repost(author, _referred(said["repost_of"])))
    reply_to, quote_of = (
        _referred(said[name]) if said.get(name) else None for name in ("reply_to", "quote_of")
    )
    posted_at = datetime.fromisoformat(said["posted_at"]) if "posted_at" in said else None
    post = posts.publish(author, said["text"], reply_to=reply_to, quote_of=quote_of, posted_at=posted_at)
    return _post(post)


@require_http_methods(["PUT", "DELETE"])
@_answering
def post(request: HttpRequest, said: dict[str, Any], post_id: int) -> dict[str, Any]:
    """PUT {text} makes a new version; DELETE deletes all versions."""
    row = _referred(post_id)
    if request.method == "PUT":
        return _post(posts.edit(row, said["text"]))
    posts.delete(row)
    return _post(row)


@require_http_methods(["DELETE"])
@_answering
def access(_request: HttpRequest, _said: dict[str, Any], person_id: int) -> dict[str, Any]:
    """Take back, as the person, what they let the app do."""
    row = Person.objects.get(pk=person_id)
    tokens.withdraw(row)
    return _person(row)


@require_http_methods(["GET", "PUT"])
@_answering
def paid_in(request: HttpRequest, said: dict[str, Any]) -> dict[str, Any]:
    """PUT {cents}: what the app has left to spend; null is as much as one likes."""
    if request.method == "PUT":
        funds.set_cents(None if said["cents"] is None else int(said["cents"]))
    return {"cents": funds.cents()}


def _treatments(said: dict[str, Any]) -> dict[str, bool]:
    return {name: bool(said[name]) for name in people.TREATMENTS & said.keys()}


def _referred(number: object) -> Post:
    return Post.objects.select_related("author", "repost_of__author").get(pk=int(str(number)))


def _person(row: Person) -> dict[str, Any]:
    return {"id": str(row.pk), "handle": row.handle, "name": row.name}


def _post(row: Post) -> dict[str, Any]:
    return {"id": str(row.pk), "text": row.text, "history": row.history}
