"""Who is signed in at the sandbox's X: whoever one says one is. A signed cookie; nothing secret about it."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from sandbox.x.models import Person

COOKIE = "sandbox_person"
FIRST = "claire_martin"


def person(request: HttpRequest) -> Person | None:
    """The person signed in; at the first visit, Claire."""
    number = request.get_signed_cookie(COOKIE, default=None)
    found = Person.objects.filter(pk=number).first() if number else None
    return found or Person.objects.filter(handle=FIRST).first() or Person.objects.first()


def be(response: HttpResponseBase, person: Person) -> None:
    response.set_signed_cookie(COOKIE, str(person.pk), httponly=True, samesite="Lax")
