"""What staff see of payouts: everything but the account numbers, and nothing that could be edited."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.staff_pages import NOTHING, ReadOnly, ReadOnlyRows, label, link, rows
from payments import wording
from payments.models import BankAccount, BankFile, Payout, PayoutBatch, PayoutEvent

TONES: dict[str, str] = {
    Payout.Status.REQUESTED: "warn",
    Payout.Status.EXPORTED: "warn",
    Payout.Status.SETTLED: "good",
    Payout.Status.RETURNED: "bad",
    Payout.Status.REJECTED: "bad",
    BankAccount.Outcome.MATCH: "good",
    BankAccount.Outcome.CLOSE: "warn",
    BankAccount.Outcome.NO_MATCH: "bad",
}


class Events(ReadOnlyRows):
    model = PayoutEvent
    fields = readonly_fields = ("status", "detail", "at")


@admin.register(Payout)
class PayoutAdmin(ReadOnly):
    explains = _(
        "Money on its way to members’ banks: reserved, sent in a file, then there, refused or returned. "
        "One that waits says until when; there is nothing to do by hand."
    )
    list_display = ["requested_at", "member", "shown_amount", "state", "bank_account", "reason"]
    list_filter = ["status", ("waits_until", admin.EmptyFieldListFilter), "requested_at"]
    list_select_related = ["user", "bank_account"]
    search_fields = ["=id", "=batch__id", "user__name", "=bank_account__last4"]
    search_help_text = _("The payout's or its file's id, the member's name, or the account's last digits")
    date_hierarchy = "requested_at"
    ordering = ["-id"]
    inlines = [Events]
    fields = ["id", "member", "account_page", "shown_amount", "state", "reason", "agreed_by", "factor",
              "device", "passkey_id", "batch_page", "reservation_page", "settlement_page", "back_page",
              "requested_at", "waits_until"]  # fmt: skip

    @admin.display(description=_("member"), ordering="user__name")
    def member(self, payout: Payout) -> str:
        return link(payout.user)

    @admin.display(description=_("amount"), ordering="amount")
    def shown_amount(self, payout: Payout) -> str:
        return wording.amount(payout.amount)

    @admin.display(description=_("status"), ordering="status")
    def state(self, payout: Payout) -> SafeString:
        return label(payout.get_status_display(), TONES.get(payout.status, ""))

    @admin.display(description=_("bank account"))
    def account_page(self, payout: Payout) -> str:
        return link(payout.bank_account)

    @admin.display(description=_("payout file"))
    def batch_page(self, payout: Payout) -> str:
        return link(payout.batch)

    @admin.display(description=_("reservation"))
    def reservation_page(self, payout: Payout) -> str:
        return link(payout.reservation)

    @admin.display(description=_("settlement"))
    def settlement_page(self, payout: Payout) -> str:
        return link(payout.settlement)

    @admin.display(description=_("back on the wallet"))
    def back_page(self, payout: Payout) -> str:
        return link(payout.back)


@admin.register(BankAccount)
class BankAccountAdmin(ReadOnly):
    list_display = ["__str__", "member", "holder_name", "name_check", "accepted_at", "removed_at"]
    list_filter = ["outcome", ("removed_at", admin.EmptyFieldListFilter), "checked_at"]
    list_select_related = ["user"]
    search_fields = ["user__name", "=last4", "holder_name"]
    search_help_text = _("The member's or the holder's name, or the last four digits")
    ordering = ["-id"]
    fields = ["member", "bank_name", "country", "last4", "holder_name", "name_check", "suggested_name",
              "factor", "device", "passkey_id", "checked_at", "accepted_at", "removed_at",
              "paid_to"]  # fmt: skip

    @admin.display(description=_("member"), ordering="user__name")
    def member(self, account: BankAccount) -> str:
        return link(account.user)

    @admin.display(description=_("name check"), ordering="outcome")
    def name_check(self, account: BankAccount) -> SafeString:
        return label(account.get_outcome_display(), TONES.get(account.outcome, ""))

    @admin.display(description=_("payouts"))
    def paid_to(self, account: BankAccount) -> SafeString:
        return rows(Payout, _("payouts"), bank_account__id__exact=account.pk)


@admin.register(PayoutBatch)
class PayoutBatchAdmin(ReadOnly):
    explains = _(
        "The files of payouts for the bank (pain.001). Each has a number of its own, so sending it again "
        "pays nothing again; without a sending date it has not reached the bank yet."
    )
    list_display = ["message", "way", "count", "shown_sum", "exported_at", "sent_at", "problem"]
    list_filter = ["way", ("sent_at", admin.EmptyFieldListFilter), "exported_at"]
    search_fields = ["=id", "=digest"]
    search_help_text = _("The file's message id or digest")
    ordering = ["-id"]
    fields = ["message", "way", "digest", "count", "shown_sum", "exported_at", "sent_at", "problem", "holds"]

    @admin.display(description=_("message id"))
    def message(self, batch: PayoutBatch) -> str:
        return batch.message_id

    @admin.display(description=_("sum"), ordering="control_sum")
    def shown_sum(self, batch: PayoutBatch) -> str:
        return wording.amount(batch.control_sum)

    @admin.display(description=_("payouts"))
    def holds(self, batch: PayoutBatch) -> SafeString:
        return rows(Payout, _("payouts"), batch__id__exact=batch.pk)


@admin.register(BankFile)
class BankFileAdmin(ReadOnly):
    explains = _(
        "What the bank told us (pain.002, camt.053, camt.054). What was not believed moved no money: it "
        "wants somebody to look, and to ask the bank."
    )
    list_display = ["id", "kind", "taken", "known", "disbelieved", "problem", "read_at"]
    list_filter = ["kind", "read_at"]
    search_fields = ["=id", "=digest"]
    search_help_text = _("The file's number or digest")
    ordering = ["-read_at"]
    fields = ["id", "kind", "digest", "taken", "known", "disbelieved", "problem", "read_at"]

    @admin.display(description=_("not believed"), ordering="refused")
    def disbelieved(self, file: Any) -> SafeString | str:
        return label(str(file.refused), "bad") if file.refused else NOTHING
