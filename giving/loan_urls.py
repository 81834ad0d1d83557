"""The addresses of loans."""

from __future__ import annotations

from django.urls import path

from giving import loan_desk_views, loan_views

urlpatterns = [
    path("loans/", loan_views.loans_, name="loans"),
    path("loans/<slug:reference>/contract/", loan_views.contract, name="loan_contract"),
    path("l/<slug:slug>/", loan_views.loan, name="loan"),
    path("l/<slug:slug>/lend/", loan_views.lend, name="loan_lend"),
    path("organisations/<slug:slug>/loans/", loan_desk_views.loans_, name="organisation_loans"),
    path("organisations/<slug:slug>/loans/new/", loan_desk_views.new, name="organisation_loan_new"),
    path("organisations/<slug:slug>/loans/<slug:loan>/", loan_desk_views.loan, name="organisation_loan"),
    path(
        "organisations/<slug:slug>/loans/<slug:loan>/repay/",
        loan_desk_views.repay,
        name="organisation_loan_repay",
    ),
]
