from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import freezes, numbers
from accounts.models import Identity, IdentityLink, Organisation, User
from payments import claims, halts, ledger, orders, self_check, silences
from payments.models import Delivery, Order, Request, Silence, Split
from social import dispatch, inbox, outside, redaction, x
from social.channels.said import Said
from social.models import LinkTicket, Message
from tests.people import CODE

CLAIRE, ARMAND = "+33612340001", "+33612340002"
STRANGER = "+33699887766"
_ids = itertools.count(1)
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("joined_long_ago", "x_is_away")]


@pytest.fixture
def joined_long_ago(claire: User, armand: User) -> None:
    for_days = timezone.now() - timedelta(days=9)
    User.objects.update(phone_verified_at=for_days, joined_at=for_days)
    Identity.objects.filter(user__isnull=False).update(linked_at=for_days)


@pytest.fixture
def x_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    class Away:
        def people(self, handles: Any) -> Any:
            raise x.Unreachable("away")

    monkeypatch.setattr(outside, "x", Away)


def say(
    text: str,
    *,
    by: str = CLAIRE,
    channel: Message.Channel = Message.Channel.SMS,
    at: datetime | None = None,
    **more: Any,
) -> Message:
    """Somebody says it in private, and it is decided on."""
    said = Said(f"m{next(_ids)}", by, text, at or timezone.now(), **more)
    inbox.hear(channel, [said], at=timezone.now())
    while inbox.handle_private():
        pass
    return Message.objects.get(external_id=said.id)


def answers(channel: str = "TEXT") -> list[str]:
    own = Delivery.objects.filter(channel=channel, notification=None)
    return list(own.order_by("pk").values_list("text", flat=True))


class TestAnOrder:
    def test_by_text_waits_for_the_code_and_is_answered_there_alone(self, claire: User, armand: User) -> None:
        message = say("ENVOYER 12,99 @armanddossantos pour le resto")
        order = Order.objects.get()
        assert (order.payer, order.payee.user, order.amount, order.status) == (
            claire,
            armand,
            12_99,
            "PENDING",
        )
        assert (order.channel, order.channel_id, order.note) == ("sms", message.external_id, "pour le resto")
        assert (message.outcome, message.order) == ("ORDER", order)
        (answer,) = answers()
        assert order.reference in answer
        assert "http" not in answer
        assert not Delivery.objects.filter(channel="SMS").exists()  # One answer for one message.

    def test_by_direct_message_warns_the_phone_as_well(self, claire: User) -> None:
        say("envoyer 5€ @armanddossantos", by="1001", channel=Message.Channel.DM)
        assert Order.objects.get().channel == "dm"
        assert len(answers("DM")) == 1
        assert Delivery.objects.filter(channel="SMS").count() == 1

    def test_is_made_once_of_a_message_that_comes_again(self) -> None:
        said = Said("again", CLAIRE, "envoyer 5€ @armanddossantos", timezone.now())
        assert [inbox.hear(Message.Channel.SMS, [said, said], at=timezone.now()) for _ in range(3)] == [
            1,
            0,
            0,
        ]
        inbox.handle_private()
        assert (Order.objects.count(), len(answers())) == (1, 1)

    def test_may_pay_a_number_that_is_a_members(self, armand: User) -> None:
        say("ENVOYER 10 0612340002")
        payee = Order.objects.get().payee
        assert (payee.network, payee.user, payee.name, str(payee)) == ("phone", armand, "", "06 12 34 00 02")

    def test_is_refused_with_the_line_to_write(self) -> None:
        message = say("envoyer 1.000€ @armanddossantos")
        assert (message.outcome, message.problem) == ("REFUSED", "ambiguous_amount")
        assert "envoyer 12,99€ @armanddossantos" in answers()[0]

    def test_for_a_handle_that_two_people_had_waits_for_x(self, lea: User) -> None:
        Identity.objects.filter(user=lea).update(handle="armanddossantos")
        Identity.objects.update(seen_at=timezone.now() - timedelta(days=2))
        message = say("envoyer 5€ @armanddossantos")
        assert (message.outcome, message.problem) == ("REFUSED", "unknown_payee")

    def test_by_whoever_is_frozen_is_refused(self, claire: User) -> None:
        freezes.freeze(claire, reason="this was not me", by=None)
        assert say("envoyer 5€ @armanddossantos").problem == "frozen"

    def test_from_before_the_linking_is_nobodys_word(self) -> None:
        Identity.objects.filter(external_id="1001").update(linked_at=timezone.now())
        message = say(
            "envoyer 5€ @armanddossantos",
            by="1001",
            channel=Message.Channel.DM,
            at=timezone.now() - timedelta(hours=1),
        )
        assert (message.outcome, message.problem) == ("IGNORED", "before_linking")

    def test_a_day_late_is_dropped(self) -> None:
        late = timezone.now() - timedelta(hours=25)
        assert say("envoyer 5€ @armanddossantos", at=late).problem == "late"


class TestOtherCommands:
    def test_balance_says_what_there_is_and_what_waits(self) -> None:
        say("envoyer 5€ @armanddossantos")
        say("solde")
        assert "100,00" in answers()[-1]
        assert "1 " in answers()[-1]

    def test_help_lists_them(self) -> None:
        message = say("aide")
        assert (message.outcome, message.problem) == ("ANSWERED", "help")

    def test_what_is_not_understood_is_answered_with_help_once_an_hour(self) -> None:
        for text in ("bonjour", "ça va ?", "il fait beau"):
            say(text)
        assert len(answers()) == 1

    def test_cancel_takes_back_by_reference_or_as_a_reply(self) -> None:
        say("envoyer 5€ @armanddossantos")
        assert say(f"annuler {Order.objects.get().reference}").problem == "taken_back"
        ordered = say("envoyer 6€ @armanddossantos")
        assert say("annuler", reply_to=ordered.external_id).problem == "taken_back"
        assert set(Order.objects.values_list("status", flat=True)) == {"DECLINED"}

    def test_cancel_of_nothing_says_what_to_write(self) -> None:
        assert say("annuler").problem == "nothing_to_take_back"
        assert "annuler …" in answers()[0]

    def test_cancel_while_money_stands_still_is_refused_and_holds_up_nobody(
        self, claire: User, with_code: Callable[[User], User]
    ) -> None:
        say("ENVOYER 10 0699887766")
        with_code(claire)
        orders.confirm(Order.objects.get(), code=CODE)
        say("envoyer 5€ @armanddossantos")
        held, waits = Order.objects.order_by("created_at")
        assert halts.halt_for([self_check.Breach("a balance equals its transfers", 2)])
        message = say(f"annuler {held.reference}")
        assert (message.outcome, message.problem) == ("REFUSED", "not_yet")
        held.refresh_from_db()
        assert held.status == "HELD"
        assert say(f"annuler {waits.reference}").problem == "taken_back"  # It moves nothing.

    def test_cancel_does_not_reach_the_orders_of_others(self) -> None:
        say("envoyer 5€ @armanddossantos")
        reference = Order.objects.get().reference
        assert say(f"annuler {reference}", by=ARMAND).problem == "nothing_to_take_back"
        assert Order.objects.get().status == "PENDING"

    def test_request_asks_and_is_taken_back(self, armand: User) -> None:
        message = say("demander 15€ @armanddossantos cinéma")
        request = Request.objects.get()
        assert (message.outcome, request.payer.user, request.amount) == ("ASKED", armand, 15_00)
        assert say(f"annuler {request.reference}").problem == "taken_back"
        request.refresh_from_db()
        assert request.status == "CANCELLED"

    def test_split_divides_to_the_cent(self, lea: User) -> None:
        assert say("partager 10€ @armanddossantos @lea_petit").outcome == "ASKED"
        bill = Split.objects.get()
        assert bill.own_share + sum(bill.shares.values_list("amount", flat=True)) == 10_00

    def test_request_of_a_number_by_who_has_no_x(self, claire: User) -> None:
        Identity.objects.filter(user=claire).update(user=None, linked_at=None)
        assert say("demander 15€ 0612340002").outcome == "ASKED"
        assert str(Request.objects.get().payee) == "06 12 34 00 01"

    def test_asking_oneself_is_refused(self) -> None:
        assert say("demander 15€ @claire_martin").problem == "asker_is_payer"

    def test_buying_what_nobody_sells_says_so(self) -> None:
        assert say("acheter TSHIRT42").problem == "product_unknown"


class TestStrangers:
    def test_are_invited_once_a_day_without_an_address(self) -> None:
        for text in ("solde", "envoyer 5€ @armanddossantos"):
            assert say(text, by=STRANGER).problem == "not_linked"
        (answer,) = answers()
        assert "http" not in answer

    @pytest.mark.parametrize("channel", ["dm", "messenger"])
    def test_are_told_what_to_link(self, channel: str) -> None:
        say("solde", by="424242", channel=Message.Channel(channel))
        assert len(answers(channel.upper())) == 1


class TestStop:
    def test_holds_at_once_for_what_is_on_its_way(
        self, claire: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        say("solde")
        inbox.hear(Message.Channel.SMS, [Said("s", CLAIRE, " Arrêt ! ", timezone.now())], at=timezone.now())
        monkeypatch.setattr("accounts.texts.send", lambda *_: pytest.fail("was sent"))
        assert dispatch.send_due() == 0
        assert Delivery.objects.get(channel="TEXT").status == "FAILED"

    def test_orders_nothing_until_start(self) -> None:
        say("stop")
        assert say("envoyer 5€ @armanddossantos").problem == "stopped"
        say("REPRENDRE")
        assert say("envoyer 5€ @armanddossantos").outcome == "ORDER"

    def test_is_of_one_channel(self) -> None:
        say("stop")
        assert say("solde", by="1001", channel=Message.Channel.DM).outcome == "ANSWERED"

    def test_is_confirmed_once_and_by_the_carrier_for_texts(self) -> None:
        say("stop")
        say("stop", by="1001", channel=Message.Channel.DM)
        assert (answers(), len(answers("DM"))) == ([], 1)

    @pytest.mark.parametrize("again", ["stop", "STOP !"])
    def test_said_again_is_not_answered_until_start(self, again: str) -> None:
        """A machine that answers us with the same word would be told the same for ever."""
        for text in ("stop", again, again):
            say(text, by="1001", channel=Message.Channel.DM)
        assert len(answers("DM")) == 1
        say("start", by="1001", channel=Message.Channel.DM)
        say("stop", by="1001", channel=Message.Channel.DM)
        assert len(answers("DM")) == 3

    def test_that_comes_again_after_start_does_not_count(self) -> None:
        said = Said("stop1", CLAIRE, "STOP", timezone.now())
        inbox.hear(Message.Channel.SMS, [said], at=timezone.now())
        say("START")
        inbox.hear(Message.Channel.SMS, [said], at=timezone.now())
        assert not silences.holds(Delivery.Channel.SMS, CLAIRE)

    def test_holds_for_notifications_by_sms(self, claire: User, monkeypatch: pytest.MonkeyPatch) -> None:
        from payments import post  # noqa: PLC0415  # beside what it is about

        say("stop")
        say("envoyer 5€ @armanddossantos", by="1001", channel=Message.Channel.DM)
        monkeypatch.setattr("accounts.texts.send", lambda *_: pytest.fail("was sent"))
        post.send_due()
        assert Delivery.objects.get(channel="SMS").problem == "they said STOP"


class TestNobodyAnswers:
    @pytest.mark.parametrize(
        "text", ["Réponse automatique : absent", "[AUTO] je reviens lundi", "Out of office", "Je conduis"]
    )
    def test_machines(self, text: str) -> None:
        assert say(text).problem == "automatic"
        assert answers() == []

    def test_what_no_person_wrote(self) -> None:
        assert say("solde", is_automatic=True).problem == "automatic"

    def test_its_own_words_sent_back(self) -> None:
        say("aide")
        assert say(answers()[0]).problem == "echo"

    def test_the_same_again_and_again(self) -> None:
        outcomes = [say("solde").problem for _ in range(6)]
        assert outcomes == ["balance"] * 3 + ["repeated"] * 3

    def test_whoever_goes_on_and_on(self) -> None:
        outcomes = {say(f"envoyer {n}$ @armanddossantos").problem for n in range(25)}
        assert "too_many" in outcomes
        assert len(answers()) == 20

    def test_who_left(self, claire: User) -> None:
        User.objects.filter(pk=claire.pk).update(is_active=False)
        assert say("solde").problem == "inactive"

    def test_an_organisation(self, acf: Organisation, claire: User) -> None:
        """Nobody confirms in its name, and its balance is for those who act for it."""
        Identity.objects.filter(user=claire).update(user=acf.account)
        assert say("solde", by="1001", channel=Message.Channel.DM).problem == "organisation"


class TestSecretCode:
    @pytest.mark.parametrize(
        "text",
        [
            CODE,
            f"mon code est {CODE}.",
            "270 914",
            "27-09-14",
            "2 7 0 9 1 4",
            f"code{CODE}",
            "２７０９１４",
            f"envoyer 10€ @armanddossantos {CODE}",
            f"envoyer 10 {CODE}",
            f"{CODE}€",
            "06 12 34 56 78 27 09 14",
            "06 12 34 56 78 2 7 0 9 1 4",
            "27 09 14 06 12 34 56 78",
            "0612345678 270 914",
            "270  914",
            "270\n914",
            "27/09/14",
            "270 – 914",
            "27 09 14\n5 €",
        ],
    )
    def test_is_never_kept_and_orders_nothing(self, text: str) -> None:
        message = say(text)
        assert (message.outcome, message.problem) == ("ANSWERED", "code_seen")
        assert redaction.STRUCK in message.text
        digits = "".join(c for c in f"{message.text}{message.payload}" if c in "0123456789")
        assert CODE not in digits
        assert (Order.objects.count(), len(answers())) == (0, 1)

    @pytest.mark.parametrize(
        "text",
        [
            "envoyer 10 0612340002",
            "envoyer 10 06 12 34 00 02",
            "envoyer 10 +33 6 12 34 00 02",
            "envoyer 10 06/12/34/00/02",
            "0612340002 ou 06 98 76 54 32 06 12 34 00 02",
            "envoyer 12,99€\n@bob 3 x 4",
            "envoyer 1234,56€ @bob_123456",
            "envoyer 100 000 € @bob",
            "envoyer 1 000 000 000 € @bob",
            "https://t.co/123456",
        ],
    )
    def test_is_not_seen_in_numbers_handles_and_sums(self, text: str) -> None:
        assert redaction.strike(text) == (text, False)

    def test_is_not_seen_in_the_reference_of_an_own_order(self, claire: User) -> None:
        say("envoyer 5€ @armanddossantos")
        Order.objects.update(reference="AB234567")
        assert not say("annuler AB234567").payload

    def test_may_be_anybodys_so_that_nobody_tries_codes_by_text(self) -> None:
        """The same answer for the right one and a wrong one."""
        say(CODE)
        say("135792")
        first, second = answers()
        assert first == second


class TestNumber:
    def test_who_is_no_member_is_told_by_sms_and_paid_when_they_verify_it(
        self, claire: User, with_code: Callable[[User], User]
    ) -> None:
        say("ENVOYER 10 0699887766")
        with_code(claire)
        orders.confirm(Order.objects.get(), code=CODE)
        assert Order.objects.get().status == "HELD"
        invitation = Delivery.objects.get(reply_to=STRANGER, channel="SMS")
        assert "Claire" not in invitation.text
        joins = User.objects.create_user(STRANGER, name="Nour")
        numbers.verify(joins, STRANGER, at=timezone.now())
        claims.release_due(joins)
        assert (Order.objects.get().status, ledger.balance(ledger.wallet(joins))) == ("PAID", 10_00)

    def test_that_changes_hands_stands_for_who_has_it_now(self, armand: User, lea: User) -> None:
        known = numbers.identity(ARMAND, at=timezone.now())
        assert known.user == armand
        numbers.verify(armand, "+33612349999", at=timezone.now())
        numbers.verify(lea, ARMAND, at=timezone.now())
        known.refresh_from_db()
        assert known.user == lea
        past = IdentityLink.objects.filter(identity=known).order_by("pk").values_list("user", "unlinked_at")
        assert [(user, at is None) for user, at in past] == [(armand.pk, False), (lea.pk, True)]

    def test_does_not_go_to_whoever_only_claims_it(self, claire: User) -> None:
        User.objects.create_user(STRANGER, name="Mallory")
        assert numbers.identity(STRANGER, at=timezone.now()).user is None


@pytest.mark.django_db(transaction=True)
class TestRaces:
    def test_paid_while_it_is_verified_is_theirs(
        self, at_once: Callable[..., list[Any]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Who verifies it has looked for its identity, and not committed: who pays it makes one then."""
        joins = User.objects.create_user(STRANGER, name="Nour")
        looked, is_paid = threading.Event(), threading.Event()
        known = numbers._known  # noqa: SLF001  # where the two meet

        def look(phone: str) -> Identity | None:
            found = known(phone)
            looked.set()
            is_paid.wait(timeout=1)  # Behind the lock nobody comes.
            return found

        def work(number: int) -> Any:
            if number:
                return numbers.verify(joins, STRANGER, at=timezone.now())
            looked.wait(timeout=10)
            identity = numbers.identity(STRANGER, at=timezone.now())
            is_paid.set()
            return identity

        monkeypatch.setattr(numbers, "_known", look)
        results = at_once(2, work)
        assert not [each for each in results if isinstance(each, Exception)], results
        assert Identity.objects.get(external_id=STRANGER).user == joins

    def test_one_message_told_at_once_is_one_order(self, at_once: Callable[..., list[Any]]) -> None:
        said = Said("once", CLAIRE, "envoyer 5€ @armanddossantos", timezone.now())

        def work(_number: int) -> Any:
            new = inbox.hear(Message.Channel.SMS, [said], at=timezone.now())
            inbox.handle_private()
            return new

        assert sorted(at_once(8, work)) == [0] * 7 + [1]
        inbox.handle_private()
        assert (Order.objects.count(), len(answers())) == (1, 1)


class TestTables:
    def test_silence_a_channel_once_at_a_time(self) -> None:
        Silence.objects.create(channel="SMS", address=CLAIRE)
        with pytest.raises(IntegrityError, match="channel_is_silenced_once_at_a_time"), transaction.atomic():
            Silence.objects.create(channel="SMS", address=CLAIRE)

    def test_end_a_silence_after_it_began(self) -> None:
        early = timezone.now() - timedelta(days=1)
        with pytest.raises(IntegrityError, match="silence_ends_after_it_began"), transaction.atomic():
            Silence.objects.create(channel="SMS", address=CLAIRE, ended_at=early)

    def test_use_a_ticket_before_it_expires(self, claire: User) -> None:
        now = timezone.now()
        with pytest.raises(IntegrityError, match="ticket_is_used_before_it_expires"), transaction.atomic():
            LinkTicket.objects.create(digest="d", user=claire, expires_at=now, used_at=now)

    @pytest.mark.parametrize("channel", ["DM", "TEXT", "MESSENGER", "SMS", "X"])
    def test_deliver_to_an_address(self, channel: str) -> None:
        with pytest.raises(IntegrityError, match="delivery_has_an_address"), transaction.atomic():
            Delivery.objects.create(key="k", channel=channel, text="t")
