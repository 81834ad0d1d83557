"""A page of posts decided on together: few statements, the same rules, and nothing half done."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from accounts import freezes, identities
from accounts.models import Identity, User
from payments import life, orders, placements, wording
from payments.models import Delivery, Notification, Order, OrderEvent
from social import events, inbox, outcomes, speech
from social.models import Charge, Message
from tests.people import join, place, set_limit
from tests.social.conftest import PEOPLE, Json, came_of, edit, hear, page, post, user

QUERIES = 6  # Record; claim; lock and look; orders, events and notifications; deliveries; answers and marks.
POSTS = 100
TEXT = "@Smoneyfr #envoyer 1€ @armanddossantos"
pytestmark = pytest.mark.usefixtures("lea", "joined_long_ago")


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> list[User]:
    """As many members as there are posts on a page, linked long ago."""
    handles = [f"member_{number}" for number in range(POSTS)]
    for number, handle in enumerate(handles):
        monkeypatch.setitem(PEOPLE, handle, str(50_000 + number))
    members = [
        join(handle, phone=f"+3361235{number:04}", handle=handle, external_id=PEOPLE[handle])
        for number, handle in enumerate(handles)
    ]
    Identity.objects.filter(user__in=members).update(linked_at=timezone.now() - timedelta(days=9))
    return members


def ordinary(number: int) -> Json:
    """What a page is made of: orders to members and to others, small talk, doubtful ones, strangers'."""
    author = f"member_{number}"
    match number % 10:
        case 7:
            return post(author, "@Smoneyfr bonjour, ça marche ?")
        case 8:
            return post(author, TEXT.replace("1€", "1.000€"))
        case 9:
            return post("bob", TEXT)
        case 6:
            return post(author, TEXT.replace("@armanddossantos", "@bob"))
        case _:
            return post(author, f"{TEXT} n° {number}")


class TestAPage:
    @pytest.mark.django_db(transaction=True)
    def test_of_a_hundred_posts_takes_six_queries(self, many: list[User]) -> None:
        events.hear(page(post("lea_petit", TEXT), post("bob", TEXT)), at=timezone.now())
        inbox.handle()  # A connection prepares its statements once.
        rows = [ordinary(number) for number in range(POSTS)]
        with captured() as asked:
            assert events.hear(page(*rows), at=timezone.now()) == POSTS
            assert inbox.handle() == POSTS
        assert len(asked) <= QUERIES, [sql[:90] for sql in asked]
        assert Order.objects.exclude(payer__name="Léa Petit").count() == POSTS * 7 // 10
        assert not Message.objects.filter(handled_at=None).exists()

    @pytest.mark.django_db
    def test_leaves_what_one_by_one_leaves(self, many: list[User], monkeypatch: pytest.MonkeyPatch) -> None:
        """Half of them together, half one by one: orders, their history, and who was told by which way."""
        hear(*(ordinary(number) for number in range(10)))
        monkeypatch.setattr(placements, "place_all", lambda wishes, **_terms: [None] * len(wishes))
        hear(*(ordinary(number) for number in range(10, 20)))
        assert left_by(many[:10]) == left_by(many[10:20])
        assert Order.objects.count() == 14

    @pytest.mark.django_db
    def test_that_comes_again_makes_nothing_new(self, many: list[User]) -> None:
        rows = [ordinary(number) for number in range(10)]
        events.hear(page(*rows), at=timezone.now())
        assert inbox.handle() == 10
        before = Order.objects.count(), Delivery.objects.count(), Charge.objects.count()
        events.hear(page(*rows), at=timezone.now())
        assert inbox.handle() == 0
        assert (Order.objects.count(), Delivery.objects.count(), Charge.objects.count()) == before

    @pytest.mark.django_db
    def test_writes_nobody_again_who_is_as_they_were_a_moment_ago(self) -> None:
        rows = [post("claire_martin", TEXT)]
        now = timezone.now()
        inbox.record(page(*rows), at=now)
        inbox.record(page(*rows), at=now + timedelta(seconds=30))
        assert Identity.objects.get(external_id="1001").seen_at == now
        inbox.record(
            page(*rows, people=[user("claire_martin", name="Claire M.")]), at=now + timedelta(seconds=40)
        )
        assert Identity.objects.get(external_id="1001").name == "Claire M."
        inbox.record(page(*rows), at=now + timedelta(minutes=5))
        assert Identity.objects.get(external_id="1001").seen_at == now + timedelta(minutes=5)


@pytest.mark.django_db
class TestWhatIsNotPlain:
    """It is decided on alone, and the others together all the same."""

    def together(self, row: Json) -> tuple[str, str]:
        other = post("lea_petit", TEXT)
        hear(row, other)
        assert came_of(other) == ("ORDER", "")
        return came_of(row)

    def test_is_an_order_of_who_is_frozen(self, claire: User) -> None:
        freezes.freeze(claire, reason="to look into")
        assert self.together(post("claire_martin", TEXT)) == ("REFUSED", "frozen")

    def test_is_an_order_above_a_limit(self) -> None:
        set_limit("ORDER_TO_PERSON", 5_00)
        assert self.together(post("claire_martin", TEXT.replace("1€", "5,01€"))) == ("REFUSED", "over_limit")

    def test_is_an_order_to_a_full_wallet(self, armand: User) -> None:
        set_limit("WALLET", 1_50)
        row = post("claire_martin", TEXT.replace("1€", "2€"))
        assert self.together(row) == ("REFUSED", "payee_is_full")

    def test_is_one_order_too_many(self, claire: User, armand: User) -> None:
        for _ in range(orders.OPEN_AT_ONCE):
            place(claire, armand, 1_00)
        assert self.together(post("claire_martin", TEXT)) == ("REFUSED", "too_many")

    def test_is_one_order_too_many_of_a_day(self, claire: User, armand: User) -> None:
        for _ in range(orders.PLACED_A_DAY):
            orders.decline(place(claire, armand, 1_00))
        assert self.together(post("claire_martin", TEXT)) == ("REFUSED", "too_many")

    def test_is_an_order_to_oneself(self) -> None:
        row = post("claire_martin", TEXT.replace("armanddossantos", "claire_martin"))
        assert self.together(row) == ("REFUSED", "payee_is_payer")

    def test_is_an_order_to_who_does_not_want_to_be_paid(self) -> None:
        hear(post("bob", "Bonjour"))
        identities.refuse_payments(Identity.objects.get(handle="bob"), at=timezone.now())
        assert self.together(post("claire_martin", TEXT.replace("armanddossantos", "bob"))) == (
            "REFUSED",
            "payee_refuses",
        )

    def test_is_a_request(self) -> None:
        assert self.together(post("claire_martin", TEXT.replace("envoyer", "demander"))) == ("ASKED", "")

    def test_is_what_has_another_version(self) -> None:
        first = post("claire_martin", TEXT)
        inbox.record(page(edit(first, TEXT)), at=timezone.now())
        assert self.together(first) == ("IGNORED", "edited")
        assert Order.objects.get().payer.name == "Léa Petit"

    def test_is_the_second_order_of_a_member(self, claire: User) -> None:
        """The first may be one too many already."""
        rows = [post("claire_martin", TEXT) for _ in range(orders.OPEN_AT_ONCE + 1)]
        hear(*rows, post("lea_petit", TEXT))
        assert Order.objects.filter(payer=claire).count() == orders.OPEN_AT_ONCE

    def test_rings_no_phone_twice(self, claire: User) -> None:
        hear(post("claire_martin", TEXT))
        hear(post("claire_martin", TEXT))
        assert Notification.objects.filter(user=claire).count() == 2
        assert Delivery.objects.filter(notification__user=claire, channel="SMS").count() == 1

    def test_rings_no_phone_where_there_is_none(self, claire: User) -> None:
        User.objects.filter(pk=claire.pk).update(phone=None, phone_verified_at=None)
        hear(post("claire_martin", TEXT), post("lea_petit", TEXT))
        told = Delivery.objects.filter(channel="SMS").values_list("notification__user__name", flat=True)
        assert list(told) == ["Léa Petit"]

    def test_asks_each_in_their_language(self, claire: User) -> None:
        User.objects.filter(pk=claire.pk).update(language="en")
        hear(post("claire_martin", TEXT), post("lea_petit", TEXT))
        for told in Notification.objects.select_related("user", "order__payee", "order__payer"):
            words = wording.of(told, language=told.user.language)
            sent = told.deliveries.values_list("channel", "key", "subject", "text")
            assert {channel for channel, *_ in sent} >= {"SMS"}
            for channel, *rest in sent:
                assert rest == [f"{channel}:notification:{told.pk}", words.subject, words.text]


@pytest.mark.django_db(transaction=True)
class TestWhatFails:
    def test_leaves_the_others_alone(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The crowd is taken back, and each decided on alone: one of them fails there as well."""
        rows = [post("claire_martin", TEXT), post("lea_petit", TEXT)]
        inbox.record(page(*rows), at=timezone.now())
        of = speech.of

        def stumble(message: Message) -> Any:
            if message.external_id == rows[0]["id"]:
                raise ZeroDivisionError
            return of(message)

        monkeypatch.setattr(speech, "of", stumble)
        inbox.handle()
        assert came_of(rows[0]) == ("IGNORED", "failed")
        assert came_of(rows[1]) == ("ORDER", "")

    def test_in_the_last_statement_takes_all_back(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(outcomes, "saying", broken)
        monkeypatch.setattr(inbox, "_handle", lambda *_: False)
        inbox.record(page(post("claire_martin", TEXT), post("lea_petit", TEXT)), at=timezone.now())
        assert inbox.handle() == 0
        assert not Order.objects.exists()
        assert not Notification.objects.exists()
        assert Message.objects.filter(handled_at=None).count() == 2

    def test_by_another_word_on_a_post_takes_all_back(
        self, at_once: Callable[..., list[Any]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """An edit is heard while the crowd is placed: what the crowd saw of the post holds no more."""
        first, other = post("claire_martin", TEXT), post("lea_petit", TEXT)
        inbox.record(page(first, other), at=timezone.now())
        place_all = placements.place_all

        def meanwhile(*wishes: Any, **terms: Any) -> list[Order | None]:
            at_once(1, lambda _: inbox.record(page(edit(first, TEXT)), at=timezone.now()))
            return place_all(*wishes, **terms)

        monkeypatch.setattr(placements, "place_all", meanwhile)
        hear()
        assert came_of(first) == ("IGNORED", "edited")
        assert came_of(other) == ("ORDER", "")
        assert Order.objects.get().payer.name == "Léa Petit"


@pytest.mark.django_db(transaction=True)
class TestRaces:
    def test_a_post_is_ordered_once_however_many_read_its_page(
        self, at_once: Callable[..., list[Any]], many: list[User]
    ) -> None:
        rows = [post(f"member_{number}", TEXT) for number in range(40)]
        assert at_once(6, lambda _: hear(*rows)) == [None] * 6
        assert Order.objects.count() == OrderEvent.objects.count() == 40
        assert Notification.objects.count() == 40

    def test_crowds_keep_a_member_to_three_orders(
        self, at_once: Callable[..., list[Any]], claire: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Each worker has one of the member's posts: what the others placed is counted under the lock."""
        rows = [post("claire_martin", TEXT) for _ in range(8)]
        inbox.record(page(*rows), at=timezone.now())
        at_once(8, lambda _: inbox.handle(limit=1))
        hear()
        assert Order.objects.filter(payer=claire).count() == orders.OPEN_AT_ONCE

    def test_a_payer_whose_lock_is_kept_holds_up_nobody_else(
        self, at_once: Callable[..., list[Any]], claire: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        rows = [post("claire_martin", TEXT), post("lea_petit", TEXT)]
        inbox.record(page(*rows), at=timezone.now())
        handle_alone = inbox._handle  # noqa: SLF001  # to leave the other one to itself

        def alone(message: Message, *rest: Any) -> bool:
            return message.external_id == rows[1]["id"] and handle_alone(message, *rest)

        monkeypatch.setattr(inbox, "_handle", alone)
        with transaction.atomic():
            life.lock_payer(claire)
            assert at_once(1, lambda _: inbox.handle()) == [1]
        assert came_of(rows[1]) == ("ORDER", "")


@contextmanager
def captured() -> Iterator[list[str]]:
    """What goes to the database meanwhile."""
    asked: list[str] = []

    def note(go_on: Callable[..., Any], sql: str, *rest: Any) -> Any:
        asked.append(sql)
        return go_on(sql, *rest)

    with connection.execute_wrapper(note):
        yield asked


def broken(*_: Any) -> Any:
    raise OperationalError("cut")


def left_by(members: list[User]) -> list[Any]:
    """All that is left of what these wrote, but numbers and times."""
    found: list[Any] = []
    for member in members:
        identity = member.identities.get()
        message = Message.objects.filter(author_id=identity.external_id).first()
        order = Order.objects.filter(payer=member).first()
        told = Delivery.objects.filter(notification__user=member).order_by("channel")
        found.append(
            (
                (message.outcome, message.problem) if message else None,
                order
                and (order.amount, order.status, order.payee, order.payee_user, order.channel, order.kind),
                order and order.expires_at - order.created_at == orders.LIFETIME,
                order and [(event.status, event.detail) for event in order.events.all()],
                order and order.words.split(" n°")[0],
                [(each.channel, each.status, each.key.split(":")[:2], each.reply_to) for each in told],
                [each.subject for each in told],
                Delivery.objects.filter(channel="X", reply_to=message.external_id).count() if message else 0,
            )
        )
    return found
