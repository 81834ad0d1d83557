"""The pages of loans: an owner asks, staff open, people lend, read what is to come, and are repaid."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from accounts import devices, seats
from accounts.models import Organisation, Role, User
from giving import contracts, loans, repayments
from giving.models import Loan, LoanShare
from payments import ledger
from payments.models import Order
from tests.giving.lending import decided, lapse, lend, lent, loan, on_day, opened, terms
from tests.people import CODE
from tests.people import load as load_wallet
from tests.staff import at_desk

__all__ = ["loan"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(with_code: Callable[[User], User]) -> Callable[[User], Client]:
    """Somebody's, who has a secret code and is signed in; in English."""

    def come(user: User) -> Client:
        with_code(user)
        User.objects.filter(pk=user.pk).update(language="en")
        client = Client()
        client.force_login(user)
        return client

    return come


def asked(**changes: str) -> dict[str, str]:
    """The form of an organisation that asks for a loan."""
    day = timezone.localdate() + timedelta(days=30)
    filled = {
        "title": "Un four à pain",
        "story": "Deux cents repas.",
        "goal": "2 000 €",
        "rate": "4,5 %",
        "term_months": "24",
        "deadline": day.isoformat(),
    }
    return filled | changes


class TestJourney:
    def test_a_loan_by_its_pages(
        self, acf: Organisation, lea: User, claire: User, odile: User, browser: Callable[[User], Client]
    ) -> None:
        """From the form of its owner to the last cent of its lender."""
        owner, lender, desk = browser(lea), browser(claire), at_desk(odile)
        answer = owner.post("/organisations/action-contre-la-faim/loans/new/", asked(goal="100", rate="6"))
        assert answer["Location"] == "/organisations/action-contre-la-faim/loans/un-four-a-pain/"
        assert "We look at it" in owner.get(answer["Location"]).content.decode()
        made = Loan.objects.get()
        assert lender.get("/l/un-four-a-pain/").status_code == 404
        act = reverse("admin:giving_loan_act", args=[made.pk, "accept"])
        assert desk.post(act, {"reason": "Read and found sound"}).status_code == 302
        page = lender.get("/l/un-four-a-pain/").content.decode()
        assert "you may lose all or part of what you lend" in page
        form = {"amount": "100", "risk": "on", "key": str(uuid4())}
        answer = lender.post("/l/un-four-a-pain/lend/", form)
        assert lender.post("/l/un-four-a-pain/lend/", form)["Location"] == answer["Location"]
        confirm = lender.get(answer["Location"]).content.decode()
        assert "Un four à pain" in confirm
        lender.post(answer["Location"], {"code": CODE})
        assert Order.objects.get().status == "HELD"
        assert "is yours to take back" in lender.get("/loans/").content.decode()
        decided(made)
        mine = lender.get("/loans/").content.decode()
        assert "Still to come" in mine
        contract = lender.get(f"/loans/{Order.objects.get().reference}/contract/")
        assert contract["Content-Type"] == "application/pdf"
        token = devices.register(lea, name="Firefox, Linux", at=timezone.now())
        owner.cookies[settings.DEVICE_COOKIE_NAME] = token
        repay = "/organisations/action-contre-la-faim/loans/un-four-a-pain/repay/"
        assert "€100.00" in owner.get(repay).content.decode()
        wrong = owner.post(repay, {"amount": "10000", "code": "000000"})
        assert wrong.status_code == 422
        answer = owner.post(repay, {"amount": "10000", "code": CODE})
        assert answer.status_code == 302
        assert ledger.balance(ledger.wallet(claire)) == 100_00
        assert "Repaid" in lender.get("/l/un-four-a-pain/").content.decode()


class TestForm:
    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ({"goal": "99,99"}, "A loan is €100.00 at least"),
            ({"goal": "1.000"}, "Write an amount such as"),
            ({"rate": "20,01"}, "A loan may cost 20 percent"),
            ({"rate": "4.125"}, "Write a rate such as"),
            ({"rate": "-1"}, "Write a rate such as"),
            ({"rate": "٤"}, "Write a rate such as"),
            ({"term_months": "85"}, "less than or equal to 84"),
            ({"deadline": timezone.localdate().isoformat()}, "Leave lenders two days"),
            ({"deadline": (timezone.localdate() + timedelta(days=91)).isoformat()}, "Leave lenders two days"),
            ({"title": ""}, "required"),
        ],
    )
    def test_says_what_is_wrong(
        self,
        acf: Organisation,
        lea: User,
        browser: Callable[[User], Client],
        change: dict[str, str],
        said: str,
    ) -> None:
        answer = browser(lea).post(f"/organisations/{acf.slug}/loans/new/", asked(**change))
        assert answer.status_code == 422
        assert said in answer.content.decode()
        assert not Loan.objects.exists()

    def test_reads_what_people_write(
        self, acf: Organisation, lea: User, browser: Callable[[User], Client]
    ) -> None:
        browser(lea).post(f"/organisations/{acf.slug}/loans/new/", asked())
        made = Loan.objects.get()
        assert (made.goal, made.rate, made.term_months) == (2000_00, 4_50, 24)
        assert timezone.localtime(made.deadline).hour == 23

    def test_is_for_owners(
        self, acf: Organisation, lea: User, armand: User, claire: User, browser: Callable[[User], Client]
    ) -> None:
        loan = opened(acf)
        seats.take(acf, armand, Role.TREASURER)
        seats.take(acf, claire, Role.READER)
        base = f"/organisations/{acf.slug}/loans/"
        treasurer, reader = browser(armand), browser(claire)
        assert treasurer.get(f"{base}new/").status_code == 404
        assert treasurer.get(f"{base}{loan.slug}/repay/").status_code == 302  # Nothing to repay.
        assert reader.get(f"{base}{loan.slug}/repay/").status_code == 404
        for client in (treasurer, reader):
            assert client.get(base).status_code == 200
            assert client.get(f"{base}{loan.slug}/").status_code == 200

    def test_shows_nothing_of_another_organisation(
        self, acf: Organisation, claire: User, browser: Callable[[User], Client]
    ) -> None:
        loan, stranger = opened(acf), browser(claire)
        for path in ("", "new/", f"{loan.slug}/", f"{loan.slug}/repay/"):
            assert stranger.get(f"/organisations/{acf.slug}/loans/{path}").status_code == 404


class TestLend:
    @pytest.mark.parametrize(
        ("form", "said"),
        [
            ({"amount": "9", "risk": "on"}, "A share is €10.00 at least."),
            ({"amount": "201", "risk": "on"}, "€200.00 are left to lend: take less."),
            ({"amount": "20"}, "Say that you have understood the risk."),
            ({"amount": "1e3", "risk": "on"}, "Write an amount such as"),
        ],
    )
    def test_says_what_is_wrong(
        self,
        loan: Loan,
        claire: User,
        browser: Callable[[User], Client],
        form: dict[str, str],
        said: str,
    ) -> None:
        answer = browser(claire).post(f"/l/{loan.slug}/lend/", form | {"key": str(uuid4())})
        assert answer.status_code == 422
        assert said in answer.content.decode()
        assert not LoanShare.objects.exists()

    def test_is_said_to_be_over(self, loan: Loan, claire: User, browser: Callable[[User], Client]) -> None:
        client = browser(claire)
        lapse(loan)
        form = {"amount": "20", "risk": "on", "key": str(uuid4())}
        answer = client.post(f"/l/{loan.slug}/lend/", form)
        assert "it is decided within a day" in answer.content.decode()
        assert answer.status_code == 422

    def test_asks_who_it_is(self, loan: Loan, client: Client) -> None:
        assert f"?next=/l/{loan.slug}/" in client.get(f"/l/{loan.slug}/").content.decode()
        assert client.post(f"/l/{loan.slug}/lend/")["Location"].startswith("/account/login/")

    def test_comes_back_to_the_page(
        self, loan: Loan, claire: User, browser: Callable[[User], Client]
    ) -> None:
        assert browser(claire).get(f"/l/{loan.slug}/lend/")["Location"] == f"/l/{loan.slug}/"

    def test_shows_no_loan_that_staff_have_not_opened(
        self, acf: Organisation, lea: User, client: Client
    ) -> None:
        loans.propose(acf, terms(), by=lea)
        assert client.get("/l/un-four-a-pain/").status_code == 404


class TestPublicPage:
    def test_says_what_is_late(
        self, loan: Loan, claire: User, any_code: None, client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        load_wallet(claire, 100_00)
        lent(loan, claire, 200_00)
        decided(loan)
        on_day(monkeypatch, loan, 12, late=1)
        repayments.take_due()
        page = client.get(f"/l/{loan.slug}/", headers={"accept-language": "en"}).content.decode()
        assert "is late. It is asked for again each day." in page
        assert page.count("paid") >= 11

    def test_is_read_by_other_sites(self, loan: Loan, client: Client) -> None:
        page = client.get(f"/l/{loan.slug}/").content.decode()
        assert '<meta property="og:title" content="Un four à pain">' in page

    def test_escapes_what_it_is_told(self, acf: Organisation, client: Client) -> None:
        loan = opened(acf, title="<script>x</script>", story="<b>x</b>")
        page = client.get(f"/l/{loan.slug}/").content.decode()
        assert "<script>x" not in page
        assert "<b>x" not in page


class TestContract:
    @pytest.fixture
    def share(self, loan: Loan, claire: User, any_code: None) -> LoanShare:
        load_wallet(claire, 100_00)
        order = lent(loan, claire, 200_00)
        decided(loan)
        return LoanShare.objects.select_related("order", "loan__organisation__account", "lender").get(
            order=order
        )

    def test_says_who_how_much_and_when(self, share: LoanShare) -> None:
        pages = PdfReader(io.BytesIO(contracts.pdf(share))).pages
        text = " ".join(" ".join(page.extract_text() for page in pages).split())
        for said in (
            share.order.reference,
            "Claire Martin",
            "Action contre la Faim",
            "318990892",
            "4,5 %",
            "12 mois",
            "risque de perte",
        ):
            assert said in text
        plan = contracts.plan(share.loan, amount=200_00)
        assert sum(due.principal for due in plan) == 200_00

    def test_is_the_same_each_time(self, share: LoanShare) -> None:
        assert contracts.pdf(share) == contracts.pdf(share)

    def test_is_the_lenders_own(
        self, share: LoanShare, claire: User, armand: User, browser: Callable[[User], Client]
    ) -> None:
        path = f"/loans/{share.order.reference}/contract/"
        assert browser(claire).get(path).content.startswith(b"%PDF")
        assert browser(armand).get(path).status_code == 404

    def test_is_not_there_before_it_runs(
        self, acf: Organisation, claire: User, browser: Callable[[User], Client]
    ) -> None:
        order = lend(opened(acf), claire, 20_00)
        assert browser(claire).get(f"/loans/{order.reference}/contract/").status_code == 404


class TestMine:
    def test_is_empty_at_first(self, claire: User, browser: Callable[[User], Client]) -> None:
        assert "You have lent nothing" in browser(claire).get("/loans/").content.decode()

    def test_names_who_looks_for_lenders(
        self, loan: Loan, claire: User, browser: Callable[[User], Client]
    ) -> None:
        assert f"/l/{loan.slug}/" in browser(claire).get("/loans/").content.decode()


class TestStaff:
    def test_refuse(self, acf: Organisation, lea: User, odile: User) -> None:
        made = loans.propose(acf, terms(), by=lea)
        act = reverse("admin:giving_loan_act", args=[made.pk, "refuse"])
        assert at_desk(odile).post(act, {"reason": "No accounts"}).status_code == 302
        made.refresh_from_db()
        assert made.status == "REFUSED"

    def test_who_only_look_decide_nothing(self, acf: Organisation, lea: User, agathe: User) -> None:
        made = loans.propose(acf, terms(), by=lea)
        desk = at_desk(agathe)
        assert desk.get(reverse("admin:giving_loan_change", args=[made.pk])).status_code == 200
        act = reverse("admin:giving_loan_act", args=[made.pk, "accept"])
        assert desk.post(act, {"reason": "Read"}).status_code == 403
        assert desk.get(reverse("admin:giving_loan_changelist"), {"q": made.slug}).status_code == 200
