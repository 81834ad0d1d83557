"""The pages of campaigns: what an organisation opens, what everybody reads, and how they give."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone, translation

from accounts import seats
from accounts.models import Identity, Organisation, Role, User
from giving import endings, matches, tallies
from giving.models import Campaign, CampaignPicture, Gift, Match, MonthlyGift
from giving.tallies import Total
from payments import orders
from payments.models import Order
from tests.bodies import PNG
from tests.browsers import PageOf, says
from tests.giving.conftest import give, given, promise
from tests.people import CODE, load
from tests.snapshots import snapshot

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("any_code")]
OWN = "/organisations/action-contre-la-faim/campaigns/"
PAGE = "/c/un-puits-a-kaya/"


def form(**changes: object) -> dict[str, object]:
    said = {"title": "Un puits à Kaya", "story": "De l’eau.", "hashtag": "#Puits", "goal": "", "last_day": ""}
    return said | changes


def gift(**changes: object) -> dict[str, object]:
    said = {"amount": "20", "rhythm": "once", "shown": "named", "message": "Courage !", "key": str(uuid4())}
    return said | changes


class TestOrganisation:
    def test_opens_changes_and_ends_a_campaign(self, acf: Organisation, lea: User, page_of: PageOf) -> None:
        browser = page_of(lea)
        assert f"{OWN}new/" in says(browser, OWN)
        answer = browser.post(f"{OWN}new/", form())
        assert answer["Location"] == PAGE
        campaign = Campaign.objects.get()
        assert (campaign.hashtag, campaign.organisation) == ("puits", acf)
        day = timezone.localdate() + timedelta(days=9)
        changed = form(title="Deux puits", goal="1 000", last_day=day.isoformat(), is_all_or_nothing="on")
        assert browser.post(f"{OWN}{campaign.slug}/", changed)["Location"] == OWN
        campaign.refresh_from_db()
        assert (campaign.title, campaign.goal, campaign.is_all_or_nothing) == ("Deux puits", 1_000_00, True)
        assert campaign.deadline
        assert timezone.localtime(campaign.deadline).date() == day + timedelta(days=1)
        assert "1 000,00" in says(browser, f"{OWN}{campaign.slug}/") or "1000,00" in says(
            browser, f"{OWN}{campaign.slug}/"
        )
        assert browser.post(f"{OWN}{campaign.slug}/end/")["Location"] == OWN
        campaign.refresh_from_db()
        assert campaign.outcome == "MISSED"

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"title": ""}, "title"),
            ({"hashtag": "deux mots"}, "hashtag"),
            ({"goal": "1e3"}, "goal"),
            ({"goal": "99999999"}, "goal"),
            ({"is_all_or_nothing": "on"}, "is_all_or_nothing"),
            ({"last_day": "2014-10-07"}, "last_day"),
            ({"last_day": "hier"}, "last_day"),
        ],
    )
    def test_is_told_what_is_wrong(
        self, acf: Organisation, lea: User, page_of: PageOf, change: dict[str, object], field: str
    ) -> None:
        answer = page_of(lea).post(f"{OWN}new/", form(**change))
        assert answer.status_code == 422
        assert field in answer.context["form"].errors
        assert not Campaign.objects.exists()

    def test_is_told_that_terms_stay(self, well: Campaign, claire: User, lea: User, page_of: PageOf) -> None:
        give(well, claire)
        answer = page_of(lea).post(f"{OWN}{well.slug}/", form(goal="5"))
        assert answer.status_code == 422
        assert page_of(lea).post(f"{OWN}{well.slug}/", form(story="Merci !")).status_code == 302

    def test_sees_how_far_a_missed_one_came(
        self, bet: Campaign, claire: User, lea: User, page_of: PageOf
    ) -> None:
        given(bet, claire, 20_00)
        endings.end(bet)
        endings.decide_due()
        assert "20,00" in says(page_of(lea), OWN)

    def test_shows_readers_and_nobody_else(
        self, well: Campaign, armand: User, claire: User, acf: Organisation, page_of: PageOf
    ) -> None:
        seats.take(acf, armand, Role.READER)
        reader = page_of(armand)
        assert "Un puits à Kaya" in says(reader, OWN)
        for path in (f"{OWN}new/", f"{OWN}{well.slug}/", f"{OWN}{well.slug}/end/"):
            assert reader.post(path, form()).status_code == 404
        other = page_of(claire)
        for path in (OWN, f"{OWN}new/", f"{OWN}{well.slug}/", f"{OWN}{well.slug}/end/"):
            assert other.post(path, form()).status_code == 404
            assert other.get(path).status_code in {404, 405}
        well.refresh_from_db()
        assert well.ended_at is None

    @pytest.mark.parametrize("days", [367, 2_900_000])
    def test_collects_for_a_year_at_most(
        self, acf: Organisation, lea: User, page_of: PageOf, days: int
    ) -> None:
        day = min(timezone.localdate().toordinal() + days, date.max.toordinal())
        said = form(last_day=date.fromordinal(day).isoformat())
        assert page_of(lea).post(f"{OWN}new/", said).status_code == 422
        assert page_of(lea).post(f"{OWN}new/", form(last_day=in_a_year())).status_code == 302


def in_a_year() -> str:
    return (timezone.localdate() + timedelta(days=366)).isoformat()


class TestPicture:
    def test_is_shown_as_what_it_is(self, well: Campaign, lea: User, page_of: PageOf) -> None:
        upload = SimpleUploadedFile("puits.html", snapshot("PNG", maker="Puits"), content_type="text/html")
        page_of(lea).post(f"{OWN}{well.slug}/", form(picture=upload))
        picture = CampaignPicture.objects.get()
        address = f"{PAGE}picture/{picture.digest}/"
        page = says(Client(), PAGE)
        assert f'src="{address}"' in page
        assert 'property="og:image"' in page
        answer = Client().get(address)
        assert answer.content.startswith(b"\x89PNG")
        assert b"Puits" not in answer.content
        assert answer["Content-Type"] == "image/png"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert Client().get(f"{PAGE}picture/another/").status_code == 404

    @pytest.mark.parametrize(
        "content", [b"<svg onload=alert(1)>", b"GIF89a", PNG, snapshot("WEBP"), PNG + b"\0" * 2 * 1024 * 1024]
    )
    def test_of_another_kind_is_refused(
        self, well: Campaign, lea: User, page_of: PageOf, content: bytes
    ) -> None:
        upload = SimpleUploadedFile("puits.png", content, content_type="image/png")
        assert page_of(lea).post(f"{OWN}{well.slug}/", form(picture=upload)).status_code == 422
        assert not CampaignPicture.objects.exists()


class TestPage:
    def test_is_for_everybody(self, well: Campaign, acf: Organisation) -> None:
        page = says(Client(), PAGE)
        for part in ("De l’eau pour 400 familles.", "Action contre la Faim", 'property="og:title"', "<svg"):
            assert part in page
        assert Client().get("/c/nothing/").status_code == 404

    def test_leads_to_who_collects(self, well: Campaign, acf: Organisation) -> None:
        assert f'href="/o/{acf.slug}/"' in says(Client(), PAGE)

    def test_says_the_post_that_gives(self, well: Campaign, acf: Organisation) -> None:
        Identity.objects.create(
            network="x", external_id="4001", handle="acf", user=acf.account, linked_at=timezone.now()
        )
        assert "@acf #puits" in says(Client(), PAGE)

    def test_shows_names_where_they_are_wanted_and_no_amounts(
        self, well: Campaign, claire: User, armand: User
    ) -> None:
        load(armand, 50_00)
        given(well, claire, 17_00, is_anonymous=False, message="Courage !")
        given(well, armand, 13_00)
        page = says(Client(), f"{PAGE}progress/")
        assert "Claire" in page
        assert "Courage !" in page
        assert "Armand" not in page
        assert "17,00" not in page
        assert "13,00" not in page
        assert "30" in page

    def test_shows_how_far_it_is(self, bet: Campaign, claire: User) -> None:
        given(bet, claire, 20_00)
        page = says(Client(), f"{PAGE}progress/")
        assert "40\xa0%" in page
        assert "every 10s" in page
        assert 'max="5000"' in page

    @pytest.mark.parametrize("amount", [20_00, 60_00])
    def test_says_how_it_ended(self, bet: Campaign, claire: User, amount: int) -> None:
        given(bet, claire, amount)
        endings.end(bet)
        endings.decide_due()
        page = says(Client(), PAGE)
        assert "every 10s" not in page
        assert "/give/" not in page
        assert f"{amount // 100}" in page

    def test_of_a_missed_one_counts_no_gifts(self, bet: Campaign, claire: User) -> None:
        """They have gone back: it says how far it came, and asks nobody to be the first."""
        given(bet, claire, 20_00)
        with translation.override("fr"):
            latest = translation.gettext("Latest gifts")
            none = translation.ngettext("%(counter)s gift", "%(counter)s gifts", 0) % {"counter": 0}
        assert latest in says(Client(), f"{PAGE}progress/")
        endings.end(bet)
        endings.decide_due()
        page = says(Client(), f"{PAGE}progress/")
        assert "40\xa0%" in page
        assert latest not in page
        assert none not in page

    def test_shows_the_largest_promises(
        self, bet: Campaign, claire: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(matches, "MOST_SHOWN", 2)
        for amount, threshold in ((1, 1), (20_00, 30_00), (10_00, 20_00)):
            orders.confirm(promise(bet, claire, amount, threshold=threshold), code=CODE)
        assert [match.order.amount for match in matches.of(bet)] == [20_00, 10_00]

    def test_shows_promises(self, bet: Campaign, claire: User) -> None:
        orders.confirm(promise(bet, claire), code=CODE)
        assert "Claire" in says(Client(), PAGE)


class TestGive:
    def test_came_from_our_own_page(self, well: Campaign, claire: User, page_of: PageOf) -> None:
        browser = page_of(claire)
        confirm = browser.post(f"{PAGE}give/", gift())["Location"]
        browser.post(confirm, {"code": CODE})
        with translation.override("fr"):
            words = translation.gettext("Order received from X")
        assert words not in says(browser, f"/orders/{Order.objects.get().reference}/")

    def test_leads_to_the_code_and_back(self, well: Campaign, claire: User, page_of: PageOf) -> None:
        browser = page_of(claire)
        answer = browser.post(f"{PAGE}give/", gift())
        order = Order.objects.get()
        assert answer["Location"] == f"/orders/{order.reference}/confirm/"
        assert "Un puits à Kaya" in says(browser, answer["Location"])
        assert browser.post(answer["Location"], {"code": CODE})["Location"].endswith("/paid/")
        assert tallies.of(well) == Total(20_00, 1)
        assert "Courage !" in says(Client(), PAGE)

    def test_twice_by_one_form_is_once(self, well: Campaign, claire: User, page_of: PageOf) -> None:
        browser, said = page_of(claire), gift()
        answers = [browser.post(f"{PAGE}give/", said)["Location"] for _ in range(2)]
        assert len(set(answers)) == Order.objects.count() == 1

    @pytest.mark.parametrize(
        "change", [{"amount": ""}, {"amount": "-5"}, {"amount": "501"}, {"rhythm": "daily"}, {"key": "x"}]
    )
    def test_says_what_is_wrong(
        self, well: Campaign, claire: User, page_of: PageOf, change: dict[str, object]
    ) -> None:
        assert page_of(claire).post(f"{PAGE}give/", gift(**change)).status_code == 422
        assert not Order.objects.exists()

    def test_to_one_that_is_over_says_so(self, well: Campaign, claire: User, page_of: PageOf) -> None:
        endings.end(well)
        answer = page_of(claire).post(f"{PAGE}give/", gift())
        assert answer.status_code == 422
        assert not Order.objects.exists()

    def test_sends_who_is_signed_out_to_sign_in(self, well: Campaign) -> None:
        answer = Client().post(f"{PAGE}give/", gift())
        assert answer["Location"].startswith("/account/login/?next=/c/")


class TestMonthly:
    def test_says_its_message_with_the_first(self, well: Campaign, claire: User, page_of: PageOf) -> None:
        page_of(claire).post(f"{PAGE}give/", gift(rhythm="monthly"))
        assert Gift.objects.get().message == "Courage !"

    def test_is_found_in_the_settings_by_who_has_one(
        self, well: Campaign, claire: User, page_of: PageOf
    ) -> None:
        browser = page_of(claire)
        assert "/gifts/monthly/" not in says(browser, "/settings/")
        browser.post(f"{PAGE}give/", gift(rhythm="monthly"))
        assert "/gifts/monthly/" in says(browser, "/settings/")

    def test_is_begun_seen_and_stopped(
        self, well: Campaign, claire: User, armand: User, page_of: PageOf
    ) -> None:
        browser = page_of(claire)
        browser.post(f"{PAGE}give/", gift(rhythm="monthly"))
        monthly = MonthlyGift.objects.get()
        assert "Un puits à Kaya" in says(browser, "/gifts/monthly/")
        stop = f"/gifts/monthly/{monthly.pk}/stop/"
        assert page_of(armand).post(stop).status_code == 404
        browser.post(stop)
        monthly.refresh_from_db()
        assert monthly.ended_at
        assert "Un puits à Kaya" not in says(browser, "/gifts/monthly/")

    def test_twice_says_so(self, well: Campaign, claire: User, page_of: PageOf) -> None:
        browser = page_of(claire)
        browser.post(f"{PAGE}give/", gift(rhythm="monthly"))
        assert browser.post(f"{PAGE}give/", gift(rhythm="monthly")).status_code == 422


class TestPromise:
    def test_leads_to_the_code(self, bet: Campaign, claire: User, page_of: PageOf) -> None:
        browser = page_of(claire)
        assert browser.get(f"{PAGE}promise/").status_code == 200
        said = {"amount": "30", "threshold": "50", "shown": "named", "key": str(uuid4())}
        answer = browser.post(f"{PAGE}promise/", said)
        match = Match.objects.get()
        assert answer["Location"] == f"/orders/{match.order.reference}/confirm/"
        assert (match.threshold, match.is_anonymous) == (50_00, False)
        assert browser.post(f"{PAGE}promise/", said)["Location"] == answer["Location"]
        assert browser.post(f"{PAGE}promise/", said | {"amount": "x"}).status_code == 422

    def test_needs_a_deadline(self, well: Campaign, claire: User, page_of: PageOf) -> None:
        assert page_of(claire).get(f"{PAGE}promise/")["Location"] == PAGE
