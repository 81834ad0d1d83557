"""A card processor in plain Python, in the shape of `payments.acquirer`: it does what it is told to."""

from __future__ import annotations

from dataclasses import replace

from payments.acquirer import (
    CardDetails,
    Charge,
    Declined,
    Dispute,
    DisputeState,
    RefundState,
    Refused,
    Return,
    State,
    Unreachable,
)

WANTS_CARDHOLDER = "authentication_required"


class Processor:
    def __init__(self) -> None:
        self.charges: dict[str, Charge] = {}  # by the funding that each is for
        self.returns: dict[str, Return] = {}  # by the refund
        self.contested: dict[str, Dispute] = {}
        self.next = "takes"

    # --- Charges --------------------------------------------------------------------------------

    def charge(self, card: CardDetails, *, amount: int, funding_id: str, return_url: str) -> Charge:
        return self._charge(amount, funding_id, asks=State.ACTION)

    def charge_unseen(self, card: CardDetails, *, amount: int, funding_id: str) -> Charge:
        return self._charge(amount, funding_id, asks=State.FAILED)

    def approve(self, charge_id: str, *, card: CardDetails, key: str, return_url: str) -> Charge:
        return self._become(self.look_up(charge_id), State.ACTION)

    def answer_bank(self, funding_id: str, *, is_yes: bool) -> None:
        charge = self.charges.get(funding_id)
        if charge and charge.state is State.ACTION:
            self._become(charge, State.SUCCEEDED if is_yes else State.FAILED)

    def look_up(self, charge_id: str) -> Charge:
        return self.charges[charge_id.removeprefix("pi_")]

    def find(self, *, customer_id: str, funding_id: str) -> Charge | None:
        return self.charges.get(funding_id)

    def cancel(self, charge_id: str) -> Charge:
        charge = self.look_up(charge_id)
        if charge.state is State.SUCCEEDED:
            raise Refused("payment_intent_unexpected_state")
        return self._become(charge, State.CANCELLED)

    # --- Refunds --------------------------------------------------------------------------------

    def give_back(self, charge_id: str, *, amount: int, refund_id: str) -> Return:
        if self.next == "away":
            raise Unreachable("away")
        states = {"asks": RefundState.PENDING, "refuses": RefundState.FAILED}
        made = Return(
            id=f"re_{refund_id}",
            state=states.get(self.next, RefundState.SUCCEEDED),
            amount=amount,
            currency="eur",
            refund_id=refund_id,
            problem="",
        )
        self.returns.setdefault(refund_id, made)
        if self.next == "unheard":
            raise Unreachable("unheard")
        return self.returns[refund_id]

    def find_return(self, *, charge_id: str, refund_id: str) -> Return | None:
        return self.returns.get(refund_id)

    def look_up_return(self, return_id: str) -> Return:
        return self.returns[return_id.removeprefix("re_")]

    def answer_return(self, refund_id: str, *, is_yes: bool) -> None:
        """The card's bank takes it, or sends it back, also what it had taken."""
        made = self.returns.get(refund_id)
        if made and (
            made.state is RefundState.PENDING or (made.state is RefundState.SUCCEEDED and not is_yes)
        ):
            state = RefundState.SUCCEEDED if is_yes else RefundState.FAILED
            self.returns[refund_id] = replace(made, state=state)

    # --- Disputes -------------------------------------------------------------------------------

    def contest(self, funding_id: str, *, amount: int) -> str:
        id = f"dp_{funding_id}"
        self.contested[id] = Dispute(
            id=id, state=DisputeState.OPEN, amount=amount, currency="eur", charge_id=f"pi_{funding_id}"
        )
        return id

    def decide(self, dispute_id: str, *, is_won: bool) -> None:
        dispute = self.contested[dispute_id]
        if dispute.state is not DisputeState.WON:
            state = DisputeState.WON if is_won else DisputeState.LOST
            self.contested[dispute_id] = replace(dispute, state=state)

    def look_up_dispute(self, dispute_id: str) -> Dispute:
        return self.contested[dispute_id]

    def disputes(self, *, since: int) -> list[Dispute]:
        return list(self.contested.values())

    # --------------------------------------------------------------------------------------------

    def _charge(self, amount: int, funding_id: str, *, asks: State) -> Charge:
        if self.next == "away":
            raise Unreachable("away")
        problems = {"asks": WANTS_CARDHOLDER, "refuses": "card_declined"}
        states = {"asks": asks, "refuses": State.FAILED}
        charge = self.charges.setdefault(
            funding_id,
            Charge(
                id=f"pi_{funding_id}",
                state=states.get(self.next, State.SUCCEEDED),
                amount=amount,
                currency="eur",
                funding_id=funding_id,
                action_url="http://localhost:9/bank",
                problem=problems.get(self.next, ""),
            ),
        )
        if self.next == "unheard":
            raise Unreachable("unheard")
        if charge.state is State.FAILED:
            raise Declined(charge.problem, charge=charge)
        return charge

    def _become(self, charge: Charge, state: State) -> Charge:
        self.charges[charge.funding_id] = replace(charge, state=state, problem="")
        return self.charges[charge.funding_id]
