"""What the libraries under organisations' programs are told: DRF, and drf-spectacular, which describes it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

# DRF would take a password by `Authorization: Basic`, past all that counts its tries. Here only a key opens.
REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["payments.api.access.KeyAuthentication"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": [],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "URL_FORMAT_OVERRIDE": None,
}


def document(site: str) -> dict[str, Any]:
    """The settings of the OpenAPI document and its page, for the site at that address."""
    return {
        "OAS_VERSION": "3.1.0",
        "TITLE": "S-Money",
        "VERSION": "1",
        "DESCRIPTION": _(
            "What your organisation received, read by a program. Amounts are whole cents, moments are "
            "ISO 8601. A key opens one organisation, and moves no money. What goes wrong is said as RFC 9457 "
            "has it; after a 503, ask again in as many seconds as its `Retry-After` says."
        ),
        "SERVERS": [{"url": site}],
        "SCHEMA_PATH_PREFIX": "/api/v1",
        # For the page's head, which says who is signed in.
        "SERVE_AUTHENTICATION": ["rest_framework.authentication.SessionAuthentication"],
        "SERVE_INCLUDE_SCHEMA": False,
        "SORT_OPERATIONS": False,
        "DISABLE_DOCSTRING_DESCRIPTIONS": True,
        "SWAGGER_UI_DIST": "SIDECAR",
        "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
        "SWAGGER_UI_SETTINGS": {"validatorUrl": None, "defaultModelsExpandDepth": 0, "deepLinking": True},
    }
