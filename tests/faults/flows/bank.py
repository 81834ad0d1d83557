"""Cashing out: asked for, taken back, sent in a file, paid, refused, sent back."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID, uuid4

from django.db.models.functions import Now

from accounts.models import SecretCode
from payments import bank_answers, payout_batches, payouts, proofs
from payments.models import Notification, Payout, PayoutBatch
from tests.faults.flows.flow import AMOUNT, Flow, World
from tests.payments import answers
from tests.people import CODE, agreed


class CashOut(Flow):
    """Money is reserved for a bank account, and whoever filled in the form sends it again."""

    def begin(self, world: World) -> Any:
        return uuid4(), world.held()

    def go(self, world: World, about: Any) -> None:
        request(world, key=about[0])

    def ended(self, world: World, about: Any) -> None:
        key, (before, _) = about
        payout = Payout.objects.get(form_key=key)
        assert (payout.status, world.held()[0]) == ("REQUESTED", before - AMOUNT)
        assert kinds(payout) == ["PAYOUT_REQUESTED"]
        assert SecretCode.objects.get(user=world.claire).tries == 0
        payouts.cancel(payout)


class CancelPayout(Flow):
    """The member takes it back."""

    def begin(self, world: World) -> Any:
        before = world.held()
        return ask(world), before

    def go(self, world: World, about: Any) -> None:
        if Payout.objects.get(pk=about[0].pk).status == "REQUESTED":
            payouts.cancel(about[0])

    def ended(self, world: World, about: Any) -> None:
        payout, before = about
        payout.refresh_from_db()
        assert (payout.status, world.held()) == ("CANCELLED", before)


class SendPayout(CancelPayout):
    """It goes into a file, and the file to the bank."""

    def go(self, world: World, about: Any) -> None:
        payout_batches.export_due()
        payout_batches.send_due()

    def again(self, world: World, about: Any) -> None:
        PayoutBatch.objects.filter(sent_at=None).update(due_at=Now())
        self.go(world, about)

    def ended(self, world: World, about: Any) -> None:
        payout = Payout.objects.select_related("batch").get(pk=about[0].pk)
        assert payout.status == "EXPORTED"
        assert payout.batch
        assert payout.batch.sent_at
        arrived = [it["end_to_end_id"] for it in world.outside.get("/sandbox/bank/payments").json()]
        assert arrived.count(payout.pk.hex) == 1


class BankPaid(CancelPayout):
    """The bank says what became of it."""

    says: ClassVar[Any] = staticmethod(answers.paid)
    status, costs, tells = "SETTLED", AMOUNT, "PAYOUT_ARRIVED"

    def begin(self, world: World) -> Any:
        payout, before = super().begin(world)
        payout_batches.export_due()
        return Payout.objects.select_related("batch").get(pk=payout.pk), before

    def go(self, world: World, about: Any) -> None:
        bank_answers.take(self.says(about[0]))

    def ended(self, world: World, about: Any) -> None:
        payout, (before, _) = about
        payout.refresh_from_db()
        assert (payout.status, world.held()[0]) == (self.status, before - self.costs)
        assert kinds(payout) == ["PAYOUT_REQUESTED", self.tells]


class BankRefused(BankPaid):
    says = staticmethod(answers.refused)
    status, costs, tells = "REJECTED", 0, "PAYOUT_RETURNED"


class BankReturned(BankPaid):
    """Its settlement was never seen."""

    says = staticmethod(answers.returned)
    status, costs, tells = "RETURNED", 0, "PAYOUT_RETURNED"


def ask(world: World) -> Payout:
    return request(world, key=uuid4())


def request(world: World, *, key: UUID) -> Payout:
    """By their code, on a browser that they are known by."""
    proof = agreed(proofs.of_payout(world.account, amount=AMOUNT), world.claire)
    return payouts.request(world.account, amount=AMOUNT, code=CODE, key=key, proof=proof)


def kinds(payout: Payout) -> list[str]:
    return list(Notification.objects.filter(payout=payout).order_by("pk").values_list("kind", flat=True))


FLOWS: tuple[type[Flow], ...] = (CashOut, CancelPayout, SendPayout, BankPaid, BankRefused, BankReturned)
