"""Staff look at money: each list and page is there, quick with ten rows as with two, and writes nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.db.models import Model, QuerySet
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from uuid_utils.compat import uuid7

from accounts.models import User
from payments import ledger, orders, payout_batches, payouts, strong
from payments.models import (
    AcquirerEvent,
    BankAccount,
    BankFile,
    Card,
    Delivery,
    Funding,
    LedgerAccount,
    Limit,
    Notification,
    Order,
    Payout,
    PayoutBatch,
    Transfer,
)
from tests.people import CODE, bank_account, join, known_device, load, place
from tests.staff import list_of, page_of, read

MODELS = [AcquirerEvent, Card, Delivery, Funding, LedgerAccount, Limit, Notification, Order, Transfer,
          BankAccount, BankFile, Payout, PayoutBatch]  # fmt: skip
pytestmark = pytest.mark.django_db


def _reserved(payer: User) -> Payout:
    shown = strong.Shown(shown_at=timezone.now(), device_id=known_device(payer).pk)
    account = bank_account(payer)
    return payouts._reserve(account, amount=1_00, key=uuid7(), shown=shown)  # noqa: SLF001  # round the code


def grow(payee: User, *numbers: int) -> None:
    """More of everything: members with a card, a top-up, an order, and what they were told."""
    for number in numbers:
        payer = join(
            f"Payeur {number}", phone=f"+336123401{number:02}", handle=f"p{number}", external_id=f"50{number}"
        )
        load(payer, 20_00)
        place(payer, payee, channel_id=str(number))
        AcquirerEvent.objects.create(id=f"evt_{number}", kind="payment_intent.succeeded")
        reserved = _reserved(payer)
        payout_batches.export_due()
        payouts.settle(reserved, amount=1_00)
        BankFile.objects.create(id=f"camt-{number}", digest="", taken=1, known=0, refused=1)


@pytest.fixture
def paid(claire: User, armand: User, with_code: Callable[[User], User]) -> Order:
    order = place(with_code(claire), armand, channel_id="99")
    orders.confirm(order, code=CODE)
    order.refresh_from_db()
    return order


@pytest.mark.parametrize("model", MODELS)
class TestPages:
    def test_lists_ask_no_more_for_more_rows(self, desk: Client, armand: User, model: type[Model]) -> None:
        grow(armand, 1, 2)
        read(desk, list_of(model))
        with CaptureQueriesContext(
            connection,
        ) as few:
            read(desk, list_of(model))
        grow(armand, *range(3, 11))
        with CaptureQueriesContext(connection) as many:
            read(desk, list_of(model))
        assert len(many) == len(few)

    def test_show_each_row_and_take_nothing(self, desk: Client, paid: Order, model: type[Model]) -> None:
        AcquirerEvent.objects.create(id="evt_1", kind="payment_intent.succeeded")
        for row in _rows(model):
            read(desk, page_of(row))
            for address in (page_of(row), page_of(row).replace("change", "delete"), list_of(model) + "add/"):
                assert desk.post(address, {"amount": 1, "status": "PAID"}).status_code == 403
            desk.post(
                list_of(model), {"action": "delete_selected", "_selected_action": row.pk, "post": "yes"}
            )
            assert _values(row) == _values(_rows(model).get(pk=row.pk))

    def test_are_found_by_searching(self, desk: Client, paid: Order, model: type[Model]) -> None:
        read(desk, f"{list_of(model)}?q={paid.reference}")
        read(desk, f"{list_of(model)}?q=Claire Martin")

    def test_are_for_staff_with_a_second_factor(
        self, client: Client, agathe: User, claire: User, model: type[Model]
    ) -> None:
        for user in (agathe, claire):
            client.force_login(user)
            response = client.get(list_of(model))
            assert (response.status_code, "/staff/login/" in response["Location"]) == (302, True)


def _rows(model: type[Model]) -> QuerySet[Model]:
    return model._default_manager.all()  # noqa: SLF001  # Django's documented name


def _values(row: Model) -> dict[str, object]:
    return {name: value for name, value in vars(row).items() if not name.startswith("_")}


class TestOrder:
    def test_leads_to_all_that_came_of_it(self, desk: Client, paid: Order) -> None:
        page = read(desk, page_of(paid))
        assert paid.transfer is not None
        assert paid.payee_user is not None
        for row in (paid.payer, paid.payee, paid.payee_user, paid.transfer, *Delivery.objects.all()):
            assert page_of(row) in page
        for notification in Notification.objects.filter(order=paid):
            assert page_of(notification) in page
        assert "label-good" in page

    def test_is_in_french(self, desk: Client, paid: Order) -> None:
        page = read(desk, list_of(Order))
        assert "<h1>Ordres</h1>" in page
        assert "12,99" in page
        assert "Créé le" in page


class TestBooks:
    def test_show_both_accounts_of_a_transfer_with_their_owners(self, desk: Client, paid: Order) -> None:
        assert paid.transfer is not None
        assert paid.payee_user is not None
        page = read(desk, page_of(paid.transfer))
        for row in (paid.transfer.source, paid.transfer.target, paid.payer, paid.payee_user, paid):
            assert page_of(row) in page

    def test_show_what_is_in_an_account_appended_or_not(self, desk: Client, paid: Order) -> None:
        clearing = ledger.system(LedgerAccount.Kind.CARD_CLEARING)
        for account, says in ((ledger.wallet(paid.payer), "87,01"), (clearing, "100,00")):
            page = read(desk, page_of(account))
            assert says in page
            assert page_of(ledger.transfers(account)[0]) in page

    def test_tell_the_same_balances_in_one_query_as_one_by_one(self, paid: Order) -> None:
        found = ledger.with_balances(LedgerAccount.objects.all())
        assert {row.pk: row.cents for row in found} == {row.pk: ledger.balance(row) for row in found}  # type: ignore[attr-defined]  # annotated


class TestMember:
    def test_shows_the_balance_and_leads_to_their_orders(self, desk: Client, paid: Order) -> None:
        page = read(desk, page_of(paid.payer))
        assert "87,01" in page
        lists = {
            f"{list_of(Order)}?payer__id__exact={paid.payer_id}": True,
            f"{list_of(Order)}?payee_user__id__exact={paid.payer_id}": False,
        }
        for address, is_there in lists.items():
            assert address in page
            assert (paid.reference in read(desk, address)) is is_there
