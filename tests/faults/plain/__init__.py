"""S-Money in plain Python, without a database: what every act must come to, and what everybody holds then.

Written apart from the product, from its rules; outcomes are words, the product's own for its exceptions and
statuses. Time is whole hours, money cents. Left to tests of their own (docs/promises.md): the night and the
first payee, halts, members who leave, passkeys, pages that were left alone.
"""

from __future__ import annotations

from tests.faults.plain.payouts import Payouts
from tests.faults.plain.staff import Staff


class Book(Staff, Payouts):
    """All that is true."""

    def wait(self, hours: int) -> None:
        for rows in (self.orders, self.fundings, self.payouts, self.files, self.proposals):
            for row in rows:
                row.grow_older(hours)
        for member in self.members:
            self.since_change[member] += hours

    @property
    def breaches(self) -> set[str]:
        """What the self-check must find now, and nothing else: what waits too long for somebody."""
        found = set()
        if any(order.is_stuck for order in self.orders):
            found.add("no order is stuck")
        if any(one.is_stuck and (one.file or one.member not in self.frozen) for one in self.payouts):
            found.add("no payout is stuck")
        return found
