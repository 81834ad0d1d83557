"""A member leaves: what stands in the way, who says so, and nobody pays them into a wallet that is closed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings as project
from django.core.management import CommandError, call_command
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.test import Client
from django.utils import timezone, translation

from accounts import audit, codes, devices, freezes, identities, members, sealing, seats, sms, texts
from accounts.archive import SealedRecord
from accounts.models import Device, Freeze, Identity, Organisation, Role, SecretCode, User
from payments import (
    acquirer,
    approvals,
    cards,
    chargebacks,
    claims,
    erasures,
    ledger,
    notices,
    orders,
    payouts,
    post,
    proofs,
    proposals,
    refunds,
    settlement,
)
from payments.models import (
    BankAccount,
    Card,
    Confirmation,
    Delivery,
    Erasure,
    Funding,
    LedgerAccount,
    Order,
    Proposal,
    Transfer,
)
from tests.people import CODE, agreed, bank_account, load, place, settled
from tests.staff import at_desk, page_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def armand_(armand: User, with_code: Callable[[User], User]) -> User:
    """Armand, who has a code, a device and no money."""
    devices.register(with_code(armand), name="Phone", at=timezone.now())
    return armand


@pytest.fixture(autouse=True)
def processor(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the card processor says, in turn, of a card that is to be forgotten."""
    answers: list[Any] = []

    def forget(_card: Card) -> None:
        if answers:
            raise answers.pop(0)

    monkeypatch.setattr(cards, "remove", forget)
    return answers


def shown(user: User, *, minutes_ago: int = 0) -> erasures.Proof:
    device = Device.objects.filter(user=user, removed_at=None).latest("pk")
    return erasures.Proof(shown_at=timezone.now() - timedelta(minutes=minutes_ago), device_id=device.pk)


def leave(user: User) -> Erasure:
    return erasures.close(user, code=CODE, proof=shown(user))


def reasons(user: User) -> str:
    with pytest.raises(erasures.InTheWay) as refusal:
        leave(user)
    with translation.override("fr"):
        return " ".join(str(obstacle.words) for obstacle in refusal.value.obstacles)


class TestInTheWay:
    def test_is_nothing_for_who_has_nothing(self, armand_: User) -> None:
        assert erasures.in_the_way(armand_) == []

    def test_is_money_in_the_wallet(self, armand_: User) -> None:
        load(armand_, 1)
        assert "portefeuille" in reasons(armand_)
        assert SecretCode.objects.get(user=armand_).tries == 0

    def test_is_an_order_that_waits(self, armand_: User, lea: User) -> None:
        place(armand_, lea)
        assert "attend votre code" in reasons(armand_)

    def test_is_money_that_waits_for_its_payee(self, armand_: User, bob: Identity) -> None:
        load(armand_, 12_99)
        orders.confirm(place(armand_, bob), code=CODE)
        assert "pas encore arrivé" in reasons(armand_)

    def test_is_money_that_waits_for_a_number_that_was_theirs(self, armand_: User, claire: User) -> None:
        """Somebody else has it now perhaps, and is to be paid when they join."""
        identities.link(
            armand_,
            network=Identity.Network.PHONE,
            external_id="33612340077",
            handle="06 12 34 00 77",
            name="",
            picture_url="",
            joined_network_at=None,
            at=timezone.now(),
        )
        given_up = identities.unlink(armand_, network=Identity.Network.PHONE, at=timezone.now())
        order = settled(place(claire, given_up))
        assert "en route vers vous" in reasons(armand_)
        claims.take_back(order)
        leave(armand_)

    def test_is_an_organisation_that_they_alone_own(
        self, acf: Organisation, armand_: User, lea: User
    ) -> None:
        """With another owner their seat ends as they leave."""
        seats.take(acf, armand_, Role.OWNER)
        assert erasures.in_the_way(armand_) == []
        seats.leave(acf, seats.of(lea).get().pk, by=armand_)
        assert [obstacle.page for obstacle in erasures.in_the_way(armand_)] == ["organisations"]
        seats.take(acf, lea, Role.OWNER)
        leave(armand_)
        assert [seat.user for seat in seats.at(acf)] == [lea]

    def test_is_money_on_its_way_to_the_bank(self, armand_: User) -> None:
        load(armand_, 20_00)
        account = bank_account(armand_)
        agrees = agreed(proofs.of_payout(account, amount=20_00), armand_)
        payouts.request(account, amount=20_00, code=CODE, key=uuid4(), proof=agrees)
        assert "vers votre banque" in reasons(armand_)

    def test_is_a_card_that_is_being_asked(self, armand_: User, claire: User) -> None:
        card = Card.objects.get(user=claire)
        Card.objects.filter(pk=card.pk).update(user=armand_)
        Funding.objects.create(user=armand_, card=card, amount=5_00)
        assert "débitée" in reasons(armand_)

    def test_is_a_freeze(self, armand_: User) -> None:
        freezes.freeze(armand_, reason="asked to")
        assert "gelé" in reasons(armand_)

    @pytest.mark.bare_transfers
    def test_is_a_chargeback_and_what_is_owed_of_it(self, armand_: User, claire: User) -> None:
        funding = load(armand_, 9_00)
        ledger.post(_posting(armand_, claire, 9_00))
        dispute = acquirer.Dispute(
            id="dp_1",
            charge_id=funding.intent_id,
            amount=9_00,
            state=acquirer.DisputeState.OPEN,
            currency="eur",
        )
        with transaction.atomic():
            chargebacks._open(funding, dispute)  # noqa: SLF001  # as its webhook does
        said = reasons(armand_)
        assert "conteste un rechargement" in said
        assert "vous nous devez" in said.lower()

    def test_is_working_here(self, odile: User) -> None:
        assert [str(one.words) for one in erasures.in_the_way(odile)] != []

    def test_is_a_wallet_that_many_pay_at_once(self, armand_: User) -> None:
        ledger.append(ledger.wallet(armand_))
        assert "organisation" in reasons(armand_)


class TestClose:
    def test_takes_the_code_and_something_they_have(self, armand_: User) -> None:
        with pytest.raises(codes.WrongCode):
            erasures.close(armand_, code="135790", proof=shown(armand_))
        assert SecretCode.objects.get(user=armand_).tries == 1
        for proof in (
            shown(armand_, minutes_ago=6),
            erasures.Proof(shown_at=timezone.now()),
            erasures.Proof(shown_at=timezone.now(), passkey_id=1),
        ):
            with pytest.raises(erasures.ProofRejected):
                erasures.close(armand_, code=CODE, proof=proof)
        armand_.refresh_from_db()
        assert armand_.erased_at is None

    def test_happens_once(self, armand_: User) -> None:
        proof = shown(armand_)
        leave(armand_)
        with pytest.raises(erasures.InTheWay):
            erasures.close(armand_, code=CODE, proof=proof)
        assert (SealedRecord.objects.count(), Erasure.objects.count()) == (1, 1)

    def test_leaves_no_sign_up_that_was_never_verified(self, armand_: User) -> None:
        """Else the hourly look at those would try to delete whom the books know, and delete nobody."""
        leave(armand_)
        never = User.objects.create(name="Somebody", phone="+33612349999")
        assert members.forget_claims(before=timezone.now()) == 1
        assert not User.objects.filter(pk=never.pk).exists()
        assert User.objects.filter(pk=armand_.pk).exists()

    def test_says_a_last_word_to_who_had_an_address(
        self, armand_: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        leave(armand_)
        due = Delivery.objects.get(notification__kind="ACCOUNT_CLOSED")
        assert due.address is not None
        assert b"+336" not in bytes(due.address)
        sent: list[str] = []

        def send(phone: str, _text: str) -> sms.Sent:
            sent.append(phone)
            return sms.Sent("SM1")

        monkeypatch.setattr(texts, "send", send)
        post.send_due()
        assert sent == ["+33612340002"]

    @pytest.mark.bare_transfers
    def test_goes_on_until_the_processor_has_forgotten_the_card(
        self, armand_: User, claire: User, processor: list[Any]
    ) -> None:
        Card.objects.filter(user=claire).update(user=armand_)
        leave(armand_)
        Delivery.objects.update(status="FAILED")
        processor.append(acquirer.Unreachable())
        assert erasures.finish_due() == 0
        assert Card.objects.get().last4 == "0003"
        Erasure.objects.update(due_at=timezone.now())
        assert erasures.finish_due() == 1
        assert (Card.objects.get().last4, Card.objects.get().fingerprint) == ("", "")

    def test_asks_again_later_each_time(self, armand_: User) -> None:
        leave(armand_)
        assert erasures.finish_due() == 0  # The last message is due still.
        erasure = Erasure.objects.get()
        assert erasure.rounds == 1
        assert erasure.due_at > timezone.now()
        assert erasures.finish_due() == 0
        assert Erasure.objects.get().rounds == 1


class TestRaces:
    def test_is_paid_before_or_not_at_all(
        self,
        armand_: User,
        claire: User,
        with_code: Callable[[User], User],
        at_once: Callable[..., list[Any]],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """The code is right, and the payee read as a member; then they leave, before the money moves."""
        order = place(with_code(claire), armand_)
        proof, settle = shown(armand_), settlement.settle
        is_read, is_gone = threading.Event(), threading.Event()

        def settle_later(one: Order, **known: Any) -> None:
            is_read.set()
            assert is_gone.wait(20)
            settle(one, **known)

        def run(number: int) -> object:
            if number:
                return orders.confirm(
                    Order.objects.select_related("payer", "payee").get(pk=order.pk), code=CODE
                )
            assert is_read.wait(20)
            left = erasures.close(User.objects.get(pk=armand_.pk), code=CODE, proof=proof)
            is_gone.set()
            return left

        monkeypatch.setattr(settlement, "settle", settle_later)
        left, paid = at_once(2, run)
        order.refresh_from_db()
        assert (type(left), type(paid)) == (Erasure, settlement.PayeeChanged)
        assert (order.status, ledger.balance(ledger.wallet(claire))) == ("VOIDED", 100_00)

    def test_pays_nobody_who_has_left(
        self,
        armand_: User,
        claire: User,
        with_code: Callable[[User], User],
        at_once: Callable[..., list[Any]],
    ) -> None:
        """The payer has read that the payee is a member, and pays after they have left."""
        order = place(with_code(claire), armand_)
        order = Order.objects.select_related("payer", "payee__user").get(pk=order.pk)
        order.payee_user = order.payee.user
        leave(armand_)
        source, target = ledger.wallets(order.payer, armand_)
        posting = ledger.Posting(
            id=order.pk, source=source, target=target, amount=12_99, kind=Transfer.Kind.PAYMENT
        )
        with pytest.raises(ledger.WalletClosed), transaction.atomic():
            ledger.post(posting)
        with pytest.raises(settlement.PayeeChanged), transaction.atomic():
            settlement.settle(order)
        assert ledger.balance(source) == 100_00

    def test_of_two_owners_one_stays(  # noqa: PLR0913, PLR0917  # fixtures
        self,
        armand_: User,
        lea: User,
        acf: Organisation,
        with_code: Callable[[User], User],
        at_once: Callable[..., list[Any]],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """Both have been looked at by the time either has left, if they can."""
        devices.register(with_code(lea), name="Phone", at=timezone.now())
        seats.take(acf, armand_, Role.OWNER)
        owners, close = [armand_, lea], ledger.close
        proofs_ = [shown(owner) for owner in owners]
        both = threading.Barrier(2)

        def close_later(user: User) -> None:
            with suppress(threading.BrokenBarrierError):
                both.wait(2)
            close(user)

        def run(number: int) -> object:
            return erasures.close(owners[number], code=CODE, proof=proofs_[number])

        monkeypatch.setattr(ledger, "close", close_later)
        assert {type(end) for end in at_once(2, run)} == {Erasure, erasures.InTheWay}
        assert seats.at(acf).filter(role=Role.OWNER).count() == 1

    def test_places_no_order_for_who_has_left(self, armand_: User, lea: User) -> None:
        payer = User.objects.get(pk=armand_.pk)
        leave(armand_)
        with pytest.raises(freezes.Frozen):
            place(payer, lea)
        assert not Order.objects.filter(payer=armand_).exists()


class TestAfterwards:
    def test_nothing_is_given_back_to_who_has_left(
        self, armand_: User, claire: User, lea: User, with_code: Callable[[User], User]
    ) -> None:
        load(armand_, 12_99)
        order = orders.confirm(place(armand_, lea), code=CODE)
        leave(armand_)
        order = Order.objects.select_related("payer", "payee", "payee_user").get(pk=order.pk)
        with_code(lea)
        assert refunds.left(order) == 0
        with pytest.raises(refunds.TooMuch):
            refunds.give(order, amount=1, code=CODE, key=uuid4())

    @pytest.mark.bare_transfers
    def test_what_comes_back_from_their_bank_is_theirs_still(self, armand_: User) -> None:
        leave(armand_)
        armand_.refresh_from_db()
        with pytest.raises(ledger.WalletClosed), transaction.atomic():
            ledger.post(_top_up(armand_, 5_00))
        ledger.reopen(armand_)
        ledger.post(_top_up(armand_, 5_00))
        assert ledger.balance(ledger.wallet(armand_)) == 5_00

    def test_number_and_identity_are_free(self, armand_: User, lea: User) -> None:
        leave(armand_)
        identities.unlink(lea, network=Identity.Network.X, at=timezone.now())
        linked = identities.link(
            lea,
            network=Identity.Network.X,
            external_id="1002",
            handle="armanddossantos",
            name="",
            picture_url="",
            joined_network_at=None,
            at=timezone.now(),
        )
        assert linked.user == lea
        User.objects.create_user("+33612340002", name="Another", phone_verified_at=timezone.now())

    def test_an_order_to_them_is_void(self, armand_: User, claire: User) -> None:
        order = place(claire, armand_)
        leave(armand_)
        erasures.finish_due()
        order.refresh_from_db()
        assert order.status == "VOIDED"
        assert "un ancien membre" in notices.latest(claire)[0][1].text

    def test_they_are_frozen_for_good(self, armand_: User, odile: User, bruno: User) -> None:
        leave(armand_)
        assert Freeze.objects.get(user=armand_).ended_at is None
        proposal = proposals.propose(
            odile, Proposal.Kind.UNFREEZE, about=armand_, terms={}, reason="by mistake"
        )
        with pytest.raises(approvals.Outdated):
            proposals.approve(proposal, bruno)
        assert freezes.is_frozen(armand_)


class TestStaff:
    def test_two_close_it_for_a_member(self, armand_: User, odile: User, bruno: User) -> None:
        act = f"{page_of(armand_)}".replace("/change/", "/act/erase/")
        asked = at_desk(odile).post(act, {"reason": "Asked for in a letter"})
        assert asked.status_code == 302
        proposal = Proposal.objects.get(kind="ERASE")
        with pytest.raises(proposals.OwnProposal):
            proposals.approve(proposal, odile)
        proposals.approve(proposal, bruno)
        armand_.refresh_from_db()
        assert armand_.erased_at is not None
        assert Erasure.objects.get().proposal == proposal

    def test_cannot_name_whom_it_is_about(self, armand_: User, odile: User) -> None:
        act = f"{page_of(armand_)}".replace("/change/", "/act/erase/")
        for reason in ("Armand called", "06 12 34 00 02 called", "@armanddossantos wrote", "M. Santos wrote"):
            page = at_desk(odile).post(act, {"reason": reason})
            assert page.status_code == 200, reason
        assert not Proposal.objects.exists()

    def test_hear_what_stands_in_the_way(self, armand_: User, odile: User, bruno: User) -> None:
        proposal = erasures.propose(odile, armand_, reason="Asked for in a letter")
        load(armand_, 1)
        with pytest.raises(erasures.InTheWay):
            proposals.approve(proposal, bruno)
        page = at_desk(bruno).post(
            f"{page_of(proposal)}".replace("/change/", "/act/approve/"), {"reason": "yes"}
        )
        assert "portefeuille" in page.content.decode()


class TestTable:
    def test_erasing_for_a_member_takes_two(self, armand: User, odile: User) -> None:
        alone = proposals.propose(odile, Proposal.Kind.ERASE, about=armand, terms={}, reason="alone")
        with pytest.raises(IntegrityError, match="takes two of staff"), transaction.atomic():
            Erasure.objects.create(user=armand, proposal=alone, traces=b"x")

    def test_finished_leaves_no_trace(self, armand_: User) -> None:
        leave(armand_)
        for change in ({"traces": None}, {"finished_at": timezone.now()}):
            with (
                pytest.raises(IntegrityError, match="finished_erasure_leaves_no_trace"),
                transaction.atomic(),
            ):
                Erasure.objects.update(**change)

    def test_is_only_finished(self, armand_: User, lea: User) -> None:
        leave(armand_)
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            Erasure.objects.update(at=timezone.now() - timedelta(days=1))
        Erasure.objects.update(traces=None, finished_at=timezone.now())
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            Erasure.objects.update(rounds=9)

    def test_closed_wallet_is_empty(self, armand: User, as_owner: Callable[[str], None]) -> None:
        load(armand, 1)
        wallet = ledger.wallet(armand).pk
        with pytest.raises(Exception, match="closed_wallet_is_empty"):
            as_owner(f"UPDATE payments_balance SET is_closed = true WHERE account_id = {wallet}")

    def test_former_member_is_nobody(self, armand_: User) -> None:
        leave(armand_)
        for change in (
            {"name": "Armand"},
            {"phone": "+33612340002"},
            {"email": "a@b.fr"},
            {"is_active": True},
        ):
            with pytest.raises(IntegrityError, match="former_member_is_nobody"), transaction.atomic():
                User.objects.filter(pk=armand_.pk).update(**change)
        with pytest.raises(IntegrityError, match="kept as it was written"), transaction.atomic():
            User.objects.filter(pk=armand_.pk).update(erased_at=None)

    def test_former_member_has_nothing_new(self, armand_: User) -> None:
        leave(armand_)
        now = timezone.now()
        for new in (
            lambda: bank_account(armand_),
            lambda: load(armand_, 5),
            lambda: codes.choose(armand_, CODE),
            lambda: devices.register(armand_, name="Phone", at=now),
        ):
            with (
                pytest.raises((IntegrityError, ledger.WalletClosed), match=r"has left|^$"),
                transaction.atomic(),
            ):
                new()

    def test_only_the_handle_of_who_has_left_goes(
        self, armand_: User, claire: User, with_code: Callable[[User], User], as_owner: Callable[[str], None]
    ) -> None:
        orders.confirm(place(with_code(claire), armand_), code=CODE)
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            Confirmation.objects.update(payee_handle="")
        for change in ("payee_handle = 'other'", "amount = 1, payee_handle = ''"):
            with pytest.raises(Exception, match="append-only"):
                as_owner(f"UPDATE payments_confirmation SET {change}")
        with connection.cursor() as cursor:
            cursor.execute("SELECT forget_handles(%s)", [armand_.pk])
        assert Confirmation.objects.get().payee_handle == "armanddossantos"  # They are here.

    def test_a_bank_account_is_erased_whole_or_not_at_all(self, claire: User) -> None:
        account = bank_account(claire)
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            BankAccount.objects.filter(pk=account.pk).update(holder_name="")


class TestSealed:
    def test_is_kept_five_years_to_the_day(self, armand_: User, as_owner: Callable[[str], None]) -> None:
        leave(armand_)
        record = SealedRecord.objects.get()
        assert record.kept_until.year - record.sealed_at.year == 5
        with pytest.raises(IntegrityError, match="kept as it was written"), transaction.atomic():
            SealedRecord.objects.all().delete()
        with pytest.raises(IntegrityError, match="kept as it was written"), transaction.atomic():
            SealedRecord.objects.update(kept_until=timezone.now())
        assert sealing.purge_due() == 0
        as_owner("ALTER TABLE accounts_sealedrecord DISABLE TRIGGER sealed_records_never_change")
        as_owner(
            "UPDATE accounts_sealedrecord SET sealed_at = now() - interval '6 years',"
            " kept_until = now() - interval '1 minute'"
        )
        as_owner("ALTER TABLE accounts_sealedrecord ENABLE TRIGGER sealed_records_never_change")
        assert sealing.purge_due() == 1
        assert not SealedRecord.objects.exists()

    def test_is_opened_by_who_checks_identities_with_a_reason(
        self, armand_: User, odile: User, bruno: User
    ) -> None:
        leave(armand_)
        with pytest.raises(sealing.NotAllowed):
            sealing.open_record(armand_, by=bruno, reason="curious")
        with pytest.raises(sealing.NoReason):
            sealing.open_record(armand_, by=odile, reason=" ")
        known = sealing.open_record(armand_, by=odile, reason="A judge asks")
        assert (known["name"], known["phone"]) == ("Armand Dos Santos", "+33612340002")
        entry = audit.of(armand_).first()
        assert entry is not None
        assert (entry.act, entry.reason, entry.staff) == ("sealed.opened", "A judge asks", odile)

    def test_is_read_at_the_console_alone(
        self, armand_: User, odile: User, bruno: User, capsys: pytest.CaptureFixture[str]
    ) -> None:
        leave(armand_)
        call_command("open_sealed", armand_.pk, staff=str(odile.phone), reason="A judge asks")
        assert "Armand Dos Santos" in capsys.readouterr().out
        for staff, reason in ((bruno, "A judge asks"), (odile, " "), (armand_, "It is me")):
            with pytest.raises(CommandError):
                call_command("open_sealed", armand_.pk, staff=str(staff.phone), reason=reason)


class TestPage:
    @pytest.fixture
    def page(self, armand_: User, client: Client) -> Client:
        client.force_login(armand_)
        return client

    def test_says_what_stands_in_the_way_and_where_to_mend_it(self, page: Client, armand_: User) -> None:
        load(armand_, 5_00)
        text = page.get("/settings/close/").content.decode()
        assert "/wallet/cash-out/" in text
        assert 'name="code"' not in text

    def test_asks_for_a_device_where_there_is_neither(self, page: Client, armand_: User) -> None:
        text = page.get("/settings/close/").content.decode()
        assert "/settings/devices/this/?next=/settings/close/" in text
        assert 'name="code"' not in text, "it would do nothing here"
        refused = page.post("/settings/close/", {"code": CODE})
        assert refused.status_code == 422
        armand_.refresh_from_db()
        assert armand_.erased_at is None

    def test_closes_it_on_a_known_device(self, page: Client, armand_: User) -> None:
        page.cookies[project.DEVICE_COOKIE_NAME] = devices.register(armand_, name="Here", at=timezone.now())
        wrong = page.post("/settings/close/", {"code": "135790"})
        assert (wrong.status_code, SecretCode.objects.get(user=armand_).tries) == (422, 1)
        done = page.post("/settings/close/", {"code": CODE}, follow=True)
        assert "fermé" in done.content.decode()
        assert "_auth_user_id" not in page.session


def _posting(source: User, target: User, amount: int) -> ledger.Posting:
    return ledger.Posting(
        id=uuid4(),
        source=ledger.wallet(source),
        target=ledger.wallet(target),
        amount=amount,
        kind=Transfer.Kind.PAYMENT,
    )


def _top_up(user: User, amount: int) -> ledger.Posting:
    return ledger.Posting(
        id=uuid4(),
        source=ledger.system(LedgerAccount.Kind.CARD_CLEARING),
        target=ledger.wallet(user),
        amount=amount,
        kind=Transfer.Kind.TOP_UP,
    )
