"""The OpenAPI document: what each address answers, in the language of whoever reads it.

It is made once for each language that we speak: drf-spectacular’s own view makes it at each request, and
takes any `?lang=` for a language.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, TypeVar

from django.utils import translation
from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.serializers import Serializer

from payments.api import access, problems, shapes

V = TypeVar("V", bound=Callable[..., Any])
JSON = "application/json"
PAYMENT = {
    "reference": "7K3MQ2ZD",
    "kind": "gift",
    "amount": 2000,
    "refunded": 0,
    "currency": "EUR",
    "payer": {"name": "Claire Martin"},
    "note": "pour l’eau",
    "channel": "x",
    "paid_at": "2026-11-22T20:14:05.123456+00:00",
    "cursor": "4711",
}
PAYOUT = {
    "id": "0199f3d2-7c1a-7b3e-9d52-4f6a8c0e1b27",
    "reference": "8c0e1b27",
    "amount": 150000,
    "currency": "EUR",
    "status": "settled",
    "bank_account": {"country": "FR", "last4": "0189"},
    "requested_at": "2026-11-20T09:00:00.000123+00:00",
    "paid_at": "2026-11-21T06:31:12.456789+00:00",
}
_CHALLENGE = OpenApiParameter(
    "WWW-Authenticate",
    str,
    OpenApiParameter.HEADER,
    required=True,
    response=[401],
    description=_("How to send a key."),
)
_RETRY = OpenApiParameter(
    "Retry-After", int, OpenApiParameter.HEADER, required=True, response=[429], description=_("In seconds.")
)
_PROBLEMS: Mapping[HTTPStatus, tuple[Any, str]] = {
    HTTPStatus.BAD_REQUEST: (
        _("A parameter is not what it should be."),
        "after: This is not a cursor of ours.",
    ),
    HTTPStatus.UNAUTHORIZED: (
        _("There is no key, or it opens nothing, or it was revoked."),
        "Send a key that opens: Authorization: Bearer smk_…",
    ),
    HTTPStatus.FORBIDDEN: (
        _("Our staff have not accepted the organisation, or not any more."),
        "The organisation is not accepted.",
    ),
    HTTPStatus.NOT_FOUND: (
        _("The organisation has no such payment; whether another has it is not said."),
        "The organisation has no payment of that reference.",
    ),
    HTTPStatus.TOO_MANY_REQUESTS: (
        _("More than 120 requests in a minute with one key, or 60 in a minute that no key opened."),
        "Too many requests: wait a minute.",
    ),
}
_ALWAYS = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS)


class KeyScheme(OpenApiAuthenticationExtension):
    """How a key is sent: drf-spectacular finds this by its target."""

    target_class = access.KeyAuthentication
    name = "key"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:  # noqa: ARG002  # its signature
        return {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "smk_…",
            "description": str(_("A key that an owner of the organisation makes on its page for programs.")),
        }


@functools.cache
def text(language: str) -> str:
    """The document in that language, one of ours, as JSON."""
    with translation.override(language):
        made = SchemaGenerator().get_schema(request=None, public=True)
        return json.dumps(made, ensure_ascii=False, indent=2, default=str)


def _read(
    name: str,
    answer: tuple[type[Serializer[Any]], object],
    *parameters: Any,
    summary: Any,
    description: Any,
    problem: HTTPStatus | None = None,
) -> Callable[[V], V]:
    """What `extend_schema` is told of one address: its answer with an example, and all that can go wrong."""
    shape, example = answer
    answers: dict[Any, Any] = {
        (200, JSON): OpenApiResponse(
            shape, description=_("As asked."), examples=[OpenApiExample(name, value=example)]
        )
    }
    answers |= dict(map(_problem, sorted((*_ALWAYS, problem) if problem else _ALWAYS)))
    return extend_schema(
        operation_id=name,
        summary=summary,
        description=description,
        parameters=[*parameters, _CHALLENGE, _RETRY],
        responses=answers,
    )


def _problem(status: HTTPStatus) -> tuple[tuple[int, str], OpenApiResponse]:
    why, detail = _PROBLEMS[status]
    said = {"type": "about:blank", "title": status.phrase, "status": status.value, "detail": detail}
    example = OpenApiExample(status.phrase, value=said, status_codes=[str(status.value)])
    key = (status.value, problems.CONTENT_TYPE)
    return key, OpenApiResponse(shapes.Problem, description=why, examples=[example])


payments = _read(
    "payments",
    (shapes.Payments, {"payments": [PAYMENT], "next": "4711", "has_more": False}),
    shapes.After,
    summary=_("Payments received"),
    description=_(
        "The oldest first, 100 at most. Go on with `next` as `after`: none is missed and none comes twice, "
        "however many pay at once. A payment appears a few seconds after it was made."
    ),
    problem=HTTPStatus.BAD_REQUEST,
)
payment = _read(
    "payment",
    (shapes.Payment, PAYMENT),
    OpenApiParameter(
        "reference",
        str,
        OpenApiParameter.PATH,
        pattern="^[2-9A-HJKMNP-Za-hjkmnp-z]{8}$",
        description=_("The payment’s reference."),
        examples=[OpenApiExample("reference", value=PAYMENT["reference"])],
    ),
    problem=HTTPStatus.NOT_FOUND,
    summary=_("One payment"),
    description=_("By its reference, in capital or small letters."),
)
balance = _read(
    "balance",
    (shapes.Balance, {"balance": 123456, "currency": "EUR", "at": "2026-11-22T20:14:05.123456+00:00"}),
    summary=_("Balance"),
    description=_("What is on the organisation’s wallet at this moment."),
)
payouts = _read(
    "payouts",
    (shapes.Payouts, {"payouts": [PAYOUT], "next": PAYOUT["id"], "has_more": False}),
    shapes.Before,
    summary=_("Payouts"),
    description=_(
        "What left for the organisation’s bank accounts, the newest first, 100 at most. Go on with `next` as "
        "`before`."
    ),
    problem=HTTPStatus.BAD_REQUEST,
)
