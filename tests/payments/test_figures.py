"""What an organisation's figures say is what the ledger says; who may see them; sheets that run nothing."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from uuid_utils.compat import uuid7

from accounts import organisations, seats
from accounts.models import Organisation, Role, User
from payments import charts, figures, ledger, money, payouts, sheets, takings
from payments.models import FeeCharge, LedgerAccount, Order, Payout, Refund, Transfer
from tests.browsers import PageOf
from tests.payments.receiving import payout
from tests.people import join, load, place, settled

__all__ = ["payout"]

PARIS = timezone.get_default_timezone()


def give(payer: User, organisation: Organisation, amount: int = 12_00, **changes: Any) -> Order:
    """A payment to the organisation, as if its code had been given."""
    terms = {"channel": "site", "channel_id": str(uuid4()), "note": "merci"}
    return settled(place(payer, organisations.identity(organisation), amount, **(terms | changes)))


def refund(order: Order, amount: int) -> None:
    """As `refunds.give` does, but for the code."""
    assert order.payee_user
    source, target = ledger.wallets(order.payee_user, order.payer)
    key = uuid7()
    ledger.post(
        ledger.Posting(id=key, source=source, target=target, amount=amount, kind=Transfer.Kind.REFUND)
    )
    Refund.objects.create(origin="PAYEE", order=order, amount=amount, status="SUCCEEDED", transfer_id=key)


def of(organisation: Organisation, period: str = "30", step: str = "day") -> figures.Figures:
    span = figures.span(figures.Period(period), at=timezone.now())
    return figures.of(organisation, span, step=figures.Step(step))


@pytest.mark.django_db
class TestFigures:
    def test_are_what_the_ledger_says(self, acf: Organisation, claire: User, armand: User) -> None:
        load(armand, 50_00)
        first = give(claire, acf, 20_00)
        give(claire, acf, 5_01)
        give(armand, acf, 10_00)
        refund(first, 2_00)
        found = of(acf)
        wallet = ledger.wallet(acf.account)
        moved = Transfer.objects.filter(target=wallet)
        assert sum(bar.received for bar in found.steps) == sum(each.amount for each in moved) == 35_01
        assert sum(bar.payments for bar in found.steps) == 3
        assert (found.total.received, found.total.refunded) == (35_01, 2_00)
        assert found.total.received - found.total.refunded == ledger.balance(wallet)
        assert (found.payers, found.mean) == (2, 11_67)

    def test_count_fees_and_what_was_cashed_out_less_what_came_back(
        self, acf: Organisation, claire: User, payout: Callable[..., Payout]
    ) -> None:
        give(claire, acf, 50_00)
        wallet, fees = ledger.wallet(acf.account), ledger.system(LedgerAccount.Kind.FEES)
        fee = ledger.Posting(id=uuid7(), source=wallet, target=fees, amount=95, kind=Transfer.Kind.FEE)
        ledger.post(fee)
        facts = {"receipts": 50_00, "fee": 95, "amount": 95, "owed": 0, "transfer_id": fee.id}
        FeeCharge.objects.create(organisation=acf, day=timezone.localdate(), **facts)
        payouts.take_back(payout(acf, 10_00), amount=None, reason="AC04")
        total = of(acf).total
        assert (total.received, total.fees, total.paid_out) == (50_00, 95, 0)
        payout(acf, 20_00)
        total = of(acf).total
        assert total.paid_out == 20_00
        assert total.received - total.fees - total.paid_out == ledger.balance(wallet)

    def test_net_the_fees_that_were_given_back(
        self, acf: Organisation, claire: User, lea: User, page_of: PageOf
    ) -> None:
        give(claire, acf, 50_00)
        wallet, ours = ledger.wallet(acf.account), ledger.system(LedgerAccount.Kind.FEES)
        with transaction.atomic():  # Fees without a charge: none of them stays.
            for source, target, amount in ((wallet, ours, 1_95), (ours, wallet, 95), (ours, wallet, 1_00)):
                made = ledger.Posting(
                    id=uuid7(), source=source, target=target, amount=amount, kind=Transfer.Kind.FEE
                )
                ledger.post(made)
            total = of(acf).total
            assert total.fees == 0
            assert total.received - total.fees == ledger.balance(wallet)
            sheet = b"".join(page_of(lea).get(f"/organisations/{acf.slug}/figures/fees.csv")).decode()
            assert [line.split(";")[2] for line in sheet.splitlines()[1:]] == ["1,95", "-0,95", "-1"]
            transaction.set_rollback(True)

    def test_of_all_time_look_for_nothing_before_it(self, acf: Organisation, claire: User) -> None:
        give(claire, acf)
        with CaptureQueriesContext(connection) as asked:
            of(acf, "all", "month")
        assert not [query for query in asked.captured_queries if "interval '1 hour'" in query["sql"]]

    def test_of_another_organisation_are_its_own(self, acf: Organisation, claire: User, armand: User) -> None:
        give(claire, acf)
        place(claire, armand)
        settled(Order.objects.get(status="PENDING"))
        assert of(acf).total.received == 12_00

    @pytest.mark.parametrize(("period", "step", "bars"), [("30", "day", 30), ("12", "month", 12)])
    def test_have_a_bar_for_each_step_also_when_nothing_moved(
        self, acf: Organisation, claire: User, period: str, step: str, bars: int
    ) -> None:
        give(claire, acf)
        found = of(acf, period, step)
        assert [bar.received for bar in found.steps] == [0] * (bars - 1) + [12_00]

    def test_of_weeks_begin_on_mondays_and_cover_the_period(self, acf: Organisation, claire: User) -> None:
        give(claire, acf)
        found = of(acf, "12", "week")
        assert {bar.day.weekday() for bar in found.steps} == {0}
        assert sum(bar.received for bar in found.steps) == 12_00

    def test_of_all_time_begin_with_the_first_payment(self, acf: Organisation, claire: User) -> None:
        assert of(acf, "all", "month").steps == []
        give(claire, acf)
        today = timezone.localdate()
        assert [bar.day for bar in of(acf, "all", "month").steps] == [today.replace(day=1)]

    @pytest.mark.parametrize(
        ("at", "since", "until"),
        [
            ("2026-11-22T23:30+00:00", "2026-10-25", "2026-11-24"),  # In Paris it is the 23rd already.
            ("2026-03-29T12:00+00:00", "2026-02-28", "2026-03-30"),  # The day of 23 hours.
        ],
    )
    def test_know_the_days_of_paris(self, at: str, since: str, until: str) -> None:
        span = figures.span(figures.Period.DAYS, at=datetime.fromisoformat(at))
        assert [edge.astimezone(PARIS).isoformat()[:19] for edge in (span.since, span.until)] == [
            f"{since}T00:00:00",
            f"{until}T00:00:00",
        ]

    def test_know_the_months(self) -> None:
        span = figures.span(figures.Period.MONTHS, at=datetime.fromisoformat("2026-01-31T12:00+00:00"))
        assert span.since.astimezone(PARIS).date() == date(2025, 2, 1)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(received=st.lists(st.tuples(st.integers(0, 10**11), st.integers(0, 10**11)), min_size=1, max_size=31))
def test_bars_stay_in_their_drawing_and_in_their_order(received: list[tuple[int, int]]) -> None:
    chart = charts.rows((str(place), *both) for place, both in enumerate(received))
    for bar, (value, second) in zip(chart.bars, received, strict=True):
        assert bar.value == value
        assert (bar.length > 0, bar.second > 0) == (value > 0, second > 0)
        assert bar.value_at <= charts.WIDTH
        assert 0 <= bar.y < chart.height
    longest = max(chart.bars, key=lambda bar: bar.value)
    assert all(bar.length <= longest.length for bar in chart.bars)


@pytest.mark.django_db
class TestTakings:
    def test_are_paged_by_number(self, acf: Organisation, claire: User) -> None:
        given_ = [give(claire, acf, 1_00 + place).reference for place in range(5)]
        first = takings.page(acf, limit=3)
        rest = takings.page(acf, before=first[-1].number, limit=3)
        assert [each.reference for each in [*first, *rest]] == given_[::-1]

    @pytest.mark.parametrize("query", ["claire", "caf%", "%", "_"])
    def test_are_found_by_name_and_note_as_they_are_written(
        self, acf: Organisation, claire: User, query: str
    ) -> None:
        give(claire, acf, note="un caf%_é")
        give(claire, acf, note="rien")
        found = takings.page(acf, query=query)
        assert len(found) == (2 if query == "claire" else 1)

    def test_are_found_by_reference_and_amount(self, acf: Organisation, claire: User) -> None:
        order = give(claire, acf, 12_34)
        give(claire, acf)
        assert [each.amount for each in takings.page(acf, query=order.reference.lower())] == [12_34]
        assert [each.amount for each in takings.page(acf, query="12,34", cents=12_34)] == [12_34]

    def test_of_a_period_are_all_that_its_figures_sum(
        self, acf: Organisation, claire: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(takings, "_STEP", 2)
        for _ in range(5):
            give(claire, acf)
        span = figures.span(figures.Period.DAYS, at=timezone.now())
        found = list(takings.within(acf, since=span.since, until=span.until))
        assert sum(each.amount for each in found) == of(acf).total.received
        assert len({each.number for each in found}) == 5


@pytest.mark.django_db
class TestPages:
    def test_show_bars_and_a_table_that_say_the_same(
        self, acf: Organisation, claire: User, lea: User, page_of: PageOf
    ) -> None:
        give(claire, acf, 45_67)
        page = page_of(lea).get(f"/organisations/{acf.slug}/figures/").content.decode()
        said = money.show(45_67)
        assert page.count(said) >= 3  # The total, its bar, its row.
        assert "<svg" in page
        assert "url(#bars-hatch)" in page
        assert " style=" not in page

    def test_are_for_every_seat(self, acf: Organisation, armand: User, page_of: PageOf) -> None:
        for role in Role:
            if role != Role.OWNER:
                seats.at(acf).filter(user=armand).update(left_at=timezone.now())
                seats.take(acf, armand, role)
            browser = page_of(armand if role != Role.OWNER else acf.founded_by)
            for path in ("figures/", "figures/payments/", "figures/payments.csv", "api/", "callbacks/"):
                assert browser.get(f"/organisations/{acf.slug}/{path}").status_code == 200, (role, path)

    def test_are_not_there_for_others(self, acf: Organisation, claire: User, page_of: PageOf) -> None:
        browser = page_of(claire)
        for path in ("figures/", "figures/payments/", "figures/payments.csv", "api/", "callbacks/"):
            assert browser.get(f"/organisations/{acf.slug}/{path}").status_code == 404, path

    @pytest.mark.parametrize(
        "query", ["period=12&step=week", "period=all", "period=x&step=y", "period=30&step=month"]
    )
    def test_take_any_period(
        self, acf: Organisation, claire: User, lea: User, page_of: PageOf, query: str
    ) -> None:
        give(claire, acf)
        assert page_of(lea).get(f"/organisations/{acf.slug}/figures/?{query}").status_code == 200

    def test_say_so_when_nothing_was_received(self, acf: Organisation, lea: User, page_of: PageOf) -> None:
        browser = page_of(lea)
        assert '<svg class="bars"' not in browser.get(f"/organisations/{acf.slug}/figures/").content.decode()
        assert browser.get(f"/organisations/{acf.slug}/figures/payments/?q=x").status_code == 200
        found = browser.get(f"/organisations/{acf.slug}/figures/payments/?q=x").content.decode()
        assert re.search(r"20\W?000", found)  # Words are looked for in so many.


@pytest.mark.django_db
class TestSheets:
    def sheet(self, browser: Client, acf: Organisation, what: str) -> list[list[str]]:
        answer = browser.get(f"/organisations/{acf.slug}/figures/{what}.csv?period=30")
        assert answer.streaming
        text = b"".join(answer).decode()
        assert text.startswith("\ufeff")
        return list(csv.reader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";"))

    def test_sum_to_the_figures(self, acf: Organisation, claire: User, lea: User, page_of: PageOf) -> None:
        refund(give(claire, acf, 20_00), 3_50)
        give(claire, acf, 5_01)
        _head, *lines = self.sheet(page_of(lea), acf, "payments")
        assert sum(money.read(line[5], is_bare=True) for line in lines) == of(acf).total.received
        assert sorted(line[6] for line in lines) == ["0", "3,50"]

    @pytest.mark.parametrize("formula", ["=1+1", "+1", "-1+1", "@SUM(A1)", '=HYPERLINK("http://x")'])
    def test_hold_no_formula(
        self,
        acf: Organisation,
        lea: User,
        page_of: PageOf,
        formula: str,
    ) -> None:
        joker = join(formula, phone="+33612340009", handle="joker", external_id="1009")
        load(joker, 50_00)
        give(joker, acf, note=formula)
        _head, line = self.sheet(page_of(lea), acf, "payments")
        assert (line[3], line[4]) == (f"'{formula}", f"'{formula}")

    @pytest.mark.parametrize("separator", [",", ";", "\t", "\r", "\n", "\r\n"])
    def test_hold_no_formula_by_another_separator_either(self, separator: str) -> None:
        for formula in ("=1+1", "+1", "-1+1", "@SUM(A1)", '"=1+1"'):
            assert sheets.cell(f"Bob{separator}{formula},") == f"Bob{separator}'{formula},"
        assert [sheets.cell(value) for value in ("-0,95", "-5", "a, b", "a-b")] == [
            "-0,95",
            "-5",
            "a, b",
            "a-b",
        ]

    def test_say_so_where_they_end(
        self,
        acf: Organisation,
        claire: User,
        lea: User,
        page_of: PageOf,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(sheets, "MOST_LINES", 2)
        for _ in range(2):
            give(claire, acf)
        browser = page_of(lea)
        assert [len(line) for line in self.sheet(browser, acf, "payments")] == [7, 7, 7]
        give(claire, acf)
        *_lines, last = self.sheet(browser, acf, "payments")
        assert len(_lines) == 3
        assert len(last) == 1

    def test_of_too_many_are_429(self, acf: Organisation, lea: User, page_of: PageOf) -> None:
        browser = page_of(lea)
        there = f"/organisations/{acf.slug}/figures/fees.csv"
        statuses = [browser.get(there).status_code for _ in range(11)]
        assert statuses == [200] * 10 + [429]

    def test_are_of_payouts_and_fees_as_well(self, acf: Organisation, lea: User, page_of: PageOf) -> None:
        browser = page_of(lea)
        assert len(self.sheet(browser, acf, "payouts")) == 1
        assert len(self.sheet(browser, acf, "fees")) == 1
        assert browser.get(f"/organisations/{acf.slug}/figures/secrets.csv").status_code == 404


@pytest.mark.django_db(transaction=True)
@pytest.mark.bare_transfers
def test_a_long_history_is_read_by_indexes(
    acf: Organisation, claire: User, armand: User, as_owner: Callable[[str], None]
) -> None:
    """Nowhere is a whole table of money gone through, on 6,000 transfers of which a tenth are theirs."""
    wallets = {"theirs": ledger.wallet(acf.account).pk, "other": ledger.wallet(armand).pk}
    give(claire, acf)
    as_owner(
        "SELECT post_transfers(array_agg(gen_random_uuid()), array_agg(c.id),"
        f" array_agg((CASE WHEN n % 10 = 0 THEN {wallets['theirs']} ELSE {wallets['other']} END)::bigint),"
        " array_agg(1::bigint), array_agg('PAYMENT'::text))"
        " FROM generate_series(1, 6000) n, payments_ledgeraccount c WHERE c.kind = 'CARD_CLEARING'"
    )
    as_owner("ANALYZE payments_transfer")
    with CaptureQueriesContext(connection) as asked:
        assert of(acf).total.received == 12_00 + 600
        of(acf, "all", "month")
        takings.page(acf)
        takings.page(acf, before=100, query="x")
        takings.after(acf, 5_900, limit=10)
        span = figures.span(figures.Period.DAYS, at=timezone.now())
        next(takings.within(acf, since=span.since, until=span.until))
        list(takings.fees(acf, since=span.since, until=span.until))
    for query in asked.captured_queries:
        with connection.cursor() as cursor:
            cursor.execute("EXPLAIN " + query["sql"].replace("%", "%%"))
            plan = "\n".join(line for (line,) in cursor.fetchall())
        assert not re.search(r"Seq Scan on payments_transfer", plan), f"{query['sql']}\n{plan}"
