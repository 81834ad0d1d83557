"""Where a notice of the bell leads: to the page on which one sees, or does, what it tells of."""

from __future__ import annotations

from django.urls import reverse

from payments.models import Notification

_Kind = Notification.Kind
# Notices that carry no row of their own: by kind, the page of all that they may be of.
_PAGES: dict[str, str] = {
    _Kind.POT_TO_CLOSE: "pots",
    _Kind.POT_RETURNED: "pots",
    _Kind.POT_STOPPED: "pots",
    _Kind.PURCHASE_DRAFT: "purchases",
    _Kind.PURCHASE_SENT: "purchases",
    _Kind.LOAN_REPAID: "loans",
    _Kind.LOAN_LATE: "loans",
    _Kind.LOAN_DEFAULTED: "loans",
    _Kind.IDENTITY_ACCEPTED: "identity",
    _Kind.IDENTITY_REFUSED: "identity",
    _Kind.BANK_ACCOUNT_ADDED: "bank_accounts",
    _Kind.CODE_LOCKED: "code_unlock",
    _Kind.CHARGEBACK_OPENED: "history",
    _Kind.CHARGEBACK_WON: "history",
    _Kind.DEBT_TO_RECOVER: "history",
    _Kind.DEBT_RECOVERED: "history",
    _Kind.DEBT_VOID: "history",
    _Kind.ORGANISATION_OPEN: "organisations",
    _Kind.ORGANISATION_REFUSED: "organisations",
    _Kind.CAMPAIGN_STOPPED: "organisations",
    _Kind.PRODUCT_STOPPED: "organisations",
    _Kind.CALLBACK_PAUSED: "organisations",
    _Kind.SEAT_OFFERED: "organisations",
    _Kind.SEAT_TAKEN: "organisations",
    _Kind.SEAT_CHANGED: "organisations",
    _Kind.SEAT_ENDED: "organisations",
}


def address(notice: Notification) -> str:
    """A path on the site; the settings where nothing is nearer."""
    if page := _PAGES.get(notice.kind):
        return reverse(page)
    refund = notice.refund
    if order := notice.order or (refund and refund.order):
        is_theirs = notice.user_id in {order.payer_id, order.payee_user_id}
        return reverse("order", args=[order.reference]) if is_theirs else reverse("organisations")
    if notice.request:
        return reverse("request", args=[notice.request.reference])
    if payout := notice.payout:
        is_theirs = notice.user_id == payout.user_id
        return reverse("payout", args=[payout.pk]) if is_theirs else reverse("organisations")
    funding = notice.funding or (refund and refund.funding)
    return reverse("funding", args=[funding.pk]) if funding else reverse("settings")
