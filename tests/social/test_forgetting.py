"""Whoever leaves is forgotten in every column of every table, and the books and the others' history stay."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import redis
from cryptography.fernet import InvalidToken
from django.conf import settings as project
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.core import mail
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts import crypto, devices, dossiers, freezes, numbers, sealing, seats, sms, texts
from accounts.models import Identity, Organisation, Role, User
from giving import campaigns, gifts, monthly_gifts
from giving.models import Gift, MonthlyGift
from payments import (
    bank,
    bank_accounts,
    bank_answers,
    claims,
    erasures,
    fundings,
    ledger,
    limits,
    notices,
    orders,
    payout_batches,
    payouts,
    post,
    proofs,
    proposals,
    refunds,
    reviews,
    risk,
)
from payments.models import BankAccount, Card, Delivery, Erasure, Notification, Order, Payout, Proposal
from social import inbox
from social.models import Message
from tests.payments import answers
from tests.people import CODE, agreed, join, load
from tests.sandbox.cardholder import FRENCH
from tests.social.conftest import PEOPLE, hear, page, user
from tests.social.conftest import post as written
from tests.social.test_conversations import say as text

PHONE = "+33698765432"
PASSWORD = "le canari chante à minuit 7"
DAY_SECONDS = 24 * 3600
IBAN = "FR7630006000011234567890189"
CANARIES = {
    "name": "Quatrelangues",
    "first name": "Zéphyrine",
    "name without accents": "Zephyrine",
    "phone": "698765432",
    "phone as it is written": "06 98 76 54 32",
    "e-mail": "canari.courriel",
    "handle": "canari_zeph",
    "former handle": "canari_avant",
    "number on X": "7700112233445",
    "name on X": "Zeph la Siffleuse",
    "picture": "canari-portrait",
    "words": "canaricroissant",
    "document's name": "canari-passeport",
    "document": "canaridocument",
    "device": "Canariphone",
    "browser": "CanariAgent",
    "address": "203.0.113.77",
    "bank account": IBAN,
    "bank account's end": IBAN[-9:],
}

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _on_x(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PEOPLE, "canari_zeph", CANARIES["number on X"])


@pytest.fixture(autouse=True)
def texted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The carrier and the bank's name check, which say yes."""
    numbers: list[str] = []

    def send(phone: str, _text: str) -> sms.Sent:
        numbers.append(phone)
        return sms.Sent(f"SM{len(numbers)}")

    monkeypatch.setattr(texts, "send", send)
    return numbers


@pytest.fixture
def zephyrine(db: None, with_code: Callable[[User], User]) -> User:
    """Canaries wherever something of a member is kept."""
    member = join(
        "Zéphyrine Quatrelangues", phone=PHONE, handle="canari_zeph", external_id=CANARIES["number on X"]
    )
    member.email = "canari.courriel@exemple.fr"
    member.set_password(PASSWORD)
    member.save()
    Identity.objects.filter(user=member).update(
        name=CANARIES["name on X"],
        picture_url="https://pbs.twimg.com/canari-portrait.jpg",
        linked_at=timezone.now() - timedelta(days=9),
    )
    member.links.create(identity=member.identities.get(), linked_at=timezone.now())
    return with_code(member)


@pytest.fixture
def browser(zephyrine: User) -> Client:
    """Signed in by password, on a device that knows her."""
    client = Client(HTTP_USER_AGENT="CanariAgent/1.0", REMOTE_ADDR=CANARIES["address"])
    client.post("/account/login/", {"login": "06 98 76 54 32", "password": PASSWORD})
    assert client.session["_auth_user_id"] == str(zephyrine.pk)
    token = devices.register(zephyrine, name="Canariphone", at=timezone.now())
    client.cookies[project.DEVICE_COOKIE_NAME] = token
    assert client.get("/settings/").status_code == 200
    return client


def say(author: str, payee: str) -> Order:
    """Write an order on X; it waits for its code."""
    note = "pour le canaricroissant" if author == "canari_zeph" else "merci"
    row = written(author, f"@Smoneyfr #envoyer 12,99€ @{payee} {note}")
    hear(row)
    return Order.objects.select_related("payer", "payee").get(channel_id=row["id"])


def searched(canary: str) -> Iterator[str]:
    """The tables with a row that holds it, as text or as bytes: all there are, so also those to come."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n"
            " ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'm') AND n.nspname = 'public'"
        )
        tables = [name for (name,) in cursor.fetchall()]
        assert len(tables) > 40
        for table in tables:
            cursor.execute(
                f"SELECT EXISTS (SELECT FROM {table} t WHERE t::text ILIKE %s OR t::text LIKE %s)",
                [f"%{canary}%", f"%{canary.encode().hex()}%"],
            )
            if cursor.fetchone()[0]:
                yield table


def deciphered() -> Iterator[tuple[str, str]]:
    """All that our own keys can still read, but what is sealed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns"
            " WHERE table_schema = 'public' AND data_type = 'bytea'"
        )
        for table, column in cursor.fetchall():
            if table == "accounts_sealedrecord":
                continue
            cursor.execute(f"SELECT {column} FROM {table} WHERE {column} <> ''")
            for (secret,) in cursor.fetchall():
                for read in (crypto.decrypt, crypto.decrypt_bytes):
                    try:
                        yield f"{table}.{column}", str(read(secret))
                    except (crypto.Undecipherable, InvalidToken, ValueError):
                        continue
    for session in Session.objects.all():
        yield "django_session", json.dumps(session.get_decoded(), ensure_ascii=False)


def cached() -> Iterator[str]:
    """What broker and cache hold, but for what is gone within a day: the rates of an address."""
    broker = redis.Redis.from_url(project.REDIS_URL)
    for key in broker.scan_iter():
        if 0 <= broker.ttl(key) <= DAY_SECONDS:
            continue
        yield repr(key)
        if broker.type(key) == b"string":
            yield repr(broker.get(key))


def found() -> list[tuple[str, str]]:
    secrets, cache = list(deciphered()), "".join(cached())
    return [
        *((name, table) for name, canary in CANARIES.items() for table in searched(canary)),
        *((name, where) for name, canary in CANARIES.items() for where, text in secrets if canary in text),
        *((name, "cache") for name, canary in CANARIES.items() if canary in cache),
    ]


def live_a_life(  # noqa: PLR0913, PLR0917  # whoever takes part in it
    zephyrine: User,
    armand: User,
    odile: User,
    bruno: User,
    register: Callable[[User, str], Card],
    monkeypatch: pytest.MonkeyPatch,
) -> list[Order]:
    """Pay, be paid, give back, load, cash out, be looked at, be frozen and let go again; the orders of it."""
    fundings.load(register(zephyrine, FRENCH), amount=100_00, return_url="http://localhost:9/back")
    load(armand, 100_00)
    dossiers.add(zephyrine, name="canari-passeport.pdf", content=b"%PDF-canaridocument")
    dossier = dossiers.send(zephyrine)
    dossiers.open_documents(dossier, by=odile, reason="Looked at in its turn")
    dossiers.accept(dossier, by=odile)
    hers = orders.confirm(say("canari_zeph", "armanddossantos"), code=CODE)
    to_her = orders.confirm(say("armanddossantos", "canari_zeph"), code=CODE)
    refunds.give(to_her, amount=2_00, code=CODE, key=uuid4())
    with monkeypatch.context() as patch:
        patch.setattr(risk, "RULES", {risk.Rule.HANDLE_CHANGED: lambda _order, _facts: risk.Verdict.REVIEW})
        looked_at = orders.confirm(say("armanddossantos", "canari_zeph"), code=CODE)
        reviews.release(looked_at, staff=odile, note="The post is theirs")
    orders.decline(say("canari_zeph", "armanddossantos"))
    hear(written("canari_zeph", "@Smoneyfr #envoyer 1.000€ @armanddossantos"))  # Answered, once.
    hear(written("bob", "@Smoneyfr #envoyer 5€ @canari_zeph"))  # He has not joined.
    be_named_by_number(zephyrine, armand)
    with monkeypatch.context() as patch:  # As she was called then.
        patch.delitem(PEOPLE, "canari_zeph")
        patch.setitem(PEOPLE, "canari_avant", CANARIES["number on X"])
        orders.decline(say("armanddossantos", "canari_avant"))
    freezes.freeze(zephyrine, reason="The number was ported", by=odile)
    proposal = proposals.propose(
        odile, Proposal.Kind.UNFREEZE, about=zephyrine, terms={}, reason="They came by"
    )
    proposals.approve(proposal, bruno)
    LogEntry.objects.create(
        user=odile,
        content_type=ContentType.objects.get_for_model(User),
        object_id=str(zephyrine.pk),
        object_repr=str(zephyrine),
        action_flag=CHANGE,
        change_message="[]",
    )
    notices.tell(zephyrine, Notification.Kind.CODE_LOCKED)
    return [hers, to_her, looked_at]


def act_for(organisation: Organisation, member: User) -> None:
    """Its owner is told of her by name, and told again as she leaves."""
    owner = seats.at(organisation).get().user
    seats.accept(seats.invite(organisation, Role.READER, by=owner), by=member)


def give_to(organisation: Organisation, member: User) -> None:
    """With a name and words for everybody, and each month from now on; what was asked for is declined."""
    campaign = campaigns.open_(organisation, campaigns.Terms(title="Un puits", story="-", hashtag="puits"))
    terms: dict[str, Any] = {"payer": member, "amount": 10_00, "is_anonymous": False, "at": timezone.now()}
    words: dict[str, Any] = {"message": "du canaricroissant", "channel": "site", "channel_id": "gift:1"}
    orders.confirm(gifts.give(campaign, **terms, **words), code=CODE)
    orders.decline(monthly_gifts.start(campaign, **terms))


def be_named_by_number(member: User, payer: User) -> None:
    """Paid by text before the number is a member's, then spoken of, silent, and heard again."""
    User.objects.filter(pk=member.pk).update(phone_verified_at=None)
    named = text("envoyer 5 06 98 76 54 32", by=str(payer.phone)).order
    assert named
    orders.confirm(named, code=CODE)
    assert Delivery.objects.get(key=f"invitation:{named.pk}").reply_to == PHONE
    numbers.verify(member, PHONE, at=timezone.now())
    claims.release_due()
    text("envoyer 1.000€ +33 6 98 76 54 32", by=str(payer.phone))
    text("envoyer 1000 06.98.76.54.32", by=str(payer.phone))
    for word in ("STOP", "START"):
        text(word, by=PHONE)


def cash_out(member: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """All of it, to the account that is searched for later; the bank has paid it."""
    monkeypatch.setattr(bank_accounts, "_verify", lambda _iban, _name: _MATCH)
    agrees = agreed(proofs.of_account(member, iban=IBAN), member)
    account = bank_accounts.add(
        member, number=IBAN, holder_name="Zephyrine Quatrelangues", code=CODE, proof=agrees
    )
    BankAccount.objects.filter(pk=account.pk).update(checked_at=timezone.now() - timedelta(days=2))
    amount = ledger.balance(ledger.wallet(member))
    agrees = agreed(proofs.of_payout(account, amount=amount), member)
    payout = payouts.request(account, amount=amount, code=CODE, key=uuid4(), proof=agrees)
    payout_batches.export_due()
    batch = Payout.objects.get(pk=payout.pk).batch
    assert batch
    payout_batches._note(batch, problem="", sent_at=timezone.now())  # noqa: SLF001  # the bank took it
    bank_answers.take(answers.paid(Payout.objects.select_related("batch", "bank_account").get(pk=payout.pk)))


_MATCH = bank.Verification(verdict=bank.Verdict.MATCH, name="")


@pytest.fixture
def left(  # noqa: PLR0913, PLR0917  # whoever takes part in it
    zephyrine: User,
    armand: User,
    odile: User,
    bruno: User,
    browser: Client,
    acf: Organisation,
    register: Callable[[User, str], Card],
    with_code: Callable[[User], User],
    monkeypatch: pytest.MonkeyPatch,
) -> list[Order]:
    """Zéphyrine after her life with us; the orders of it."""
    for check in ("check_order_seen", "check_seen"):
        monkeypatch.setattr(limits, check, lambda _order, _seen: None)
    Identity.objects.update(linked_at=timezone.now() - timedelta(days=9), joined_network_at=None)
    lived = live_a_life(zephyrine, with_code(armand), odile, bruno, register, monkeypatch)
    give_to(acf, zephyrine)
    act_for(acf, zephyrine)
    cash_out(zephyrine, monkeypatch)
    waiting = say("armanddossantos", "canari_zeph")
    Identity.objects.filter(handle="canari_zeph").update(name=CANARIES["name on X"])
    assert {name for name, _where in found()} == set(CANARIES)
    page = browser.post("/settings/close/", {"code": CODE})
    assert page.status_code == 302, page.content.decode()
    for _ in range(2):
        post.send_due()
        Delivery.objects.filter(channel__in=["X", "TEXT"], status="DUE").update(
            status="SENT", sent_at=timezone.now()
        )
        Erasure.objects.filter(finished_at=None).update(due_at=timezone.now())
        erasures.finish_due()
    waiting.refresh_from_db()
    assert waiting.status == "VOIDED"
    return lived


class TestWhoeverLeft:
    def test_is_found_nowhere(
        self, left: list[Order], zephyrine: User, odile: User, texted: list[str]
    ) -> None:
        assert found() == []
        assert Erasure.objects.get().finished_at is not None
        # The last message reached her, by both ways; her organisation's owner is told of the seat.
        assert PHONE in texted[-2:]
        assert [message for message in mail.outbox[-2:] if "fermé" in message.subject]
        # What the law wants is sealed, and says who asked for it.
        known = json.dumps(sealing.open_record(zephyrine, by=odile, reason="Asked for by a judge"))
        assert all(canary in known for canary in (PHONE, IBAN, "Quatrelangues", "canari_zeph"))

    def test_is_named_under_no_gift_and_asked_for_none(self, left: list[Order]) -> None:
        assert set(Gift.objects.values_list("message", "is_anonymous")) == {("", True)}
        assert not MonthlyGift.objects.filter(ended_at=None).exists()

    def test_is_a_former_member_in_the_history_of_others(self, left: list[Order], armand: User) -> None:
        theirs = Client()
        theirs.force_login(armand)
        for url in ("/wallet/", "/wallet/history/", "/wallet/notices/", *_pages(left)):
            page = theirs.get(url)
            assert page.status_code == 200, url
            assert not [name for name, canary in CANARIES.items() if canary in page.content.decode()], url
        assert "ancien membre" in theirs.get("/wallet/history/").content.decode()
        assert (
            theirs.get(f"/orders/{left[0].reference}/refund/").status_code == 302
        )  # There is nobody to give it to.

    def test_is_signed_out_and_cannot_come_in(self, left: list[Order], browser: Client) -> None:
        assert browser.get("/wallet/").status_code == 302
        browser.post("/account/login/", {"login": "06 98 76 54 32", "password": PASSWORD})
        assert "_auth_user_id" not in browser.session

    def test_may_come_back_as_somebody_new(self, left: list[Order], zephyrine: User) -> None:
        """The same number, the same account on X, and none of the history."""
        again = join("Zoé", phone=PHONE, handle="canari_zeph", external_id=CANARIES["number on X"])
        assert again.pk != zephyrine.pk
        inbox.record(_page_of("canari_zeph"), at=timezone.now())
        assert Identity.objects.filter(handle="canari_zeph").count() == 1
        assert not Order.objects.filter(payee__user=again).exists()

    def test_leaves_no_words_in_a_message_that_comes_late(self, left: list[Order]) -> None:
        assert not Message.objects.exclude(handled_at=None).filter(text__contains="canari").exists()


def _pages(lived: list[Order]) -> list[str]:
    return [f"/orders/{order.reference}/" for order in lived]


def _page_of(handle: str) -> Any:
    return page(written(handle, "bonjour"), people=[user(handle)])
