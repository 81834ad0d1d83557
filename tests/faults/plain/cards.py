"""Cards: money asked of them, for a wallet or for an order, and what their banks take back."""

from __future__ import annotations

from tests.faults.plain.facts import WALLET, Dispute, Funding, Order
from tests.faults.plain.refunds import Refunds

SMALLEST_LOAD, LARGEST_LOAD, LEAST_OF_A_CARD = 5_00, 500_00, 50
CHARGES = {"takes": "taken", "unheard": "taken", "asks": "asks", "refuses": "refused", "away": ""}


class Cards(Refunds):
    def load(self, member: str, amount: int, *, does: str) -> str:
        """The processor takes it, asks, refuses, takes it unheard, or is away."""
        if amount < SMALLEST_LOAD:
            return "TooSmall"
        if member in self.frozen:
            return "Frozen"
        theirs = (one for one in self.fundings if one.member == member and one.is_open and not one.order)
        coming = sum(one.amount for one in theirs)
        if amount > LARGEST_LOAD or self.wallets[member] + coming + amount > WALLET:
            return "OverLimit"
        return self._charge(Funding(member, amount), does).status

    def pay(self, order: Order, *, is_right: bool, has_proof: bool, does: str) -> str:
        """Confirm an order, and ask the card for what the wallet lacks."""
        lacking = order.amount - self.wallets[order.payer]
        came = self.confirm(order, is_right=is_right, has_proof=has_proof, by_card=True)
        if came == "FUNDING":
            self._charge(Funding(order.payer, max(lacking, LEAST_OF_A_CARD), order), does)
            return order.status
        return came

    def give_up(self, funding: Funding) -> str:
        """Its cardholder will not go to their bank; a charge that was taken meanwhile is taken."""
        if funding.status == "ACTION":
            self._cancel(funding)
        return funding.status

    def answer_bank(self, funding: Funding, *, is_yes: bool) -> None:
        """The cardholder answers; nobody tells us."""
        if funding.charge == "asks":
            funding.charge = "taken" if is_yes else "refused"

    def hear(self, funding: Funding) -> None:
        """We are told how it stands at the processor."""
        if funding.status == "SUCCEEDED":
            return
        if funding.charge == "taken":
            self._credit(funding)
        elif funding.is_open and funding.charge == "refused":
            self._fail(funding)
        elif funding.is_open and funding.charge == "asks":
            funding.status = "ACTION"

    def sweep_fundings(self) -> None:
        for funding in self.fundings:
            if not funding.is_open:
                continue
            if funding.age and funding.charge == "asks" and funding.status != "UNKNOWN":
                self._cancel(funding)  # Whoever has not answered in an hour will not.
            elif funding.age and not funding.charge:
                self._fail(funding)
            else:
                self.hear(funding)

    # --- What a cardholder's bank takes back -----------------------------------------------------

    def contest(self, funding: Funding, amount: int) -> bool:
        """Whether there is something to contest; nobody tells us."""
        is_so = funding.charge == "taken" and not any(one.funding is funding for one in self.disputes)
        if is_so:
            self.disputes.append(Dispute(funding, amount))
        return is_so

    def decide(self, dispute: Dispute, *, is_won: bool) -> None:
        """The bank decides, and may be overruled in our favour; nobody tells us."""
        if dispute.stated != "WON":
            dispute.stated = "WON" if is_won else "LOST"

    def hear_dispute(self, dispute: Dispute) -> None:
        member = dispute.funding.member
        if not dispute.status:
            self.hear(dispute.funding)
            dispute.taken = min(dispute.amount, self.wallets[member])
            self.wallets[member] -= dispute.taken
            self.frozen.add(member)
            dispute.status = "OPEN"
        if dispute.stated == "WON" and dispute.status != "WON":
            self.wallets[member] += dispute.taken + dispute.collected
            dispute.collected = dispute.borne = 0
        dispute.status = dispute.stated

    # --------------------------------------------------------------------------------------------

    def _charge(self, funding: Funding, does: str) -> Funding:
        self.fundings.append(funding)
        funding.charge = CHARGES[does]
        if does in {"unheard", "away"}:
            funding.status = "UNKNOWN"
        else:
            self.hear(funding)
        return funding

    def _credit(self, funding: Funding) -> None:
        was_open = funding.is_open
        funding.status = "SUCCEEDED"
        self.wallets[funding.member] += funding.amount
        if funding.order and not (was_open and self.resume(funding.order)):
            self.return_charge(funding)

    def _fail(self, funding: Funding) -> None:
        funding.status = "FAILED"
        if funding.order:
            self.wait_again(funding.order)

    def _cancel(self, funding: Funding) -> None:
        if funding.charge == "asks":
            funding.charge = "refused"
        self.hear(funding)
