"""Cash-outs, the files that they leave in, and what the bank says of them."""

from __future__ import annotations

from tests.faults.plain.facts import NEW, OUT_DAY, OUT_MONTH, Facts, File, Payout

SMALLEST, AT_ONCE = 1_00, 100_00
LEFT_US = {"REQUESTED", "EXPORTED", "SETTLED"}
TAKEN, KNOWN, REFUSED = "taken", "known", "refused"


class Payouts(Facts):
    def cash_out(self, member: str, amount: int, *, is_right: bool, has_proof: bool) -> str:
        if why := self._why_not_out(member, amount, is_right=is_right, has_proof=has_proof):
            return why
        in_a_day, in_a_month = self._cashed_out(member, 24), self._cashed_out(member, 30 * 24)
        if in_a_day + amount > OUT_DAY or in_a_month + amount > OUT_MONTH:
            return "OverLimit"
        if amount > self.wallets[member]:
            return "InsufficientFunds"
        self.wallets[member] -= amount
        is_much = in_a_day + amount > AT_ONCE
        self.payouts.append(Payout(member, amount, wait=self._newness(member) if is_much else 0))
        return "REQUESTED"

    def cash_out_again(self, payout: Payout) -> str:
        """The same form is sent again."""
        why = self._why_not_out(payout.member, payout.amount, is_right=True, has_proof=True)
        return why or payout.status

    def cancel(self, payout: Payout) -> str:
        if payout.status != "REQUESTED":
            return "PayoutClosed"
        return self._back(payout, "CANCELLED")

    def export(self) -> None:
        """What waits goes into one file, but for the frozen's, and what has to wait still."""
        waiting = [
            one
            for one in self.payouts
            if one.status == "REQUESTED" and one.wait <= 0 and one.member not in self.frozen
        ]
        if not waiting:
            return
        file = File(waiting)
        self.files.append(file)
        for payout in waiting:
            payout.status, payout.file = "EXPORTED", file

    def send(self, *, does: str) -> None:
        """The bank takes the files that it does not have, refuses them for an hour, or is not heard."""
        for file in self.files:
            if not file.is_sent and file.again_in <= 0:
                file.is_sent = does in {"takes", "asks"}
                file.again_in = 1 if does == "refuses" else 0

    def bank_says(self, payout: Payout, what: str, *, is_amount_right: bool = True) -> str:
        """What we make of it: news, known, or not believed."""
        if not is_amount_right or payout.status in {"REQUESTED", "CANCELLED"}:
            return REFUSED
        match what, payout.status:
            case ("paid", "EXPORTED"):
                payout.status = "SETTLED"
            case ("refused", "EXPORTED"):
                self._back(payout, "REJECTED")
            case ("returned", "EXPORTED" | "SETTLED"):
                self._back(payout, "RETURNED")
            case ("paid", "REJECTED") | ("refused", "SETTLED"):
                return REFUSED  # A contradiction: the money is back when a statement says so.
            case _:
                return KNOWN
        return TAKEN

    def _why_not_out(self, member: str, amount: int, *, is_right: bool, has_proof: bool) -> str:
        if amount < SMALLEST:
            return "TooSmall"
        if not has_proof:
            return "ProofNeeded"
        if refusal := self.check_code(member, is_right=is_right):
            return refusal
        return "Frozen" if member in self.frozen else ""

    def _cashed_out(self, member: str, hours: int) -> int:
        """By them in so many hours, and did not come back."""
        mine = [one for one in self.payouts if one.member == member and one.status in LEFT_US]
        return sum(one.amount for one in mine if one.age < hours)

    def _newness(self, member: str) -> int:
        """For how many hours more they may be somebody else."""
        return max(0, NEW - self.since_change[member])

    def _back(self, payout: Payout, status: str) -> str:
        self.wallets[payout.member] += payout.amount
        payout.status = status
        return status
