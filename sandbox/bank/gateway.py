"""The bank's gateway, as its customers' programs call it: a key, JSON, XML files."""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable
from functools import wraps
from hashlib import sha256

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from sandbox.bank import books, files, rules
from sandbox.bank.models import Statement

PAGE = 50
LONGEST_NAME = 140

View = Callable[..., HttpResponse]


def customers_only(view: View) -> View:
    """Let pass whoever has the customer's key."""

    @wraps(view)
    def checked(request: HttpRequest, **parts: str) -> HttpResponse:
        wanted = f"Bearer {settings.BANK_API_KEY}"
        if not hmac.compare_digest(request.headers.get("Authorization", "").encode(), wanted.encode()):
            return _problem("no such customer", 401)
        return view(request, **parts)

    return csrf_exempt(checked)


@customers_only
@require_POST
def verify_payee(request: HttpRequest) -> HttpResponse:
    try:
        asked = json.loads(request.body)
        iban, name = str(asked["iban"]), str(asked["name"])[:LONGEST_NAME]
    except (ValueError, KeyError, TypeError):
        return _problem("iban and name", 400)
    if not rules.is_iban(iban):
        return _problem("no account number", 422)
    match, holder = rules.compare(iban, name)
    return JsonResponse({"match": match} | ({"name": holder} if holder else {}))


@customers_only
@require_POST
def take_file(request: HttpRequest) -> HttpResponse:
    try:
        taken = books.take(request.body, key=request.headers.get("Idempotency-Key", ""))
    except books.OtherFile:
        return _problem("this key came with another file", 409)
    except files.BadFile as problem:
        return _problem(str(problem), 422)
    return JsonResponse({"reference": f"BANK-{taken.key[:12]}"}, status=201)


@customers_only
@require_safe
def statements(request: HttpRequest) -> HttpResponse:
    """The files that came after the one that is named, the oldest first."""
    last = request.GET.get("after", "").rpartition("-")[2]
    after = int(last) if last.isascii() and last.isdigit() else 0
    rows = Statement.objects.filter(pk__gt=after).order_by("pk")[:PAGE]
    listed = [{"id": row.name, "sha256": sha256(row.body.encode()).hexdigest()} for row in rows]
    return JsonResponse({"files": listed})


@customers_only
@require_safe
def statement(_request: HttpRequest, name: str) -> HttpResponse:
    row = find(name)
    return (
        _problem("no such file", 404)
        if row is None
        else HttpResponse(row.body, content_type="application/xml")
    )


def find(name: str) -> Statement | None:
    number = name.rpartition("-")[2]
    row = Statement.objects.filter(pk=int(number)).first() if number.isascii() and number.isdigit() else None
    return row if row is not None and row.name == name else None


def _problem(detail: str, status: int) -> HttpResponse:
    return JsonResponse({"detail": detail, "status": status}, status=status)
