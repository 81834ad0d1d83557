"""How X does, what it costs, and what staff and members are told of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from payments import deliveries, hints, notices, orders
from payments.models import Delivery, Notification, Order
from social import alarms, credentials, inbox, meter, outside, replies, ways, x
from social.models import Alarm, Charge, Message, Way
from tests.people import CODE, place
from tests.social.conftest import post as written
from tests.staff import at_desk, hire

pytestmark = pytest.mark.django_db


class Deaf:
    """X that answers every call in one way."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.calls: dict[str, x.Calls] = {}
        self.said: list[str] = []

    def reply(self, post_id: str, text: str, *, token: str) -> str:
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        self.said.append(post_id)
        return str(answer)


@pytest.fixture
def speak(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Deaf]:
    """Let X answer replies so."""

    def begin(*answers: Any) -> Deaf:
        one = Deaf(*answers)
        monkeypatch.setattr(outside, "x", lambda: one)
        monkeypatch.setattr(credentials, "access_token", lambda: "token")
        return one

    return begin


def answer(number: int = 1) -> Delivery:
    """An answer that nothing else carries."""
    return Delivery.objects.create(key=f"answer:{number}", channel="X", reply_to=str(number), text="Bonjour")


def paid(payer: User, payee: User) -> Delivery:
    """A receipt that the app shows too."""
    order = place(payer, payee)
    notices.tell(payer, Notification.Kind.PAYMENT_SENT, order=order)
    return Delivery.objects.get(channel="X", notification__order=order)


def due_again(delivery: Delivery) -> Delivery:
    Delivery.objects.filter(pk=delivery.pk).update(due_at=timezone.now())
    return Delivery.objects.get(pk=delivery.pk)


class TestReply:
    def test_is_followed_by_all_that_wait(self, speak: Callable[..., Deaf]) -> None:
        speak("99")
        for number in range(7):
            answer(number)
        assert replies.send_due() == 7

    def test_leaves_the_rest_to_another_task_after_some_seconds(
        self, speak: Callable[..., Deaf], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        speak("99")
        woken: list[str] = []
        monkeypatch.setattr(replies, "BUSY_SECONDS", -1)
        monkeypatch.setattr(hints, "run", woken.append)
        for number in range(7):
            answer(number)
        assert (replies.send_due(), woken) == (1, ["social.reply"])
        left = Delivery.objects.filter(status="DUE", due_at__lte=timezone.now(), tries=0)
        assert left.count() == 6, "as if nobody had claimed them"

    def test_waits_half_a_minute_at_most_while_x_is_away(self, speak: Callable[..., Deaf]) -> None:
        speak(x.Unreachable("500"))
        delivery = answer()
        for _ in range(deliveries.TRIES + 5):
            assert replies.send_due() == 0
            delivery.refresh_from_db()
            assert delivery.status == "DUE"
            assert delivery.due_at <= timezone.now() + timedelta(seconds=31)
            due_again(delivery)
        speak("99")
        assert replies.send_due() == 1

    def test_is_given_up_after_a_day(self, speak: Callable[..., Deaf]) -> None:
        speak(x.Unreachable("500"))
        delivery = answer()
        with time_machine.travel(timezone.now() + timedelta(hours=24, seconds=5)):
            replies.send_due()
        delivery.refresh_from_db()
        assert (delivery.status, delivery.problem) == ("FAILED", "Unreachable")

    def test_waits_for_money_and_raises_the_alarm_once(
        self, speak: Callable[..., Deaf], agathe: User
    ) -> None:
        speak(x.Limited(30, is_unpaid=True))
        delivery = answer()
        for _ in range(3):
            assert replies.send_due() == 0
            due_again(delivery)
        assert Alarm.objects.get().kind == "CREDITS"
        assert Notification.objects.get(kind="X_ALARM").user == agathe
        speak("99")
        assert replies.send_due() == 1
        assert Alarm.objects.get().ended_at

    def test_that_x_does_not_allow_is_given_up_and_the_way_is_well(self, speak: Callable[..., Deaf]) -> None:
        speak(x.Refused(403, "you have not been mentioned"))
        delivery = answer()
        assert replies.send_due() == 0
        delivery.refresh_from_db()
        assert (delivery.status, delivery.problem) == ("FAILED", "403 you have not been mentioned")
        assert Way.objects.get(pk="REPLY").problem == ""


class TestBudget:
    def test_beyond_it_the_app_tells_alone(
        self, speak: Callable[..., Deaf], settings: Any, claire: User, armand: User, agathe: User
    ) -> None:
        settings.X_BUDGET_CENTS = 2
        said = speak("99")
        for number in (1, 2):
            answer(number)
        assert replies.send_due() == 2  # A cent each.
        receipt, question = paid(claire, armand), answer(3)
        assert replies.send_due() == 0
        receipt.refresh_from_db()
        question.refresh_from_db()
        assert (receipt.status, receipt.problem) == ("FAILED", "over budget: told in the app alone")
        assert Notification.objects.filter(user=claire, kind="PAYMENT_SENT").exists()
        assert (question.status, question.due_at > meter.tomorrow(at=timezone.now())) == ("DUE", True)
        assert said.said == ["1", "2"]
        due_again(question)
        replies.send_due()
        assert Alarm.objects.get().kind == "BUDGET"
        assert Notification.objects.filter(kind="X_ALARM").count() == 1

    def test_is_new_each_day(self, speak: Callable[..., Deaf], settings: Any) -> None:
        settings.X_BUDGET_CENTS = 1
        speak("99")
        answer(1)
        assert replies.send_due() == 1
        waiting = answer(2)
        assert replies.send_due() == 0
        with time_machine.travel(meter.tomorrow(at=timezone.now()) + timedelta(minutes=1)):
            due_again(waiting)
            Delivery.objects.filter(pk=waiting.pk).update(due_at=timezone.now() - timedelta(days=2))
            assert replies.send_due() == 1
        assert Alarm.objects.get().ended_at

    def test_of_nothing_is_none(self, settings: Any) -> None:
        settings.X_BUDGET_CENTS = 0
        assert meter.has_budget(at=timezone.now())


class TestMeter:
    def test_counts_by_order_and_by_day(self, claire: User, armand: User) -> None:
        order, now = place(claire, armand), timezone.now()
        meter.count_reads([order.channel_id, order.channel_id, "other"], at=now)
        reply = Delivery.objects.create(key="r", channel="X", reply_to=order.channel_id, text="Payé.")
        link = Delivery.objects.create(key="l", channel="X", reply_to="other", text="https://x.example/a")
        for one in (reply, reply, link):
            meter.count_reply(one, at=now)
        assert meter.of_post(order.channel_id) == 500 + 1_000
        today = meter.bills(at=now)[0]
        assert (today.reads, today.replies, today.orders) == (2, 2, 1)
        assert today.price == today.price_per_order == 2 * 500 + 1_000 + 20_000
        assert meter.shown(today.price) == "0,2200 $"

    def test_counts_a_post_once_a_day(self) -> None:
        now = timezone.now()
        for at in (now, now, now + timedelta(days=1)):
            meter.count_reads(["7"], at=at)
        assert Charge.objects.count() == 2

    def test_row_cannot_be_there_twice(self) -> None:
        row = {"what": "READ", "resource": "1", "post_id": "1", "day": timezone.now().date(), "price": 500}
        Charge.objects.create(**row)
        with pytest.raises(IntegrityError, match="charge_is_counted_once_a_day"), transaction.atomic():
            Charge.objects.create(**row)


class TestAlarm:
    def test_is_raised_again_after_it_was_over(self, agathe: User) -> None:
        assert alarms.sound(Alarm.Kind.SILENT)
        assert alarms.sound(Alarm.Kind.SILENT) is None
        alarms.end(Alarm.Kind.SILENT)
        assert alarms.sound(Alarm.Kind.SILENT)
        assert Notification.objects.filter(user=agathe, kind="X_ALARM").count() == 2

    def test_of_what_happened_is_told_again_after_an_hour(self) -> None:
        assert alarms.sound(Alarm.Kind.MISSED)
        Alarm.objects.update(raised_at=timezone.now() - timedelta(hours=2))
        assert alarms.sound(Alarm.Kind.MISSED)

    def test_cannot_be_on_twice_nor_end_before_it_began(self) -> None:
        Alarm.objects.create(kind="SILENT")
        for rule, fields in (
            ("alarm_is_raised_once_until_it_ends", {}),
            ("alarm_ends_after_it_was_raised", {"ended_at": timezone.now() - timedelta(days=1)}),
        ):
            with pytest.raises(IntegrityError, match=rule), transaction.atomic():
                Alarm.objects.create(kind="SILENT", **fields)


@pytest.mark.django_db(transaction=True)
class TestAlarmRace:
    def test_tells_once(self, at_once: Callable[..., list[Any]]) -> None:
        hire("Agathe", "+33612349992")
        made = at_once(8, lambda _: alarms.sound(Alarm.Kind.SILENT))
        assert len([alarm for alarm in made if isinstance(alarm, Alarm)]) == 1, made
        assert Notification.objects.filter(kind="X_ALARM").count() == 1


class TestWay:
    def test_that_fails_for_minutes_raises_the_alarm_until_it_works(self) -> None:
        ways.failed(Way.Name.POLL, x.Unreachable("500"))
        assert not Alarm.objects.exists()
        Way.objects.update(failing_since=timezone.now() - timedelta(minutes=6))
        ways.failed(Way.Name.POLL, x.Unreachable("500"))
        assert Alarm.objects.get().kind == "SILENT"
        ways.worked(Way.Name.POLL)
        assert Alarm.objects.get().ended_at
        assert Way.objects.get().failing_since is None

    def test_is_noted_every_few_seconds_alone(self, django_assert_num_queries: Any) -> None:
        ways.worked(Way.Name.WEBHOOK)
        with django_assert_num_queries(1):
            ways.worked(Way.Name.WEBHOOK)

    def test_that_fails_has_a_problem(self) -> None:
        ways.worked(Way.Name.POLL)
        with (
            pytest.raises(IntegrityError, match="failing_way_has_a_problem"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute("UPDATE social_way SET failing_since = now()")

    def test_remembers_what_x_still_takes(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(outside.x().calls, "POST /2/tweets", x.Calls(7, 100))
        ways.worked(Way.Name.REPLY)
        assert (Way.objects.get().calls_left, Way.objects.get().calls_allowed) == (7, 100)


class TestStatusPage:
    def shown(self, client: Client) -> str:
        page = client.get("/status/", secure=True, headers={"accept-language": "en"})
        assert page.status_code == 200
        return page.content.decode()

    def test_says_that_all_is_well(self, client: Client) -> None:
        ways.worked(Way.Name.POLL)
        assert "Everything works." in self.shown(client)

    def test_says_since_when_posts_are_read_late(self, client: Client) -> None:
        ways.worked(Way.Name.POLL)
        Way.objects.update(worked_at=timezone.now() - timedelta(minutes=9))
        assert "later than usual: X last answered us at" in self.shown(client)
        Way.objects.create(name="STREAM", worked_at=timezone.now())
        assert "Posts are read within seconds" in self.shown(client)

    def test_says_that_posts_wait_to_be_read(self, client: Client) -> None:
        row = written("claire_martin", "@Smoneyfr")
        Message.objects.create(
            channel="x", external_id=row["id"], root_id=row["id"], author_id="1", payload={},
            received_at=timezone.now() - timedelta(minutes=3),
        )  # fmt: skip
        assert "by a minute or more" in self.shown(client)

    @pytest.mark.parametrize("kind", ["BUDGET", "REVOKED"])
    def test_says_that_nothing_is_said_on_x(self, client: Client, kind: str) -> None:
        Alarm.objects.create(kind=kind)
        assert "We do not answer under posts at the moment" in self.shown(client)

    def test_says_that_messages_are_late(self, client: Client, claire: User, armand: User) -> None:
        place(claire, armand)
        Delivery.objects.update(due_at=timezone.now() - timedelta(minutes=5))
        assert "SMS and e-mails arrive later" in self.shown(client)

    def test_speaks_french(self, client: Client) -> None:
        page = client.get("/status/", secure=True, headers={"accept-language": "fr"}).content.decode()
        assert "Tout fonctionne." in page


class TestStaffPage:
    def test_shows_what_waits_what_is_wrong_and_what_it_costs(self, agathe: User) -> None:
        ways.worked(Way.Name.POLL)
        ways.failed(Way.Name.REPLY, x.Limited(30, is_unpaid=True))
        answer(5)
        meter.count_reads(["1", "2"], at=timezone.now())
        page = at_desk(agathe).get(reverse("admin:social_way_changelist"), secure=True)
        text = page.content.decode()
        assert page.status_code == 200
        for words in ("X veut être payé", "réponse sur X", "0,0100 $", "Limited", "fonctionne"):
            assert words in text, words

    def test_is_for_staff_alone(self, client: Client) -> None:
        assert client.get(reverse("admin:social_way_changelist"), secure=True).status_code == 302

    def test_lists_alarms(self, agathe: User) -> None:
        alarms.sound(Alarm.Kind.MISSED, detail="since 7")
        page = at_desk(agathe).get(reverse("admin:social_alarm_changelist"), secure=True)
        assert "since 7" in page.content.decode()


class TestXGone:
    """Nobody answers at X's address: money moves on, and what is for X waits."""

    def test_everything_else_works(
        self, settings: Any, claire: User, armand: User, with_code: Callable[[User], User], client: Client
    ) -> None:
        settings.X_API_URL = "http://127.0.0.1:9"
        outside.x.cache_clear()
        try:
            with_code(claire)
            order = place(claire, armand)
            assert orders.confirm(order, code=CODE).status == Order.Status.PAID
            assert replies.send_due() == 0
            inbox.handle()
            client.force_login(claire)
            for address in (
                "/wallet/",
                "/wallet/history/",
                "/wallet/notices/",
                "/settings/",
                "/status/",
                "/help/",
            ):
                assert client.get(address, secure=True).status_code == 200, address
        finally:
            outside.x.cache_clear()
        waiting = Delivery.objects.get(channel="X")
        assert (waiting.status, waiting.notification is not None) == ("DUE", True)
