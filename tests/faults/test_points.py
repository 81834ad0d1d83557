"""A crash at every numbered point of every flow; then it goes on as the sweeps and people would.

Whatever the point, the end is the same: done once, told once, and the books balance.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
import sepaxml.shared
from django.utils import timezone

from accounts import codes
from accounts.models import Identity, SecretCode, User
from payments import (
    acquirer,
    cards,
    claims,
    expiry,
    fundings,
    ledger,
    notices,
    orders,
    outside,
    payout_limits,
    post,
    request_limits,
    requests,
    self_check,
)
from payments.models import Card, Delivery, Funding, LedgerAccount, Notification, Order, Request
from social import events, inbox, posts
from social.models import Message
from tests.asking import ask
from tests.faults import points
from tests.faults.flows import backwards, bank, guards
from tests.faults.flows.flow import AMOUNT, BACK, Flow, World, sweep_fundings, told
from tests.people import CODE, bank_account, load, place
from tests.sandbox.cardholder import FRENCH
from tests.sandbox.running import Sandbox
from tests.social import conftest as x
from tests.trial import PLENTY, Trial

LONG_MINUTES = 5  # It ends when every point was tried with both ends.
TEXT = "@Smoneyfr #envoyer 1€ @armanddossantos"
Kind = Notification.Kind


class Hear(Flow):
    """A post becomes an order."""

    def begin(self, world: World) -> Any:
        return x.post("claire_martin", TEXT)

    def go(self, world: World, about: Any) -> None:
        inbox.record(x.page(about), at=timezone.now())
        inbox.handle()

    def ended(self, world: World, about: Any) -> None:
        order = Order.objects.get(channel_id=about["id"])
        assert order.status == "PENDING"
        assert x.came_of(about) == ("ORDER", "")
        assert told(order) == [(world.claire.pk, Kind.ORDER_PENDING)]
        assert Delivery.objects.filter(notification__order=order).count() == 1
        orders.decline(order)


class HearPage(Hear):
    """A page becomes orders, small talk, and an answer: all of it, or none."""

    def begin(self, world: World) -> Any:
        return [x.post("claire_martin", TEXT), x.post("bob", TEXT), x.post("lea_petit", "@Smoneyfr salut")]

    def go(self, world: World, about: Any) -> None:
        events.hear(x.page(*about), at=timezone.now())
        inbox.handle()

    def ended(self, world: World, about: Any) -> None:
        mine, strangers, small_talk = about
        super().ended(world, mine)
        assert x.came_of(strangers) == ("REFUSED", "not_linked")
        assert Delivery.objects.filter(key__startswith="answer:join:9001").count() == 1
        assert x.came_of(small_talk) == ("IGNORED", "")


class Edit(Hear):
    """An edit voids the order."""

    def begin(self, world: World) -> Any:
        row = x.post("claire_martin", TEXT)
        x.hear(row)
        return x.edit(row, TEXT + " !")

    def ended(self, world: World, about: Any) -> None:
        order = Order.objects.get(channel_id=about["edit_history_tweet_ids"][0])
        assert order.status == "VOIDED"
        assert x.came_of(about) == ("VOIDED", "edited")
        assert (world.claire.pk, Kind.ORDER_VOIDED) in told(order)


class Delete(Edit):
    """A deletion voids the order, and forgets its words."""

    def begin(self, world: World) -> Any:
        row = x.post("claire_martin", TEXT)
        x.hear(row)
        return row

    def go(self, world: World, about: Any) -> None:
        gone = posts.Deletion(about["id"], about["author_id"], {"id": about["id"]})
        inbox.record_deletions([gone], at=timezone.now())
        inbox.handle()

    def ended(self, world: World, about: Any) -> None:
        order = Order.objects.get(channel_id=about["id"])
        assert (order.status, order.words) == ("VOIDED", "")
        assert not Message.objects.filter(root_id=about["id"]).exclude(text="").exists()


class Confirm(Flow):
    """The code is entered, and the money moves."""

    def begin(self, world: World) -> Any:
        return place(world.claire, world.armand, AMOUNT), world.held()

    def go(self, world: World, about: Any) -> None:
        order, _ = about
        order = Order.objects.select_related("payer").get(pk=order.pk)
        if order.status == "PENDING":
            orders.confirm(order, code=CODE)

    def ended(self, world: World, about: Any) -> None:
        order, (mine, theirs) = about
        order.refresh_from_db()
        assert order.status == "PAID"
        assert world.held() == (mine - AMOUNT, theirs + AMOUNT)
        assert told(order)[1:] == [
            (world.claire.pk, Kind.PAYMENT_SENT),
            (world.armand.pk, Kind.PAYMENT_RECEIVED),
        ]
        assert Delivery.objects.filter(notification__order=order, channel="X").count() == 1
        assert SecretCode.objects.get(user=world.claire).tries == 0


class Hold(Confirm):
    """The code is entered, and the money is set aside for somebody who has not joined."""

    def begin(self, world: World) -> Any:
        return place(world.claire, world.bob, AMOUNT), world.held()

    def ended(self, world: World, about: Any) -> None:
        order, (mine, theirs) = about
        order.refresh_from_db()
        assert order.status == "HELD"
        assert world.held() == (mine - AMOUNT, theirs)
        assert told(order)[1:] == [(world.claire.pk, Kind.PAYMENT_HELD)]
        claims.take_back(order)


class Claim(Flow):
    """They joined: what waited is theirs."""

    def begin(self, world: World) -> Any:
        Identity.objects.filter(pk=world.bob.pk).update(user=None, linked_at=None)
        order = orders.confirm(place(world.claire, world.bob, AMOUNT), code=CODE)
        Identity.objects.filter(pk=world.bob.pk).update(user=world.newcomer, linked_at=timezone.now())
        return order, ledger.balance(ledger.wallet(world.newcomer))

    def go(self, world: World, about: Any) -> None:
        claims.release_due()

    def ended(self, world: World, about: Any) -> None:
        order, theirs = about
        order.refresh_from_db()
        assert order.status == "PAID"
        assert ledger.balance(ledger.wallet(world.newcomer)) == theirs + AMOUNT
        assert told(order)[-1] == (world.newcomer.pk, Kind.PAYMENT_RECEIVED)


class Return(Hold):
    """Nobody claimed it in seven days."""

    def begin(self, world: World) -> Any:
        before = world.held()
        order = orders.confirm(place(world.claire, world.bob, AMOUNT), code=CODE)
        Order.objects.filter(pk=order.pk).update(expires_at=timezone.now())
        return order, before

    def go(self, world: World, about: Any) -> None:
        claims.return_due()

    def ended(self, world: World, about: Any) -> None:
        order, before = about
        order.refresh_from_db()
        assert (order.status, world.held()) == ("RETURNED", before)
        assert told(order)[-1] == (world.claire.pk, Kind.PAYMENT_RETURNED)


class TakeBack(Return):
    """The payer changes their mind before it is claimed."""

    def begin(self, world: World) -> Any:
        before = world.held()
        return orders.confirm(place(world.claire, world.bob, AMOUNT), code=CODE), before

    def go(self, world: World, about: Any) -> None:
        order = Order.objects.get(pk=about[0].pk)
        if order.status == "HELD":
            claims.take_back(order)

    def ended(self, world: World, about: Any) -> None:
        order, before = about
        order.refresh_from_db()
        assert (order.status, world.held()) == ("CANCELLED", before)
        assert told(order)[-1] == (world.claire.pk, Kind.PAYMENT_CANCELLED)


class WrongCode(Confirm):
    """A wrong code is counted once it is looked at, and moves nothing."""

    def go(self, world: World, about: Any) -> None:
        order, _ = about
        with pytest.raises(codes.WrongCode):
            orders.confirm(order, code="804913")

    def again(self, world: World, about: Any) -> None:
        """They give up."""

    def ended(self, world: World, about: Any) -> None:
        order, before = about
        order.refresh_from_db()
        assert (order.status, world.held()) == ("PENDING", before)
        assert SecretCode.objects.get(user=world.claire).tries <= 1
        SecretCode.objects.update(tries=0)


class Decline(Flow):
    """The payer says no."""

    def begin(self, world: World) -> Any:
        return place(world.claire, world.armand, AMOUNT)

    def go(self, world: World, about: Any) -> None:
        if Order.objects.get(pk=about.pk).status == "PENDING":
            orders.decline(about)

    def ended(self, world: World, about: Any) -> None:
        about.refresh_from_db()
        assert about.status == "DECLINED"


class Ask(Flow):
    """Somebody is asked for money, by a message that comes again."""

    def begin(self, world: World) -> Any:
        return uuid4().hex

    def go(self, world: World, about: Any) -> None:
        with contextlib.suppress(requests.AlreadyAsked):
            ask(world.armand, world.claire, AMOUNT, channel_id=about)

    def ended(self, world: World, about: Any) -> None:
        request = Request.objects.get(channel_id=about)
        assert Notification.objects.filter(request=request).count() == 1
        requests.decline(request)


class PayAsked(Flow):
    """What was asked for is paid: chosen, then confirmed with the code."""

    def begin(self, world: World) -> Any:
        return ask(world.armand, world.claire, AMOUNT), world.held()

    def go(self, world: World, about: Any) -> None:
        request, _ = about
        with contextlib.suppress(requests.RequestClosed):
            order = requests.pay(request, payer=world.claire)
            orders.confirm(Order.objects.select_related("payer").get(pk=order.pk), code=CODE)

    def ended(self, world: World, about: Any) -> None:
        request, (mine, theirs) = about
        request.refresh_from_db()
        assert (request.status, request.order.status) == ("PAID", "PAID")
        assert request.orders.count() == 1
        assert world.held() == (mine - AMOUNT, theirs + AMOUNT)
        kinds = Notification.objects.filter(request=request).order_by("pk").values_list("kind", flat=True)
        assert list(kinds) == [Kind.REQUEST_RECEIVED, Kind.REQUEST_PAID]


class EndAsked(Flow):
    """A request that an order waits for is taken back: both end, and whoever is broken off leaves no debt."""

    end: Callable[[Request], Request] = staticmethod(requests.cancel)
    status = "CANCELLED"

    def begin(self, world: World) -> Any:
        request = ask(world.armand, world.claire, AMOUNT)
        requests.pay(request, payer=world.claire)
        return request, world.held()

    def go(self, world: World, about: Any) -> None:
        with contextlib.suppress(requests.RequestClosed):
            self.end(about[0])

    def again(self, world: World, about: Any) -> None:
        self.go(world, about)
        requests.expire_due()

    def ended(self, world: World, about: Any) -> None:
        request, before = about
        request.refresh_from_db()
        assert (request.status, world.held()) == (self.status, before)
        assert request.orders.get().status in {"VOIDED", "DECLINED"}
        assert Notification.objects.filter(request=request).count() == 2


class DeclineAsked(EndAsked):
    """Who is asked says no, after all."""

    end = staticmethod(requests.decline)
    status = "DECLINED"


class ExpireAsked(EndAsked):
    """Nobody answered for seven days."""

    status = "EXPIRED"

    def begin(self, world: World) -> Any:
        about = super().begin(world)
        Request.objects.filter(pk=about[0].pk).update(expires_at=timezone.now())
        return about

    def go(self, world: World, about: Any) -> None:
        requests.expire_due()


class Remind(Ask):
    """Who has not answered is told once more."""

    def begin(self, world: World) -> Any:
        return ask(world.armand, world.claire, AMOUNT).channel_id

    def go(self, world: World, about: Any) -> None:
        with contextlib.suppress(requests.RemindedAlready):
            requests.remind(Request.objects.get(channel_id=about))

    def ended(self, world: World, about: Any) -> None:
        request = Request.objects.get(channel_id=about)
        assert Notification.objects.filter(request=request).count() == 2
        requests.cancel(request)


class Expire(Flow):
    """Nobody said anything for a day."""

    def begin(self, world: World) -> Any:
        return place(world.claire, world.armand, AMOUNT, at=timezone.now() - orders.LIFETIME)

    def go(self, world: World, about: Any) -> None:
        expiry.expire_due()

    def ended(self, world: World, about: Any) -> None:
        about.refresh_from_db()
        assert about.status == "EXPIRED"
        assert (world.claire.pk, Kind.ORDER_EXPIRED) in told(about)


class Load(Flow):
    """A card is asked for money, and whoever filled in the form sends it again."""

    def begin(self, world: World) -> Any:
        return uuid4(), world.held()

    def go(self, world: World, about: Any) -> None:
        fundings.load(world.card, amount=50_00, return_url=BACK, key=about[0])

    def again(self, world: World, about: Any) -> None:
        self.go(world, about)
        sweep_fundings()

    def ended(self, world: World, about: Any) -> None:
        key, (_, before) = about
        funding = Funding.objects.get(form_key=key)
        assert funding.status == "SUCCEEDED"
        assert world.held()[1] == before + 50_00
        (notice,) = Notification.objects.filter(funding=funding)
        assert notice.kind == Kind.WALLET_LOADED


class LoadAlone(Load):
    """A card is asked for money, and whoever asked does not come back: the sweep finds out."""

    def again(self, world: World, about: Any) -> None:
        sweep_fundings()

    def ended(self, world: World, about: Any) -> None:
        key, (_, before) = about
        for funding in Funding.objects.filter(form_key=key):
            if funding.status == "SUCCEEDED":
                super().ended(world, about)
                return
            assert (funding.status, funding.problem) == ("FAILED", "not_received")
        assert world.held()[1] == before


class Webhook(Load):
    """The processor tells of a payment whose answer we never had."""

    def begin(self, world: World) -> Any:
        funding = Funding.objects.create(user=world.armand, card=world.card, amount=50_00, form_key=uuid4())
        charge = outside.acquirer().charge(
            cards.details(world.card), amount=50_00, funding_id=str(funding.pk), return_url=BACK
        )
        about = {"id": charge.id, "metadata": {"funding": str(funding.pk)}}
        event = acquirer.Event(id=f"evt_{funding.pk}", kind="payment_intent.succeeded", object=about)
        return funding.form_key, world.held(), event

    def go(self, world: World, about: Any) -> None:
        fundings.take_event(about[2])

    def again(self, world: World, about: Any) -> None:
        self.go(world, about)

    def ended(self, world: World, about: Any) -> None:
        super().ended(world, about[:2])


class Deliver(Flow):
    """What is told goes out by SMS: at least once."""

    def begin(self, world: World) -> Any:
        Delivery.objects.filter(status="DUE").update(status="FAILED")
        return notices.tell(world.claire, Kind.CODE_LOCKED)

    def go(self, world: World, about: Any) -> None:
        post.send_due()

    def again(self, world: World, about: Any) -> None:
        Delivery.objects.filter(status="DUE").update(due_at=timezone.now() - timedelta(seconds=1))
        self.go(world, about)

    def ended(self, world: World, about: Any) -> None:
        delivery = Delivery.objects.get(notification=about)
        assert (delivery.status, delivery.tries) in {("SENT", 1), ("SENT", 2)}


class RollUp(Flow):
    """Entries are folded into their balance."""

    def begin(self, world: World) -> Any:
        load(world.claire, 1)
        return ledger.balance(ledger.system(LedgerAccount.Kind.CARD_CLEARING))

    def go(self, world: World, about: Any) -> None:
        ledger.roll_up()

    def ended(self, world: World, about: Any) -> None:
        assert ledger.balance(ledger.system(LedgerAccount.Kind.CARD_CLEARING)) == about


FLOWS = (
    Hear, HearPage, Edit, Delete, Confirm, WrongCode, Decline, Expire, Hold, Claim, Return, TakeBack, Load,
    LoadAlone, Webhook, Deliver, RollUp, Ask, PayAsked, EndAsked, DeclineAsked, ExpireAsked, Remind,
    *bank.FLOWS, *backwards.FLOWS, *guards.FLOWS,
)  # fmt: skip


@pytest.fixture
def world(  # noqa: PLR0913, PLR0917  # its people, and what they use
    claire: User,
    armand: User,
    bob: Identity,
    with_code: Callable[[User], User],
    register: Callable[[User, str], Card],
    processor: Sandbox,
    bank: Sandbox,
    odile: User,
    bruno: User,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    unlimited: None,
) -> World:
    """Armand has a card that the processor knows; nobody is hurried, and wallets are deep."""
    monkeypatch.setattr(sepaxml.shared, "try_valid_xml", lambda *_: None)  # Half a second for each file.
    settings.SMS_API_URL = processor.url
    for name in ("OPEN_AT_ONCE", "PLACED_A_DAY"):
        monkeypatch.setattr(orders, name, 10_000)
    monkeypatch.setattr(payout_limits, "AT_ONCE", PLENTY)
    for name in ("OPEN_AT_ONCE", "OPEN_OF_ONE", "ASKED_A_DAY"):
        monkeypatch.setattr(request_limits, name, 10_000)
    Identity.objects.exclude(user=None).update(linked_at=timezone.now() - timedelta(days=9))
    newcomer = User.objects.create_user("+33612340099", name="Bob Petit", phone_verified_at=timezone.now())
    load(with_code(claire), 20_000_00)
    card, account = register(with_code(armand), FRENCH), bank_account(claire)
    return World(claire, armand, card, bob, newcomer, account, odile, bruno, bank)


@pytest.mark.timeout(300)
@pytest.mark.bare_transfers
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", FLOWS, ids=lambda kind: kind.__name__)
def test_comes_to_the_same_end_from_every_point(kind: type[Flow], world: World, trial: Trial) -> None:
    flow, name = kind(), kind.__name__
    for watch in (points.Watch(), points.Watch()):  # What is done once for ever is no point of the second.
        about = flow.begin(world)
        points.run(partial(flow.go, world, about), watch)
        flow.ended(world, about)
    broken = []
    for number, end in points.each(len(watch.points), is_whole=trial.is_long):
        about = flow.begin(world)
        broken_off = points.Watch(end, number)
        points.run(partial(flow.go, world, about), broken_off)
        assert len(broken_off.points) >= number, "it did not come this far"
        flow.again(world, about)
        try:
            flow.ended(world, about)
            assert not breaches()
        except (AssertionError, Order.DoesNotExist, Funding.DoesNotExist) as wrong:
            broken.append(f"{end} at {number} ({watch.points[number - 1]}): {wrong}")
    numbered = [f"{number} {point}" for number, point in enumerate(watch.points, start=1)]
    trial.saw(f"{name}: points", len(numbered), points=numbered)
    trial.found(f"{name}: outside calls in a transaction", len(watch.calls_in_transactions))
    trial.found(f"{name}: other ends", len(broken), broken=broken)


def breaches() -> list[str]:
    bare = {"every payment has its order", "every top-up has its funding"}
    return [breach.rule for breach in self_check.run() if breach.rule not in bare]
