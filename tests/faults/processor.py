"""A card processor in plain Python, in the shape of `payments.acquirer`: it does what it is told to."""

from __future__ import annotations

from dataclasses import replace

from payments.acquirer import CardDetails, Charge, Declined, State, Unreachable


class Processor:
    def __init__(self) -> None:
        self.charges: dict[str, Charge] = {}  # by the funding that each is for
        self.next = "takes"

    def charge(self, card: CardDetails, *, amount: int, funding_id: str, return_url: str) -> Charge:
        if self.next == "away":
            raise Unreachable("away")
        states = {"asks": State.ACTION, "refuses": State.FAILED}
        charge = self.charges.setdefault(
            funding_id,
            Charge(
                id=f"pi_{funding_id}",
                state=states.get(self.next, State.SUCCEEDED),
                amount=amount,
                currency="eur",
                funding_id=funding_id,
                action_url="http://localhost:9/bank",
                problem="card_declined" if self.next == "refuses" else "",
            ),
        )
        if self.next == "unheard":
            raise Unreachable("unheard")
        if charge.state is State.FAILED:
            raise Declined("card_declined", charge=charge)
        return charge

    def answer_bank(self, funding_id: str, *, is_yes: bool) -> None:
        charge = self.charges.get(funding_id)
        if charge and charge.state is State.ACTION:
            self._become(charge, State.SUCCEEDED if is_yes else State.FAILED)

    def look_up(self, charge_id: str) -> Charge:
        return self.charges[charge_id.removeprefix("pi_")]

    def find(self, *, customer_id: str, funding_id: str) -> Charge | None:
        return self.charges.get(funding_id)

    def cancel(self, charge_id: str) -> Charge:
        return self._become(self.look_up(charge_id), State.CANCELLED)

    def _become(self, charge: Charge, state: State) -> Charge:
        self.charges[charge.funding_id] = replace(charge, state=state)
        return self.charges[charge.funding_id]
