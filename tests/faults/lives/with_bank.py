"""Cash-outs, and what the bank says of them: anything, about any, in any order, any number of times."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db.models.functions import Now
from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from payments import bank_answers, payout_batches, payouts, proofs
from payments.models import Payout, PayoutBatch
from tests.faults.lives.life import ANY, DOES, MEMBERS, MOSTLY
from tests.faults.lives.on_site import WRONG
from tests.faults.lives.with_staff import WithStaff
from tests.payments import answers
from tests.people import CODE

WRITES = {"paid": answers.paid, "returned": answers.returned, "refused": answers.refused}
SUMS = st.one_of(st.integers(1_00, 60_00), st.sampled_from([99, 100_00, 100_01, 400_00]))


class WithBank(WithStaff):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[UUID] = []

    @rule(member=MEMBERS, amount=SUMS, is_right=MOSTLY, has_proof=MOSTLY)
    def cash_out(self, member: str, amount: int, is_right: bool, has_proof: bool) -> None:
        expected = self.book.cash_out(member, amount, is_right=is_right, has_proof=has_proof)
        form = uuid4()
        terms: dict[str, Any] = {"amount": amount, "code": CODE if is_right else WRONG, "key": form}
        proof = self.agreed(member, amount) if has_proof else None
        self.agree(expected, lambda: payouts.request(self.world.banks[member], **terms, proof=proof))
        if expected == "REQUESTED":
            self.forms.append(form)
            self.payouts.append(Payout.objects.values_list("pk", flat=True).get(form_key=form))

    @rule(member=MEMBERS, amount=st.integers(1_00, 60_00))
    def cash_out_as_most_do(self, member: str, amount: int) -> None:
        self.cash_out(member, amount, True, True)
        self.send_files("takes")

    @rule(member=MEMBERS, amount=st.sampled_from([100_00, 100_01, 150_00]))
    def cash_out_by_a_new_code(self, member: str, amount: int) -> None:
        """As a thief would who has somebody's telephone: much of it waits for a day."""
        self.unlock(member)
        self.cash_out(member, amount, True, True)
        self.send_files("takes")

    @precondition(lambda self: not self.book.frozen)
    @rule(member=MEMBERS, amount=st.integers(1_00, 60_00))
    def cash_out_before_a_freeze(self, member: str, amount: int) -> None:
        self.cash_out(member, amount, True, True)
        self.freeze(member)
        self.send_files("takes")

    @precondition(lambda self: self.book.payouts)
    @rule(which=ANY)
    def cash_out_again(self, which: int) -> None:
        payout, form = self.pick(which, self.book.payouts, self.forms)
        account, proof = self.world.banks[payout.member], self.agreed(payout.member, payout.amount)
        terms: dict[str, Any] = {"amount": payout.amount, "code": CODE, "key": form, "proof": proof}
        self.agree(self.book.cash_out_again(payout), lambda: payouts.request(account, **terms))

    @precondition(lambda self: self.book.payouts)
    @rule(which=ANY)
    def cancel(self, which: int) -> None:
        payout, pk = self.pick(which, self.book.payouts, self.payouts, "REQUESTED")
        self.agree(self.book.cancel(payout), lambda: payouts.cancel(Payout.objects.get(pk=pk)))

    @rule(does=DOES)
    def send_files(self, does: str) -> None:
        """The sweeps: what waits goes into a file, and to the bank what it does not have."""
        self.world.bank.next = does
        lease = payout_batches.LEASE + timedelta(seconds=1)
        PayoutBatch.objects.filter(due_at__lte=Now() + lease).update(due_at=Now())
        self.book.export()
        payout_batches.export_due()
        self.book.send(does=does)
        payout_batches.send_due()

    @precondition(lambda self: self.book.payouts)
    @rule(
        which=ANY,
        whats=st.lists(st.sampled_from(list(WRITES)), min_size=1, max_size=3),
        is_amount_right=MOSTLY,
    )
    def bank_says(self, which: int, whats: list[str], is_amount_right: bool) -> None:
        """One thing, or several, and the same again, about one payout."""
        payout, pk = self.pick(which, self.book.payouts, self.payouts, "EXPORTED", "SETTLED")
        row = Payout.objects.select_related("batch").get(pk=pk)
        amount = row.amount if is_amount_right else row.amount + 1
        for what in whats:
            tally = bank_answers.take(WRITES[what](row, amount=amount))
            expected = self.book.bank_says(payout, what, is_amount_right=is_amount_right)
            came = {"taken": tally.taken, "known": tally.known, "refused": tally.refused}
            assert came == {name: int(name == expected) for name in came}
            self.seen[f"{what}: {expected}"] += 1

    def agreed(self, member: str, amount: int) -> proofs.Proof:
        """They agree to it on a browser that they are known by."""
        terms = proofs.of_payout(self.world.banks[member], amount=amount)
        return proofs.by_device(terms, self.world.devices[member], at=timezone.now())
