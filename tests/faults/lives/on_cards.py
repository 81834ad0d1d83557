"""What is asked of cards, and what the processor and the cards' banks make of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import F
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from payments import acquirer, cards, chargebacks, fundings, orders, returns
from payments.models import Funding, Refund
from tests.faults.lives.life import ACCOUNTS, ANY, DOES, MEMBERS, MOSTLY
from tests.faults.lives.on_site import WRONG, OnSite
from tests.faults.lives.world import ON_X
from tests.faults.plain import facts
from tests.people import CODE

BACK = "http://localhost:9/"
LOADS = st.sampled_from([4_99, 5_00, 20_00, 100_00, 499_99, 500_00, 500_01])
PAYERS = st.sampled_from(ON_X[:2])
ROW = st.lists(ACCOUNTS, min_size=2, max_size=4)
ROW_AMOUNTS = st.lists(st.integers(20_00, 150_00), min_size=2, max_size=4)
A_MINUTE, A_DAY = timedelta(minutes=1), timedelta(days=1)
AT_PROCESSOR = {
    acquirer.RefundState.SUCCEEDED: "taken",
    acquirer.RefundState.PENDING: "waits",
    acquirer.RefundState.FAILED: "refused",
}


class OnCards(OnSite):
    @rule(member=MEMBERS, amount=LOADS, does=DOES)
    def load(self, member: str, amount: int, does: str) -> None:
        (card,) = cards.of(self.world.users[member])
        self.world.processor.next = does
        expected = self.book.load(member, amount, does=does)
        self.agree(expected, lambda: fundings.load(card, amount=amount, return_url=BACK)[0])
        self._note_funding()

    @precondition(lambda self: self.book.orders)
    @rule(which=st.one_of(st.just(-1), ANY), is_right=MOSTLY, has_proof=MOSTLY, does=DOES)
    def pay_by_card(self, which: int, is_right: bool, has_proof: bool, does: str) -> None:
        """Confirm an order, and let the card pay what the wallet lacks."""
        order, row = self.pick_order(which, "PENDING")
        (card,) = cards.of(row.payer)
        self.world.processor.next = does
        expected = self.book.pay(order, is_right=is_right, has_proof=has_proof, does=does)
        terms: dict[str, Any] = {"code": CODE if is_right else WRONG, "card": card, "return_url": BACK}
        terms |= {"at_most": orders.card_part(row), "proof": self.proof_of(row) if has_proof else None}
        self.agree(expected, lambda: fundings.pay(row, **terms)[0])
        self._note_funding()

    @rule(payer=PAYERS, payees=ROW, amounts=ROW_AMOUNTS, does=DOES)
    def pay_in_a_row(self, payer: str, payees: list[str], amounts: list[int], does: str) -> None:
        """Somebody posts and confirms one order after the other, soon more than they have."""
        for payee, amount in zip(payees, amounts, strict=False):
            before = len(self.orders)
            self.post(payer, payee, amount)
            if len(self.orders) > before:
                self.pay_by_card(-1, True, True, does)

    @precondition(lambda self: self.book.fundings)
    @rule(which=ANY, is_yes=st.booleans(), is_told=st.booleans())
    def answer_bank(self, which: int, is_yes: bool, is_told: bool) -> None:
        funding, pk = self.pick(which, self.book.fundings, self.fundings, "ACTION")
        self.book.answer_bank(funding, is_yes=is_yes)
        self.world.processor.answer_bank(str(pk), is_yes=is_yes)
        if is_told:
            self.webhook(which, 1)

    @precondition(lambda self: self.book.fundings)
    @rule(which=ANY)
    def give_up(self, which: int) -> None:
        funding, pk = self.pick(which, self.book.fundings, self.fundings, "ACTION")
        row = Funding.objects.select_related("user", "card", "order").get(pk=pk)
        self.agree(self.book.give_up(funding), lambda: fundings.give_up(row))

    @precondition(lambda self: self.book.fundings)
    @rule(which=ANY, number=st.integers(1, 3))
    def webhook(self, which: int, number: int) -> None:
        """Any of three, each any number of times; each tells how it stands by now."""
        funding, pk = self.pick(which, self.book.fundings, self.fundings, "ACTION", "UNKNOWN")
        if not funding.charge:
            return
        about = {"id": f"pi_{pk}", "metadata": {"funding": str(pk)}}
        id = f"{number}_{pk}_{funding.charge}"
        fundings.take_event(acquirer.Event(id=id, kind="payment_intent.x", object=about))
        self.book.hear(funding)

    @rule(does=DOES)
    def ask_the_processor(self, does: str) -> None:
        """The sweeps: what is open is asked about, or asked for."""
        self.world.processor.next = does
        Funding.objects.update(checked_at=F("created_at") - A_MINUTE)
        Refund.objects.update(checked_at=F("checked_at") - A_MINUTE)
        self.book.sweep_fundings()
        fundings.resolve_open()
        self.book.ask_for_returns(does=does)
        returns.resolve_open()
        Refund.objects.update(checked_at=F("checked_at") - A_DAY)
        self.book.look_again()
        returns.look_again()
        for dispute in self.book.disputes:
            self.book.hear_dispute(dispute)
        chargebacks.ask()

    # --- What goes back -------------------------------------------------------------------------

    @precondition(lambda self: any(refund.funding for refund in self.book.refunds))
    @rule(which=ANY, is_yes=st.booleans(), is_told=st.booleans())
    def answer_return(self, which: int, is_yes: bool, is_told: bool) -> None:
        row = list(Refund.objects.exclude(funding=None).order_by("pk"))
        self._answer(row[which % len(row)], is_yes=is_yes, is_told=is_told)

    def _answer(self, row: Refund, *, is_yes: bool, is_told: bool) -> None:
        refund = self._model_of(row)
        self.book.answer_return(refund, is_yes=is_yes)
        self.world.processor.answer_return(str(row.pk), is_yes=is_yes)
        if is_told and refund.at_processor:
            self.book.hear_return(refund)
            about = {"id": f"re_{row.pk}", "metadata": {"refund": str(row.pk)}}
            id = f"{row.pk}_{refund.at_processor}"
            returns.take_event(acquirer.Event(id=id, kind="refund.updated", object=about))

    @precondition(lambda self: any(funding.charge == "taken" for funding in self.book.fundings))
    @rule(which=ANY, part=st.integers(1, 100), is_told=st.booleans())
    def contest(self, which: int, part: int, is_told: bool) -> None:
        """A cardholder's bank takes so many hundredths of a charge back."""
        funding, pk = self.pick(which, self.book.fundings, self.fundings, "SUCCEEDED")
        amount = max(1, funding.amount * part // 100)
        if self.book.contest(funding, amount):
            self.disputes.append(self.world.processor.contest(str(pk), amount=amount))
            if is_told:
                self.hear_of_dispute(-1)

    @precondition(lambda self: self.book.disputes)
    @rule(which=ANY, is_won=st.booleans())
    def decide(self, which: int, is_won: bool) -> None:
        dispute, id = self.pick(which, self.book.disputes, self.disputes)
        self.book.decide(dispute, is_won=is_won)
        self.world.processor.decide(id, is_won=is_won)

    @precondition(lambda self: self.book.disputes)
    @rule(which=ANY)
    def hear_of_dispute(self, which: int) -> None:
        dispute, id = self.pick(which, self.book.disputes, self.disputes)
        self.book.hear_dispute(dispute)
        about = {"id": id}
        event = acquirer.Event(id=f"{id}_{dispute.stated}", kind="charge.dispute.updated", object=about)
        chargebacks.take_event(event)

    def _note_funding(self) -> None:
        """The product's name of what the model made, if it made something."""
        if len(self.book.fundings) > len(self.fundings):
            self.fundings.append(Funding.objects.values_list("pk", flat=True).latest("created_at"))

    def _model_of(self, row: Refund) -> facts.Refund:
        """The model's refund; one that is like it in all is as good."""
        made = self.world.processor.returns.get(str(row.pk))
        at_processor = AT_PROCESSOR[made.state] if made else ""
        terms = (str(row.order_id or ""), str(row.funding_id or ""), row.amount, row.status)
        return next(
            one
            for one in self.book.refunds
            if self._refund(one) == terms and one.at_processor == at_processor
        )
