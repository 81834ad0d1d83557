"""What X tells, by three ways, in any order, more than once and hours late: one order, or none."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from accounts import identities
from accounts.models import Identity, User
from payments import orders
from payments.models import Delivery, Notification, Order
from social import events, inbox, payees, posts
from social.models import Alarm, Charge, Credential, Message
from tests.people import CODE
from tests.sandbox.running import SERVICE_ID
from tests.social.conftest import PEOPLE, edit, hear, post, user
from tests.social.test_views import envelope, send
from tests.staff import hire

TEXT = "@Smoneyfr #envoyer 12,99€ @armanddossantos"
TIMES = 100
PERSON = [user(name) for name in PEOPLE]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("joined_long_ago")]


def by_webhook(client: Client, row: dict[str, Any]) -> None:
    assert send(client, envelope(payload=row)) == 200


def by_poll(_client: Client, row: dict[str, Any]) -> None:
    renamed = {name.replace("tweet", "post"): value for name, value in row.items()}
    said = {"data": [renamed], "includes": {"users": PERSON}}
    events.hear(posts.page(said), at=timezone.now())


def by_stream(_client: Client, row: dict[str, Any]) -> None:
    line = {"data": row, "includes": {"users": PERSON}, "matching_rules": [{"id": "1"}]}
    events.hear(posts.page(json.loads(json.dumps(line))), at=timezone.now())


WAYS = (by_webhook, by_poll, by_stream)


class TestThreeWays:
    def test_make_one_order_a_hundred_times(self, client: Client) -> None:
        dice = random.Random(20141014)
        for number in range(TIMES):
            row = post("claire_martin", f"{TEXT} n° {number}")
            told = [way for way in WAYS for _ in range(dice.randint(1, 3))]
            dice.shuffle(told)
            for way in told:
                way(client, row)
                if dice.random() < 0.5:
                    inbox.handle()
            inbox.handle()
            order = Order.objects.get(channel_id=row["id"])
            assert (order.amount, order.status) == (12_99, "PENDING")
            orders.decline(order)
            Order.objects.update(created_at=timezone.now() - timedelta(days=2))  # What a day allows is few.
        assert Order.objects.count() == Message.objects.count() == TIMES
        assert Charge.objects.count() == TIMES  # X charges a post once a day, whoever brings it.
        assert not Delivery.objects.filter(channel="X").exists()

    @pytest.mark.parametrize("end", ["edited", "deleted"])
    def test_leave_nothing_to_confirm_of_what_was_taken_back(
        self, client: Client, claire: User, with_code: Callable[[User], User], end: str
    ) -> None:
        """The end of a post comes before, between or after the news of it, which goes on coming."""
        with_code(claire)
        dice = random.Random(12_99)
        for number in range(TIMES):
            row = post("claire_martin", f"{TEXT} n° {number}")
            told = _news(client, row, end, dice)
            dice.shuffle(told)
            for tell in told:
                tell()
                if dice.random() < 0.5:
                    inbox.handle()
            while inbox.handle():
                pass
            for order in Order.objects.filter(channel_id=row["id"]):
                assert order.status == "VOIDED"
                with pytest.raises(orders.OrderClosed):
                    orders.confirm(order, code=CODE)
            Order.objects.update(created_at=timezone.now() - timedelta(days=2))
        assert not Order.objects.exclude(status="VOIDED").exists()

    def test_cost_a_read_each_and_no_more(self, client: Client) -> None:
        row = post("claire_martin", TEXT)
        for way in WAYS:
            way(client, row)
        charge = Charge.objects.get()
        assert (charge.what, charge.post_id, charge.price) == ("READ", row["id"], 500)


def _news(client: Client, row: dict[str, Any], end: str, dice: random.Random) -> list[Callable[[], None]]:
    """What is told of a post that its author took back, each more than once."""
    later = edit(row, f"{row['text']} !")
    ends = [partial(by_poll, client, later), partial(by_stream, client, later)]
    if end == "deleted":
        ends = [partial(_deleted, client, row)] * 2
    return [*(partial(way, client, row) for way in WAYS for _ in range(dice.randint(1, 2))), *ends]


def _deleted(client: Client, row: dict[str, Any]) -> None:
    assert send(client, envelope("post.delete", {"id": row["id"], "author_id": row["author_id"]})) == 200


@pytest.mark.django_db(transaction=True)
class TestThreeWaysAtOnce:
    @pytest.mark.parametrize("_round", range(5))
    def test_make_one_order(self, at_once: Callable[..., list[Any]], _round: int) -> None:
        row = post("claire_martin", TEXT)

        def bring(number: int) -> None:
            WAYS[number % 3](Client(), row)
            inbox.handle()

        assert at_once(9, bring) == [None] * 9
        inbox.handle()
        assert (Order.objects.count(), Message.objects.count(), Charge.objects.count()) == (1, 1, 1)


class TestHandle:
    def test_of_a_post_that_is_told_late_is_not_taken_for_news(self, client: Client, armand: User) -> None:
        """A replay brings it hours later, and somebody else has had the handle since."""
        now = timezone.now()
        Identity.objects.update(seen_at=now - timedelta(hours=4))
        identities.see(
            [identities.Label("1002", "armand_2"), identities.Label("4242", "armanddossantos")],
            network=Identity.Network.X,
            at=now - timedelta(hours=2),
        )
        row = post("claire_martin", TEXT, at=now - timedelta(hours=3))
        body = json.loads(envelope(payload=row))
        body["data"]["includes"] = {"users": PERSON}
        assert send(client, json.dumps(body).encode()) == 200
        assert armand.identities.get().handle == "armand_2"
        assert Message.objects.get().received_at >= now
        assert payees._lately("armanddossantos") == ""  # noqa: SLF001  # nobody was seen with it lately

    def test_of_a_post_that_is_told_at_once_is_news(self, client: Client, armand: User) -> None:
        Identity.objects.update(handle="armand_1", seen_at=timezone.now() - timedelta(hours=2))
        by_webhook(client, post("claire_martin", TEXT))
        assert armand.identities.get().handle == "armanddossantos"


class TestRenaming:
    def rename(self, client: Client, before: str, after: str) -> str:
        data = {"event_type": "profile.update.handle", "filter": {"user_id": PEOPLE["armanddossantos"]}}
        data |= {"payload": {"before": before, "after": after}}
        assert send(client, json.dumps({"data": data}).encode()) == 200
        return Identity.objects.get(external_id=PEOPLE["armanddossantos"]).handle

    def test_is_followed_by_the_number(self, client: Client, armand: User) -> None:
        assert self.rename(client, "ArmandDosSantos", "armand_2") == "armand_2"
        assert armand.identities.get().handle == "armand_2"

    def test_that_is_old_changes_nothing(self, client: Client) -> None:
        """A replay tells of it again, after the next one."""
        assert self.rename(client, "armanddossantos", "armand_2") == "armand_2"
        assert self.rename(client, "armand_2", "armand_3") == "armand_3"
        assert self.rename(client, "armanddossantos", "armand_2") == "armand_3"

    def test_to_no_handle_is_refused(self, client: Client) -> None:
        data = {"event_type": "profile.update.handle", "filter": {"user_id": "1002"}}
        for after in ("", "<b>", "x" * 16, None):
            body = {"data": data | {"payload": {"before": "armanddossantos", "after": after}}}
            assert send(client, json.dumps(body).encode()) == 400


def revoke(client: Client, user_id: str, at: str | None = None) -> None:
    payload = {"date_time": at} if at else {}
    data = {"event_type": "oauth.revoke", "filter": {"user_id": user_id}, "payload": payload}
    assert send(client, json.dumps({"data": data}).encode()) == 200


class TestRevocation:
    def test_is_noticed_once_and_told_to_the_member(self, client: Client, claire: User) -> None:
        for _ in range(3):
            revoke(client, PEOPLE["claire_martin"])
        assert claire.identities.get().revoked_at
        assert Notification.objects.get(kind="X_REVOKED").user == claire

    def test_makes_posts_order_nothing_until_linked_again(self, client: Client, claire: User) -> None:
        revoke(client, PEOPLE["claire_martin"])
        row = post("claire_martin", TEXT)
        hear(row)
        assert Message.objects.get(external_id=row["id"]).problem == "revoked"
        assert "retiré" in Delivery.objects.get(channel="X").text
        link(claire)
        late, new = (
            post("claire_martin", TEXT, at=timezone.now() - timedelta(minutes=1)),
            post("claire_martin", TEXT, at=timezone.now() + timedelta(seconds=1)),
        )
        hear(late, new)
        assert Order.objects.get().channel_id == new["id"]

    def test_that_is_older_than_the_link_changes_nothing(self, client: Client, claire: User) -> None:
        revoke(client, PEOPLE["claire_martin"])
        link(claire)
        revoke(client, PEOPLE["claire_martin"], "2026-01-01T00:00:00Z")
        assert claire.identities.get().revoked_at is None

    def test_of_nobody_we_know_changes_nothing(self, client: Client) -> None:
        revoke(client, "424242")
        assert not Notification.objects.exists()

    def test_keeps_the_wallet_and_goes_with_the_link(self, client: Client, claire: User) -> None:
        revoke(client, PEOPLE["claire_martin"])
        identities.unlink(claire, network=Identity.Network.X, at=timezone.now())
        identity = Identity.objects.get(external_id=PEOPLE["claire_martin"])
        assert (identity.user, identity.revoked_at) == (None, None)

    def test_is_of_who_is_linked(self, claire: User) -> None:
        with (
            pytest.raises(IntegrityError, match="access_is_taken_back_by_who_is_linked"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(
                "UPDATE accounts_identity SET user_id = NULL, linked_at = NULL, revoked_at = now()"
                " WHERE external_id = '1001'"
            )

    def test_of_our_own_account_raises_the_alarm(self, client: Client) -> None:
        hire("Agathe", "+33612349991")
        Credential.objects.create(
            channel="x", access_token=b"a", refresh_token=b"r", expires_at=timezone.now() + timedelta(hours=1)
        )
        revoke(client, SERVICE_ID, "2026-01-01T00:00:00Z")  # Of an older consent.
        assert not Alarm.objects.exists()
        revoke(client, SERVICE_ID)
        revoke(client, SERVICE_ID)
        assert Alarm.objects.get().kind == "REVOKED"
        assert Notification.objects.filter(kind="X_ALARM").count() == 1
        assert Credential.objects.get().expires_at <= timezone.now()


def link(user: User) -> None:
    identities.link(
        user,
        network=Identity.Network.X,
        external_id=PEOPLE["claire_martin"],
        handle="claire_martin",
        name="",
        picture_url="",
        joined_network_at=None,
        at=timezone.now(),
    )
