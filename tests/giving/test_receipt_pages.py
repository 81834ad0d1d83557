"""The pages of receipts: a giver's own, and those of who acts for an issuer; others find none."""

from __future__ import annotations

import csv
import io
from uuid import uuid4

import pypdf
import pytest
from django.utils import timezone
from django.utils.html import escape
from django.utils.translation import gettext, override

from accounts import seats
from accounts.models import Organisation, Role, User
from giving import givers, issuers, receipts
from giving.models import GiverAddress, Receipt, ReceiptIssuer
from payments.models import Proposal
from tests import staff
from tests.browsers import PageOf, says
from tests.giving.receipted import HOME, facts, gift
from tests.people import load
from tests.staff import at_desk, list_of, read

pytestmark = pytest.mark.django_db
YEAR = timezone.localdate().year
SAID = {
    "name": "Claire Marie  Martin",
    "street": "12 rue des Lilas",
    "postcode": "75020",
    "city": "Paris",
    "rhythm": "EACH",
}
REGISTER = "/organisations/action-contre-la-faim/receipts/"


class TestGiver:
    def test_has_none_yet(self, claire: User, page_of: PageOf) -> None:
        assert "empty" in says(page_of(claire), "/gifts/receipts/")

    def test_says_where_they_live_and_has_them(
        self, issuer: Organisation, claire: User, page_of: PageOf
    ) -> None:
        gift(claire, issuer, 20_00)
        browser = page_of(claire)
        assert "/gifts/receipts/address/" in says(browser, "/gifts/receipts/")
        assert "Claire Martin" in says(browser, "/gifts/receipts/address/")
        assert browser.post("/gifts/receipts/address/", SAID)["Location"] == "/gifts/receipts/"
        assert givers.details(claire) == HOME
        receipt = Receipt.objects.get()
        assert f"/gifts/receipts/{receipt.pk}/" in says(browser, "/gifts/receipts/")
        assert "12 rue des Lilas" in says(browser, "/gifts/receipts/address/")

    @pytest.mark.parametrize(
        "change",
        [{"name": ""}, {"postcode": "7502"}, {"postcode": "٧٥٠٢٠"}, {"city": "محمد"}, {"rhythm": "x"}],
    )
    def test_is_told_what_is_wrong(self, claire: User, page_of: PageOf, change: dict[str, str]) -> None:
        answer = page_of(claire).post("/gifts/receipts/address/", SAID | change)
        assert answer.status_code == 422
        assert not GiverAddress.objects.exists()

    def test_downloads_it(self, issuer: Organisation, giver: User, page_of: PageOf) -> None:
        receipt = receipts.issue(gift(giver, issuer), giver=giver)
        answer = page_of(giver).get(f"/gifts/receipts/{receipt.pk}/")
        assert answer["Content-Type"] == "application/pdf"
        assert answer["Content-Disposition"] == f'attachment; filename="recu-{YEAR}-000001.pdf"'
        assert "no-store" in answer["Cache-Control"]
        assert "Claire Marie Martin" in pypdf.PdfReader(io.BytesIO(answer.content)).pages[0].extract_text()

    def test_asks_for_one_gift_or_for_a_year(
        self, issuer: Organisation, giver: User, page_of: PageOf
    ) -> None:
        givers.keep(giver, HOME, rhythm=GiverAddress.Rhythm.YEAR)
        order, *_others = [gift(giver, issuer) for _ in range(3)]
        browser = page_of(giver)
        assert f"/gifts/receipts/for/{order.reference}/" in says(browser, "/gifts/receipts/")
        browser.post(f"/gifts/receipts/for/{order.reference}/")
        browser.post(f"/gifts/receipts/for/{issuer.slug}/{YEAR}/")
        assert list(Receipt.objects.order_by("number").values_list("amount", flat=True)) == [20_00, 40_00]
        for path in (f"/gifts/receipts/for/{order.reference}/", f"/gifts/receipts/for/{issuer.slug}/{YEAR}/"):
            assert browser.post(path)["Location"] == "/gifts/receipts/"
        assert Receipt.objects.count() == 2

    def test_is_sent_to_say_where_they_live_first(
        self, issuer: Organisation, claire: User, page_of: PageOf
    ) -> None:
        order = gift(claire, issuer)
        browser = page_of(claire)
        for path in (f"/gifts/receipts/for/{order.reference}/", f"/gifts/receipts/for/{issuer.slug}/{YEAR}/"):
            assert browser.post(path)["Location"] == "/gifts/receipts/address/"

    def test_has_nobody_elses(self, issuer: Organisation, giver: User, armand: User, page_of: PageOf) -> None:
        order = gift(giver, issuer)
        receipt = receipts.issue(order, giver=giver)
        browser = page_of(armand)
        assert browser.get(f"/gifts/receipts/{receipt.pk}/").status_code == 404
        assert browser.get(f"/gifts/receipts/{uuid4()}/").status_code == 404
        assert browser.post(f"/gifts/receipts/for/{order.reference}/").status_code == 404
        for path in (f"nobody/{YEAR}/", f"{issuer.slug}/0/", f"{issuer.slug}/99999/"):
            assert browser.post(f"/gifts/receipts/for/{path}").status_code == 404


class TestOrganisation:
    @pytest.fixture
    def receipt(self, issuer: Organisation, giver: User) -> Receipt:
        return receipts.issue(gift(giver, issuer, 20_50), giver=giver)

    def test_reads_its_register(self, receipt: Receipt, lea: User, page_of: PageOf) -> None:
        page = says(page_of(lea), REGISTER)
        for words in (f"{YEAR}-000001", "Claire Marie Martin", "20,50", f"{REGISTER}{receipt.pk}/void/"):
            assert words in page
        assert says(page_of(lea), f"{REGISTER}?year={YEAR - 1}")
        assert f"{YEAR}-000001" not in says(page_of(lea), f"{REGISTER}?below=1")
        assert page_of(lea).get(f"{REGISTER}?year=x").status_code == 404

    def test_has_it_for_a_spreadsheet(
        self, issuer: Organisation, receipt: Receipt, armand: User, lea: User, page_of: PageOf
    ) -> None:
        load(armand, 10_00)
        evil = givers.Details(name="=1+1", street="@home", postcode="75001", city="Paris")
        givers.keep(armand, evil, rhythm=GiverAddress.Rhythm.EACH)
        other = receipts.issue(gift(armand, issuer, 10_00), giver=armand)
        receipts.void(other, by=lea, reason=Receipt.VoidReason.NO_GIFT)
        answer = page_of(lea).get(f"{REGISTER}{YEAR}/csv/")
        heads, first, second = csv.reader(io.StringIO(answer.getvalue().decode("utf-8-sig")), delimiter=";")
        assert len(heads) == len(first) == 11
        assert first[0] == f"{YEAR}-000001"
        assert first[3:8] == ["Claire Marie Martin", "12 rue des Lilas", "75020", "Paris", "20,50"]
        assert first[9] == ""
        assert second[3:5] == ["'=1+1", "'@home"]
        assert second[9] == timezone.localdate().isoformat()

    def test_has_it_so_often_for_a_spreadsheet(
        self, issuer: Organisation, lea: User, page_of: PageOf
    ) -> None:
        browser = page_of(lea)
        assert [browser.get(f"{REGISTER}{YEAR}/csv/").status_code for _ in range(11)] == [200] * 10 + [429]

    def test_makes_one_void(self, receipt: Receipt, lea: User, page_of: PageOf) -> None:
        browser, path = page_of(lea), f"{REGISTER}{receipt.pk}/void/"
        assert f"{YEAR}-000001" in says(browser, path)
        assert browser.post(path, {"reason": "REFUNDED"}).status_code == 422
        for _ in range(2):
            assert browser.post(path, {"reason": "WRONG_GIVER"})["Location"] == REGISTER
        receipt.refresh_from_db()
        assert (receipt.void_reason, receipt.voided_by) == ("WRONG_GIVER", lea)
        assert path not in says(browser, REGISTER)

    @pytest.mark.parametrize(
        ("reason", "words"),
        [
            ("TWICE", "The receipt is void. What it was for has no other one."),
            (
                "WRONG_GIVER",
                "The receipt is void. Its giver has another one once they have changed their address.",
            ),
            ("WRONG_ISSUER", "The receipt is void. Its giver can have another one."),
        ],
    )
    def test_says_whether_there_is_another_one(
        self, receipt: Receipt, lea: User, page_of: PageOf, reason: str, words: str
    ) -> None:
        path = f"{REGISTER}{receipt.pk}/void/"
        page = page_of(lea).post(path, {"reason": reason}, follow=True)
        with override("fr"):
            assert escape(gettext(words)) in page.content.decode()

    def test_gives_each_role_what_it_may(
        self, issuer: Organisation, receipt: Receipt, lea: User, armand: User, page_of: PageOf
    ) -> None:
        look, export = (REGISTER, f"{REGISTER}{receipt.pk}/"), f"{REGISTER}{YEAR}/csv/"
        void, settings = f"{REGISTER}{receipt.pk}/void/", f"{REGISTER}settings/"
        browser = page_of(armand)
        seat = None
        for role, allowed in (
            (None, set()),
            (Role.READER, {*look}),
            (Role.TREASURER, {*look, export, void}),
            (Role.OWNER, {*look, export, void, settings}),
        ):
            if seat:
                seats.leave(issuer, seat.pk, by=lea)
            seat = seats.take(issuer, armand, role) if role else None
            found = {path for path in (*look, export, void, settings) if browser.get(path).status_code == 200}
            assert found == allowed, role

    def test_does_not_read_anothers(self, receipt: Receipt, lea: User, page_of: PageOf) -> None:
        browser = page_of(lea)
        assert browser.get(f"{REGISTER}{uuid4()}/").status_code == 404
        assert browser.get(f"/organisations/another/receipts/{receipt.pk}/").status_code == 404

    def test_asks_for_leave_to_issue(self, acf: Organisation, lea: User, page_of: PageOf) -> None:
        browser, path = page_of(lea), f"{REGISTER}settings/"
        said = {
            "quality": "PUBLIC_UTILITY",
            "articles": ["200", "978"],
            "signatory_name": "Léa Petit",
            "signatory_office": "trésorière",
        }
        assert path in says(browser, REGISTER)
        assert browser.post(path, said).status_code == 422
        assert browser.post(path, said | {"decreed_on": "1994-05-01"})["Location"] == path
        issuer = issuers.of(acf)
        assert issuer
        assert (issuer.quality, issuer.articles, issuer.may_issue) == (
            "PUBLIC_UTILITY",
            ["200", "978"],
            False,
        )
        assert "1994-05-01" in says(browser, path)

    def test_keeps_what_was_looked_at(self, issuer: Organisation, lea: User, page_of: PageOf) -> None:
        said = {"quality": "ENDOWMENT", "articles": ["200"], "signatory_name": "L", "signatory_office": "t"}
        assert page_of(lea).post(f"{REGISTER}settings/", said).status_code == 422


class TestStaff:
    def test_allow_it_by_two(self, acf: Organisation, lea: User, odile: User, bruno: User) -> None:
        asked = issuers.ask(acf, facts(), by=lea)
        assert "Action contre la Faim" in read(at_desk(bruno), list_of(ReceiptIssuer))
        act = f"{staff.page_of(asked).removesuffix('change/')}act/allow/"
        at_desk(odile).post(act, {"since": "2026-01-01", "reason": "Statutes and ruling read"})
        proposal = Proposal.objects.get()
        read(at_desk(bruno), staff.page_of(proposal))
        at_desk(bruno).post(f"{staff.page_of(proposal).removesuffix('change/')}act/approve/")
        asked.refresh_from_db()
        assert asked.may_issue
        assert "Léa Petit" in read(at_desk(bruno), staff.page_of(asked))

    def test_see_what_was_issued_and_not_what_it_says(
        self, issuer: Organisation, giver: User, bruno: User
    ) -> None:
        receipt = receipts.issue(gift(giver, issuer), giver=giver)
        assert f"{YEAR}-000001" in read(at_desk(bruno), list_of(Receipt))
        assert "Lilas" not in read(at_desk(bruno), staff.page_of(receipt))
