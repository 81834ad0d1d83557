from __future__ import annotations

import itertools
import random
import re
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import Error, transaction
from django.utils import timezone

from accounts import freezes, identities
from accounts.models import Identity, Organisation, User
from payments import alarms, ledger, orders, own_limits, placements, requests
from payments.models import Delivery, Limit, Notification, Order, OwnLimit, Request, RequestEvent, Split
from social import answers, inbox, posts
from social.models import Message
from tests.people import CODE, load, set_limit
from tests.social.conftest import Json, came_of, delete, edit, hear, page, post, user

TEXT = "@Smoneyfr #envoyer 12,99€ @armanddossantos pour le resto"
pytestmark = pytest.mark.usefixtures("joined_long_ago")


def answered() -> list[str]:
    return list(Delivery.objects.filter(channel="X").order_by("pk").values_list("text", flat=True))


@pytest.mark.django_db
class TestAnOrder:
    def test_waits_for_the_code_with_the_words_as_they_were_posted(self, claire: User, armand: User) -> None:
        row = post("claire_martin", TEXT)
        hear(row)
        order = Order.objects.get()
        assert (order.payer, order.payee.user, order.amount, order.status) == (
            claire,
            armand,
            12_99,
            "PENDING",
        )
        assert (order.note, order.words, order.channel_id) == ("pour le resto", TEXT, row["id"])
        assert came_of(row) == ("ORDER", "")
        assert Message.objects.get().order == order
        assert Notification.objects.filter(user=claire, kind="ORDER_PENDING").exists()

    def test_is_told_apart_from_html(self) -> None:
        hear(post("claire_martin", f"{TEXT} &amp; &lt;3"))
        assert Order.objects.get().note == "pour le resto & <3"

    def test_goes_to_the_number_that_x_names_whatever_the_handle(self, armand: User, lea: User) -> None:
        """Léa took the handle since, and this page does not tell of her."""
        Identity.objects.filter(external_id="1003").update(handle="armanddossantos")
        inbox.record(page(post("claire_martin", TEXT), people=[user("claire_martin")]), at=timezone.now())
        inbox.handle()
        assert Order.objects.get().payee.user == armand

    def test_may_be_a_reply_in_its_authors_own_words(self) -> None:
        text = f"@lea_petit {TEXT}"
        shown: dict[str, Any] = {
            "display_text_range": [11, len(text)],
            "referenced_tweets": [{"type": "replied_to", "id": "1"}],
        }
        hear(post("claire_martin", text, **shown))
        assert Order.objects.get().words == TEXT

    @pytest.mark.parametrize("noun", ["tweet", "post"])
    def test_may_be_a_long_post_in_either_spelling(self, noun: str) -> None:
        row = post("claire_martin", "@Smoneyfr #envoyer … https://t.co/x", noun=noun)
        whole = TEXT + " et tout le reste" * 10
        row |= {f"note_{noun}": {"text": whole, "entities": post("claire_martin", TEXT)["entities"]}}
        hear(row)
        assert Order.objects.get().amount == 12_99


@pytest.mark.django_db
class TestOtherCommands:
    def test_a_request_asks_in_public(self) -> None:
        row = post("claire_martin", "@Smoneyfr #demander 5€ @armanddossantos")
        hear(row)
        assert came_of(row) == ("ASKED", "")
        assert Request.objects.get().channel_id == row["id"]
        assert answered() == []

    def test_an_order_is_taken_back_by_a_reply_to_it(self) -> None:
        ordered = post("claire_martin", TEXT)
        hear(ordered)
        replied: dict[str, Any] = {"referenced_tweets": [{"type": "replied_to", "id": ordered["id"]}]}
        row = post("claire_martin", "@Smoneyfr #annuler", **replied)
        hear(row)
        assert came_of(row) == ("ANSWERED", "taken_back")
        assert Order.objects.get().status == "DECLINED"

    def test_an_order_is_not_taken_back_by_somebody_else(self) -> None:
        ordered = post("claire_martin", TEXT)
        hear(ordered)
        replied: dict[str, Any] = {"referenced_tweets": [{"type": "replied_to", "id": ordered["id"]}]}
        hear(post("armanddossantos", "@Smoneyfr #annuler", **replied))
        assert Order.objects.get().status == "PENDING"


@pytest.mark.django_db
class TestNothingHappens:
    """Not the author's own words to us, or not meant as an order."""

    @pytest.mark.parametrize(
        ("changes", "why"),
        [
            ({"referenced_tweets": [{"type": "retweeted", "id": "1"}]}, "repost"),
            ({"referenced_posts": [{"type": "retweeted", "id": "1"}]}, "repost"),
            ({"text": f"RT @lea_petit: {TEXT}"}, ""),
            ({"text": "@Smoneyfr bonjour"}, ""),
            ({"created_at": "2014-10-09T09:00:00.000Z"}, "before_linking"),
            (
                {
                    "display_text_range": [9, 40],
                    "text": "@Smoneyfr 12,99€ @armanddossantos",
                    "referenced_tweets": [{"type": "replied_to", "id": "1"}],
                },
                "",
            ),
        ],
    )
    def test_and_nobody_is_answered(self, changes: dict[str, Any], why: str) -> None:
        row = post("claire_martin", TEXT) | changes
        hear(row)
        assert came_of(row) == ("IGNORED", why)
        assert (Order.objects.count(), answered()) == (0, [])

    def test_on_a_protected_authors_post(self) -> None:
        row = post("claire_martin", TEXT)
        inbox.record(page(row, people=[user("claire_martin", protected=True)]), at=timezone.now())
        inbox.handle()
        assert came_of(row) == ("IGNORED", "protected")

    def test_on_our_own_answers(self) -> None:
        hear(post("Smoneyfr", TEXT))
        assert not Message.objects.exists()

    def test_for_a_member_who_was_frozen(self, claire: User) -> None:
        User.objects.filter(pk=claire.pk).update(is_active=False)
        row = post("claire_martin", TEXT)
        hear(row)
        assert came_of(row) == ("IGNORED", "inactive")

    def test_for_an_organisation_that_shows_how_it_is_given_to(self, acf: Organisation, claire: User) -> None:
        Identity.objects.filter(user=claire).update(user=acf.account)
        row = post("claire_martin", TEXT)
        hear(row)
        assert came_of(row) == ("IGNORED", "organisation")
        assert (Order.objects.count(), answered()) == (0, [])


@pytest.mark.django_db
class TestARefusal:
    def test_says_once_what_is_wrong_and_the_line_to_write(self) -> None:
        row = post("claire_martin", "@Smoneyfr #envoyer 1.000€ @armanddossantos")
        hear(row)
        hear(row)
        [said] = answered()
        assert "1.000" in said
        assert "@Smoneyfr #envoyer 12,99€ @armanddossantos" in said
        assert came_of(row) == ("REFUSED", "ambiguous_amount")
        assert Delivery.objects.get(channel="X").reply_to == row["id"]

    def test_of_more_than_the_cap_says_the_cap(self) -> None:
        set_limit("ORDER_TO_PERSON", 10_00)
        hear(post("claire_martin", "@Smoneyfr #send €12.99 @armanddossantos"))
        assert "€10.00" in answered()[0]

    def test_of_what_is_used_up_tells_nobody_how_much_is_left(self, claire: User) -> None:
        own_limits.ask(claire, {OwnLimit.Name.DAY: 10_00})
        row = post("claire_martin", TEXT)
        hear(row)
        assert came_of(row) == ("REFUSED", "over_own_limit")
        set_limit("MONTH", 9_00)
        row = post("claire_martin", TEXT)
        hear(row)
        assert came_of(row) == ("REFUSED", "over_sum")
        assert not any(figure in said for said in answered() for figure in ("9,00", "10,00"))

    def test_of_a_payee_whose_wallet_is_full_tells_nobody_what_they_hold(self, armand: User) -> None:
        set_limit("WALLET", 5_00)
        row = post("claire_martin", TEXT)
        hear(row)
        assert came_of(row) == ("REFUSED", "payee_is_full")
        assert "@armanddossantos" in answered()[0]
        assert "5,00" not in answered()[0]

    def test_of_each_limit_has_its_words(self) -> None:
        for name in Limit.Name:
            assert answers.over(name, is_own=False) in answers.REASONS

    def test_of_paying_oneself(self) -> None:
        row = post("claire_martin", "@Smoneyfr #envoyer 5€ @claire_martin")
        hear(row)
        assert came_of(row) == ("REFUSED", "payee_is_payer")

    def test_of_a_payee_who_does_not_want_to_be_paid(self) -> None:
        hear(post("bob", "Bonjour"))
        identities.refuse_payments(Identity.objects.get(handle="bob"), at=timezone.now())
        row = post("claire_martin", "@Smoneyfr #envoyer 5€ @bob")
        hear(row)
        assert came_of(row) == ("REFUSED", "payee_refuses")
        assert "@bob" in answered()[0]

    def test_is_not_for_a_payee_who_has_not_joined(self) -> None:
        row = post("claire_martin", "@Smoneyfr #envoyer 5€ @bob")
        hear(row)
        assert came_of(row) == ("ORDER", "")
        assert answered() == []

    def test_of_a_code_that_no_product_has(self) -> None:
        row = post("claire_martin", "@Smoneyfr #acheter TSHIRT42")
        hear(row)
        assert came_of(row) == ("REFUSED", "product_unknown")
        assert "TSHIRT42" in answered()[0]

    def test_to_take_back_nothing_tells_nobody_what_there_is(self) -> None:
        row = post("claire_martin", "@Smoneyfr #annuler K7Q2M9XA")
        hear(row)
        assert came_of(row) == ("REFUSED", "not_taken_back")
        assert "K7Q2M9XA" not in answered()[0]

    def test_of_a_fourth_open_order_is_said_once_a_day(self) -> None:
        for _ in range(6):
            hear(post("claire_martin", TEXT))
        assert Order.objects.count() == 3
        assert Message.objects.filter(problem="too_many").count() == 3
        assert len(answered()) == 1

    def test_of_a_frozen_member_is_one_a_day_and_tells_nobody_why(self, claire: User) -> None:
        """Those who read along see what a cap at night looks like, too."""
        hear(first := post("claire_martin", TEXT))
        alarms.raise_by_payer(Order.objects.get(channel_id=first["id"]))
        assert freezes.is_frozen(claire)
        rows = [post("claire_martin", TEXT) for _ in range(3)]
        hear(*rows)
        assert {came_of(row) for row in rows} == {("REFUSED", "frozen")}
        assert [order.status for order in Order.objects.all()] == ["DECLINED"]
        [said] = answered()
        assert not {"gel", "bloqu", "compte"} & set(re.findall("gel|bloqu|compte", said))
        assert answers.REASONS[answers.Refusal.FROZEN] == answers.REASONS[answers.Refusal.NOT_YET]

    def test_of_one_who_has_not_joined_is_an_invitation_a_day(self) -> None:
        for _ in range(5):
            hear(post("bob", TEXT))
        assert Message.objects.filter(outcome="REFUSED", problem="not_linked").count() == 5
        assert len(answered()) == 1

    @pytest.mark.parametrize("at_once", [1, 5, 30])
    def test_is_said_to_nobody_who_goes_on_and_on(self, at_once: int) -> None:
        """They would use up what may be said to all; what they order is an order still."""
        rows = [post("claire_martin", f"@Smoneyfr #envoyer {n}$ @armanddossantos") for n in range(30)]
        for first in range(0, len(rows), at_once):
            hear(*rows[first : first + at_once])
        assert len(answered()) == 20
        assert [came_of(row) for row in rows[20:]] == [("IGNORED", "too_many")] * 10
        ordered, other = post("claire_martin", TEXT), post("armanddossantos", "@Smoneyfr #envoyer 5 @bob")
        hear(ordered, other)
        assert (came_of(ordered), came_of(other)) == (("ORDER", ""), ("REFUSED", "no_amount"))

    def test_of_a_post_that_is_a_day_old(self) -> None:
        row = post("claire_martin", TEXT, at=timezone.now() - timedelta(hours=25))
        stranger = post("bob", TEXT, at=timezone.now() - timedelta(hours=25))
        hear(row, stranger)
        assert came_of(row) == ("REFUSED", "late")
        assert came_of(stranger) == ("IGNORED", "late")

    def test_is_in_the_language_of_the_command_and_never_an_address(self) -> None:
        hear(post("claire_martin", "@Smoneyfr #send 20 @armanddossantos"))
        [said] = answered()
        assert "@Smoneyfr #send €20 @armanddossantos" in said
        assert "amount" in said
        assert "http" not in said


@pytest.mark.django_db
class TestAnEdit:
    @pytest.mark.parametrize("versions", list(itertools.permutations(range(3))))
    def test_leaves_no_order_in_any_order_of_arrival(self, versions: tuple[int, ...]) -> None:
        first = post("claire_martin", TEXT)
        rows = [first, edit(first, TEXT.replace("12", "99")), edit(first, TEXT, number=3)]
        for number in versions:
            hear(rows[number])
        assert not Order.objects.filter(status="PENDING").exists()
        assert Order.objects.count() == (1 if versions[0] == 0 else 0)

    def test_of_six_versions_shuffled_leaves_no_order(self) -> None:
        for seed in range(20):
            first = post("claire_martin", TEXT)
            rows = [first, *(edit(first, f"{TEXT} {n}", number=n) for n in range(2, 7))]
            random.Random(seed).shuffle(rows)
            for row in rows:
                hear(row)
            assert not Order.objects.filter(status="PENDING").exists()

    def test_voids_the_order_and_says_so(self, claire: User) -> None:
        first = post("claire_martin", TEXT)
        hear(first)
        second = edit(first, TEXT.replace("12", "99"))
        hear(second)
        assert Order.objects.get().status == "VOIDED"
        assert came_of(second) == ("VOIDED", "edited")
        assert Notification.objects.filter(user=claire, kind="ORDER_VOIDED").exists()

    def test_after_payment_changes_nothing(self, claire: User, with_code: Callable[[User], User]) -> None:
        with_code(claire)
        first = post("claire_martin", TEXT)
        hear(first)
        orders.confirm(Order.objects.get(), code=CODE)
        second = edit(first, TEXT.replace("12", "99"))
        hear(second)
        assert Order.objects.get().status == "PAID"
        assert came_of(second) == ("IGNORED", "edited")

    def test_that_mends_a_refused_order_is_told_to_start_anew(self) -> None:
        first = post("claire_martin", TEXT.replace("12,99€", "1.000€"))
        hear(first)
        hear(edit(first, TEXT))
        hear(edit(first, TEXT, number=3))
        assert [said for said in answered() if "modifi" in said or "edited" in said]
        assert len(answered()) == 2
        assert not Order.objects.exists()

    def test_that_is_all_we_ever_hear_makes_no_order(self) -> None:
        first = post("claire_martin", TEXT)
        hear(edit(first, TEXT))
        assert not Order.objects.exists()

    def test_known_from_the_first_versions_history_makes_no_order(self) -> None:
        first = post("claire_martin", TEXT)
        row = first | {"edit_history_tweet_ids": [first["id"], first["id"] + "01"]}
        hear(row)
        assert came_of(row) == ("IGNORED", "edited")


@pytest.mark.django_db
class TestADeletion:
    def test_before_its_post_leaves_no_order_and_no_words(self) -> None:
        row = post("claire_martin", TEXT)
        delete(row)
        hear(row)
        assert came_of(row) == ("IGNORED", "deleted")
        assert not Order.objects.exists()
        assert not Message.objects.exclude(text="").exists()

    def test_with_its_post_in_one_batch_leaves_no_order(self) -> None:
        row = post("claire_martin", TEXT)
        inbox.record(page(row), at=timezone.now())
        inbox.record_deletions([posts.Deletion(row["id"], "1001", {})], at=timezone.now())
        inbox.handle()
        assert not Order.objects.exists()

    def test_voids_the_order_and_forgets_its_words(self) -> None:
        row = post("claire_martin", TEXT)
        hear(row)
        delete(row)
        order = Order.objects.get()
        assert (order.status, order.words, order.note) == ("VOIDED", "", "")
        assert came_of(row, "DELETION") == ("VOIDED", "deleted")
        message = Message.objects.get(kind="POST")
        assert (message.text, message.payload) == ("", {})

    def test_of_a_later_version_is_one_of_the_first(self) -> None:
        first = post("claire_martin", TEXT)
        second = edit(first, TEXT)
        hear(first)
        hear(second)
        delete(second)
        assert Message.objects.filter(root_id=first["id"]).count() == 3
        assert Order.objects.get().words == ""

    def test_after_payment_forgets_words_and_nothing_else(
        self, claire: User, armand: User, with_code: Callable[[User], User]
    ) -> None:
        with_code(claire)
        row = post("claire_martin", TEXT)
        hear(row)
        orders.confirm(Order.objects.get(), code=CODE)
        delete(row)
        order = Order.objects.get()
        assert (order.status, order.words) == ("PAID", "")
        assert ledger.balance(ledger.wallet(armand)) == 12_99

    def test_of_what_we_never_heard_is_kept(self) -> None:
        row = post("claire_martin", TEXT)
        delete(row)
        assert came_of(row, "DELETION") == ("IGNORED", "deleted")


@pytest.mark.django_db
class TestWhatAsked:
    """A post that asks for money, taken back by its author before somebody paid."""

    @pytest.fixture(params=["#demander 5€ @armanddossantos ici", "#partager 9€ @armanddossantos @bob ici"])
    def row(self, request: pytest.FixtureRequest) -> Json:
        asks = post("claire_martin", f"@Smoneyfr {request.param}")
        hear(asks)
        assert came_of(asks) == ("ASKED", "")
        return asks

    def ends(self) -> list[tuple[str, str]]:
        events = RequestEvent.objects.exclude(status="OPEN")
        return sorted(set(events.values_list("status", "detail")))

    def test_edited_asks_no_more(self, row: Json, armand: User) -> None:
        second = edit(row, row["text"].replace("9€", "8€"))
        hear(second)
        assert not Request.objects.filter(status="OPEN").exists()
        assert self.ends() == [("CANCELLED", "post edited")]
        assert came_of(second) == ("VOIDED", "edited")
        assert Notification.objects.filter(user=armand, kind="REQUEST_CANCELLED").count() == 1

    def test_deleted_asks_no_more_and_its_words_are_forgotten(self, row: Json, armand: User) -> None:
        order = requests.pay(Request.objects.get(payer__user=armand), payer=armand)
        assert order.note
        delete(row)
        assert not Request.objects.filter(status="OPEN").exists()
        assert self.ends() == [("CANCELLED", "post deleted")]
        assert came_of(row, "DELETION") == ("VOIDED", "deleted")
        order.refresh_from_db()
        assert (order.status, order.words, order.note) == ("VOIDED", "", "")
        for model in (Request, Split, Message):
            assert not model.objects.exclude(**{"text" if model is Message else "words": ""}).exists()

    def test_deleted_after_payment_forgets_words_and_nothing_else(
        self, row: Json, claire: User, armand: User, with_code: Callable[[User], User]
    ) -> None:
        load(with_code(armand), 20_00)
        asked = Request.objects.get(payer__user=armand)
        orders.confirm(requests.pay(asked, payer=armand), code=CODE)
        delete(row)
        asked.refresh_from_db()
        assert (asked.status, asked.words, asked.note) == ("PAID", "", "")
        assert not Order.objects.exclude(words="").exists()
        assert ledger.balance(ledger.wallet(claire)) == 100_00 + asked.amount


@pytest.mark.django_db
class TestRecord:
    def test_keeps_a_page_once_however_often_it_comes(self) -> None:
        rows = [post("claire_martin", TEXT), post("bob", TEXT), post("bob", "@Smoneyfr salut")]
        shuffle = random.Random(1)
        for _ in range(100):
            shuffle.shuffle(rows)
            hear(*rows[: shuffle.randint(1, 3)])
        hear(*rows)
        assert Message.objects.count() == 3
        assert Order.objects.count() == 1

    def test_counts_what_is_new(self) -> None:
        rows = [post("claire_martin", TEXT), post("bob", TEXT)]
        assert inbox.record(page(rows[0]), at=timezone.now()) == 1
        assert inbox.record(page(*rows), at=timezone.now()) == 1

    def test_knows_people_by_their_number_and_better_each_time(self, claire: User) -> None:
        told = user(
            "claire_martin", profile_image_url="http://localhost/1.svg", created_at="2012-03-14T00:00:00.000Z"
        )
        inbox.record(
            page(post("claire_martin", TEXT), people=[told | {"username": "claire_m"}]), at=timezone.now()
        )
        identity = Identity.objects.get(external_id="1001")
        assert (identity.handle, identity.user, identity.picture_url) == (
            "claire_m",
            claire,
            "http://localhost/1.svg",
        )
        assert identity.joined_network_at
        assert Identity.objects.get(external_id="1002").name == "Armand Dos Santos"

    def test_lets_no_older_page_undo_a_newer_one(self) -> None:
        now = timezone.now()
        for handle, at in (("new_handle", now), ("old_handle", now - timedelta(hours=1))):
            identities.see([identities.Label("77", handle)], network=Identity.Network.X, at=at)
        assert Identity.objects.get(external_id="77").handle == "new_handle"

    def test_survives_characters_that_no_database_keeps(self) -> None:
        row = post("claire_martin", f"{TEXT} \0 \ud800")
        hear(row)
        assert came_of(row) == ("ORDER", "")

    def test_skips_a_post_that_cannot_be_read_and_keeps_the_others(self) -> None:
        assert inbox.record(page({"id": "12"}, post("claire_martin", TEXT)), at=timezone.now()) == 1


@pytest.mark.django_db
class TestHandle:
    def test_goes_on_after_a_message_that_cannot_be_handled(self, monkeypatch: pytest.MonkeyPatch) -> None:
        rows = [post("claire_martin", TEXT), post("claire_martin", TEXT)]
        inbox.record(page(*rows), at=timezone.now())
        place = orders.place

        def stumble(payer: User, **terms: Any) -> Order:
            if terms["channel_id"] == rows[0]["id"]:
                raise ZeroDivisionError
            return place(payer, **terms)

        monkeypatch.setattr(orders, "place", stumble)
        inbox.handle()
        assert came_of(rows[0]) == ("IGNORED", "failed")
        assert came_of(rows[1]) == ("ORDER", "")


@pytest.mark.django_db(transaction=True)
class TestRaces:
    def test_one_page_at_once_makes_one_order(self, at_once: Callable[..., list[Any]]) -> None:
        row = post("claire_martin", TEXT)
        results = at_once(12, lambda _: hear(row))
        assert results == [None] * 12
        assert Order.objects.count() == 1
        assert Message.objects.count() == 1

    def test_workers_share_a_crowd_of_posts(self, at_once: Callable[..., list[Any]], claire: User) -> None:
        rows = [post("claire_martin", TEXT) for _ in range(3)] + [post("bob", TEXT) for _ in range(20)]
        inbox.record(page(*rows), at=timezone.now())
        assert sum(at_once(6, lambda _: inbox.handle())) == 23
        assert not Message.objects.filter(handled_at=None).exists()
        assert Order.objects.count() == 3

    def test_an_edit_heard_while_its_post_is_decided_on_leaves_no_order(
        self, at_once: Callable[..., list[Any]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The edit waits for the root; the post is not marked, and decided on anew as an edited one."""
        first = post("claire_martin", TEXT)
        second = edit(first, TEXT)
        inbox.record(page(first), at=timezone.now())
        [message] = Message.objects.all()
        is_placing, is_edited = threading.Event(), threading.Event()
        place_all = placements.place_all

        def slowly(*wishes: Any, **terms: Any) -> list[Order | None]:
            is_placing.set()
            is_edited.wait(timeout=1)
            return place_all(*wishes, **terms)

        def hear_edit() -> None:
            is_placing.wait(timeout=10)
            hear(second)
            is_edited.set()

        monkeypatch.setattr(placements, "place_all", slowly)
        at_once(2, lambda number: hear_edit() if number else inbox.handle())
        hear()
        message.refresh_from_db()
        assert message.handled_at
        assert not Order.objects.filter(status="PENDING").exists()

    def test_versions_and_deletion_at_once_leave_no_open_order(
        self, at_once: Callable[..., list[Any]]
    ) -> None:
        for _ in range(6):
            first = post("claire_martin", TEXT)
            rows = [first, edit(first, TEXT), edit(first, TEXT, number=3), first]
            acts = [hear, hear, hear, delete]
            results = at_once(4, lambda number, acts=acts, rows=rows: acts[number](rows[number]))
            hear()
            assert results == [None] * len(acts)
            assert not Order.objects.filter(status="PENDING").exists()

    def test_a_deletion_and_its_post_do_not_wait_for_each_other(
        self, at_once: Callable[..., list[Any]], caplog: pytest.LogCaptureFixture
    ) -> None:
        """The deletion empties the post's row, which whoever decides on the post must not hold."""
        for _ in range(40):
            row = post("bob", TEXT)
            gone = posts.Deletion(row["id"], row["author_id"], {"id": row["id"]})
            inbox.record_deletions([gone], at=timezone.now())
            inbox.record(page(row), at=timezone.now())
            assert sum(at_once(4, lambda _: inbox.handle())) == 2
        assert "waits for the next round" not in caplog.text


@pytest.mark.django_db
class TestConstraints:
    """Go round the domain; the database refuses by name."""

    def message(self, **changes: Any) -> Message:
        facts: dict[str, Any] = {
            "channel": "x",
            "external_id": "1",
            "root_id": "1",
            "author_id": "1",
            "payload": {},
        }
        with transaction.atomic():
            return Message.objects.create(**(facts | changes))

    def test_message_is_recorded_once(self) -> None:
        self.message()
        self.message(kind="DELETION")
        with pytest.raises(Error, match="message_is_recorded_once"):
            self.message()

    @pytest.mark.parametrize(("outcome", "with_order"), [("ORDER", False), ("REFUSED", True)])
    def test_message_became_an_order_or_not(self, outcome: str, with_order: bool) -> None:
        hear(post("claire_martin", TEXT))
        Message.objects.update(outcome="IGNORED", order=None)
        order = Order.objects.get() if with_order else None
        with pytest.raises(Error, match="message_became_an_order_or_not"):
            self.message(outcome=outcome, order=order, handled_at=timezone.now())

    @pytest.mark.parametrize("changes", [{"outcome": "IGNORED"}, {"handled_at": timezone.now()}])
    def test_handled_message_has_an_outcome(self, changes: dict[str, Any]) -> None:
        with pytest.raises(Error, match="handled_message_has_an_outcome"):
            self.message(**changes)
