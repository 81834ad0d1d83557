"""What staff do: alone, what stops something; by two, what lets money move."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from accounts import freezes
from payments import proposals, refunds, reviews
from payments.models import Funding, Limit, Proposal
from tests.faults.lives.life import ACCOUNTS, ANY, MEMBERS, STAFF
from tests.faults.lives.on_cards import OnCards
from tests.faults.lives.on_x import PAIRS

WHY = "as the law asks"
VERDICTS = st.sampled_from(["", "FACTOR", "REVIEW", "REVIEW", "REFUSE"])


class WithStaff(OnCards):
    @rule(account=ACCOUNTS, verdict=VERDICTS)
    def suspect(self, account: str, verdict: str) -> None:
        """From now on a rule has something against orders to an account, or no longer."""
        self.book.verdicts[account] = verdict

    @rule(
        pair=PAIRS,
        amount=st.sampled_from([1_00, 60_00, 100_00, 100_01]),
        then=st.lists(st.sampled_from(["freeze", "release", "return"]), max_size=2),
    )
    def pay_a_suspect(self, pair: tuple[str, str], amount: int, then: list[str]) -> None:
        """A rule holds a payment, and staff look at it at once, or not."""
        self.suspect(pair[1], "REVIEW")
        self.pay(pair, amount)
        self.suspect(pair[1], "")
        for what in then if self.book.orders else []:
            if what == "freeze":
                self.freeze(self.book.orders[-1].payer)
            else:
                self.decide_review(-1, "odile", what == "release")

    @precondition(lambda self: not self.book.frozen)
    @rule(member=MEMBERS)
    def freeze(self, member: str) -> None:
        self.book.freeze(member)
        freezes.freeze(self.world.users[member], reason=WHY, by=self.world.staff["agathe"])

    @precondition(lambda self: any(order.status == "REVIEW" for order in self.book.orders))
    @rule(which=ANY, by=STAFF, is_release=st.booleans())
    def decide_review(self, which: int, by: str, is_release: bool) -> None:
        order, row = self.pick_order(which, "REVIEW")
        staff = self.world.staff[by]
        if is_release:
            self.agree(self.book.release(order, by=by), lambda: reviews.release(row, staff=staff, note=WHY))
        else:
            self.agree(self.book.return_(order, by=by), lambda: reviews.give_back(row, staff=staff, note=WHY))

    # --- What takes two -------------------------------------------------------------------------

    @precondition(lambda self: any(order.status == "REVIEW" for order in self.book.orders))
    @rule(which=ANY, by=STAFF)
    def propose_release(self, which: int, by: str) -> None:
        order, row = self.pick_order(which, "REVIEW")
        expected = self.book.propose_release(order, by=by)
        self.agree(expected, lambda: reviews.propose_release(row, staff=self.world.staff[by], note=WHY))
        self._note_proposal()

    @rule(member=MEMBERS, by=STAFF)
    def propose_unfreezing(self, member: str, by: str) -> None:
        expected = self.book.propose_unfreezing(member, by=by)
        staff, user, kind = self.world.staff[by], self.world.users[member], Proposal.Kind.UNFREEZE
        self.agree(expected, lambda: proposals.propose(staff, kind, about=user, terms={}, reason=WHY))
        self._note_proposal()

    @precondition(lambda self: self.book.frozen)
    @rule(which=ANY)
    def unfreeze(self, which: int) -> None:
        """Two of staff, one after the other."""
        frozen = sorted(self.book.frozen)
        self.propose_unfreezing(frozen[which % len(frozen)], "odile")
        self.decide_proposal(-1, "bruno", True)

    @precondition(lambda self: self.book.orders)
    @rule(which=ANY, part=st.integers(1, 110), to_card=st.booleans(), by=STAFF)
    def propose_refund(self, which: int, part: int, to_card: bool, by: str) -> None:
        order, row = self.pick_order(which, "PAID")
        amount = max(1, order.amount * part // 100)
        expected = self.book.propose_refund(order, amount, to_card=to_card, by=by)
        staff = self.world.staff[by]
        self.agree(expected, lambda: refunds.propose(staff, row, amount=amount, to_card=to_card, reason=WHY))
        self._note_proposal()

    @precondition(lambda self: self.book.fundings)
    @rule(which=ANY, part=st.integers(1, 110), by=STAFF)
    def propose_refund_of_top_up(self, which: int, part: int, by: str) -> None:
        funding, pk = self.pick(which, self.book.fundings, self.fundings, "SUCCEEDED")
        amount = max(1, funding.amount * part // 100)
        expected = self.book.propose_refund(funding, amount, to_card=True, by=by)
        staff, row = self.world.staff[by], Funding.objects.get(pk=pk)
        self.agree(expected, lambda: refunds.propose(staff, row, amount=amount, to_card=True, reason=WHY))
        self._note_proposal()

    @precondition(lambda self: any(funding.status == "SUCCEEDED" for funding in self.book.fundings))
    @rule(which=ANY, parts=st.lists(st.sampled_from([50, 60, 100, 101]), min_size=1, max_size=2))
    def refund_top_up(self, which: int, parts: list[int]) -> None:
        """Two of staff, one after the other; done twice, it may be more than the card had paid."""
        for part in parts:
            before = len(self.proposals)
            self.propose_refund_of_top_up(which, part, "odile")
            if len(self.proposals) > before:
                self.decide_proposal(-1, "bruno", True)

    @precondition(lambda self: self.book.proposals)
    @rule(which=st.one_of(st.just(-1), ANY), by=STAFF, is_yes=st.sampled_from([True, True, True, False]))
    def decide_proposal(self, which: int, by: str, is_yes: bool) -> None:
        if not self.book.proposals:
            return
        proposal, pk = self.pick(which, self.book.proposals, self.proposals, "OPEN")
        staff, row = self.world.staff[by], Proposal.objects.get(pk=pk)
        if is_yes:
            self.agree(self.book.approve(proposal, by=by), lambda: proposals.approve(row, staff))
        else:
            self.agree(self.book.reject(proposal, by=by), lambda: proposals.reject(row, staff))

    @rule(cap=st.sampled_from([10_00, 250_00, 250_00]))
    def change_cap(self, cap: int) -> None:
        """Two of staff, one after the other."""
        limit = Limit.objects.get(name="ORDER_TO_PERSON", tier="IDENTIFIED")
        terms = {"before": limit.amount, "amount": cap}
        odile, bruno = self.world.staff["odile"], self.world.staff["bruno"]
        made = proposals.propose(odile, Proposal.Kind.LIMIT, about=limit, terms=terms, reason=WHY)
        proposals.approve(made, bruno)
        self.book.cap = cap

    def _note_proposal(self) -> None:
        if len(self.book.proposals) > len(self.proposals):
            self.proposals.append(Proposal.objects.values_list("pk", flat=True).latest("pk"))
