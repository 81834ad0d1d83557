"""X's API on people: /2/users/…"""

from __future__ import annotations

from typing import Any

from sandbox.x import api, objects
from sandbox.x.limits import Family
from sandbox.x.models import Person

READ = frozenset({"users.read", "tweet.read"})


def _me(call: api.Call) -> dict[str, Any]:
    return {"data": objects.user(call.person, call.wish.user_fields)}


def _by_id(call: api.Call, user_id: str) -> dict[str, Any]:
    rows = Person.objects.filter(pk=api.number(user_id, name="id"))
    return _one(call, rows.first(), user_id, parameter="id")


def _by_handle(call: api.Call, username: str) -> dict[str, Any]:
    return _one(call, Person.objects.filter(handle=username).first(), username, parameter="username")


def _several_by_id(call: api.Call) -> dict[str, Any]:
    wanted = _asked(call, "ids")
    found = {str(row.pk): row for row in Person.objects.filter(pk__in=api.numbers(wanted, name="ids"))}
    return _several(call, wanted, found, parameter="ids")


def _several_by_handle(call: api.Call) -> dict[str, Any]:
    wanted = _asked(call, "usernames")
    found = {row.handle.lower(): row for row in Person.objects.filter(handle__in=wanted)}
    return _several(call, wanted, found, parameter="usernames")


def _asked(call: api.Call, name: str) -> list[str]:
    words = [word for word in call.request.GET.get(name, "").split(",") if word]
    if not 1 <= len(words) <= 100:  # noqa: PLR2004 (X's own bound)
        raise api.invalid(f"The `{name}` query parameter must name 1 to 100", **{name: words[:1]})
    return words


def _one(call: api.Call, person: Person | None, value: str, *, parameter: str) -> dict[str, Any]:
    fields = call.wish.user_fields
    if person is None:
        return {"errors": [api.not_found(value, resource="user", parameter=parameter)]}
    if person.is_suspended:
        return {"errors": [api.suspended(value, parameter=parameter)]}
    return {"data": objects.user(person, fields)}


def _several(
    call: api.Call, wanted: list[str], found: dict[str, Person], *, parameter: str
) -> dict[str, Any]:
    fields = call.wish.user_fields
    there = {word: found[word.lower()] for word in wanted if word.lower() in found}
    data = [objects.user(person, fields) for person in there.values() if not person.is_suspended]
    missing = [word for word in wanted if word not in there]
    errors = [api.not_found(word, resource="user", parameter=parameter) for word in missing]
    errors += [api.suspended(word, parameter=parameter) for word in there if there[word].is_suspended]
    return {name: part for name, part in (("data", data), ("errors", errors)) if part}


me = api.serve(GET=api.Endpoint(Family("GET users/me", person=75), _me, READ))
by_id = api.serve(GET=api.Endpoint(Family("GET users/:id", app=300, person=900), _by_id, READ))
by_handle = api.serve(
    GET=api.Endpoint(Family("GET users/by/username", app=300, person=900), _by_handle, READ)
)
several_by_id = api.serve(GET=api.Endpoint(Family("GET users", app=300, person=900), _several_by_id, READ))
several_by_handle = api.serve(
    GET=api.Endpoint(Family("GET users/by", app=300, person=900), _several_by_handle, READ)
)
