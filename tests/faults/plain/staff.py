"""Staff: whoever of them stops something acts alone; what lets money move takes two."""

from __future__ import annotations

from tests.faults.plain.debts import Debts
from tests.faults.plain.facts import PROPOSAL_LIFETIME, Dispute, Funding, Order, Proposal

DECIDERS = {"odile", "bruno"}
TWO_ABOVE = 100_00


class Staff(Debts):
    def freeze(self, member: str) -> None:
        self.frozen.add(member)

    def release(self, order: Order, *, by: str) -> str:
        """Pay what a rule held."""
        if by not in DECIDERS:
            return "NotAllowed"
        return "TakesTwo" if order.amount > TWO_ABOVE else self.release_review(order)

    def return_(self, order: Order, *, by: str) -> str:
        return self.return_review(order) if by in DECIDERS else "NotAllowed"

    # --- What takes two -------------------------------------------------------------------------

    def propose_unfreezing(self, member: str, *, by: str) -> str:
        return self._propose(Proposal("UNFREEZE", member, by))

    def propose_release(self, order: Order, *, by: str) -> str:
        if by not in DECIDERS:
            return "NotAllowed"
        if order.status != "REVIEW":
            return "NotInReview"
        return self._propose(Proposal("RELEASE", order, by))

    def propose_refund(self, of: Order | Funding, amount: int, *, to_card: bool, by: str) -> str:
        if isinstance(of, Order) and (why := self.why_not_given(of, amount, to_card=to_card)):
            return why
        return self._propose(Proposal("REFUND", of, by, amount, to_card))

    def propose_recovery(self, dispute: Dispute, *, by: str) -> str:
        if not dispute.owed or dispute.to_collect:
            return "NothingOwed"
        return self._propose(Proposal("RECOVER", dispute, by, dispute.owed))

    def propose_write_off(self, dispute: Dispute, amount: int, *, by: str) -> str:
        if amount > dispute.owed:
            return "TooMuch"
        return self._propose(Proposal("WRITE_OFF", dispute, by, amount))

    def approve(self, proposal: Proposal, *, by: str) -> str:
        """What it leads to that cannot be done leaves it as it was."""
        if by not in DECIDERS:
            return "NotAllowed"
        if proposal.status != "OPEN" or proposal.age >= PROPOSAL_LIFETIME:
            return "ProposalClosed"
        if proposal.by == by:
            return "OwnProposal"
        if why := self._do(proposal):
            return why
        proposal.status = "APPROVED"
        return "APPROVED"

    def reject(self, proposal: Proposal, *, by: str) -> str:
        if by not in DECIDERS:
            return "NotAllowed"
        if proposal.status != "OPEN" or proposal.age >= PROPOSAL_LIFETIME:
            return "ProposalClosed"
        proposal.status = "REJECTED"
        return "REJECTED"

    def sweep_proposals(self) -> None:
        for proposal in self.proposals:
            if proposal.status == "OPEN" and proposal.age >= PROPOSAL_LIFETIME:
                proposal.status = "EXPIRED"

    def _propose(self, proposal: Proposal) -> str:
        if proposal.by not in DECIDERS:
            return "NotAllowed"
        kind, about = proposal.kind, proposal.about
        if any(one.status == "OPEN" and one.kind == kind and one.about is about for one in self.proposals):
            return "AlreadyProposed"
        self.proposals.append(proposal)
        return "OPEN"

    def _do(self, proposal: Proposal) -> str:
        """Why it cannot be done, if it cannot."""
        about = proposal.about
        if proposal.kind == "REFUND" and isinstance(about, Order | Funding):
            came = self.give_by_two(about, proposal.amount, to_card=proposal.to_card)
            return "" if came in {"SUCCEEDED", "REQUESTED"} else "Outdated"
        if proposal.kind == "RELEASE" and isinstance(about, Order):
            came = self.release_review(about)
            return "" if came in {"PAID", "HELD"} else came
        if isinstance(about, Dispute):
            end = self.recover if proposal.kind == "RECOVER" else self.write_off
            return end(about, proposal.amount)
        self.frozen.discard(str(about))
        return ""
