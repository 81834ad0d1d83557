"""What stands between an order and its payee: a second factor, a review, a freeze, a halt, a dossier."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.utils import timezone

from accounts import devices, dossiers, freezes
from accounts.models import AuditEntry, Dossier
from payments import alarms, halts, orders, proposals, reviews, risk, self_check, standstill, strong
from payments.models import Confirmation, Halt, Notification, Order, Proposal, Review
from tests.faults.flows.flow import AMOUNT, Flow, World, told
from tests.people import CODE, place

WHY = "as the law asks"
LARGE = reviews.TWO_ABOVE + 1
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64


class ConfirmByDevice(Flow):
    """The code is entered on a browser that is known."""

    factor = "DEVICE"

    def begin(self, world: World) -> Any:
        at = timezone.now() - timedelta(days=30)
        device = devices.recognised(
            world.claire, devices.register(world.claire, name="Firefox", at=at), at=at
        )
        assert device
        return place(world.claire, world.armand, AMOUNT), world.held(), device

    def go(self, world: World, about: Any) -> None:
        order = Order.objects.select_related("payer").get(pk=about[0].pk)
        if order.status == "PENDING":
            orders.confirm(order, code=CODE, proof=self.prove(order, about[2]))

    def prove(self, order: Order, shown: Any) -> strong.Proof:
        return strong.prove_by_device(order, shown, at=timezone.now())

    def ended(self, world: World, about: Any) -> None:
        order, (mine, theirs), _ = about
        order.refresh_from_db()
        assert (order.status, world.held()) == ("PAID", (mine - AMOUNT, theirs + AMOUNT))
        assert Confirmation.objects.get(order=order).factor == self.factor


class ConfirmByPasskey(ConfirmByDevice):
    """A passkey has signed the order."""

    factor = "PASSKEY"

    def begin(self, world: World) -> Any:
        kind = Authenticator.Type.WEBAUTHN
        passkey, _ = Authenticator.objects.get_or_create(user=world.claire, type=kind, defaults={"data": {}})
        return place(world.claire, world.armand, AMOUNT), world.held(), passkey.pk

    def prove(self, order: Order, shown: Any) -> strong.Proof:
        return strong.prove_by_passkey(order, shown, at=timezone.now())


class HoldForReview(Flow):
    """A rule holds the order that is confirmed."""

    def begin(self, world: World) -> Any:
        return place(world.claire, world.armand, AMOUNT), world.held()

    def go(self, world: World, about: Any) -> None:
        order = Order.objects.select_related("payer").get(pk=about[0].pk)
        if order.status == "PENDING":
            confirm_suspect(order)

    def ended(self, world: World, about: Any) -> None:
        order, (mine, theirs) = about
        order.refresh_from_db()
        assert (order.status, world.held()) == ("REVIEW", (mine - AMOUNT, theirs))
        assert [kind for _, kind in told(order)].count("ORDER_IN_REVIEW") == 1
        reviews.give_back(order, staff=world.odile, note=WHY)


class Release(Flow):
    """One of staff releases what a rule held."""

    def begin(self, world: World) -> Any:
        before = world.held()
        return confirm_suspect(place(world.claire, world.armand, AMOUNT)), before

    def go(self, world: World, about: Any) -> None:
        order = Order.objects.select_related("payer").get(pk=about[0].pk)
        if order.status == "REVIEW":
            reviews.release(order, staff=world.odile, note=WHY)

    def ended(self, world: World, about: Any) -> None:
        order, (mine, theirs) = about
        order.refresh_from_db()
        assert (order.status, world.held()) == ("PAID", (mine - AMOUNT, theirs + AMOUNT))
        assert Review.objects.filter(order=order, decision="RELEASED").count() == 1


class ReturnReview(Release):
    """They return it."""

    def go(self, world: World, about: Any) -> None:
        order = Order.objects.select_related("payer").get(pk=about[0].pk)
        if order.status == "REVIEW":
            reviews.give_back(order, staff=world.odile, note=WHY)

    def ended(self, world: World, about: Any) -> None:
        order, before = about
        order.refresh_from_db()
        assert (order.status, world.held()) == ("RETURNED", before)
        assert Review.objects.filter(order=order, decision="RETURNED").count() == 1


class ReleaseByTwo(Flow):
    """A large one is released by the second of staff."""

    def begin(self, world: World) -> Any:
        before = world.held()
        order = confirm_suspect(place(world.claire, world.armand, LARGE))
        return reviews.propose_release(order, staff=world.odile, note=WHY), order, before

    def go(self, world: World, about: Any) -> None:
        approve(about[0], world)

    def ended(self, world: World, about: Any) -> None:
        proposal, order, (mine, theirs) = about
        proposal.refresh_from_db()
        order.refresh_from_db()
        assert (proposal.status, order.status) == ("APPROVED", "PAID")
        assert world.held() == (mine - LARGE, theirs + LARGE)
        assert Review.objects.filter(order=order, proposal=proposal).count() == 1


class NotMe(Flow):
    """The payer says that it was not them, of money that waits."""

    def begin(self, world: World) -> Any:
        before = world.held()
        return orders.confirm(place(world.claire, world.bob, AMOUNT), code=CODE), before

    def go(self, world: World, about: Any) -> None:
        alarms.raise_by_payer(Order.objects.select_related("payer").get(pk=about[0].pk))

    def ended(self, world: World, about: Any) -> None:
        order, before = about
        order.refresh_from_db()
        assert (order.status, world.held()) == ("CANCELLED", before)
        assert freezes.standing().filter(user=world.claire).count() == 1
        freezes.end(world.claire, by=world.odile)


class Unfreeze(Flow):
    """The second of staff lets a member's money move again."""

    kind = Proposal.Kind.UNFREEZE

    def begin(self, world: World) -> Any:
        freezes.freeze(world.claire, reason=WHY)
        return proposals.propose(world.odile, self.kind, about=world.claire, terms={}, reason=WHY)

    def go(self, world: World, about: Any) -> None:
        approve(about, world)

    def ended(self, world: World, about: Any) -> None:
        about.refresh_from_db()
        assert about.status == "APPROVED"
        assert not freezes.is_frozen(world.claire)
        assert (
            AuditEntry.objects.filter(act="proposal.approved", about=f"payments.proposal:{about.pk}").count()
            == 1
        )


class HaltMoney(Flow):
    """The books are broken: money stands still, and staff are told once."""

    def go(self, world: World, about: Any) -> None:
        halts.halt_for([self_check.Breach("a balance equals its transfers", 1)])

    def ended(self, world: World, about: Any) -> None:
        assert standstill.is_halted()
        told_now = Notification.objects.filter(kind="MONEY_HALTED", user=world.odile).count()
        assert told_now == AuditEntry.objects.filter(act="money.halted").count()
        lift(world)


class Resume(Unfreeze):
    """The second of staff lets all money move again."""

    def begin(self, world: World) -> Any:
        halted = halts.halt_for([self_check.Breach("a balance equals its transfers", 1)])
        assert halted
        return proposals.propose(world.odile, Proposal.Kind.RESUME, about=halted, terms={}, reason=WHY)

    def ended(self, world: World, about: Any) -> None:
        super().ended(world, about)
        assert not standstill.is_halted()


class SendDossier(Flow):
    """A member hands in a document."""

    def begin(self, world: World) -> Any:
        dossiers.add(world.newcomer, name="recto.png", content=PNG)
        return dossiers.latest(world.newcomer)

    def go(self, world: World, about: Any) -> None:
        if Dossier.objects.get(pk=about.pk).status == "DRAFT":
            dossiers.send(world.newcomer)

    def ended(self, world: World, about: Any) -> None:
        about.refresh_from_db()
        assert about.status == "WAITING"
        dossiers.open_documents(about, by=world.odile, reason=WHY)
        dossiers.refuse(about, by=world.odile, problem=next(iter(Dossier.Problem)))


class RefuseDossier(SendDossier):
    """A reviewer decides on it."""

    def begin(self, world: World) -> Any:
        dossier = super().begin(world)
        dossiers.send(world.newcomer)
        return dossier

    def go(self, world: World, about: Any) -> None:
        if Dossier.objects.get(pk=about.pk).status == "WAITING":
            dossiers.open_documents(about, by=world.odile, reason=WHY)
            dossiers.refuse(about, by=world.odile, problem=next(iter(Dossier.Problem)))

    def ended(self, world: World, about: Any) -> None:
        about.refresh_from_db()
        assert about.status == "REFUSED"
        assert (
            AuditEntry.objects.filter(act="dossier.refused", about=f"accounts.dossier:{about.pk}").count()
            == 1
        )


def confirm_suspect(order: Order) -> Order:
    """Confirm an order that a rule holds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(risk, "RULES", {risk.Rule.MANY_PAYEES: lambda *_: risk.Verdict.REVIEW})
        return orders.confirm(order, code=CODE)


def approve(proposal: Proposal, world: World) -> None:
    if Proposal.objects.get(pk=proposal.pk).status == "OPEN":
        proposals.approve(proposal, world.bruno)


def lift(world: World) -> None:
    halted = Halt.objects.get(lifted_at=None)
    made = proposals.propose(world.odile, Proposal.Kind.RESUME, about=halted, terms={}, reason=WHY)
    proposals.approve(made, world.bruno)


FLOWS: tuple[type[Flow], ...] = (
    ConfirmByDevice, ConfirmByPasskey, HoldForReview, Release, ReturnReview, ReleaseByTwo, NotMe,
    Unfreeze, HaltMoney, Resume, SendDossier, RefuseDossier,
)  # fmt: skip
