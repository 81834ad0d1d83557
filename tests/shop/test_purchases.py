"""Purchases: reserved with their order, bought when it is paid, given back when it is not, sold once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from threading import Event
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts import codes, organisations, prepared, seats
from accounts.models import Organisation, Role, User
from payments import erasures, expiry, glance, ledger, limits, orders, purposes, refunds, settlement, strong
from payments.models import Notification, Order, Refund
from shop import addresses, forgetting, products, purchases, stock
from shop.models import Product, Purchase, StockMove, Variant
from tests.people import CODE, join, load, place, settled
from tests.stalls import HOME, buy, facts, left, sell

pytestmark = pytest.mark.django_db


def bought(order: Order) -> Purchase:
    return Purchase.objects.get(pk=order.pk)


def wallet_of(user: User) -> int:
    return ledger.balance(ledger.wallet(user))


class TestBuy:
    def test_reserves_the_pieces_with_the_order(
        self, shirt: Product, claire: User, acf: Organisation
    ) -> None:
        order = buy(claire, shirt, 2)
        assert (order.kind, order.amount, order.payee_user) == ("PURCHASE", 44_50, acf.account)
        assert order.expires_at - order.created_at == timedelta(minutes=15)
        purchase = bought(order)
        assert (purchase.status, purchase.title, purchase.quantity) == ("RESERVED", "T-shirt · M", 2)
        assert left(shirt) == 8

    def test_is_bought_with_the_payment(self, shirt: Product, claire: User, acf: Organisation) -> None:
        order = settled(buy(claire, shirt))
        assert (bought(order).status, left(shirt)) == ("BOUGHT", 9)
        assert wallet_of(acf.account) == 24_50

    def test_is_said_on_the_page_of_the_code(self, shirt: Product, claire: User) -> None:
        order = buy(claire, shirt, 2)
        shown = purposes.shown(order)
        assert (shown.title, shown.path) == ("2 × T-shirt · M", f"/purchases/{order.reference}/")

    def test_costs_what_it_did_then(self, shirt: Product, claire: User) -> None:
        order = buy(claire, shirt)
        products.change(shirt, facts(price=30_00, title="Maillot"))
        order = settled(order)
        assert (order.amount, bought(order).title) == (24_50, "T-shirt · M")

    def test_buys_once_for_a_form_that_is_sent_twice(self, mug: Product, claire: User) -> None:
        key = uuid4()
        first = buy(claire, mug, key=key)
        with pytest.raises(purchases.BoughtAlready) as known:
            buy(claire, mug, key=key)
        assert (known.value.order, left(mug)) == (first, 9)

    @pytest.mark.parametrize("changes", [{"quantity": 2}, {"address": replace(HOME, street="1 rue Neuve")}])
    def test_takes_other_terms_for_another_form(
        self, shirt: Product, claire: User, changes: dict[str, Any]
    ) -> None:
        terms: dict[str, Any] = {"key": uuid4(), "quantity": 1}
        first = buy(claire, shirt, **terms)
        assert buy(claire, shirt, **(terms | changes)) != first
        with pytest.raises(purchases.BoughtAlready) as known:
            buy(claire, shirt, **terms)
        assert known.value.order == first

    def test_buys_anew_by_a_form_whose_purchase_lapsed(self, mug: Product, claire: User) -> None:
        key = uuid4()
        for _ in range(2):
            orders.decline(buy(claire, mug, key=key))
        last = buy(claire, mug, key=key)
        with pytest.raises(purchases.BoughtAlready) as known:
            buy(claire, mug, key=key)
        assert (known.value.order, left(mug)) == (last, 9)

    def test_refuses_more_than_are_left_and_takes_nothing(self, shirt: Product, claire: User) -> None:
        with pytest.raises(stock.SoldOut):
            buy(claire, sell(shirt.organisation, code="LAST1", pieces=1, most_per_buyer=5), 2)
        assert not Order.objects.exists()

    def test_refuses_what_was_sold_since_the_page_was_looked_at(self, shirt: Product, claire: User) -> None:
        """Its stock as the page knew it: the statement that takes the pieces knows better."""
        seen = Variant.objects.select_related("product__organisation__account").get(product=shirt)
        stock.count(seen, -10, by=claire)
        with pytest.raises(stock.SoldOut):
            buy(claire, shirt, variant=seen)
        assert not Order.objects.exists()
        assert left(shirt) == 0

    def test_refuses_more_than_one_buyer_may_have(
        self, acf: Organisation, claire: User, armand: User
    ) -> None:
        ticket = sell(acf, code="TICKET1", most_per_buyer=2, price=1_00)
        buy(claire, ticket, 2)
        with pytest.raises(purchases.TooManyForOne) as refusal:
            buy(claire, ticket)
        assert refusal.value.left == 0
        buy(armand, ticket, 2)

    def test_counts_nothing_that_lapsed(self, acf: Organisation, claire: User) -> None:
        ticket = sell(acf, code="TICKET1", most_per_buyer=1, price=1_00)
        orders.decline(buy(claire, ticket))
        buy(claire, ticket)

    @pytest.mark.parametrize(("opens", "closes"), [(1, None), (None, -1), (-2, -1), (1, 2)])
    def test_refuses_before_and_after_the_offer(
        self, acf: Organisation, claire: User, opens: int | None, closes: int | None
    ) -> None:
        when = [timezone.now() + timedelta(hours=hours) if hours else None for hours in (opens, closes)]
        timed = sell(acf, code="TIMED1", opens_at=when[0], closes_at=when[1])
        with pytest.raises(purchases.NotOnSale):
            buy(claire, timed)

    def test_asks_where_to(self, shirt: Product, claire: User) -> None:
        with pytest.raises(purchases.AddressMissing):
            buy(claire, shirt, address=None)

    def test_keeps_no_address_for_what_is_handed_over(self, mug: Product, claire: User) -> None:
        assert bought(buy(claire, mug)).address is None

    def test_may_be_for_a_number_alone_up_to_its_limit(self, shirt: Product, claire: User) -> None:
        User.objects.filter(pk=claire.pk).update(tier="PHONE")
        claire.refresh_from_db()
        buy(claire, shirt, 7)
        with pytest.raises(limits.OverLimit):
            buy(claire, sell(shirt.organisation, code="DEAR1", price=150_01))
        assert left(shirt) == 3

    def test_is_sold_by_a_reviewed_organisation(self, lea: User) -> None:
        fresh = organisations.found(_charity("Neuve"), by=lea)
        with pytest.raises(products.NotReviewed):
            sell(fresh, code="NEW1")


def _charity(name: str) -> organisations.Facts:
    from tests.bodies import facts as said  # noqa: PLC0415  # of an organisation, where this file has a product's

    return said(name=name)


class TestLapse:
    """Whatever ends an order unpaid gives its pieces back, once."""

    def test_by_its_time(self, shirt: Product, claire: User) -> None:
        order = buy(claire, shirt, 3)
        Order.objects.filter(pk=order.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
        assert [expiry.expire_due(), expiry.expire_due()] == [1, 0]
        assert (bought(order).status, bought(order).address, left(shirt)) == ("LAPSED", None, 10)
        assert list(StockMove.objects.filter(purchase=order.pk).values_list("change", flat=True)) == [3, -3]

    def test_by_its_payer(self, shirt: Product, claire: User) -> None:
        orders.decline(order := buy(claire, shirt))
        assert (bought(order).status, left(shirt)) == ("LAPSED", 10)

    def test_by_something_that_voids_it(self, shirt: Product, claire: User) -> None:
        orders.void(order := buy(claire, shirt), detail="a test")
        assert (bought(order).status, left(shirt)) == ("LAPSED", 10)

    def test_by_a_review_that_returns_the_money(self, shirt: Product, claire: User) -> None:
        order = buy(claire, shirt)
        with transaction.atomic():
            seen = glance.lock(order, device_id=None)
            order, order.confirmed_at = seen.order, seen.at
            prepared.run(strong.accepting(order, proof=None, is_asked=False, spent=seen.spent))
            orders._review(order)  # noqa: SLF001  # as a rule that fires
        assert (bought(order).status, left(shirt)) == ("RESERVED", 9)
        kind = Notification.Kind.PAYMENT_RETURNED
        settlement.give_back(order, Order.Status.RETURNED, detail="a test", tells=kind)
        assert (bought(order).status, left(shirt), wallet_of(claire)) == ("LAPSED", 10, 100_00)

    def test_not_by_a_payment(self, shirt: Product, claire: User) -> None:
        order = settled(buy(claire, shirt))
        with pytest.raises(orders.OrderClosed):
            orders.decline(order)
        assert left(shirt) == 9

    def test_what_has_no_pieces_reserved_is_over(self, shirt: Product, claire: User) -> None:
        for order in (settled(buy(claire, shirt)), orders.decline(buy(claire, shirt))):
            with pytest.raises(purposes.Over):
                purchases.PurchasePurpose().check(order)


@pytest.mark.django_db(transaction=True)
class TestRaces:
    BUYERS, AT_ONCE, PIECES = 200, 25, 10

    @pytest.mark.usefixtures("any_code")
    @pytest.mark.timeout(300)
    def test_of_two_hundred_ten_have_the_last_ten(
        self, acf: Organisation, claire: User, at_once: Callable[..., list[Any]]
    ) -> None:
        """And nobody pays for nothing: whoever is told that it is sold out has all of their money."""
        poster = sell(acf, code="POSTER10", pieces=self.PIECES, price=5_00, shipping_fee=0)
        crowd = [self._rich(number) for number in range(self.BUYERS)]
        results: list[Any] = []
        for first in range(0, self.BUYERS, self.AT_ONCE):
            batch = crowd[first : first + self.AT_ONCE]
            results += at_once(len(batch), lambda number, batch=batch: self._buys(batch[number], poster))
        told = Counter(type(result).__name__ for result in results)
        assert told == {"Order": self.PIECES, "SoldOut": self.BUYERS - self.PIECES}
        assert Purchase.objects.filter(status="BOUGHT").count() == self.PIECES
        assert not Order.objects.exclude(status="PAID").exists()
        spent = [100_00 - wallet_of(user) for user in crowd]
        assert Counter(spent) == {5_00: self.PIECES, 0: self.BUYERS - self.PIECES}
        assert (left(poster), wallet_of(acf.account)) == (0, self.PIECES * 5_00)

    @pytest.mark.usefixtures("any_code")
    def test_pieces_that_are_given_back_are_had_by_as_many(
        self, acf: Organisation, claire: User, at_once: Callable[..., list[Any]]
    ) -> None:
        """Half of the crowd lets go while the other half wants it: never more are out than there are."""
        poster = sell(acf, code="POSTER10", pieces=5, price=1_00, shipping_fee=0)
        crowd = [self._rich(number) for number in range(20)]

        def work(number: int) -> Order:
            order = buy(crowd[number], poster)
            return orders.decline(order) if number % 2 else orders.confirm(order, code=CODE)

        results = at_once(20, work)
        assert {type(result).__name__ for result in results} <= {"Order", "SoldOut"}
        paid = Purchase.objects.filter(status="BOUGHT").count()
        assert (left(poster), Purchase.objects.filter(status="RESERVED").count()) == (5 - paid, 0)

    @pytest.mark.usefixtures("any_code")
    def test_a_payment_and_the_end_of_its_time_are_one_or_the_other(
        self, acf: Organisation, claire: User, at_once: Callable[..., list[Any]]
    ) -> None:
        poster = sell(acf, code="POSTER10", pieces=1, price=1_00, shipping_fee=0)
        for _ in range(5):
            order = buy(claire, poster)

            def work(number: int, order: Order = order) -> Any:
                return orders.decline(order) if number % 2 else orders.confirm(order, code=CODE)

            at_once(4, work)
            order.refresh_from_db()
            is_paid = order.status == "PAID"
            assert bought(order).status == ("BOUGHT" if is_paid else "LAPSED")
            assert left(poster) == (0 if is_paid else 1)
            if is_paid:
                stock.count(Variant.objects.get(product=poster), 1, by=claire)

    def test_one_buyer_in_many_tabs_has_what_one_may_have(
        self, acf: Organisation, claire: User, at_once: Callable[..., list[Any]]
    ) -> None:
        ticket = sell(acf, code="TICKET1", most_per_buyer=2, price=1_00, shipping_fee=0)
        results = at_once(8, lambda _number: buy(claire, ticket))
        assert sum(isinstance(result, Order) for result in results) == 2
        assert {type(result).__name__ for result in results} == {"Order", "TooManyForOne"}
        assert left(ticket) == 8

    def test_a_form_that_is_sent_at_one_moment_buys_once(
        self, mug: Product, claire: User, at_once: Callable[..., list[Any]]
    ) -> None:
        key = uuid4()
        results = at_once(6, lambda _number: buy(claire, mug, key=key))
        told = Counter(type(result).__name__ for result in results)
        assert told == {"Order": 1, "BoughtAlready": 5}
        assert left(mug) == 9

    @pytest.mark.usefixtures("any_code")
    def test_what_is_given_back_is_not_handed_over_at_that_moment(
        self,
        mug: Product,
        claire: User,
        lea: User,
        at_once: Callable[..., list[Any]],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """The money has moved and is not committed: whoever hands the mug over waits, and sees it."""
        purchase = bought(settled(buy(claire, mug)))
        moved, tell = Event(), refunds._tell  # noqa: SLF001  # the last step of it

        def tell_later(refund: Refund) -> None:
            moved.set()
            waits_for_us()
            tell(refund)

        monkeypatch.setattr(refunds, "_tell", tell_later)

        def work(number: int) -> Any:
            if number:
                assert moved.wait(20)
                return purchases.dispatch(purchase)
            return TestRefund.give(purchase, lea, purchase.order.amount)

        results = at_once(2, work)
        assert [type(result).__name__ for result in results] == ["Refund", "GivenBack"]

    def test_pieces_that_come_back_do_so_once(
        self, shirt: Product, claire: User, lea: User, at_once: Callable[..., list[Any]]
    ) -> None:
        purchase = bought(settled(buy(claire, shirt)))
        at_once(6, lambda _number: stock.bring_back(purchase, by=lea))
        assert left(shirt) == 10

    @staticmethod
    def _rich(number: int) -> User:
        user = join(
            f"Acheteur {number}", phone=f"+336500{number:05}", handle=f"a{number}", external_id=f"8{number}"
        )
        load(user, 100_00)
        return user

    @staticmethod
    def _buys(user: User, product: Product) -> Order:
        return orders.confirm(buy(user, product), code=CODE)


def waits_for_us() -> bool:
    """Whether somebody waits for what this transaction holds, looked at for two seconds at most."""
    with connection.cursor() as cursor:
        for _ in range(200):
            cursor.execute(
                "SELECT pg_sleep(0.01) FROM pg_locks"
                " WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
            )
            if cursor.fetchone():
                return True
            cursor.execute("SELECT pg_sleep(0.01)")
    return False


class TestDispatch:
    def test_tells_the_buyer_and_keeps_the_tracking(self, shirt: Product, claire: User) -> None:
        purchase = bought(settled(buy(claire, shirt)))
        purchases.dispatch(purchase, tracking="6A12345678901")
        purchase.refresh_from_db()
        assert (purchase.status, purchase.tracking) == ("DISPATCHED", "6A12345678901")
        assert Notification.objects.filter(user=claire, kind="PURCHASE_SENT", order=purchase.order).exists()

    def test_is_of_what_was_paid_and_once(self, shirt: Product, claire: User) -> None:
        purchase = bought(order := buy(claire, shirt))
        with pytest.raises(purchases.NotToDispatch):
            purchases.dispatch(purchase)
        settled(order)
        purchases.dispatch(purchase)
        with pytest.raises(purchases.NotToDispatch):
            purchases.dispatch(purchase)


class TestRefund:
    @pytest.fixture
    def paid(self, shirt: Product, claire: User, lea: User, with_code: Callable[[User], User]) -> Purchase:
        with_code(lea)
        return bought(settled(buy(claire, shirt)))

    @staticmethod
    def give(purchase: Purchase, by: User, amount: int = 24_50, **changes: Any) -> Any:
        terms: dict[str, Any] = {"amount": amount, "code": CODE, "key": uuid4(), "restocks": False}
        return purchases.refund(purchase, by=by, **(terms | changes))

    def test_is_by_the_code_of_who_acts_for_the_seller(
        self, paid: Purchase, claire: User, lea: User, acf: Organisation
    ) -> None:
        refund = self.give(paid, lea, 4_50)
        assert (refund.given_by, wallet_of(acf.account), wallet_of(claire)) == (lea, 20_00, 80_00)
        with pytest.raises(codes.WrongCode):
            self.give(paid, lea, 1_00, code="000000")
        lea.secret_code.refresh_from_db()
        assert lea.secret_code.tries == 1

    @pytest.mark.parametrize("role", [None, Role.READER])
    def test_is_nobody_elses(
        self, paid: Purchase, armand: User, with_code: Callable[[User], User], role: Role | None
    ) -> None:
        with_code(armand)
        if role:
            seats.take(paid.variant.product.organisation, armand, role)
        with pytest.raises(seats.NoSeat):
            self.give(paid, armand)

    def test_is_not_by_who_left_the_seller(
        self, paid: Purchase, acf: Organisation, armand: User, lea: User
    ) -> None:
        seats.take(acf, armand, Role.OWNER)
        (seat,) = seats.at(acf).filter(user=lea)
        seats.leave(acf, seat.pk, by=lea)
        with pytest.raises(seats.NoSeat):
            self.give(paid, lea)

    def test_of_a_person_is_theirs_alone(
        self, claire: User, armand: User, lea: User, with_code: Callable[[User], User]
    ) -> None:
        order = settled(place(claire, armand))
        with pytest.raises(seats.NoSeat):
            refunds.give(order, amount=1_00, code=CODE, key=uuid4(), by=with_code(lea))

    def test_brings_the_pieces_back_if_its_seller_says_so(
        self, paid: Purchase, shirt: Product, lea: User
    ) -> None:
        self.give(paid, lea, 20_00, restocks=True)
        assert left(shirt) == 9  # Not for a part of it.
        self.give(paid, lea, 4_50, restocks=True)
        assert left(shirt) == 10

    def test_of_all_of_it_forgets_where_it_goes(
        self, paid: Purchase, shirt: Product, lea: User, claire: User
    ) -> None:
        (obstacle,) = forgetting.OBSTACLES.values()
        self.give(paid, lea, 1)
        assert bought(paid.order).address
        assert obstacle in erasures.in_the_way(claire)
        self.give(paid, lea, 24_49)
        assert bought(paid.order).address is None
        assert obstacle not in erasures.in_the_way(claire)

    def test_of_what_has_left_keeps_where_it_went(self, paid: Purchase, lea: User) -> None:
        purchases.dispatch(paid, tracking="6A1")
        self.give(paid, lea)
        assert bought(paid.order).address

    def test_of_all_of_it_leaves_nothing_to_dispatch(
        self, paid: Purchase, acf: Organisation, lea: User, claire: User
    ) -> None:
        self.give(paid, lea, 24_49)
        assert list(purchases.to_dispatch(acf)) == [paid]
        self.give(paid, lea, 1)
        assert not purchases.to_dispatch(acf).exists()
        with pytest.raises(purchases.GivenBack):
            purchases.dispatch(paid)
        assert not Notification.objects.filter(kind="PURCHASE_SENT").exists()

    def test_of_all_of_it_lets_its_buyer_have_another(
        self, acf: Organisation, claire: User, lea: User, with_code: Callable[[User], User]
    ) -> None:
        with_code(lea)
        ring = sell(acf, code="RING1", most_per_buyer=1, price=10_00, shipping_fee=0)
        purchase = bought(settled(buy(claire, ring)))
        self.give(purchase, lea, 9_99)
        assert purchases.left_for(claire, ring) == 0
        self.give(purchase, lea, 1)
        buy(claire, ring)

    def test_leaves_the_stock_alone_otherwise(self, paid: Purchase, shirt: Product, lea: User) -> None:
        self.give(paid, lea)
        assert (left(shirt), purchases.given_back(paid)) == (9, 24_50)


class TestRules:
    """The database's own word, whoever writes."""

    def test_nothing_is_sold_twice(self, shirt: Product) -> None:
        with pytest.raises(IntegrityError, match="nothing_is_sold_twice"), transaction.atomic():
            Variant.objects.filter(product=shirt).update(stock=-1)

    def test_a_purchase_is_what_its_order_pays_for(self, shirt: Product, claire: User, armand: User) -> None:
        order, variant = place(claire, armand, 24_50), shirt.variants.get()
        terms = {"variant": variant, "title": "x", "quantity": 1, "price": 20_00, "shipping_fee": 4_50}
        with pytest.raises(IntegrityError, match="what its order pays for"), transaction.atomic():
            Purchase.objects.create(order=order, **terms)
        dear = buy(claire, shirt)
        with pytest.raises(IntegrityError, match="what its order pays for"), transaction.atomic():
            Purchase.objects.create(order=dear, **(terms | {"price": 1}))

    @pytest.mark.parametrize("change", [{"quantity": 2}, {"price": 1}, {"title": "y"}, {"shipping_fee": 0}])
    def test_its_terms_never_change(self, shirt: Product, claire: User, change: dict[str, object]) -> None:
        order = buy(claire, shirt)
        with pytest.raises(IntegrityError, match="shop_purchase is append-only"), transaction.atomic():
            Purchase.objects.filter(pk=order.pk).update(**change)

    def test_it_follows_its_order(self, shirt: Product, claire: User) -> None:
        order, now = buy(claire, shirt), timezone.now()
        for change in (
            {"status": "BOUGHT", "bought_at": now},
            {"status": "LAPSED", "address": None},
            {"status": "DISPATCHED", "bought_at": now, "dispatched_at": now},
        ):
            with pytest.raises(IntegrityError, match="does not become"), transaction.atomic():
                Purchase.objects.filter(pk=order.pk).update(**change)
        settled(order)
        with pytest.raises(IntegrityError, match="does not become"), transaction.atomic():
            Purchase.objects.filter(pk=order.pk).update(status="LAPSED", bought_at=None, address=None)

    @pytest.mark.parametrize(
        ("change", "rule"),
        [
            ({"quantity": 0}, "append-only"),
            ({"bought_at": "now()"}, "purchase_is_bought_when_it_is_paid"),
            ({"dispatched_at": "now()"}, "dispatched_purchase_left_at_a_moment"),
            ({"tracking": "6A"}, "what_was_dispatched_is_tracked"),
        ],
    )
    def test_it_makes_sense(self, shirt: Product, claire: User, change: dict[str, Any], rule: str) -> None:
        order = buy(claire, shirt)
        said = {name: timezone.now() if value == "now()" else value for name, value in change.items()}
        with pytest.raises(IntegrityError, match=rule), transaction.atomic():
            Purchase.objects.filter(pk=order.pk).update(**said)

    def test_what_lapsed_has_no_address(self, shirt: Product, claire: User) -> None:
        orders.decline(order := buy(claire, shirt))
        with pytest.raises(IntegrityError, match=r"append-only|no_address"), transaction.atomic():
            Purchase.objects.filter(pk=order.pk).update(address=addresses.sealed(HOME))

    def test_stock_moves_once_for_a_purchase_and_for_a_reason(self, shirt: Product, claire: User) -> None:
        order, variant, by = buy(claire, shirt), shirt.variants.get(), claire
        facts = {"variant": variant, "purchase_id": order.pk, "reason": "RESERVED"}
        for rule, changes in (
            ("purchase_moves_stock_once", {"change": -1}),
            ("stock_moves_for_a_reason", {"change": 1}),
            ("stock_moves_for_a_reason", {"change": 1, "purchase_id": None, "reason": "SELLER"}),
            ("stock_moves_for_a_reason", {"change": 1, "reason": "GIFT", "by": by}),
            (
                "stock_moves_by_something",
                {"change": 0, "purchase_id": None, "reason": "SELLER", "by": claire},
            ),
        ):
            with pytest.raises(IntegrityError, match=rule), transaction.atomic():
                StockMove.objects.create(**(facts | changes))

    def test_what_happened_to_stock_is_never_changed(self, shirt: Product) -> None:
        for work in (lambda: StockMove.objects.update(change=5), lambda: StockMove.objects.all().delete()):
            with pytest.raises(Exception, match=r"permission denied|append-only"), transaction.atomic():
                work()

    def test_nothing_of_it_is_deleted(self, shirt: Product, claire: User) -> None:
        buy(claire, shirt)
        for table in ("shop_purchase", "shop_variant", "shop_product"):
            with pytest.raises(Exception, match="permission denied"), transaction.atomic():
                _run(f"DELETE FROM {table}")


def _run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
