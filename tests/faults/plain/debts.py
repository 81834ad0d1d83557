"""What is owed after a dispute, and how two of staff let it end: collected as money comes in, or borne."""

from __future__ import annotations

from tests.faults.plain.cards import Cards
from tests.faults.plain.facts import Dispute


class Debts(Cards):
    def collect(self) -> None:
        """From the wallets, what came in."""
        for dispute in self.to_collect:
            self._collect(dispute)

    def recover(self, dispute: Dispute, amount: int) -> str:
        """As two of staff decided."""
        if amount > dispute.owed or dispute.to_collect:
            return "Outdated"
        dispute.to_collect = amount
        self.to_collect.append(dispute)
        self._collect(dispute)
        return ""

    def write_off(self, dispute: Dispute, amount: int) -> str:
        """As two of staff decided."""
        if amount > dispute.owed:
            return "Outdated"
        dispute.borne += amount
        return ""

    def _collect(self, dispute: Dispute) -> None:
        member = dispute.funding.member
        there = min(dispute.to_collect - dispute.collected, dispute.owed, self.wallets[member])
        self.wallets[member] -= there
        dispute.collected += there
