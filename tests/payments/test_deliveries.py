"""What is told gets out: at least once, by one worker at a time, whatever the other side does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts import sms, texts
from accounts.models import User
from payments import deliveries, hints, notices, post
from payments.models import Delivery, Funding, Notification
from tests.people import load

SMS = Delivery.Channel.SMS
Status = Delivery.Status


@pytest.fixture
def due(claire: User) -> Delivery:
    """An SMS to Claire that waits to be sent."""
    notices.tell(claire, Notification.Kind.CODE_LOCKED)
    return Delivery.objects.get(channel=SMS)


@pytest.fixture
def carrier(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the SMS carrier says, in turn; it is asked outside of any transaction."""
    answers: list[Any] = []

    def send(_phone: str, _text: str) -> sms.Sent:
        assert not connection.in_atomic_block
        answer = answers.pop(0) if answers else sms.Sent("SM1")
        if isinstance(answer, Exception):
            raise answer
        assert isinstance(answer, sms.Sent)
        return answer

    monkeypatch.setattr(texts, "send", send)
    return answers


def become_due(delivery: Delivery) -> None:
    Delivery.objects.filter(pk=delivery.pk).update(due_at=timezone.now() - timedelta(seconds=1))


@pytest.mark.django_db(transaction=True)
class TestSendDue:
    def test_sends_once(self, due: Delivery, carrier: list[Any]) -> None:
        assert [post.send_due(), post.send_due()] == [1, 0]
        due.refresh_from_db()
        assert (due.status, due.external_id) == (Status.SENT, "SM1")
        assert due.sent_at is not None

    def test_tries_again_when_the_carrier_does_not_answer(self, due: Delivery, carrier: list[Any]) -> None:
        carrier.append(sms.Unreachable("ConnectTimeout"))
        post.send_due()
        due.refresh_from_db()
        assert (due.status, due.problem, due.tries) == (Status.DUE, "Unreachable", 1)
        assert due.due_at > timezone.now()
        become_due(due)
        post.send_due()
        due.refresh_from_db()
        assert (due.status, due.tries) == (Status.SENT, 2)

    def test_gives_up_what_the_carrier_refuses(self, due: Delivery, carrier: list[Any]) -> None:
        carrier.append(sms.Refused(21610))
        post.send_due()
        due.refresh_from_db()
        assert (due.status, due.problem) == (Status.FAILED, "21610")

    def test_gives_up_what_breaks_and_sends_the_rest(
        self, due: Delivery, carrier: list[Any], armand: User
    ) -> None:
        notices.tell(armand, Notification.Kind.CODE_LOCKED)
        carrier.append(ValueError("a header with a new line"))
        assert post.send_due() == 2
        due.refresh_from_db()
        assert (due.status, due.problem) == (Status.FAILED, "ValueError")
        assert Delivery.objects.filter(status=Status.SENT).count() == 1

    def test_leaves_the_rest_to_another_task_after_some_seconds(
        self, due: Delivery, claire: User, carrier: list[Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A task that went on for minutes would keep the sender's threads from all else."""
        woken: list[str] = []
        monkeypatch.setattr(post, "BUSY_SECONDS", -1)
        monkeypatch.setattr(hints, "run", woken.append)
        notices.tell(claire, Notification.Kind.CODE_LOCKED)
        assert (post.send_due(), woken) == (1, ["payments.deliver"])
        assert Delivery.objects.get(status=Status.DUE).tries == 0

    def test_gives_up_after_the_last_try(self, due: Delivery, carrier: list[Any]) -> None:
        Delivery.objects.filter(pk=due.pk).update(tries=deliveries.TRIES - 1)
        carrier.append(sms.Unreachable("ConnectTimeout"))
        post.send_due()
        due.refresh_from_db()
        assert due.status == Status.FAILED

    def test_sends_mail_to_whom_has_an_address(self, claire: User, carrier: list[Any]) -> None:
        claire.email = "claire@example.fr"
        claire.save(update_fields=["email"])
        notices.tell(claire, Notification.Kind.CODE_LOCKED)
        assert post.send_due() == 2
        assert [message.to for message in mail.outbox] == [["claire@example.fr"]]
        assert "http" not in mail.outbox[0].body


@pytest.mark.django_db(transaction=True)
class TestClaim:
    def test_gives_a_row_to_one_of_many(
        self, due: Delivery, at_once: Callable[..., list[list[Delivery]]]
    ) -> None:
        claimed = at_once(8, lambda _: deliveries.claim(SMS, limit=5))
        assert sum(len(rows) for rows in claimed) == 1

    def test_gives_a_row_again_when_its_lease_is_over(self, due: Delivery) -> None:
        """A worker that died with it."""
        assert deliveries.claim(SMS, limit=5) == [due]
        assert deliveries.claim(SMS, limit=5) == []
        become_due(due)
        assert deliveries.claim(SMS, limit=5) == [due]

    def test_leaves_the_other_channels_alone(self, due: Delivery) -> None:
        assert deliveries.claim(Delivery.Channel.X, limit=5) == []

    def test_settles_a_row_once(self, due: Delivery) -> None:
        deliveries.sent(due, external_id="SM1")
        deliveries.give_up(due, problem="late")
        due.refresh_from_db()
        assert due.status == Status.SENT


@pytest.mark.django_db
class TestTable:
    """Around the domain."""

    def test_knows_where_to_go(self, claire: User) -> None:
        with pytest.raises(IntegrityError, match="delivery_has_an_address"), transaction.atomic():
            Delivery.objects.create(key="1", channel="X", text="…")
        with pytest.raises(IntegrityError, match="delivery_has_an_address"), transaction.atomic():
            Delivery.objects.create(key="1", channel="SMS", text="…")

    def test_was_sent_at_a_moment(self, due: Delivery) -> None:
        with pytest.raises(IntegrityError, match="sent_delivery_was_sent_at_a_moment"), transaction.atomic():
            Delivery.objects.filter(pk=due.pk).update(status="SENT")

    def test_has_one_key(self, due: Delivery) -> None:
        with pytest.raises(IntegrityError, match="payments_delivery_key"), transaction.atomic():
            Delivery.objects.create(key=due.key, channel="X", reply_to="1", text="…")

    def test_tells_of_a_funding_once(self, claire: User) -> None:
        funding = load(claire, 10_00)
        Notification.objects.create(user=claire, kind="WALLET_LOADED", funding=funding)
        with pytest.raises(IntegrityError, match="funding_is_told_once"), transaction.atomic():
            Notification.objects.create(user=claire, kind="WALLET_LOADED", funding=funding)

    def test_credits_a_processor_payment_once(self, claire: User) -> None:
        funding = load(claire, 10_00)
        with pytest.raises(IntegrityError, match="processor_payment_is_credited_once"), transaction.atomic():
            Funding.objects.create(
                user=claire, card=funding.card, amount=10_00, intent_id=funding.intent_id, status="UNKNOWN"
            )

    @pytest.mark.parametrize(
        ("changes", "constraint"),
        [
            ({"transfer": None}, "loaded_funding_has_its_transfer"),
            ({"status": "FAILED"}, "loaded_funding_has_its_transfer"),
        ],
    )
    def test_keeps_a_funding_whole(self, claire: User, changes: dict[str, Any], constraint: str) -> None:
        funding = load(claire, 10_00)
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            Funding.objects.filter(pk=funding.pk).update(**changes)

    def test_asks_for_something(self, claire: User) -> None:
        card = load(claire, 10_00).card
        with pytest.raises(IntegrityError, match="funding_asks_for_something"), transaction.atomic():
            Funding.objects.create(user=claire, card=card, amount=0)

    def test_has_no_negative_limit(self, as_owner: Callable[[str], None]) -> None:
        with pytest.raises(Exception, match="limit_is_not_negative"):
            as_owner("SELECT set_limit('DAY', -1, '')")
