"""Callbacks: each event found, once; signed; sent again ever later; paused after three days."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, ProgrammingError, connection, connections, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import crypto, organisations, seats
from accounts.models import Organisation, Role, User
from payments import announcements, callbacks, calls, hints, horizon, receiver, tasks
from payments.models import Callback, CallbackDelivery, Notification, Payout, ReplacedSecret, Transfer
from tests.bodies import facts
from tests.browsers import PageOf
from tests.payments.receiving import Program, Told, payout, program
from tests.payments.test_figures import give, refund
from tests.people import place, settled

__all__ = ["payout", "program"]

ALL = ["payment.received", "payment.refunded", "payout.paid"]


def signatures(told: Told) -> tuple[str, list[str]]:
    """When it was said, and each v1."""
    moment, *signed = told.headers["S-Money-Signature"].split(",")
    return moment.removeprefix("t="), [one.removeprefix("v1=") for one in signed]


def verified(told: Told, secret: str, *, now: int) -> dict[str, Any]:
    """What was told, if it is signed as our page says; written apart from what signs."""
    moment, signed = signatures(told)
    expected = hmac.digest(secret.encode(), moment.encode() + b"." + told.body, hashlib.sha256)
    assert any(hmac.compare_digest(bytes.fromhex(one), expected) for one in signed)
    assert abs(now - int(moment)) < 300
    said: dict[str, Any] = json.loads(told.body)
    return said


@pytest.fixture
def told(acf: Organisation, program: Program) -> tuple[Callback, str]:
    """An address that is told of everything, and its secret."""
    return callbacks.add(acf, program.url, events=ALL, by=acf.founded_by)


@pytest.fixture
def giver(acf: Organisation, claire: User) -> Callable[..., Any]:
    """Claire gives to acf."""
    return partial(give, claire, acf)


def due(callback: Callback) -> None:
    """As if the time had come."""
    CallbackDelivery.objects.filter(callback=callback).update(due_at=Now() - timedelta(seconds=1))


def later(callback: Callback, by: timedelta) -> None:
    """As if that much time had passed."""
    every = CallbackDelivery.objects.filter(callback=callback)
    every.update(due_at=F("due_at") - by, gives_up_at=F("gives_up_at") - by)
    Callback.objects.filter(pk=callback.pk).update(fails_since=F("fails_since") - by)


@pytest.mark.django_db
class TestEvents:
    def test_of_a_payment_are_told_signed(
        self, told: tuple[Callback, str], acf: Organisation, claire: User, program: Program
    ) -> None:
        order = give(claire, acf, 20_00)
        tasks.announce()
        tasks.call_back()
        (one,) = program.told
        said = verified(one, told[1], now=int(timezone.now().timestamp()))
        assert said["type"] == "payment.received"
        assert said["data"] == {"reference": order.reference, "amount": 20_00, "currency": "EUR"}
        assert said["id"] == str(order.transfer_id) == one.headers["S-Money-Event"]
        delivery = CallbackDelivery.objects.get()
        assert (delivery.status, delivery.answer_status, delivery.answer) == ("SENT", 200, "thanks")

    def test_name_nobody(self, told: tuple[Callback, str], acf: Organisation, claire: User) -> None:
        give(claire, acf, note="pour Zoé")
        announcements.sweep()
        body = CallbackDelivery.objects.get().body
        assert "Claire" not in body
        assert "Zoé" not in str(json.loads(body))

    def test_of_a_refund_and_a_payout_are_told(
        self, told: tuple[Callback, str], acf: Organisation, claire: User, payout: Callable[..., Payout]
    ) -> None:
        order = give(claire, acf, 20_00)
        refund(order, 5_00)
        settled_ = payout(acf, 10_00)
        announcements.sweep()
        bodies = [json.loads(each.body) for each in CallbackDelivery.objects.order_by("pk")]
        assert [(body["type"], body["data"]["amount"]) for body in bodies] == [
            ("payment.received", 20_00),
            ("payment.refunded", 5_00),
            ("payout.paid", 10_00),
        ]
        assert bodies[2]["id"] == str(settled_.settlement_id)
        assert bodies[1]["data"]["reference"] == order.reference

    def test_are_made_once_however_often_is_looked(
        self, told: tuple[Callback, str], acf: Organisation, claire: User
    ) -> None:
        give(claire, acf)
        assert [announcements.sweep() for _ in range(3)] == [1, 0, 0]

    def test_are_of_what_was_asked_for_and_since_then(
        self, acf: Organisation, claire: User, program: Program
    ) -> None:
        order = give(claire, acf)
        callbacks.add(acf, program.url, events=["payment.refunded"], by=acf.founded_by)
        give(claire, acf)
        assert announcements.sweep() == 0
        refund(order, 1_00)
        assert announcements.sweep() == 1

    def test_are_more_than_fit_a_sweep(
        self,
        told: tuple[Callback, str],
        acf: Organisation,
        claire: User,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(announcements, "BATCH", 2)
        for _ in range(5):
            give(claire, acf, 1_00)
        hinted: list[str] = []
        monkeypatch.setattr(hints, "run", hinted.append)
        assert [announcements.sweep() for _ in range(4)] == [2, 2, 1, 0]
        assert hinted.count("payments.announce") == 2

    def test_are_anothers_never(
        self, told: tuple[Callback, str], claire: User, armand: User, acf: Organisation
    ) -> None:
        settled(place(claire, armand))
        assert announcements.sweep() == 0

    def test_wait_while_it_is_paused(
        self, told: tuple[Callback, str], acf: Organisation, claire: User
    ) -> None:
        callbacks.pause(told[0])
        give(claire, acf)
        assert announcements.sweep() == 0
        callbacks.resume(told[0])
        assert announcements.sweep() == 1
        callbacks.remove(told[0])
        give(claire, acf)
        assert announcements.sweep() == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("own_horizon")
class TestLate:
    def test_payments_are_not_passed_over(
        self, told: tuple[Callback, str], acf: Organisation, claire: User, armand: User
    ) -> None:
        """Of two that pay at once, whoever has the lower number may be committed last."""
        callback, _secret = told
        give(claire, acf)
        slow = connections.create_connection("default")
        try:
            slow.set_autocommit(False)
            with slow.cursor() as cursor:
                cursor.execute("SELECT pg_current_xact_id(), nextval('payments_transfer_number_seq')")
                number = cursor.fetchone()[1]
            give(claire, acf)
            for _ in range(4):
                announcements.sweep()
            assert CallbackDelivery.objects.count() == 2
            callback.refresh_from_db()
            assert callback.announced < number
            assert horizon.settled() < number
            slow.rollback()
        finally:
            slow.close()
        for _ in range(4):
            announcements.sweep()
        callback.refresh_from_db()
        assert callback.announced > number
        assert CallbackDelivery.objects.count() == 2

    def test_a_horizon_goes_on_by_and_by(self, acf: Organisation, claire: User) -> None:
        give(claire, acf)
        newest = Transfer.objects.order_by("-number").first()
        assert newest
        assert [horizon.advance() >= newest.number for _ in range(3)][-1]

    def test_many_sweeps_at_once_tell_once(
        self,
        told: tuple[Callback, str],
        acf: Organisation,
        claire: User,
        at_once: Callable[..., list[Any]],
    ) -> None:
        for _ in range(6):
            give(claire, acf, 1_00)
        found = at_once(8, lambda _number: announcements.sweep())
        assert all(isinstance(each, int) for each in found), found
        assert sum(found) == CallbackDelivery.objects.count() == 6

    def test_many_senders_at_once_send_once(
        self,
        told: tuple[Callback, str],
        acf: Organisation,
        claire: User,
        program: Program,
        at_once: Callable[..., list[Any]],
    ) -> None:
        for _ in range(4):
            give(claire, acf, 1_00)
        announcements.sweep()
        at_once(6, lambda _number: calls.send_due())
        assert len({one.headers["S-Money-Event"] for one in program.told}) == len(program.told) == 4

    def test_no_more_send_at_once_than_there_are_turns(
        self, told: tuple[Callback, str], acf: Organisation, claire: User, program: Program
    ) -> None:
        give(claire, acf, 1_00)
        announcements.sweep()
        busy = connections.create_connection("default")
        try:
            with busy.cursor() as cursor:
                for number in range(calls.TURNS):
                    cursor.execute(calls.TAKE_TURN, [str(number)])
            assert calls.send_due() == 0
            assert program.told == []
            with busy.cursor() as cursor:
                cursor.execute(calls.GIVE_TURN, ["1"])
            assert calls.send_due() == 1
            assert calls.send_due() == 0  # Its turn was given back.
            with busy.cursor() as cursor:
                cursor.execute(calls.TAKE_TURN, ["1"])
                assert cursor.fetchone()[0]
        finally:
            busy.close()

    def test_a_horizon_of_another_cluster_begins_anew(self, acf: Organisation, claire: User) -> None:
        """After a logical restore transactions have lower ids than it knows."""
        horizon.advance()
        with connection.cursor() as cursor:
            cursor.execute("UPDATE payments_horizon SET candidate_before = %s", [1 << 60])
        before = horizon.settled()
        give(claire, acf)
        newest = Transfer.objects.order_by("-number").first()
        assert newest
        assert horizon.advance() == before
        assert horizon.advance() >= newest.number

    def test_a_payment_that_was_begun_before_its_address_was_added_is_told(
        self, acf: Organisation, claire: User, program: Program
    ) -> None:
        for _ in range(2):
            give(claire, acf)
            horizon.advance()
        horizon.advance()
        slow = connections.create_connection("default")
        try:
            with slow.cursor() as cursor:
                cursor.execute("SELECT nextval('payments_transfer_number_seq')")
                number = cursor.fetchone()[0]
        finally:
            slow.close()
        made, _secret = callbacks.add(acf, program.url, events=ALL, by=acf.founded_by)
        assert 0 < made.announced < number

    def test_callbacks_are_not_locked_where_nothing_is_new(
        self, told: tuple[Callback, str], acf: Organisation, claire: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        give(claire, acf)
        for _ in range(4):
            announcements.sweep()
        locked: list[int] = []

        def announce(pk: int, **_known: Any) -> int:
            locked.append(pk)
            return 0

        monkeypatch.setattr(announcements, "_announce", announce)
        announcements.sweep()
        assert locked == []
        monkeypatch.setattr(announcements, "SLACK", -1)
        announcements.sweep()
        assert locked == [told[0].pk]


@pytest.mark.django_db
class TestSending:
    def test_is_repeated_ever_later_in_the_same_words(
        self, told: tuple[Callback, str], acf: Organisation, claire: User, program: Program
    ) -> None:
        callback, secret = told
        program.statuses = [500, 302, 404, 204]
        give(claire, acf)
        announcements.sweep()
        waits = []
        for _ in range(4):
            due(callback)
            calls.send_due()
            due_at = CallbackDelivery.objects.values_list("due_at", flat=True).get()
            waits.append((due_at - timezone.now()).total_seconds())
        delivery = CallbackDelivery.objects.get()
        assert (delivery.status, delivery.tries, delivery.answer_status) == ("SENT", 4, 204)
        assert waits[0] < waits[1] < waits[2]
        assert len({one.body for one in program.told}) == 1
        for one in program.told:
            verified(one, secret, now=int(timezone.now().timestamp()))
        callback.refresh_from_db()
        assert callback.fails_since is None

    def test_is_not_before_its_time(
        self, told: tuple[Callback, str], acf: Organisation, claire: User, program: Program
    ) -> None:
        program.statuses = [500]
        give(claire, acf)
        announcements.sweep()
        calls.send_due()
        calls.send_due()
        assert len(program.told) == 1

    @pytest.mark.parametrize("tries", range(1, 13))
    def test_backs_off_by_about_its_step(self, tries: int) -> None:
        step = callbacks.BACK_OFF_SECONDS[min(tries, len(callbacks.BACK_OFF_SECONDS)) - 1]
        waits = {callbacks.back_off(tries) for _ in range(200)}
        assert step * 80 // 100 <= min(waits) <= max(waits) <= step * 120 // 100
        assert len(waits) > 1

    def test_is_given_up_after_three_days_and_the_address_paused_and_its_owners_told(
        self, told: tuple[Callback, str], acf: Organisation, claire: User, armand: User, program: Program
    ) -> None:
        callback, _secret = told
        seats.take(acf, armand, Role.READER)
        program.statuses = [500]
        give(claire, acf)
        announcements.sweep()
        calls.send_due()
        later(callback, timedelta(days=2, hours=23, minutes=59, seconds=50))
        due(callback)
        calls.send_due()
        assert CallbackDelivery.objects.get().status == "FAILED"
        later(callback, timedelta(minutes=2))
        give(claire, acf)
        announcements.sweep()
        calls.send_due()
        callback.refresh_from_db()
        assert callback.paused_at
        (notice,) = Notification.objects.filter(kind="CALLBACK_PAUSED")
        assert notice.user == acf.founded_by
        count = len(program.told)
        due(callback)
        calls.send_due()
        assert len(program.told) == count

    def test_of_an_address_that_leads_inside_now_calls_nobody(
        self, told: tuple[Callback, str], acf: Organisation, claire: User, program: Program, settings: Any
    ) -> None:
        settings.IS_LOCAL = False
        give(claire, acf)
        announcements.sweep()
        calls.send_due()
        assert program.told == []
        assert "not one that we call" in CallbackDelivery.objects.get().problem

    def test_asks_whoever_is_silent_once_in_a_batch(
        self,
        told: tuple[Callback, str],
        acf: Organisation,
        claire: User,
        program: Program,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """The others do not wait for them."""
        asked: list[str] = []

        def silence(client: receiver.Receiver, *_: object) -> receiver.Answer:
            asked.append("once")
            raise receiver.Unreachable

        other, _secret = callbacks.add(acf, program.url + "&c=d", events=ALL, by=acf.founded_by)
        monkeypatch.setattr(receiver.Receiver, "post", silence)
        for _ in range(3):
            give(claire, acf, 1_00)
        announcements.sweep()
        calls.send_due()
        assert len(asked) == 2
        assert sorted(other.deliveries.values_list("tries", flat=True)) == [0, 0, 1]

    def test_of_who_fails_comes_last_and_one_by_one(
        self, told: tuple[Callback, str], acf: Organisation, claire: User, program: Program
    ) -> None:
        """However many are silent, whoever answers waits for none of them."""
        silent = [
            callbacks.add(acf, f"{program.url}&n={number}", events=ALL, by=acf.founded_by)[0]
            for number in range(5)
        ]
        Callback.objects.filter(pk__in=[each.pk for each in silent]).update(fails_since=Now())
        for _ in range(4):
            give(claire, acf, 1_00)
        announcements.sweep()
        for each in silent:
            later(each, timedelta(hours=1))
        assert {each.callback_id for each in callbacks.claim(limit=4)} == {told[0].pk}
        failing = [each.callback_id for each in callbacks.claim(limit=4)]
        assert len(failing) == len(set(failing)) == callbacks.MOST_FAILING
        besides = [each.pk for each in silent if each.pk not in failing][:2]
        found = callbacks.claim(limit=4, besides=besides)
        assert not {each.callback_id for each in found} & set(besides)

    def test_that_was_not_tried_for_lack_of_time_is_due_at_once(
        self,
        told: tuple[Callback, str],
        acf: Organisation,
        claire: User,
        program: Program,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """The first of a batch is tried in any case."""
        monkeypatch.setattr(calls, "BUSY_SECONDS", -1)
        for _ in range(3):
            give(claire, acf, 1_00)
        announcements.sweep()
        assert [calls.send_due() for _ in range(4)] == [1, 1, 1, 0]
        assert len(program.told) == 3

    @pytest.mark.parametrize("act", [callbacks.pause, callbacks.remove])
    @pytest.mark.parametrize("status", [200, 500])
    def test_ends_where_an_address_is_paused_or_removed_meanwhile(
        self,
        told: tuple[Callback, str],
        giver: Callable[..., Any],
        monkeypatch: pytest.MonkeyPatch,
        act: Callable[[Callback], object],
        status: int,
    ) -> None:
        """What it answers to the call that is under way breaks nothing."""
        asked: list[str] = []

        def answer(*_: object) -> receiver.Answer:
            asked.append("once")
            act(told[0])
            return receiver.Answer(status=status, text="")

        monkeypatch.setattr(receiver.Receiver, "post", answer)
        for _ in range(2):
            giver(1_00)
        announcements.sweep()
        calls.send_due()
        assert asked == ["once"]
        callbacks.note_announced(told[0], 10**9)

    def test_of_what_broke_is_tried_later_and_takes_nobody_along(
        self, told: tuple[Callback, str], acf: Organisation, claire: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def break_(*_: object) -> None:
            raise RuntimeError

        monkeypatch.setattr(receiver.Receiver, "post", break_)
        give(claire, acf)
        announcements.sweep()
        calls.send_due()
        assert CallbackDelivery.objects.get().problem == "RuntimeError"

    def test_forgets_what_was_answered_a_month_ago(
        self,
        told: tuple[Callback, str],
        acf: Organisation,
        claire: User,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        give(claire, acf)
        announcements.sweep()
        calls.send_due()
        assert callbacks.purge() == 0
        monkeypatch.setattr(callbacks, "KEPT", timedelta(days=-1))
        announcements.sweep()
        assert CallbackDelivery.objects.get().answer
        tasks.forget_answers()
        assert CallbackDelivery.objects.get().answer == ""

    def test_forgets_by_an_index(self, told: tuple[Callback, str]) -> None:
        with CaptureQueriesContext(connection) as asked:
            callbacks.purge()
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("EXPLAIN " + asked.captured_queries[-1]["sql"])
            assert "callback_answer_to_forget" in str(cursor.fetchall())


@pytest.mark.django_db
class TestRules:
    def test_an_event_is_told_once(self, told: tuple[Callback, str], acf: Organisation, claire: User) -> None:
        give(claire, acf)
        announcements.sweep()
        first = CallbackDelivery.objects.get()
        with (
            pytest.raises(IntegrityError, match="callback_is_told_of_an_event_once"),
            transaction.atomic(),
        ):
            callbacks.announce(told[0], first.event, CallbackDelivery.Kind.TEST, body="{}")

    @pytest.mark.parametrize(
        ("change", "rule"),
        [
            ({"url": "https://elsewhere.example/"}, "payments_callback is kept"),
            ({"secret": b"x"}, "would be lost to its receiver"),
            ({"events": []}, "callback_is_told_of_something"),
            ({"events": ["other"]}, "callback_is_told_of_something"),
            ({"announced": -1}, "stays so"),
        ],
    )
    def test_a_callback_stays_where_it_goes(
        self, told: tuple[Callback, str], change: dict[str, Any], rule: str
    ) -> None:
        with pytest.raises(IntegrityError, match=rule), transaction.atomic():
            Callback.objects.filter(pk=told[0].pk).update(**change)

    def test_a_removed_callback_stays_removed(self, told: tuple[Callback, str]) -> None:
        callbacks.remove(told[0])
        with pytest.raises(IntegrityError, match="payments_callback is kept"), transaction.atomic():
            Callback.objects.filter(pk=told[0].pk).update(removed_at=None)

    @pytest.mark.parametrize("change", [{"body": "{}"}, {"kind": "test"}, {"event": uuid4()}])
    def test_an_event_is_told_in_the_same_words(
        self, told: tuple[Callback, str], acf: Organisation, claire: User, change: dict[str, Any]
    ) -> None:
        give(claire, acf)
        announcements.sweep()
        with pytest.raises(IntegrityError, match="payments_callbackdelivery is kept"), transaction.atomic():
            CallbackDelivery.objects.update(**change)

    def test_what_was_sent_was_sent_at_a_moment(self, told: tuple[Callback, str]) -> None:
        delivery = callbacks.test(told[0])
        with pytest.raises(IntegrityError, match="sent_event_was_sent_at_a_moment"), transaction.atomic():
            CallbackDelivery.objects.filter(pk=delivery.pk).update(sent_at=timezone.now())

    def test_an_address_is_told_once(self, told: tuple[Callback, str], acf: Organisation) -> None:
        with pytest.raises(callbacks.KnownAlready):
            callbacks.add(acf, told[0].url, events=ALL, by=acf.founded_by)

    def test_the_horizon_is_one_and_goes_on(self) -> None:
        horizon.advance()
        for statement, rule in (
            ("INSERT INTO payments_horizon VALUES (2, 0, 0, 0)", "horizon_is_one"),
            ("UPDATE payments_horizon SET settled = candidate + 1", "horizon_goes_on"),
            ("UPDATE payments_horizon SET settled = -1", "stays so"),
        ):
            with (
                pytest.raises(IntegrityError, match=rule),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute(statement)

    def test_ten_are_as_many_as_may_be(
        self, acf: Organisation, monkeypatch: pytest.MonkeyPatch, program: Program
    ) -> None:
        for number in range(callbacks.MOST):
            callbacks.add(acf, f"{program.url}&n={number}", events=ALL, by=acf.founded_by)
        with pytest.raises(callbacks.TooMany):
            callbacks.add(acf, program.url, events=ALL, by=acf.founded_by)

    def test_its_secret_is_kept_encrypted(self, told: tuple[Callback, str]) -> None:
        callback, secret = told
        callback.refresh_from_db()
        assert secret.encode() not in bytes(callback.secret)
        assert crypto.decrypt(callback.secret) == secret


@pytest.mark.django_db
class TestSecret:
    """Replaced while its receiver knows the one before: it hears us by either."""

    @staticmethod
    def tell(callback: Callback, program: Program) -> Told:
        callbacks.test(callback)
        calls.send_due()
        return program.told[-1]

    def test_is_replaced_and_both_sign(self, told: tuple[Callback, str], lea: User, program: Program) -> None:
        callback, before = told
        secret = callbacks.replace_secret(callback, by=lea)
        assert secret != before
        one, now = self.tell(callback, program), int(timezone.now().timestamp())
        for known in (secret, before):
            verified(one, known, now=now)
        assert len(signatures(one)[1]) == 2
        assert callbacks.signs_on_until(callback)
        assert ReplacedSecret.objects.get().replaced_by == lea

    def test_signs_on_for_a_day_and_is_forgotten(
        self, told: tuple[Callback, str], lea: User, program: Program
    ) -> None:
        for hours in (23, 25):
            ReplacedSecret.objects.create(
                callback=told[0],
                secret=crypto.encrypt(f"whsec_{hours}"),
                replaced_by=lea,
                replaced_at=timezone.now() - timedelta(hours=hours),
            )
        one, now = self.tell(told[0], program), int(timezone.now().timestamp())
        for secret in (told[1], "whsec_23"):
            verified(one, secret, now=now)
        with pytest.raises(AssertionError):
            verified(one, "whsec_25", now=now)
        callbacks.purge()
        assert ReplacedSecret.objects.get(secret=None).replaced_at < timezone.now() - timedelta(days=1)
        assert callbacks.signs_on_until(told[0]) == ReplacedSecret.objects.exclude(
            secret=None
        ).get().replaced_at + timedelta(days=1)

    def test_is_replaced_again_where_it_was_lost(
        self, told: tuple[Callback, str], lea: User, program: Program
    ) -> None:
        callback, before = told
        made = [before, *(callbacks.replace_secret(callback, by=lea) for _ in range(2))]
        with pytest.raises(callbacks.ReplacedTooOften):
            callbacks.replace_secret(callback, by=lea)
        one, now = self.tell(callback, program), int(timezone.now().timestamp())
        for secret in made:
            verified(one, secret, now=now)

    def test_is_never_lost_to_its_receiver(self, told: tuple[Callback, str], lea: User) -> None:
        """The database's own word, whoever writes."""
        with pytest.raises(IntegrityError, match="would be lost to its receiver"), transaction.atomic():
            Callback.objects.filter(pk=told[0].pk).update(secret=crypto.encrypt("whsec_x"))
        callbacks.replace_secret(told[0], by=lea)
        replaced = ReplacedSecret.objects.all()
        for change in ({"secret": crypto.encrypt("whsec_x")}, {"replaced_at": timezone.now()}):
            with pytest.raises(IntegrityError, match="is kept as it was written"), transaction.atomic():
                replaced.update(**change)
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            replaced.delete()

    def test_is_shown_once_to_an_owner(
        self, told: tuple[Callback, str], acf: Organisation, lea: User, armand: User, page_of: PageOf
    ) -> None:
        there = f"/organisations/{acf.slug}/callbacks/{told[0].pk}/"
        seats.take(acf, armand, Role.TREASURER)
        assert page_of(armand).post(f"{there}secret/").status_code == 404
        browser = page_of(lea)
        page = browser.post(f"{there}secret/").content.decode()
        secret = crypto.decrypt(Callback.objects.get().secret)
        assert secret != told[1]
        assert secret in page
        assert secret not in browser.get(there).content.decode()
        browser.post(f"{there}secret/")
        answer = browser.post(f"{there}secret/", follow=True)
        (said,) = answer.context["messages"]
        assert said.level_tag == "error"
        assert ReplacedSecret.objects.count() == 2


@pytest.mark.django_db
class TestPages:
    def test_show_the_secret_once(
        self, acf: Organisation, lea: User, page_of: PageOf, program: Program
    ) -> None:
        browser = page_of(lea)
        there = f"/organisations/{acf.slug}/callbacks/"
        answer = browser.post(f"{there}add/", {"url": program.url, "events": ["payment.received"]})
        secret = crypto.decrypt(Callback.objects.get().secret)
        assert secret in answer.content.decode()
        assert secret not in browser.get(there).content.decode()

    @pytest.mark.parametrize(
        "form",
        [
            {"url": "http://example.org/", "events": ALL},
            {"url": "https://10.0.0.1/", "events": ALL},
            {"url": "https://example.org/", "events": []},
            {"url": "https://example.org/", "events": ["other"]},
            {"url": "", "events": ALL},
        ],
    )
    def test_take_no_bad_address(
        self, acf: Organisation, lea: User, page_of: PageOf, form: dict[str, Any]
    ) -> None:
        answer = page_of(lea).post(f"/organisations/{acf.slug}/callbacks/add/", form)
        assert answer.status_code == 422
        assert not Callback.objects.exists()

    def test_send_a_test_and_again(
        self, told: tuple[Callback, str], acf: Organisation, lea: User, page_of: PageOf, program: Program
    ) -> None:
        browser, there = page_of(lea), f"/organisations/{acf.slug}/callbacks/{told[0].pk}/"
        browser.post(f"{there}test/")
        calls.send_due()
        delivery = CallbackDelivery.objects.get()
        browser.post(f"{there}{delivery.pk}/send/")
        calls.send_due()
        first, second = program.told
        assert first.body == second.body
        assert json.loads(first.body)["type"] == "test"
        assert "thanks" in browser.get(there).content.decode()

    def test_send_one_test_at_a_time_and_give_it_up_soon(
        self, told: tuple[Callback, str], acf: Organisation, lea: User, page_of: PageOf, program: Program
    ) -> None:
        program.statuses = [500]
        browser, there = page_of(lea), f"/organisations/{acf.slug}/callbacks/{told[0].pk}/"
        browser.post(f"{there}test/", follow=True)
        answer = browser.post(f"{there}test/", follow=True)
        assert CallbackDelivery.objects.count() == 1
        (said,) = answer.context["messages"]
        assert said.level_tag == "error"
        calls.send_due()
        later(told[0], timedelta(minutes=9, seconds=58))
        calls.send_due()
        assert CallbackDelivery.objects.get().status == "FAILED"
        assert callbacks.send_again(CallbackDelivery.objects.get())
        left = CallbackDelivery.objects.get().gives_up_at - timezone.now()
        assert left <= callbacks.TEST_PATIENCE

    def test_are_of_use_once_the_organisation_was_looked_at(
        self,
        told: tuple[Callback, str],
        acf: Organisation,
        page_of: PageOf,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(organisations, "is_reviewed", lambda _organisation: False)
        browser, there = page_of(acf.founded_by), f"/organisations/{acf.slug}/callbacks/"
        answer = browser.post(f"{there}add/", {"url": "https://e.org/", "events": ALL})
        assert answer.status_code == 422
        browser.post(f"{there}{told[0].pk}/test/")
        assert not CallbackDelivery.objects.exists()
        assert Callback.objects.count() == 1

    @pytest.mark.parametrize(
        ("problem", "said"),
        [
            (receiver.Unreachable("TimeoutError"), "pas de réponse à temps"),
            (receiver.Unreachable("gaierror"), "personne n’a d’adresse à ce nom"),
            (receiver.Unreachable("BadStatusLine"), "pas de réponse (BadStatusLine)"),
            (receiver.Forbidden(), "cette adresse n’est pas de celles que nous appelons"),
        ],
    )
    def test_say_in_the_readers_words_what_went_wrong(
        self,
        told: tuple[Callback, str],
        page_of: PageOf,
        monkeypatch: pytest.MonkeyPatch,
        problem: Exception,
        said: str,
    ) -> None:
        def fail(*_: object) -> None:
            raise problem

        monkeypatch.setattr(receiver.Receiver, "post", fail)
        callbacks.test(told[0])
        calls.send_due()
        there = f"/organisations/{told[0].organisation.slug}/callbacks/{told[0].pk}/"
        page = page_of(told[0].made_by).get(there, headers={"accept-language": "en"})
        assert said in page.content.decode()

    def test_pause_go_on_and_remove(
        self, told: tuple[Callback, str], acf: Organisation, lea: User, page_of: PageOf
    ) -> None:
        browser, there = page_of(lea), f"/organisations/{acf.slug}/callbacks/{told[0].pk}/"
        for act, is_paused in (("pause", True), ("resume", False)):
            browser.post(f"{there}{act}/")
            assert (Callback.objects.get().paused_at is not None) == is_paused
        browser.post(f"{there}remove/")
        assert browser.get(there).status_code == 404

    @pytest.mark.parametrize("role", [Role.READER, Role.TREASURER, None])
    def test_are_an_owners_to_change(
        self,
        told: tuple[Callback, str],
        acf: Organisation,
        armand: User,
        page_of: PageOf,
        role: Role | None,
    ) -> None:
        if role:
            seats.take(acf, armand, role)
        delivery = callbacks.test(told[0])
        browser, there = page_of(armand), f"/organisations/{acf.slug}/callbacks/"
        assert browser.get(f"{there}{told[0].pk}/").status_code == (200 if role else 404)
        for act in ("test", "pause", "resume", "remove", f"{delivery.pk}/send"):
            assert browser.post(f"{there}{told[0].pk}/{act}/").status_code == 404
        assert browser.post(f"{there}add/", {"url": "https://e.org/", "events": ALL}).status_code == 404
        assert Callback.objects.get().paused_at is None

    def test_of_another_organisations_callback_are_not_there(
        self, told: tuple[Callback, str], lea: User, page_of: PageOf
    ) -> None:
        other = organisations.found(facts(name="Autre", siren="552100554"), by=lea)
        browser = page_of(lea)
        for act in ("", "test/", "pause/"):
            path = f"/organisations/{other.slug}/callbacks/{told[0].pk}/{act}"
            assert (browser.post(path) if act else browser.get(path)).status_code == 404
