"""The addresses of what programs read."""

from __future__ import annotations

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from payments.api import views


class Anything(StringConverter):
    """Slashes and line ends as well."""

    regex = r"[\s\S]+"


register_converter(Anything, "anything")

urlpatterns = [
    path("payments/", views.Payments.as_view(), name="api_payments"),
    path("payments/<slug:reference>/", views.Payment.as_view(), name="api_payment"),
    path("balance/", views.Balance.as_view(), name="api_balance"),
    path("payouts/", views.Payouts.as_view(), name="api_payouts"),
    path("openapi.json", views.Document.as_view(), name="api_document"),
    path("docs/", views.Page.as_view(), name="api_docs"),
    # With a slash at its end alone: where it was forgotten, APPEND_SLASH puts it, as on the rest of the site.
    path("", views.Nowhere.as_view(), name="api_root"),
    path("<anything:rest>/", views.Nowhere.as_view(), name="api_nowhere"),
]
