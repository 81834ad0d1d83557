"""What two of staff do about what a member owes, and the sweep that collects it."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from payments import debts
from payments.models import Chargeback
from tests.faults.lives.life import ANY, STAFF
from tests.faults.lives.with_bank import WithBank
from tests.faults.lives.with_staff import WHY
from tests.faults.plain import facts


class WithDebts(WithBank):
    @precondition(lambda self: any(dispute.status for dispute in self.book.disputes))
    @rule(which=ANY, by=STAFF)
    def propose_recovery(self, which: int, by: str) -> None:
        dispute, row = self.pick_debt(which)
        staff, expected = self.world.staff[by], self.book.propose_recovery(dispute, by=by)
        self.agree(expected, lambda: debts.propose_recovery(staff, row, reason=WHY))
        self._note_proposal()

    @precondition(lambda self: any(dispute.status for dispute in self.book.disputes))
    @rule(which=ANY, part=st.integers(1, 110), by=STAFF)
    def propose_write_off(self, which: int, part: int, by: str) -> None:
        """That we bear so many hundredths of what is owed, or a little more."""
        dispute, row = self.pick_debt(which)
        amount = max(1, dispute.owed * part // 100)
        staff, expected = self.world.staff[by], self.book.propose_write_off(dispute, amount, by=by)
        self.agree(expected, lambda: debts.propose_write_off(staff, row, amount=amount, reason=WHY))
        self._note_proposal()

    @precondition(lambda self: any(funding.charge == "taken" for funding in self.book.fundings))
    @rule(which=ANY, then=st.sampled_from(["recover", "recover", "bear", "both"]))
    def spend_and_contest(self, which: int, then: str) -> None:
        """Somebody cashes out what a card paid for, whose bank takes it back; two of staff see to it."""
        funding, _ = self.pick(which, self.book.fundings, self.fundings, "SUCCEEDED")
        self.cash_out(funding.member, min(self.book.wallets[funding.member], 100_00), True, True)
        before = len(self.book.disputes)
        self.contest(which, 100, True)
        if len(self.book.disputes) == before or not self.book.disputes[-1].status:
            return
        if then != "recover":
            self.propose_write_off(-1, 50, "odile")
            self.decide_proposal(-1, "bruno", True)
        if then != "bear":
            self.propose_recovery(-1, "odile")
            self.decide_proposal(-1, "bruno", True)

    @precondition(lambda self: self.book.to_collect)
    @rule()
    def collect(self) -> None:
        """The sweep."""
        self.book.collect()
        debts.collect_due()

    def pick_debt(self, which: int) -> tuple[facts.Dispute, Chargeback]:
        """One that we heard of: of which something is owed, mostly."""
        known = [number for number, one in enumerate(self.book.disputes) if one.status]
        owed = [number for number in known if self.book.disputes[number].owed]
        apt = owed if owed and which % 5 else known
        number = apt[which // 5 % len(apt)] if which >= 0 else known[-1]
        return self.book.disputes[number], Chargeback.objects.get(dispute_id=self.disputes[number])
