"""The bank's addresses: its gateway's, and its pages'."""

from __future__ import annotations

from django.urls import path

from sandbox.bank import gateway, views
from sandbox.parts import Page

PAGES = [Page("Bank", "/bank/", "Bank accounts at which payouts arrive, or from which they come back.")]

urlpatterns = [
    path("bank/v1/payee-verifications", gateway.verify_payee),
    path("bank/v1/payment-files", gateway.take_file),
    path("bank/v1/statement-files", gateway.statements),
    path("bank/v1/statement-files/<str:name>", gateway.statement),
    path("bank/", views.bank, name="bank"),
    path("bank/payments/<int:id>/back", views.send_back, name="bank_send_back"),
    path("bank/files/<str:name>", views.statement, name="bank_file"),
    path("sandbox/bank/payments", views.payments),
]
