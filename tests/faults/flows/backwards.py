"""Money of cards and money that goes back: given by a payee or two of staff, taken by a card's bank."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db.models import F

from accounts import freezes
from payments import acquirer, chargebacks, fundings, orders, outside, proposals, refunds, returns
from payments.models import Chargeback, Funding, Notification, Order, Proposal, Refund
from tests.faults.flows.flow import AMOUNT, BACK, Flow, World, sweep_fundings, told
from tests.people import CODE, place

LOADED = 50_00


class GiveBack(Flow):
    """A payee gives a payment back, whole, and sends the form again."""

    def begin(self, world: World) -> Any:
        before = world.held()
        return orders.confirm(place(world.claire, world.armand, AMOUNT), code=CODE), uuid4(), before

    def go(self, world: World, about: Any) -> None:
        order, key, _ = about
        refunds.give(Order.objects.get(pk=order.pk), amount=AMOUNT, code=CODE, key=key)

    def ended(self, world: World, about: Any) -> None:
        order, _, before = about
        (refund,) = refunds.of(order)
        assert (refund.status, world.held()) == ("SUCCEEDED", before)
        assert Notification.objects.filter(refund=refund).count() == 2


class RefundByTwo(Flow):
    """The second of staff lets a top-up go back to its card."""

    def begin(self, world: World) -> Any:
        before = world.held()
        funding, _ = fundings.load(world.card, amount=LOADED, return_url=BACK)
        made = refunds.propose(world.odile, funding, amount=LOADED, to_card=True, reason="asked by letter")
        return made, funding, before

    def go(self, world: World, about: Any) -> None:
        if Proposal.objects.get(pk=about[0].pk).status == "OPEN":
            proposals.approve(about[0], world.bruno)

    def ended(self, world: World, about: Any) -> None:
        proposal, funding, before = about
        proposal.refresh_from_db()
        refund = Refund.objects.get(funding=funding)
        assert (proposal.status, refund.status, world.held()) == ("APPROVED", "REQUESTED", before)
        assert Notification.objects.filter(refund=refund).count() == 1


class SendToCard(RefundByTwo):
    """The processor is asked to send it."""

    def begin(self, world: World) -> Any:
        about = super().begin(world)
        proposals.approve(about[0], world.bruno)
        return about

    def go(self, world: World, about: Any) -> None:
        returns.resolve_open()

    def again(self, world: World, about: Any) -> None:
        Refund.objects.update(checked_at=F("checked_at") - timedelta(minutes=5))
        self.go(world, about)

    def ended(self, world: World, about: Any) -> None:
        _, funding, before = about
        refund = Refund.objects.get(funding=funding)
        assert (refund.status, world.held()) == ("SUCCEEDED", before)
        known = outside.acquirer().find_return(charge_id=funding.intent_id, refund_id=str(refund.pk))
        assert known
        assert known.id == refund.return_id


class PayByCard(Flow):
    """The wallet lacks all of it, so the card pays; whoever meets a payment that failed tries again."""

    def begin(self, world: World) -> Any:
        before = world.held()
        return place(world.armand, world.claire, before[1] + 7_99), before

    def go(self, world: World, about: Any) -> None:
        order = Order.objects.select_related("payer").get(pk=about[0].pk)
        if order.status == "PENDING":
            terms: dict[str, Any] = {"at_most": orders.card_part(order), "return_url": BACK}
            fundings.pay(order, code=CODE, card=world.card, **terms)

    def again(self, world: World, about: Any) -> None:
        self.go(world, about)
        sweep_fundings()
        self.go(world, about)

    def ended(self, world: World, about: Any) -> None:
        order, (theirs, mine) = about
        order.refresh_from_db()
        assert order.status == "PAID"
        assert world.held() == (theirs + mine + 7_99, 0)
        (paid,) = Funding.objects.filter(order=order, status="SUCCEEDED")
        assert paid.amount == 7_99
        assert [kind for _, kind in told(order)].count("PAYMENT_SENT") == 1


class Contest(Flow):
    """A cardholder's bank takes a top-up back, and the processor tells of it twice."""

    def begin(self, world: World) -> Any:
        before = world.held()
        funding, _ = fundings.load(world.card, amount=LOADED, return_url=BACK)
        return funding, before

    def go(self, world: World, about: Any) -> None:
        dispute = acquirer.Dispute(
            id=f"dp_{about[0].pk}",
            state=acquirer.DisputeState.OPEN,
            amount=LOADED,
            currency="eur",
            charge_id=about[0].intent_id,
        )
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(acquirer.Acquirer, "look_up_dispute", lambda *_: dispute)
            kind = "charge.dispute.created"
            chargebacks.take_event(acquirer.Event(id=f"e{dispute.id}", kind=kind, object={"id": dispute.id}))

    def ended(self, world: World, about: Any) -> None:
        funding, before = about
        chargeback = Chargeback.objects.get(funding=funding)
        assert (chargeback.status, chargeback.taken, world.held()) == ("OPEN", LOADED, before)
        assert freezes.is_frozen(world.armand)
        assert Notification.objects.filter(chargeback=chargeback).count() == 1
        freezes.end(world.armand, by=world.odile)


FLOWS: tuple[type[Flow], ...] = (GiveBack, RefundByTwo, SendToCard, PayByCard, Contest)
