"""The edge of X's API: who calls, what they may, how often, and the words of refusal (RFC 7807).

An endpoint is a function from a Call to what it answers; `serve` puts endpoints of one path together.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.functional import cached_property

from sandbox.x import credits as funds
from sandbox.x import limits, objects, tokens
from sandbox.x.models import Person

LONGEST_ID = 19  # digits
PROBLEMS = "https://api.x.com/2/problems/"


@dataclass(frozen=True)
class Caller:
    """The app alone, or a person who let it in."""

    person: Person | None = None
    scopes: frozenset[str] = frozenset()


class Problem(Exception):
    """The request is refused."""

    def __init__(
        self, status: int, title: str, detail: str, *, kind: str = "about:blank", **more: Any
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.body = {"title": title, "detail": detail, "type": kind, "status": status} | more


class Call:
    """A request to the API, and who makes it."""

    def __init__(self, request: HttpRequest, caller: Caller) -> None:
        self.request, self.caller = request, caller

    @cached_property
    def body(self) -> dict[str, Any]:
        try:
            said = json.loads(self.request.body or b"{}")
        except ValueError as problem:
            raise invalid("The request body is not valid JSON.") from problem
        if not isinstance(said, dict):
            raise invalid("The request body is not a JSON object.")
        return said

    @property
    def person(self) -> Person:
        """Whom the app speaks for, where the endpoint requires somebody."""
        assert self.caller.person
        return self.caller.person

    @cached_property
    def wish(self) -> objects.Wish:
        """The fields and expansions asked for, in the spelling of the client."""
        spelling = self._spelling()
        return objects.Wish(
            spelling,
            self._words(spelling.of("{}.fields"), spelling.post_fields),
            self._words("user.fields", objects.USER_FIELDS),
            self._words("expansions", spelling.expansions),
        )

    def _spelling(self) -> objects.Spelling:
        """The one that the client speaks; the setting's, if it does not show."""
        query = self.request.GET
        for spelling in (objects.POST, objects.TWEET):
            if spelling.of("{}.fields") in query or spelling.of("referenced_{}s") in query.get(
                "expansions", ""
            ):
                return spelling
        return objects.default_spelling()

    def _words(self, name: str, allowed: frozenset[str]) -> frozenset[str]:
        words = frozenset(word for word in self.request.GET.get(name, "").split(",") if word)
        if unknown := words - allowed:
            listed = ",".join(sorted(allowed))
            raise invalid(
                f"The `{name}` query parameter value [{','.join(sorted(unknown))}] is not one of [{listed}]",
                **{name: sorted(unknown)},
            )
        return words


@dataclass(frozen=True)
class Endpoint:
    """What one method of a path does, for whom, and how often."""

    family: limits.Family
    answer: Callable[..., Any]
    scopes: frozenset[str] = frozenset()
    status: int = 200


def serve(**endpoints: Endpoint) -> Callable[..., HttpResponse]:
    """A view for the endpoints by method: `serve(GET=…, POST=…)`."""

    def view(request: HttpRequest, **path: Any) -> HttpResponse:
        headers: dict[str, str] = {}
        try:
            endpoint = endpoints.get(request.method or "")
            if endpoint is None:
                raise Problem(405, "Method Not Allowed", "Method Not Allowed")  # noqa: TRY301 (answered as the others are)
            caller = _admitted(request, endpoint)
            reading = limits.count(endpoint.family, person_id=caller.person.pk if caller.person else None)
            headers = reading.headers
            if reading.is_exceeded:
                raise too_many()
            if not funds.spend(endpoint.family.name):
                raise unpaid()
            response: HttpResponse = JsonResponse(
                endpoint.answer(Call(request, caller), **path), status=endpoint.status
            )
        except Problem as problem:
            response = JsonResponse(
                problem.body, status=problem.status, content_type="application/problem+json"
            )
        for name, value in headers.items():
            response[name] = value
        return response

    return view


def invalid(message: str, **parameters: list[str]) -> Problem:
    return Problem(
        400,
        "Invalid Request",
        "One or more parameters to your request was invalid.",
        kind=f"{PROBLEMS}invalid-request",
        errors=[{"parameters": parameters, "message": message}],
    )


def forbidden(detail: str) -> Problem:
    return Problem(403, "Forbidden", detail, kind=f"{PROBLEMS}not-authorized-for-resource")


def too_many() -> Problem:
    return Problem(429, "Too Many Requests", "Too Many Requests", kind=f"{PROBLEMS}rate-limit-exceeded")


def unpaid() -> Problem:
    detail = "Your enrolled account does not have any credits to fulfill this request."
    return Problem(402, "CreditsDepleted", detail, kind=f"{PROBLEMS}credits")


def not_found(value: str, *, resource: str, parameter: str) -> dict[str, Any]:
    """A partial error: the rest of the answer is right."""
    return {
        "value": value,
        "detail": f"Could not find {resource} with {parameter}: [{value}].",
        "title": "Not Found Error",
        "resource_type": resource,
        "parameter": parameter,
        "resource_id": value,
        "type": f"{PROBLEMS}resource-not-found",
    }


def suspended(value: str, *, parameter: str) -> dict[str, Any]:
    """A partial error about somebody whom X has suspended: only its title and its detail tell."""
    said = {"title": "Forbidden", "detail": f"User has been suspended: [{value}]."}
    return not_found(value, resource="user", parameter=parameter) | said


def number(value: str, *, name: str) -> int:
    """An id from a path or query: 1 to 19 digits.

    :raises Problem: 400, if it is none
    """
    if not (value.isascii() and value.isdigit() and len(value) <= LONGEST_ID):
        raise invalid(f"The `{name}` query parameter value [{value}] is not valid", **{name: [value]})
    return int(value)


def numbers(values: Iterable[str], *, name: str) -> list[int]:
    return [number(value, name=name) for value in values]


def _admitted(request: HttpRequest, endpoint: Endpoint) -> Caller:
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not value:
        raise Problem(401, "Unauthorized", "Unauthorized")
    if tokens.is_app_bearer(value):
        caller = Caller()
    elif token := tokens.bearer(value):
        caller = Caller(token.person, frozenset(token.scope.split()))
    else:
        raise Problem(401, "Unauthorized", "Unauthorized")
    if (endpoint.family.app if caller.person is None else endpoint.family.person) is None:
        raise _wrong_authentication(caller)
    if caller.person and not endpoint.scopes <= caller.scopes:
        raise forbidden(
            f"Your token lacks a scope that this endpoint needs: {' '.join(sorted(endpoint.scopes))}"
        )
    return caller


def _wrong_authentication(caller: Caller) -> Problem:
    kind = "OAuth 2.0 Application-Only" if caller.person is None else "OAuth 2.0 User Context"
    return Problem(
        403,
        "Unsupported Authentication",
        f"Authenticating with {kind} is forbidden for this endpoint.",
        kind=f"{PROBLEMS}unsupported-authentication",
    )
