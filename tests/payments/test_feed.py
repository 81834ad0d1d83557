"""The public feed: the stricter side decides, nothing comes back, and an amount is nowhere."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import caches
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import freezes, identities, numbers, prepared
from accounts.models import Identity, SecretCode, User
from payments import feed, orders, settlement
from payments.models import FeedEntry, Order, Publicity
from sandbox.x import ids
from tests.people import load, place, settled

pytestmark = pytest.mark.django_db


@pytest.fixture
def open_(claire: User, armand: User) -> None:
    """Both allow it."""
    feed.allow(claire)
    feed.allow(armand)


def shown() -> list[tuple[str, str, str]]:
    return [(entry.payer.handle, entry.payee.handle, entry.note) for entry in feed.page()]


DINNER = ("claire_martin", "armanddossantos", "pour le resto")


@pytest.mark.usefixtures("open_")
class TestPublish:
    def test_shows_a_paid_public_post(self, claire: User, armand: User) -> None:
        order = place(claire, armand)
        assert shown() == []
        settled(order)
        assert shown() == [DINNER]

    def test_shows_the_newest_first_and_pages(self, claire: User, armand: User) -> None:
        for note in ("un", "deux", "trois"):
            settled(place(claire, armand, 1_00, note=note))
        first = feed.page(limit=2)
        assert [entry.note for entry in first] == ["trois", "deux"]
        assert [entry.note for entry in feed.page(before=first[-1].id)] == ["un"]

    @pytest.mark.parametrize("channel", ["dm", "sms", "messenger"])
    def test_keeps_what_was_said_in_private(self, claire: User, armand: User, channel: str) -> None:
        settled(place(claire, armand, channel=channel))
        assert shown() == []

    def test_knows_no_amount(self, claire: User, armand: User) -> None:
        settled(place(claire, armand, 12_99))
        (entry,) = feed.page()
        assert "12" not in re.sub(r"id=[0-9]+|datetime\([^)]*\)", "", repr(entry))

    def test_shows_nobody_by_their_number(self, claire: User, armand: User) -> None:
        settled(place(claire, numbers.identity(str(armand.phone), at=timezone.now())))
        assert shown() == []

    def test_shows_nothing_that_is_only_held(self, claire: User, bob: Identity) -> None:
        settled(place(claire, bob))
        assert shown() == []
        assert not FeedEntry.objects.exists()

    def test_goes_with_the_payment(self, claire: User, armand: User) -> None:
        order = place(claire, armand)
        with transaction.atomic():
            settled(order)
            transaction.set_rollback(True)  # Django's own argument
        assert not FeedEntry.objects.exists()


class TestWish:
    def test_is_private_from_the_start(self, claire: User, armand: User) -> None:
        settled(place(claire, armand))
        assert shown() == []
        assert feed.since(claire) is None

    @pytest.mark.parametrize("side", ["claire", "armand"])
    def test_of_one_side_is_not_enough(self, claire: User, armand: User, side: str) -> None:
        feed.allow({"claire": claire, "armand": armand}[side])
        settled(place(claire, armand))
        assert shown() == []

    def test_counts_from_then_on(self, claire: User, armand: User) -> None:
        feed.allow(claire)
        order = place(claire, armand)
        feed.allow(armand)
        settled(order)
        assert shown() == []

    def test_counts_from_the_post_on_however_late_it_is_read(self, claire: User, armand: User) -> None:
        written = timezone.now() - timedelta(minutes=5)
        feed.allow(claire)
        feed.allow(armand)
        settled(place(claire, armand, channel_id=str(ids.at(written.timestamp()))))
        assert shown() == []
        settled(place(claire, armand, channel_id=str(ids.at(timezone.now().timestamp() + 1))))
        assert shown() == [DINNER]

    def test_of_who_joins_later_shows_nothing_of_before(self, claire: User, lea: User, bob: Identity) -> None:
        feed.allow(claire)
        order = settled(place(claire, bob))
        identities.unlink(lea, network=Identity.Network.X, at=timezone.now())
        identities.link(
            lea,
            network=Identity.Network.X,
            external_id=bob.external_id,
            handle="bob",
            name="Bob",
            picture_url="",
            joined_network_at=None,
            at=timezone.now(),
        )
        feed.allow(lea)
        settlement.release(order)
        assert Order.objects.get().status == Order.Status.PAID
        assert shown() == []

    def test_is_dated_by_the_database(self, claire: User) -> None:
        """Nobody, by whatever way, is shown with what they posted before they allowed it."""
        long_ago = timezone.now() - timedelta(days=300)
        Publicity.objects.create(user=claire, since=long_ago)
        since = feed.since(claire)
        assert since
        assert since > timezone.now() - timedelta(minutes=1)
        Publicity.objects.filter(pk=claire.pk).update(since=long_ago)
        again = feed.since(claire)
        assert again
        assert again >= since

    def test_goes_on_when_it_is_said_twice(self, claire: User) -> None:
        feed.allow(claire)
        since = feed.since(claire)
        feed.allow(claire)
        assert feed.since(claire) == since


@pytest.mark.usefixtures("open_")
class TestRemoval:
    @pytest.mark.parametrize("side", ["claire", "armand"])
    def test_of_one_entry_by_either_side(self, claire: User, armand: User, side: str) -> None:
        settled(place(claire, armand))
        settled(place(claire, armand, note="merci"))
        newest = feed.page()[0]
        feed.remove({"claire": claire, "armand": armand}[side], entry_id=newest.id)
        assert shown() == [DINNER]

    def test_is_nobody_elses(self, claire: User, armand: User, lea: User) -> None:
        settled(place(claire, armand))
        (entry,) = feed.page()
        with pytest.raises(feed.NotShown):
            feed.remove(lea, entry_id=entry.id)
        feed.remove(claire, entry_id=entry.id)
        with pytest.raises(feed.NotShown):
            feed.remove(claire, entry_id=entry.id)

    def test_of_all_is_for_ever(self, claire: User, armand: User) -> None:
        settled(place(claire, armand))
        assert feed.withdraw(armand) == 1
        assert shown() == []
        feed.allow(armand)
        assert shown() == []
        settled(place(claire, armand, note="encore"))
        assert [note for _payer, _payee, note in shown()] == ["encore"]

    def test_holds_against_a_payment_of_the_same_moment(self, claire: User, armand: User) -> None:
        """Its entry is written by a transaction that still saw the wish, and comes after the removal."""
        order = place(claire, armand)
        feed.withdraw(armand)
        FeedEntry.objects.create(order=order, payer=claire, payee=armand, posted_at=order.created_at)
        feed.allow(armand)
        assert shown() == []

    def test_cannot_be_undone_round_the_domain(self, claire: User, armand: User) -> None:
        settled(place(claire, armand))
        feed.withdraw(claire)
        with pytest.raises(DatabaseError, match="was removed"), transaction.atomic():
            FeedEntry.objects.update(removed_at=None)

    def test_comes_with_the_deletion_of_the_post(self, claire: User, armand: User) -> None:
        order = settled(place(claire, armand))
        orders.forget_words(order)
        assert shown() == []
        assert FeedEntry.objects.get().removed_at


@pytest.mark.usefixtures("open_")
class TestHidden:
    @pytest.mark.parametrize("side", ["claire", "armand"])
    def test_while_a_side_is_frozen(self, claire: User, armand: User, side: str) -> None:
        settled(place(claire, armand))
        user = {"claire": claire, "armand": armand}[side]
        freezes.freeze(user, reason="a rule")
        assert shown() == []
        freezes.end(user, by=user)
        assert shown() == [DINNER]

    @pytest.mark.parametrize("side", ["claire", "armand"])
    def test_when_a_side_has_left(self, claire: User, armand: User, side: str) -> None:
        settled(place(claire, armand))
        User.objects.filter(pk={"claire": claire, "armand": armand}[side].pk).update(is_active=False)
        assert shown() == []

    @pytest.mark.parametrize("side", ["claire", "armand"])
    def test_when_a_side_is_no_longer_public_on_x(self, claire: User, armand: User, side: str) -> None:
        settled(place(claire, armand))
        of = Identity.objects.filter(user={"claire": claire, "armand": armand}[side])
        of.update(standing="PROTECTED", described_at=timezone.now())
        assert shown() == []

    @pytest.mark.parametrize("side", ["claire", "armand"])
    def test_when_a_side_has_unlinked_x(self, claire: User, armand: User, side: str) -> None:
        settled(place(claire, armand))
        user = {"claire": claire, "armand": armand}[side]
        identities.unlink(user, network=Identity.Network.X, at=timezone.now())
        assert shown() == []


class TestTables:
    def test_an_entry_is_of_two_members(self, claire: User, armand: User) -> None:
        order = place(claire, armand)
        with pytest.raises(IntegrityError, match="feed_entry_is_of_two_members"), transaction.atomic():
            FeedEntry.objects.create(order=order, payer=claire, payee=claire, posted_at=order.created_at)

    def test_an_order_is_shown_once(self, claire: User, armand: User, open_: None) -> None:
        order = settled(place(claire, armand))
        prepared.run(*feed.publishing(order))
        assert FeedEntry.objects.count() == 1


@pytest.fixture
def kept(settings: Any) -> None:
    """A cache that is there."""
    caches["default"].clear()


@pytest.fixture
def desk(client: Client, claire: User) -> Client:
    SecretCode.objects.create(user=claire, digest="-", changed_at=timezone.now())
    client.force_login(claire)
    return client


@pytest.mark.usefixtures("open_", "kept")
class TestPage:
    def test_is_anybodys(self, client: Client, claire: User, armand: User) -> None:
        settled(place(claire, armand, 12_99))
        answer = client.get("/fil/")
        assert answer.status_code == 200
        assert "pour le resto" in answer.text
        assert "@armanddossantos" in answer.text
        assert "12,99" not in answer.text
        assert 'action="/fil/' not in answer.text
        assert "max-age=5" in answer["Cache-Control"]

    def test_shows_the_names_of_x_and_not_our_own(self, client: Client, claire: User, armand: User) -> None:
        claire.identities.update(name="Claire des Livres")
        settled(place(claire, armand))
        page = client.get("/fil/").text
        assert "Claire des Livres" in page
        assert "Claire Martin" not in page

    def test_says_that_there_is_nothing_yet(self, client: Client) -> None:
        assert "Rien à montrer pour l’instant" in client.get("/fil/").text

    def test_asks_the_database_once_in_seconds(self, client: Client, claire: User, armand: User) -> None:
        settled(place(claire, armand))
        client.get("/fil/")
        with CaptureQueriesContext(connection) as queries:
            client.get("/fil/")
        assert not [row for row in queries.captured_queries if "payments_feedentry" in row["sql"]]

    def test_is_there_without_its_cache(
        self, client: Client, claire: User, armand: User, settings: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        settled(place(claire, armand))
        monkeypatch.setitem(settings.CACHES["default"], "LOCATION", "redis://127.0.0.1:9/0")
        del caches["default"]
        assert "pour le resto" in client.get("/fil/").text
        del caches["default"]

    def test_leads_to_older_ones(
        self, client: Client, claire: User, armand: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(feed, "PAGE", 2)
        for note in ("un", "deux", "trois"):
            settled(place(claire, armand, 1_00, note=note))
        link = re.search(r'href="(\?before=[0-9]+)"', client.get("/fil/").text)
        assert link
        page = client.get(f"/fil/{link[1]}").text
        assert "un</bdi>" in page
        assert "deux</bdi>" not in page
        assert 'href="?before=' not in page

    def test_takes_nonsense_for_the_first_page(self, client: Client, claire: User, armand: User) -> None:
        settled(place(claire, armand))
        for nonsense in ("x", "-1", "٢", "99999999999999999999999"):
            assert "pour le resto" in client.get("/fil/", {"before": nonsense}).text

    def test_lets_a_member_remove_what_is_theirs_at_once(
        self, desk: Client, claire: User, armand: User
    ) -> None:
        settled(place(claire, armand))
        (entry,) = feed.page()
        page = desk.get("/fil/").text
        assert f'action="/fil/{entry.id}/remove/"' in page
        answer = desk.post(f"/fil/{entry.id}/remove/", follow=True)
        assert "pour le resto" not in answer.text
        assert "pour le resto" not in Client().get("/fil/").text

    def test_does_not_tell_whose_an_entry_is(self, desk: Client, armand: User, lea: User) -> None:
        feed.allow(lea)
        load(armand, 50_00)
        settled(place(armand, lea))
        for number in (feed.page()[0].id, 7_000_000):
            assert desk.post(f"/fil/{number}/remove/").status_code == 404

    def test_sends_visitors_to_sign_in(self, client: Client) -> None:
        assert client.post("/fil/1/remove/").status_code == 302

    def test_is_decided_in_the_settings(self, desk: Client, claire: User, armand: User) -> None:
        settled(place(claire, armand))
        assert desk.get("/settings/feed/").status_code == 200
        answer = desk.post("/settings/feed/withdraw/", follow=True)
        assert "1 élément" in answer.text
        assert feed.since(claire) is None
        assert "pour le resto" not in desk.get("/fil/").text
        desk.post("/settings/feed/")
        assert feed.since(claire)


@pytest.mark.usefixtures("open_", "kept")
class TestAtom:
    def test_tells_names_and_notes(self, client: Client, claire: User, armand: User) -> None:
        settled(place(claire, armand, 12_99, note="pour <le> resto & après"))
        answer = client.get("/fil/atom/")
        assert answer["Content-Type"].startswith("application/atom+xml")
        assert "@claire_martin → @armanddossantos" in answer.text
        assert "pour &amp;lt;le&amp;gt; resto &amp;amp; après" in answer.text
        assert "12,99" not in answer.text

    def test_is_not_sent_twice(self, client: Client, claire: User, armand: User) -> None:
        settled(place(claire, armand))
        etag = client.get("/fil/atom/")["ETag"]
        assert client.get("/fil/atom/", headers={"If-None-Match": etag}).status_code == 304
