"""What an organisation’s programs read by a key, and the document and the page that describe it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, cast
from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone, translation
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularSwaggerSplitView
from rest_framework import serializers
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import MethodNotAllowed, NotFound, ValidationError
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from accounts.models import Organisation
from payments import ledger, takings
from payments.api import access, document, problems, shapes
from payments.models import ApiKey, Payout

MOST = 100  # On a page.


class _Json(BaseContentNegotiation):
    """There is nothing to choose from, whatever a program says that it accepts."""

    def select_parser(self, _request: Request, _parsers: Iterable[BaseParser]) -> None: ...

    def select_renderer(
        self, _request: Request, renderers: Iterable[BaseRenderer], _suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        return next(iter(renderers)), JSONRenderer.media_type


class Open(APIView):
    """Anybody reads it: looked at, never changed, and kept by nobody."""

    http_method_names = ["get", "head"]
    authentication_classes: Sequence[type[BaseAuthentication]] = ()
    permission_classes = ()
    throttle_classes: Sequence[type[BaseThrottle]] = ()
    renderer_classes = (JSONRenderer,)
    parser_classes = ()
    content_negotiation_class = _Json

    def perform_authentication(self, request: Request) -> None:
        """What is not read is refused before the key is looked at."""
        if str(request.method).lower() not in self.http_method_names:
            raise MethodNotAllowed(str(request.method))
        super().perform_authentication(request)

    def get_exception_handler(self) -> Any:
        return problems.handler

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        answer = super().finalize_response(request, response, *args, **kwargs)
        answer["Cache-Control"] = "private, no-store"
        return answer


class Reading(Open):
    """Whoever has a key reads it, of the key’s organisation alone, so often in a minute."""

    authentication_classes = (access.KeyAuthentication,)
    throttle_classes = (access.KeyThrottle,)
    parameters: type[serializers.Serializer[None]] = serializers.Serializer

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """What is misspelt would be left out silently, and the first page be read for ever."""
        super().initial(request, *args, **kwargs)
        self.asked = _asked(request, self.parameters)


class Payments(Reading):
    parameters = shapes.After

    @document.payments
    def get(self, request: Request) -> Response:
        """The payments after a cursor, the oldest first; the next misses none, however late it commits."""
        cursor = int(self.asked["after"] or 0)
        found = takings.after(_organisation(request), cursor, limit=MOST)
        page = {
            "payments": found,
            "next": found[-1].number if found else cursor,
            "has_more": len(found) == MOST,
        }
        return Response(shapes.Payments(page).data)


class Payment(Reading):
    @document.payment
    def get(self, request: Request, reference: str) -> Response:
        taking = takings.one(_organisation(request), reference.upper())
        if taking is None:
            raise NotFound("The organisation has no payment of that reference.")
        return Response(shapes.Payment(taking).data)


class Balance(Reading):
    @document.balance
    def get(self, request: Request) -> Response:
        cents = ledger.balance(ledger.wallet(_organisation(request).account))
        return Response(shapes.Balance({"balance": cents, "at": timezone.now()}).data)


class Payouts(Reading):
    parameters = shapes.Before

    @document.payouts
    def get(self, request: Request) -> Response:
        """The payouts, the newest first; `before` is the id of the last one seen."""
        theirs = Payout.objects.filter(user=_organisation(request).account)
        theirs = theirs.select_related("bank_account", "settlement")
        if before := self.asked["before"]:
            theirs = theirs.filter(pk__lt=UUID(before))
        found = list(theirs.order_by("-pk")[:MOST])
        page = {
            "payouts": found,
            "next": found[-1].pk if found else None,
            "has_more": len(found) == MOST,
        }
        return Response(shapes.Payouts(page).data)


class Document(Open):
    """The OpenAPI document, in the reader’s language."""

    @extend_schema(exclude=True)
    def get(self, _request: Request) -> HttpResponse:
        text = document.text(translation.get_language() or "")
        return HttpResponse(text, content_type=JSONRenderer.media_type)


class Page(SpectacularSwaggerSplitView):
    """The document to read, and to try with a key."""

    url_name = "api_document"
    template_name = "api_docs.html"


class Nowhere(Open):
    """Any other address below the API’s: a program is told so as of everything else."""

    @extend_schema(exclude=True)
    def get(self, _request: Request, rest: str = "") -> Response:  # noqa: ARG002  # whatever it is
        raise NotFound("There is no such address.")


def _organisation(request: Request) -> Organisation:
    return cast("ApiKey", request.auth).organisation


def _asked(request: Request, shape: type[serializers.Serializer[None]]) -> dict[str, str]:
    """The parameters by their names, empty where one is left out.

    :raises ValidationError: if one is unfit, unknown, or given more than once
    """
    asked, said = shape(data=request.query_params), request.query_params
    names = {str(name) for name in asked.fields}
    unknown = {name: ["There is no such parameter."] for name in said if name not in names}
    repeated = {name: ["Give it once."] for name in names if len(said.getlist(name)) > 1}
    if unknown or repeated:
        raise ValidationError(unknown | repeated)
    asked.is_valid(raise_exception=True)
    return dict.fromkeys(asked.fields, "") | dict(asked.validated_data)
