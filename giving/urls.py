"""The addresses of gifts and what is given for them."""

from __future__ import annotations

from django.urls import path

from giving import receipt_views, register_views
from giving.views import campaigns, gifts

_OWN = "organisations/<slug:slug>/campaigns/"

urlpatterns = [
    path("c/<slug:slug>/", gifts.campaign, name="campaign"),
    path("c/<slug:slug>/progress/", gifts.progress, name="campaign_progress"),
    path("c/<slug:slug>/picture/<slug:digest>/", gifts.picture, name="campaign_picture"),
    path("c/<slug:slug>/give/", gifts.give, name="campaign_give"),
    path("c/<slug:slug>/promise/", gifts.promise, name="campaign_promise"),
    path("gifts/monthly/", gifts.monthly, name="monthly_gifts"),
    path("gifts/monthly/<int:pk>/stop/", gifts.stop, name="monthly_gift_stop"),
    path(_OWN, campaigns.campaigns_, name="organisation_campaigns"),
    path(f"{_OWN}new/", campaigns.new, name="campaign_new"),
    path(f"{_OWN}<slug:campaign>/", campaigns.edit, name="campaign_edit"),
    path(f"{_OWN}<slug:campaign>/end/", campaigns.end, name="campaign_end"),
    path("gifts/receipts/", receipt_views.receipts_, name="gift_receipts"),
    path("gifts/receipts/address/", receipt_views.address, name="giver_address"),
    path("gifts/receipts/for/<slug:reference>/", receipt_views.issue, name="receipt_issue"),
    path(
        "gifts/receipts/for/<slug:slug>/<int:year>/",
        receipt_views.issue_for_year,
        name="receipt_issue_for_year",
    ),
    path("gifts/receipts/<uuid:pk>/", receipt_views.receipt, name="gift_receipt"),
    path("organisations/<slug:slug>/receipts/", register_views.register, name="receipt_register"),
    path("organisations/<slug:slug>/receipts/settings/", register_views.settings_, name="receipt_settings"),
    path("organisations/<slug:slug>/receipts/<int:year>/csv/", register_views.export, name="receipt_export"),
    path("organisations/<slug:slug>/receipts/<uuid:pk>/", register_views.receipt, name="issued_receipt"),
    path("organisations/<slug:slug>/receipts/<uuid:pk>/void/", register_views.void, name="receipt_void"),
]
