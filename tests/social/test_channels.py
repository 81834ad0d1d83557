from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from hashlib import sha1, sha256
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.utils import timezone

from accounts import identities, numbers, sms
from accounts.models import Identity, User
from payments.models import Delivery, Order
from social import channels, dispatch, graph, inbox, outside, tickets
from social.channels import dm, messenger, said
from social.models import LinkTicket, Message
from tests.people import settled
from tests.sandbox.running import SERVICE_ID, Sandbox
from tests.social.test_views import envelope, send

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("joined_long_ago")]
CLAIRE = "+33612340001"
PAGE, SECRET, VERIFY = "104100900", "hush", "it is us"
SID = "SM" + "0" * 32


@pytest.fixture(autouse=True)
def _page(settings: Any) -> Iterator[None]:
    """The service has a page on Messenger."""
    settings.MESSENGER_PAGE_ID, settings.MESSENGER_APP_SECRET = PAGE, SECRET
    settings.MESSENGER_VERIFY_TOKEN = VERIFY
    outside.graph.cache_clear()
    yield
    outside.graph.cache_clear()


def text(client: Client, body: str, *, signed: str | None = None, sid: str = SID, by: str = CLAIRE) -> int:
    """What the carrier's webhook says of a text."""
    form = {"Body": body, "From": by, "MessageSid": sid, "To": settings.SMS_FROM, "NumMedia": "0", "City": ""}
    whole = f"{settings.SITE_URL}/webhooks/sms" + "".join(f"{name}{form[name]}" for name in sorted(form))
    digest = hmac.new(settings.SMS_AUTH_TOKEN.encode(), whole.encode(), sha1).digest()
    signature = base64.b64encode(digest).decode() if signed is None else signed
    return client.post(
        "/webhooks/sms",
        urlencode(form),
        content_type="application/x-www-form-urlencoded",
        headers={"X-Twilio-Signature": signature},
        secure=True,
    ).status_code


def event(psid: str = "7777", **what: Any) -> dict[str, Any]:
    row = {
        "sender": {"id": psid},
        "recipient": {"id": PAGE},
        "timestamp": int(timezone.now().timestamp() * 1000),
    }
    return {"object": "page", "entry": [{"id": PAGE, "messaging": [row | what]}]}


def tell(client: Client, page: Any, *, signed: str | None = None) -> int:
    """What Messenger's webhook says."""
    body = json.dumps(page).encode()
    signature = f"sha256={hmac.new(SECRET.encode(), body, sha256).hexdigest()}" if signed is None else signed
    return client.post(
        "/webhooks/messenger",
        body,
        content_type="application/json",
        headers={"X-Hub-Signature-256": signature},
        secure=True,
    ).status_code


def linked(user: User, psid: str = "7777") -> Identity:
    """They linked their Messenger long ago."""
    long_ago = timezone.now() - timedelta(days=9)
    return Identity.objects.create(
        network="messenger", external_id=psid, handle="Messenger", user=user, linked_at=long_ago
    )


class TestText:
    def test_is_kept_once_however_often_it_is_told(self, client: Client) -> None:
        assert [text(client, "solde") for _ in range(3)] == [200] * 3
        assert Message.objects.get().external_id == SID

    @pytest.mark.parametrize("signed", ["", "x", "AAAA"])
    def test_forged_leaves_no_trace(self, client: Client, signed: str) -> None:
        assert text(client, "solde", signed=signed) == 403
        assert not Message.objects.exists()

    def test_without_its_number_is_refused(self, client: Client) -> None:
        assert text(client, "solde", sid="nonsense") == 400

    @pytest.mark.parametrize("by", ["BANQUE", "36665", "+33600000000"])
    def test_by_no_person_is_answered_by_nobody(self, client: Client, by: str, settings: Any) -> None:
        settings.SMS_FROM = "+33600000000"
        text(client, "solde", by=by)
        inbox.handle_private()
        assert Message.objects.get().problem == "automatic"

    def test_holds_no_code_anywhere(self, client: Client, caplog: pytest.LogCaptureFixture) -> None:
        text(client, "ENVOYER 10 @armanddossantos 483920")
        inbox.handle_private()
        row = Message.objects.values().get()
        assert "483920" not in str(row)
        assert "483920" not in caplog.text

    def test_too_large_is_refused(self, client: Client) -> None:
        answer = client.post(
            "/webhooks/sms", b"x" * (1024 * 1024 + 1), content_type="text/plain", secure=True
        )
        assert answer.status_code == 413


class TestMessengersWebhook:
    def test_is_verified_by_the_word_that_we_agreed_on(self, client: Client) -> None:
        query = {"hub.mode": "subscribe", "hub.verify_token": VERIFY, "hub.challenge": "1158201444"}
        answer = client.get("/webhooks/messenger", query, secure=True)
        assert (answer.status_code, answer.content) == (200, b"1158201444")

    @pytest.mark.parametrize("change", [{"hub.verify_token": "no"}, {"hub.mode": "x"}])
    def test_is_refused_to_others(self, client: Client, change: dict[str, str]) -> None:
        query = {"hub.mode": "subscribe", "hub.verify_token": VERIFY, "hub.challenge": "1"} | change
        assert client.get("/webhooks/messenger", query, secure=True).status_code == 403

    def test_is_not_there_without_a_page(self, client: Client, settings: Any) -> None:
        settings.MESSENGER_PAGE_ID = ""
        assert client.get("/webhooks/messenger", secure=True).status_code == 404

    @pytest.mark.parametrize("signed", ["", "sha256=", "sha256=" + "0" * 64])
    def test_takes_nothing_forged(self, client: Client, signed: str) -> None:
        assert tell(client, event(message={"mid": "m_1", "text": "solde"}), signed=signed) == 403
        assert not Message.objects.exists()

    @pytest.mark.parametrize(
        "page",
        [{}, [], {"object": "page"}, {"object": "user", "entry": []}, {"object": "page", "entry": [1]}],
    )
    def test_refuses_what_it_cannot_read(self, client: Client, page: Any) -> None:
        assert tell(client, page) == 400

    def test_keeps_what_was_written_or_tapped_and_nothing_else(self, client: Client, claire: User) -> None:
        linked(claire)
        long = "m_" + "x" * 120
        tell(client, event(message={"mid": long, "text": "Solde", "quick_reply": {"payload": "solde"}}))
        tell(client, event(postback={"mid": "m_2", "title": "Aide", "payload": "aide"}))
        tell(client, event(read={"watermark": 1}))
        tell(client, event(delivery={"mids": [long]}))
        kept = Message.objects.order_by("pk").values_list("external_id", "text")
        assert list(kept) == [(sha256(long.encode()).hexdigest(), "solde"), ("m_2", "aide")]

    def test_does_not_answer_itself(self, client: Client) -> None:
        tell(client, event(message={"mid": "m_1", "text": "solde", "is_echo": True}))
        tell(client, event(psid=PAGE, message={"mid": "m_2", "text": "solde"}))
        inbox.handle_private()
        assert set(Message.objects.values_list("problem", flat=True)) == {"automatic"}


class TestTicket:
    def test_links_whoever_brings_it_once(self, client: Client, claire: User) -> None:
        ticket = tickets.issue(claire)
        tell(client, event(referral={"ref": ticket}))
        tell(client, event(psid="8888", referral={"ref": ticket}))
        while inbox.handle_private():
            pass
        assert Identity.objects.get(network="messenger").external_id == "7777"
        said = Message.objects.order_by("pk")
        assert list(said.values_list("problem", flat=True)) == ["linked", "ticket_is_dead"]
        assert ticket not in str(list(said.values()))

    def test_is_good_for_ten_minutes(self, claire: User) -> None:
        ticket = tickets.issue(claire)
        LinkTicket.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
        with pytest.raises(tickets.Unknown):
            redeem(ticket)

    def test_is_worth_nothing_once_there_is_a_newer_one(self, claire: User) -> None:
        old = tickets.issue(claire)
        tickets.issue(claire)
        with pytest.raises(tickets.Unknown):
            redeem(old)

    def test_is_kept_as_a_digest(self, claire: User) -> None:
        assert tickets.issue(claire) not in str(LinkTicket.objects.values().get())

    def test_is_used_up_by_who_is_linked_elsewhere(self, claire: User, armand: User) -> None:
        linked(armand)
        ticket = tickets.issue(claire)
        with pytest.raises(identities.AlreadyLinked):
            redeem(ticket)
        with pytest.raises(tickets.Unknown):
            redeem(ticket)

    def test_is_given_out_by_a_form_of_ours_alone(
        self, claire: User, with_code: Callable[[User], User]
    ) -> None:
        with_code(claire)
        member = Client(enforce_csrf_checks=True)
        member.force_login(claire)
        assert member.post("/settings/messenger/", secure=True).status_code == 403
        assert "m.me" not in member.get("/settings/messenger/?ref=x", secure=True).content.decode()
        assert not LinkTicket.objects.exists()

    def test_is_in_the_link_of_the_page(self, client: Client, claire: User, with_code: Any) -> None:
        with_code(claire)
        client.force_login(claire)
        link = client.post("/settings/messenger/", secure=True).context["link"]
        (ticket,) = parse_qs(urlsplit(link).query)["ref"]
        assert redeem(ticket).user == claire
        client.post("/settings/messenger/unlink/", secure=True)
        assert not Identity.objects.filter(network="messenger", user=claire).exists()


@pytest.mark.django_db(transaction=True)
def test_a_ticket_brought_at_once_links_one(claire: User, at_once: Callable[..., list[Any]]) -> None:
    for turn in range(12):  # Once is not enough to meet in the middle.
        ticket = tickets.issue(claire)
        results = at_once(6, lambda number, ticket=ticket: redeem(ticket, psid=str(number)))
        assert sum(isinstance(each, Identity) for each in results) == 1
        assert sum(isinstance(each, tickets.Unknown) for each in results) == 5, turn
        identities.unlink(claire, network=Identity.Network.MESSENGER, at=timezone.now())


def redeem(ticket: str, psid: str = "7777") -> Identity:
    digest = tickets.digest_of(ticket)
    return tickets.redeem(digest, network=Identity.Network.MESSENGER, external_id=psid, at=timezone.now())


class TestDirectMessages:
    def test_come_by_xs_webhook(self, client: Client) -> None:
        row = {
            "id": "42",
            "event_type": "MessageCreate",
            "text": "envoyer 5€ @armanddossantos",
            "sender_id": "1001",
            "created_at": timezone.now().isoformat(),
        }
        assert send(client, envelope("dm.received", row)) == 200
        inbox.handle_private()
        assert Order.objects.get().channel == "dm"

    def test_of_the_services_own_are_no_orders(self, client: Client) -> None:
        row = {"id": "43", "text": "envoyer 5€ @armanddossantos", "sender_id": settings.X_SERVICE_ID}
        send(client, envelope("dm.received", row))
        inbox.handle_private()
        assert Message.objects.get().problem == "automatic"

    @pytest.mark.parametrize("row", [{"id": 1}, {"id": "1"}, {"id": "1", "sender_id": "2", "text": None}])
    def test_that_cannot_be_read_are_refused(self, client: Client, row: dict[str, Any]) -> None:
        assert send(client, envelope("dm.received", row)) == 400


class TestX:
    """Over HTTP, against the sandbox."""

    def test_lists_and_answers_direct_messages(self, x_sandbox: Sandbox, claire: User) -> None:
        x_sandbox.send("POST", "/sandbox/x/people", {"handle": "nour_dm", "id": 990001, "name": "Nour"})
        Identity.objects.filter(user=claire).update(external_id="990001", handle="nour_dm")
        scope = "tweet.read users.read tweet.write dm.read dm.write offline.access"
        settings.X_REFRESH_TOKEN = x_sandbox.tokens(SERVICE_ID, scope)["refresh_token"]
        x_sandbox.send("POST", "/sandbox/x/messages", {"as": "nour_dm", "text": "solde"})
        assert inbox.hear(dm.NAME, dm.latest(), at=timezone.now()) == 1
        inbox.handle_private()
        assert dispatch.send_due() == 1
        (answer,) = x_sandbox.get("/sandbox/x/messages/nour_dm").json()
        assert "100,00" in answer["text"]
        assert inbox.hear(dm.NAME, dm.latest(), at=timezone.now()) == 1  # Our own, which nobody answers.
        inbox.handle_private()
        assert not Delivery.objects.filter(channel="DM", status="DUE").exists()

    def test_says_whose_a_handle_is_now(self, x_sandbox: Sandbox, armand: User) -> None:
        from social import payees  # noqa: PLC0415  # beside what it is about

        x_sandbox.send("POST", "/sandbox/x/people", {"handle": "just_taken", "id": 990002, "name": "New"})
        Identity.objects.filter(user=armand).update(
            handle="just_taken", seen_at=timezone.now() - timedelta(days=2)
        )
        ids = {
            mention.username: mention.id for mention in payees.mentions("envoyer 5€ @just_taken @nobody_x")
        }
        assert (ids["just_taken"], ids["nobody_x"]) == ("990002", "")


class Fails:
    """A channel that takes nothing."""

    def __init__(self, problem: Exception) -> None:
        self.problem = problem

    def author(self, _id: str) -> None:
        return None

    def send(self, *_: Any, **__: Any) -> str:
        raise self.problem


class TestSending:
    @pytest.mark.parametrize(
        ("problem", "status"),
        [
            (said.Limited(60), "DUE"),
            (said.Unreachable("away"), "DUE"),
            (said.Refused("no"), "FAILED"),
            (ValueError("a slip of ours"), "FAILED"),
        ],
    )
    def test_waits_or_gives_up(
        self, client: Client, monkeypatch: pytest.MonkeyPatch, problem: Exception, status: str
    ) -> None:
        text(client, "solde")
        inbox.handle_private()
        monkeypatch.setattr(channels, "of", lambda _message: Fails(problem))
        assert dispatch.send_due() == 0
        row = Delivery.objects.get(channel="TEXT")
        assert row.status == status
        assert row.problem

    def test_goes_to_whoever_wrote(self, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        sent: list[tuple[str, str]] = []

        def carry(number: str, words: str) -> sms.Sent:
            sent.append((number, words))
            return sms.Sent("SM1")

        monkeypatch.setattr("accounts.texts.send", carry)
        text(client, "solde")
        inbox.handle_private()
        assert (dispatch.send_due(), dispatch.send_due()) == (1, 0)
        assert [number for number, _ in sent] == [CLAIRE]

    @pytest.mark.parametrize("heir", [None, "armand"])
    def test_of_what_became_of_an_order_is_for_who_ordered_it(
        self,
        client: Client,
        claire: User,
        armand: User,
        monkeypatch: pytest.MonkeyPatch,
        heir: str | None,
    ) -> None:
        """The number that ordered it is somebody else's by now, or nobody's."""
        text(client, "ENVOYER 10 @armanddossantos")
        inbox.handle_private()
        settled(Order.objects.get())
        numbers.verify(claire, "+33612349999", at=timezone.now())
        if heir:
            numbers.verify(armand, CLAIRE, at=timezone.now())
        Delivery.objects.filter(notification=None).update(status="FAILED")
        monkeypatch.setattr("accounts.texts.send", lambda *_: pytest.fail("was sent"))
        dispatch.send_due()
        told = Delivery.objects.get(channel="TEXT", notification__isnull=False)
        assert (told.status, told.problem) == ("FAILED", "it is somebody else's number now")

    def test_of_what_became_of_an_order_goes_where_it_was_written(
        self, client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        text(client, "ENVOYER 10 @armanddossantos")
        inbox.handle_private()
        settled(Order.objects.get())
        sent: list[str] = []

        def carry(number: str, _words: str) -> sms.Sent:
            sent.append(number)
            return sms.Sent("SM1")

        monkeypatch.setattr("accounts.texts.send", carry)
        dispatch.send_due()
        assert sent == [CLAIRE] * 2

    def test_is_over_after_a_day_on_messenger(
        self, client: Client, claire: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        linked(claire)
        tell(client, event(message={"mid": "m_1", "text": "solde"}))
        inbox.handle_private()
        monkeypatch.setattr(graph.Graph, "send", lambda *_, **__: pytest.fail("was sent"))
        with time_machine.travel(timezone.now() + timedelta(hours=25)):
            dispatch.send_due()
        assert Delivery.objects.get(channel="MESSENGER").problem == "too late"

    def test_has_buttons_on_messenger(
        self, client: Client, claire: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        linked(claire)
        shown: list[Any] = []

        def carry(_self: Any, _to: str, _text: str, *, replies: Any) -> str:
            shown.extend(replies)
            return "m_9"

        monkeypatch.setattr(graph.Graph, "send", carry)
        tell(client, event(message={"mid": "m_1", "text": "envoyer 5€ @armanddossantos"}))
        inbox.handle_private()
        dispatch.send_due()
        reference = Order.objects.get().reference
        assert [says for _, says in shown] == [f"annuler {reference}", "solde", "aide"]
        assert messenger.NAME == "messenger"
