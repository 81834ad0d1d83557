"""Tax receipts: numbered without a gap, for gifts that were paid, each gift on one valid receipt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.db.models import DateTimeField, ExpressionWrapper, Subquery, Value
from django.db.models.functions import TruncDate
from django.utils import timezone

from accounts import organisations
from accounts.models import Organisation, User
from giving import givers, issuers, receipt_register, receipts, tasks
from giving.models import GiverAddress, Receipt, ReceiptBook, ReceiptedGift
from payments import purposes, refunds
from payments.models import Order, Refund
from tests.bodies import facts as body_facts
from tests.giving.receipted import HOME, allow, facts, gift
from tests.people import join, load, place

YEAR = timezone.localdate().year


def checked(write: Callable[..., object] | None = None, *args: Any, **facts: Any) -> None:
    """What is checked at the commit, now; perhaps after writing something more."""
    if write:
        write(*args, **facts)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.django_db
class TestIssue:
    def test_is_for_a_gift_that_was_paid(self, issuer: Organisation, giver: User) -> None:
        order = gift(giver, issuer, 20_50)
        receipt = receipts.issue(order, giver=giver)
        checked()
        assert (str(receipt), receipt.amount, receipt.given_on) == (
            f"{YEAR}-000001",
            20_50,
            timezone.localdate(),
        )
        assert receipt.kept_until > receipt.issued_at + timedelta(days=6 * 365)
        assert receipts.missing(giver) == []

    def test_is_for_money_sent_to_an_issuer(self, issuer: Organisation, giver: User) -> None:
        assert receipts.issue(gift(giver, issuer, kind=Order.Kind.SEND), giver=giver).number == 1

    def test_asks_where_the_giver_lives(self, issuer: Organisation, claire: User) -> None:
        order = gift(claire, issuer)
        with pytest.raises(receipts.NoAddress):
            receipts.issue(order, giver=claire)
        assert not ReceiptBook.objects.exists()

    def test_comes_by_itself_once_they_have_said_it(self, issuer: Organisation, claire: User) -> None:
        gift(claire, issuer)
        gift(claire, issuer)
        assert receipts.issue_due() == 0
        assert receipts.take_address(claire, HOME, rhythm=GiverAddress.Rhythm.EACH) == 2
        gift(claire, issuer)
        assert receipts.issue_due() == 1
        assert receipts.issue_due() == 0

    def test_comes_within_a_minute_for_what_was_paid_just_now(
        self, issuer: Organisation, giver: User
    ) -> None:
        gift(giver, issuer, at=timezone.now() - timedelta(hours=1))
        paid = gift(giver, issuer)
        Order.objects.exclude(pk=paid.pk).update(confirmed_at=timezone.now() - timedelta(hours=1))
        tasks.issue_receipts()
        assert [row.order for row in ReceiptedGift.objects.all()] == [paid]
        assert (receipts.issue_at_once(), receipts.issue_due()) == (0, 1)

    def test_waits_for_who_wants_one_a_year(self, issuer: Organisation, claire: User) -> None:
        for amount in (10_00, 5_50):
            gift(claire, issuer, amount)
        assert receipts.take_address(claire, HOME, rhythm=GiverAddress.Rhythm.YEAR) == 0
        assert receipts.issue_due() == 0
        receipt = receipts.issue_for_year(issuer, giver=claire, year=YEAR)
        checked()
        assert (receipt.amount, receipt.gifts.count(), receipt.is_yearly) == (15_50, 2, True)
        with pytest.raises(receipts.NoGift):
            receipts.issue_for_year(issuer, giver=claire, year=YEAR)

    def test_comes_in_january_for_the_year_before(
        self, issuer: Organisation, claire: User, as_if_last_year: Callable[[], None]
    ) -> None:
        gift(claire, issuer)
        receipts.take_address(claire, HOME, rhythm=GiverAddress.Rhythm.YEAR)
        as_if_last_year()
        assert receipts.issue_due() == 1
        receipt = Receipt.objects.get()
        assert (receipt.year, receipt.given_on.year) == (YEAR, YEAR - 1)

    def test_comes_for_a_gift_that_was_held_for_long(self, issuer: Organisation, giver: User) -> None:
        """A year, until its campaign ended: it counts from the day on which it was paid."""
        gift(giver, issuer, at=timezone.now() - timedelta(days=360))
        assert receipts.issue_due() == 1

    def test_comes_by_batches_until_all_have_theirs(
        self, issuer: Organisation, giver: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(receipts, "BATCH", 2)
        for _ in range(5):
            gift(giver, issuer)
        tasks.look_after_receipts()
        assert Receipt.objects.count() == 5

    def test_comes_in_january_for_each_giver_of_a_batch(
        self,
        issuer: Organisation,
        claire: User,
        armand: User,
        as_if_last_year: Callable[[], None],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """Who gave often takes no place of others."""
        monkeypatch.setattr(receipts, "BATCH", 2)
        load(armand, 20_00)
        for payer in (claire, claire, claire, armand):
            gift(payer, issuer)
            givers.keep(payer, HOME, rhythm=GiverAddress.Rhythm.YEAR)
        as_if_last_year()
        assert receipts.issue_due() == 2
        assert sorted(receipt.amount for receipt in Receipt.objects.all()) == [20_00, 60_00]

    def test_is_one_for_a_gift(self, issuer: Organisation, giver: User) -> None:
        order = gift(giver, issuer)
        receipts.issue(order, giver=giver)
        with pytest.raises(receipts.NoGift):
            receipts.issue(order, giver=giver)
        again = Receipt.objects.get()
        with pytest.raises(IntegrityError, match="gift_is_on_one_valid_receipt"), transaction.atomic():
            ReceiptedGift.objects.create(receipt=again, order=order, amount=20_00, given_on=again.given_on)

    def test_is_for_who_gave(self, issuer: Organisation, giver: User, armand: User) -> None:
        givers.keep(armand, HOME, rhythm=GiverAddress.Rhythm.EACH)
        with pytest.raises(receipts.NoGift):
            receipts.issue(gift(giver, issuer), giver=armand)

    def test_is_for_no_other_payment(
        self, issuer: Organisation, giver: User, armand: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(purposes, "_KNOWN", {})  # A share in a pot that there is none of.
        for order in (
            place(giver, organisations.identity(issuer), kind=Order.Kind.GIFT),
            gift(giver, issuer, kind=Order.Kind.POT),
        ):
            with pytest.raises(receipts.NoGift):
                receipts.issue(order, giver=giver)

    def test_is_for_no_gift_before_it_was_allowed(
        self, acf: Organisation, giver: User, lea: User, odile: User, bruno: User
    ) -> None:
        tomorrow = timezone.localdate() + timedelta(days=1)
        allow(issuers.ask(acf, facts(), by=lea), odile, bruno, since=tomorrow)
        with pytest.raises(receipts.NoGift):
            receipts.issue(gift(giver, acf), giver=giver)


@pytest.mark.django_db
class TestVoid:
    def test_leaves_its_number_used_and_its_gift_free(
        self, issuer: Organisation, giver: User, lea: User
    ) -> None:
        order = gift(giver, issuer)
        first = receipts.issue(order, giver=giver)
        receipts.void(first, by=lea, reason=Receipt.VoidReason.WRONG_GIVER)
        second = receipts.issue(order, giver=giver)
        checked()
        assert (first.number, second.number) == (1, 2)
        with pytest.raises(receipts.IsVoid):
            receipts.void(first, by=lea, reason=Receipt.VoidReason.TWICE)
        assert [str(line.receipt) for line in receipt_register.lines(issuer, year=YEAR)] == [
            f"{YEAR}-000002",
            f"{YEAR}-000001",
        ]

    @pytest.mark.parametrize("reason", receipts.FOR_GOOD)
    def test_is_for_good_where_there_is_no_gift(
        self, issuer: Organisation, giver: User, lea: User, reason: Receipt.VoidReason
    ) -> None:
        order, other = gift(giver, issuer), gift(giver, issuer)
        receipts.void(receipts.issue(order, giver=giver), by=lea, reason=reason)
        assert [gift.order for gift in receipts.missing(giver)] == [other]
        assert (receipts.issue_due(), receipts.issue_due()) == (1, 0)
        with pytest.raises(receipts.NoGift):
            receipts.issue(order, giver=giver)
        valid = Receipt.objects.get(void_at=None)
        with (
            pytest.raises(IntegrityError, match="was no gift, or has a receipt on paper"),
            transaction.atomic(),
        ):
            ReceiptedGift.objects.create(receipt=valid, order=order, amount=20_00, given_on=valid.given_on)

    @pytest.mark.parametrize("rhythm", GiverAddress.Rhythm)
    def test_waits_for_another_address_where_that_was_wrong(
        self,
        issuer: Organisation,
        giver: User,
        lea: User,
        as_if_last_year: Callable[[], None],
        rhythm: GiverAddress.Rhythm,
    ) -> None:
        gift(giver, issuer)
        givers.keep(giver, HOME, rhythm=rhythm)
        if rhythm == GiverAddress.Rhythm.YEAR:
            as_if_last_year()
        assert receipts.issue_due() == 1
        receipts.void(Receipt.objects.get(), by=lea, reason=Receipt.VoidReason.WRONG_GIVER)
        assert receipts.issue_due() == 0
        assert receipts.take_address(giver, HOME, rhythm=rhythm) == 0
        givers.keep(giver, replace(HOME, street="3 rue Haute"), rhythm=rhythm)
        assert receipts.issue_due() == 1

    @pytest.mark.parametrize("change", ["signatory", "address"])
    def test_waits_for_the_issuer_to_say_something_else(
        self, issuer: Organisation, giver: User, lea: User, change: str
    ) -> None:
        order = gift(giver, issuer)
        assert receipts.issue_due() == 1
        receipts.void(Receipt.objects.get(), by=lea, reason=Receipt.VoidReason.WRONG_ISSUER)
        about = organisations.Details(
            purpose=issuer.purpose,
            street=issuer.street,
            postcode=issuer.postcode,
            city=issuer.city,
            website="https://new.example",
        )
        organisations.describe(issuer, about)
        issuers.ask(issuer, facts(), by=lea)
        assert receipts.issue_due() == 0  # Nothing that is on a receipt has changed.
        if change == "signatory":
            issuers.ask(issuer, facts(signatory_name="Paul Roux"), by=lea)
        else:
            organisations.describe(issuer, replace(about, street="3 rue Haute"))
        assert receipts.issue_due() == 1
        assert Receipt.objects.get(void_at=None).gifts.get().order == order

    def test_is_issued_by_hand_where_its_issuer_says_the_same(
        self, issuer: Organisation, giver: User, lea: User
    ) -> None:
        order = gift(giver, issuer)
        wrong = receipts.issue(order, giver=giver)
        receipts.void(wrong, by=lea, reason=Receipt.VoidReason.WRONG_ISSUER)
        assert receipts.issue_due() == 0
        assert receipts.issue(order, giver=giver).number == wrong.number + 1

    def test_comes_with_a_refund(self, issuer: Organisation, giver: User) -> None:
        """Whole or in part; what is left is a gift still."""
        order, other = gift(giver, issuer), gift(giver, issuer)
        receipt, untouched = (receipts.issue(one, giver=giver) for one in (order, other))
        assert receipts.void_refunded() == 0
        give_back(order, 5_00)
        assert receipts.void_refunded() == 1
        receipt.refresh_from_db()
        assert receipt.void_reason == Receipt.VoidReason.REFUNDED
        assert receipts.issue(order, giver=giver).amount == 15_00
        give_back(order, 15_00)
        assert receipts.void_refunded(only=untouched) == 0
        assert receipts.void_refunded() == 1
        assert receipts.missing(giver) == []
        assert Receipt.objects.filter(void_at=None).get() == untouched

    def test_says_why(self, issuer: Organisation, giver: User) -> None:
        receipts.issue(gift(giver, issuer), giver=giver)
        for change in ({"void_at": timezone.now()}, {"void_at": timezone.now(), "void_reason": "x"}):
            with pytest.raises(IntegrityError, match="void_receipt_says_why"), transaction.atomic():
                Receipt.objects.update(**change)


def give_back(order: Order, amount: int) -> None:
    """As its payee does by their code, without its hashing."""
    terms = refunds._Terms(origin=Refund.Origin.PAYEE, order=order, amount=amount, key=uuid4())  # noqa: SLF001  # no hashing
    refunds._post(terms)  # noqa: SLF001  # no hashing


@pytest.mark.django_db
class TestKept:
    """What the database holds, whoever writes."""

    @pytest.fixture
    def receipt(self, issuer: Organisation, giver: User) -> Receipt:
        return receipts.issue(gift(giver, issuer), giver=giver)

    @pytest.mark.parametrize(
        "change",
        [
            {"number": 7},
            {"amount": 1},
            {"content": b"else"},
            {"content": None},
            {"kept_until": timezone.now()},
            {"issued_at": timezone.now()},
        ],
    )
    def test_it_never_changes(self, receipt: Receipt, change: dict[str, Any]) -> None:
        with pytest.raises(IntegrityError, match="giving_receipt"), transaction.atomic():
            Receipt.objects.update(**change)

    def test_it_stays_void(self, receipt: Receipt, lea: User) -> None:
        receipts.void(receipt, by=lea, reason=Receipt.VoidReason.NO_GIFT)
        with pytest.raises(IntegrityError, match="giving_receipt"), transaction.atomic():
            Receipt.objects.update(void_at=None, void_reason="", voided_by=None)

    @pytest.mark.parametrize("table", ["giving_receipt", "giving_receiptbook", "giving_receiptissuer"])
    def test_it_is_never_deleted(self, receipt: Receipt, table: str) -> None:
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            run(f"DELETE FROM {table}")

    def test_its_gifts_are_written_once(self, receipt: Receipt) -> None:
        for statement in ("DELETE FROM giving_receiptedgift", "UPDATE giving_receiptedgift SET amount = 1"):
            with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                run(statement)

    @pytest.mark.parametrize(
        ("change", "rule"),
        [
            ({"number": 3}, "after receipt 1 comes no receipt 3"),
            ({"number": 1}, "after receipt 1 comes no receipt 1"),
            ({"year": YEAR + 1, "number": 1}, "of the year in which it was issued"),
            ({"content": None}, "begins valid"),
            ({"amount": 0}, "receipt_is_for_something"),
        ],
    )
    def test_it_follows_the_one_before(self, receipt: Receipt, change: dict[str, Any], rule: str) -> None:
        with pytest.raises(IntegrityError, match=rule), transaction.atomic():
            another(receipt, **change)

    def test_it_is_of_an_issuer(self, receipt: Receipt, lea: User) -> None:
        other = organisations.found(body_facts(siren="552 100 554"), by=lea)
        with pytest.raises(IntegrityError, match="issues no receipts"), transaction.atomic():
            another(receipt, organisation=other, number=1)

    def test_it_is_the_sum_of_its_gifts(self, receipt: Receipt, giver: User, issuer: Organisation) -> None:
        with pytest.raises(IntegrityError, match="is not the sum of its gifts"), transaction.atomic():
            checked(another, receipt)
        late = {"order": gift(giver, issuer), "amount": 20_00, "given_on": receipt.given_on}
        with pytest.raises(IntegrityError, match="is not the sum of its gifts"), transaction.atomic():
            checked(ReceiptedGift.objects.create, receipt=receipt, **late)

    def test_it_is_for_gifts_that_were_paid(
        self,
        receipt: Receipt,
        giver: User,
        issuer: Organisation,
        armand: User,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(purposes, "_KNOWN", {})  # A share in a pot that there is none of.
        load(armand, 50_00)
        waiting = place(giver, organisations.identity(issuer), 20_00, kind=Order.Kind.GIFT)
        for order in (waiting, gift(armand, issuer), gift(giver, issuer, kind=Order.Kind.POT)):
            with pytest.raises(IntegrityError, match="is no gift of that giver"), transaction.atomic():
                ReceiptedGift.objects.create(
                    receipt=receipt, order=order, amount=20_00, given_on=receipt.given_on
                )
        wrong = gift(giver, issuer)
        with pytest.raises(IntegrityError, match="is no gift of that giver"), transaction.atomic():
            ReceiptedGift.objects.create(
                receipt=receipt, order=wrong, amount=19_00, given_on=receipt.given_on
            )

    def test_an_organisation_has_one_book_a_year(self, receipt: Receipt, issuer: Organisation) -> None:
        with pytest.raises(IntegrityError, match="organisation_has_one_book_a_year"), transaction.atomic():
            ReceiptBook.objects.create(organisation=issuer, year=YEAR)

    def test_a_rhythm_is_known(self, giver: User) -> None:
        with pytest.raises(IntegrityError, match="rhythm_is_known"), transaction.atomic():
            GiverAddress.objects.update(rhythm="NONE")


def run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def another(receipt: Receipt, **changes: Any) -> Receipt:
    """Round the domain."""
    said = {
        name: getattr(receipt, name)
        for name in ("organisation", "year", "giver", "amount", "given_on", "is_yearly", "content")
    }
    return Receipt.objects.create(**(said | {"number": receipt.number + 1} | changes))


@pytest.fixture
def as_if_last_year(monkeypatch: pytest.MonkeyPatch, db: None) -> Callable[[], None]:
    """What was given is of last year: whoever looks reads it so, as history cannot be changed."""

    def shift() -> None:
        at = Subquery(receipts._PAID, output_field=DateTimeField())  # noqa: SLF001  # read by another clock
        back = ExpressionWrapper(at - Value(timedelta(days=366)), output_field=DateTimeField())
        monkeypatch.setattr(receipts, "_GIVEN_ON", TruncDate(back, tzinfo=receipts.PARIS))

    return shift


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_twenty_receipts_have_twenty_numbers_without_a_gap(
        self, issuer: Organisation, claire: User, at_once: Callable[..., list[Any]]
    ) -> None:
        crowd = [giving(number, issuer) for number in range(20)]
        found = at_once(20, lambda number: receipts.issue(crowd[number][1], giver=crowd[number][0]))
        assert sorted(receipt.number for receipt in found) == list(range(1, 21))
        assert ReceiptBook.objects.get().last == 20

    def test_a_gift_has_one_receipt(
        self, issuer: Organisation, giver: User, at_once: Callable[..., list[Any]]
    ) -> None:
        order = gift(giver, issuer)
        found = at_once(4, lambda _number: receipts.issue(order, giver=giver))
        assert [type(one) for one in found if isinstance(one, Exception)] == [receipts.NoGift] * 3
        assert Receipt.objects.count() == ReceiptBook.objects.get().last == 1


def giving(number: int, organisation: Organisation) -> tuple[User, Order]:
    """Somebody of a crowd, and what they gave."""
    somebody = join(
        f"Ami {number}", phone=f"+336123450{number:02}", handle=f"ami{number}", external_id=f"90{number}"
    )
    load(somebody, 5_00)
    givers.keep(somebody, HOME, rhythm=GiverAddress.Rhythm.EACH)
    return somebody, gift(somebody, organisation, 5_00)
