"""Money given back: a payment to its payer, a top-up to its card."""

from __future__ import annotations

from tests.faults.plain.facts import Funding, Order, Refund
from tests.faults.plain.orders import Orders


class Refunds(Orders):
    def give(self, order: Order, amount: int, *, is_right: bool) -> str:
        """The payee gives a payment back by their code."""
        if why := self.why_not_given(order, amount):
            return why
        if order.payee in self.frozen:
            return "Frozen"
        if refusal := self.check_code(order.payee, is_right=is_right):
            return refusal
        return self._refund(Refund(amount, order))

    def give_by_two(self, of: Order | Funding, amount: int, *, to_card: bool) -> str:
        """As two of staff decided."""
        if isinstance(of, Funding):
            return self._refund(Refund(amount, funding=of)) if of.status == "SUCCEEDED" else "NotPaid"
        if why := self.why_not_given(of, amount, to_card=to_card):
            return why
        return self._refund(Refund(amount, of, self._card_payment(of) if to_card else None))

    def why_not_given(self, order: Order, amount: int, *, to_card: bool = False) -> str:
        if order.status != "PAID":
            return "NotPaid"
        if amount > order.amount - sum(one.amount for one in self.refunds if one.order is order):
            return "TooMuch"
        return "NotPaid" if to_card and not self._card_payment(order) else ""

    def return_charge(self, funding: Funding) -> None:
        """What a card was charged for nothing goes back to it."""
        self._refund(Refund(funding.amount, funding=funding, is_of_system=True))

    def ask_for_returns(self, *, does: str) -> None:
        """The processor is asked to send money back, unless it was before."""
        for refund in self.refunds:
            if refund.funding and refund.status in {"REQUESTED", "UNKNOWN"}:
                is_heard = bool(refund.at_processor) or does not in {"unheard", "away"}
                if not refund.at_processor:
                    refund.at_processor = {"asks": "waits", "refuses": "refused", "away": ""}.get(
                        does, "taken"
                    )
                if is_heard:
                    self.hear_return(refund)
                else:
                    refund.status = "UNKNOWN"

    def look_again(self) -> None:
        """A card's bank may have sent back what it had taken."""
        for refund in self.refunds:
            if refund.status == "SUCCEEDED":
                self.hear_return(refund)

    def answer_return(self, refund: Refund, *, is_yes: bool) -> None:
        """The card's bank takes it, or sends it back, also what it had taken; nobody tells us."""
        if refund.at_processor == "waits" or (refund.at_processor == "taken" and not is_yes):
            refund.at_processor = "taken" if is_yes else "refused"

    def hear_return(self, refund: Refund) -> None:
        """We are told how it stands at the processor."""
        if refund.status == "FAILED" or not refund.at_processor or not refund.funding:
            return
        if refund.at_processor == "refused":
            refund.status = "FAILED"
            self.wallets[refund.funding.member] += refund.amount
        elif refund.status != "SUCCEEDED":
            refund.status = {"taken": "SUCCEEDED", "waits": "UNKNOWN"}[refund.at_processor]

    def _refund(self, refund: Refund) -> str:
        if refund.funding and refund.amount > self._left_of(refund.funding):
            return "TooMuch"
        giver = refund.order.payee if refund.order else refund.funding.member if refund.funding else ""
        if refund.amount > self.wallets[giver]:
            return "InsufficientFunds"
        self.wallets[giver] -= refund.amount
        if refund.order and not refund.funding:
            self.wallets[refund.order.payer] += refund.amount
        if refund.funding:
            refund.status = "REQUESTED"
        self.refunds.append(refund)
        return refund.status

    def _left_of(self, funding: Funding) -> int:
        back = [one.amount for one in self.refunds if one.funding is funding and one.status != "FAILED"]
        return funding.amount - sum(back)

    def _card_payment(self, order: Order) -> Funding | None:
        """The charge that paid for the order; not one for nothing, which went back by itself."""
        given = {id(one.funding) for one in self.refunds if one.is_of_system}
        paid = [one for one in self.fundings if one.order is order and one.status == "SUCCEEDED"]
        return next((one for one in paid if id(one) not in given), None)
