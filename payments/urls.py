"""The addresses of money."""

from __future__ import annotations

from django.urls import path

from payments import live
from payments.views import cards, limits, orders, pages, wallet, webhooks

urlpatterns = [
    path("", pages.home, name="home"),
    path("help/", pages.help_, name="help"),
    path("live/", live.live, name="live"),
    path("wallet/", wallet.wallet, name="wallet"),
    path("wallet/summary/", wallet.wallet_summary, name="wallet_summary"),
    path("wallet/history/", wallet.history, name="history"),
    path("wallet/notices/", wallet.notices_, name="notices"),
    path("wallet/load/", cards.load, name="load"),
    path("wallet/load/<uuid:pk>/", cards.funding, name="funding"),
    path("cards/", cards.cards_, name="cards"),
    path("cards/add/", cards.add, name="card_add"),
    path("cards/back/", cards.back, name="card_back"),
    path("cards/<int:pk>/remove/", cards.remove, name="card_remove"),
    path("settings/limits/", limits.limits_, name="limits"),
    path("settings/limits/<int:pk>/cancel/", limits.cancel, name="limit_cancel"),
    path("orders/<slug:reference>/", orders.order, name="order"),
    path("orders/<slug:reference>/confirm/", orders.confirm, name="confirm"),
    path("orders/<slug:reference>/decline/", orders.decline, name="decline"),
    path("orders/<slug:reference>/take-back/", orders.take_back, name="take_back"),
    path("orders/<slug:reference>/paid/", orders.paid, name="paid"),
    path("webhooks/acquirer", webhooks.acquirer_, name="acquirer_webhook"),
]
