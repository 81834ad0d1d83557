"""The addresses of what programs read."""

from __future__ import annotations

from django.urls import path, re_path

from payments.api import views

urlpatterns = [
    path("payments/", views.Payments.as_view(), name="api_payments"),
    path("payments/<slug:reference>/", views.Payment.as_view(), name="api_payment"),
    path("balance/", views.Balance.as_view(), name="api_balance"),
    path("payouts/", views.Payouts.as_view(), name="api_payouts"),
    path("openapi.json", views.Document.as_view(), name="api_document"),
    path("docs/", views.Page.as_view(), name="api_docs"),
    # With a slash at its end alone: where it was forgotten, APPEND_SLASH puts it, as on the rest of the site.
    re_path(r"^(?:[\s\S]*/)?\Z", views.Nowhere.as_view(), name="api_nowhere"),
]
