"""The addresses of money."""

from __future__ import annotations

from django.urls import path

from payments import live
from payments.views import (
    alarms,
    bank_accounts,
    cards,
    closing,
    limits,
    order_cards,
    orders,
    pages,
    payouts,
    refunds,
    wallet,
    webhooks,
)

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
    path("wallet/cash-out/", payouts.cash_out, name="cash_out"),
    path("wallet/payouts/<uuid:pk>/", payouts.payout, name="payout"),
    path("wallet/payouts/<uuid:pk>/cancel/", payouts.cancel, name="payout_cancel"),
    path("bank-accounts/", bank_accounts.bank_accounts_, name="bank_accounts"),
    path("bank-accounts/add/", bank_accounts.add, name="bank_account_add"),
    path("bank-accounts/<int:pk>/", bank_accounts.check, name="bank_account"),
    path("bank-accounts/<int:pk>/accept/", bank_accounts.accept, name="bank_account_accept"),
    path("bank-accounts/<int:pk>/correct/", bank_accounts.correct, name="bank_account_correct"),
    path("bank-accounts/<int:pk>/remove/", bank_accounts.remove, name="bank_account_remove"),
    path("cards/", cards.cards_, name="cards"),
    path("cards/add/", cards.add, name="card_add"),
    path("cards/back/", cards.back, name="card_back"),
    path("cards/<int:pk>/remove/", cards.remove, name="card_remove"),
    path("settings/limits/", limits.limits_, name="limits"),
    path("settings/limits/<int:pk>/cancel/", limits.cancel, name="limit_cancel"),
    path("settings/close/", closing.close, name="close_account"),
    path("closed/", closing.closed, name="account_closed"),
    path("orders/<slug:reference>/", orders.order, name="order"),
    path("orders/<slug:reference>/confirm/", orders.confirm, name="confirm"),
    path("orders/<slug:reference>/decline/", orders.decline, name="decline"),
    path("orders/<slug:reference>/take-back/", orders.take_back, name="take_back"),
    path("orders/<slug:reference>/not-me/", alarms.not_me, name="not_me"),
    path("orders/<slug:reference>/paid/", orders.paid, name="paid"),
    path("orders/<slug:reference>/refund/", refunds.refund, name="refund"),
    path("orders/<slug:reference>/bank/", order_cards.back, name="order_back"),
    path("orders/<slug:reference>/bank/approve/", order_cards.approve, name="order_approve"),
    path("orders/<slug:reference>/bank/give-up/", order_cards.give_up, name="order_give_up"),
    path("webhooks/acquirer", webhooks.acquirer_, name="acquirer_webhook"),
]
