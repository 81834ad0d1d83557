"""Organisations: signed up with a number of a register, accepted by staff, and nobody signs in as one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts import codes, dossiers, organisations, registers, seats, tiers
from accounts.models import Dossier, Identity, Invitation, Organisation, Role, Seat, User
from payments import limits, orders
from payments.models import Order
from tests.addresses import meet
from tests.bodies import PNG, accept, facts
from tests.people import place


class TestNumbers:
    @pytest.mark.parametrize("written", ["318990892", "318 990 892", "318.990.892", "318\u00a0990\u202f892"])
    def test_a_siren_is_read_however_it_is_grouped(self, written: str) -> None:
        assert registers.siren(written) == "318990892"

    @pytest.mark.parametrize(
        "written", ["318990893", "31899089", "3189908922", "000000000", "٣١٨٩٩٠٨٩٢", "31899089x", ""]
    )
    def test_what_is_no_siren_is_refused(self, written: str) -> None:
        with pytest.raises(registers.NotANumber):
            registers.siren(written)

    @pytest.mark.parametrize("place", range(9))
    def test_no_single_digit_can_be_wrong(self, place: int) -> None:
        for digit in set("0123456789") - {"318990892"[place]}:
            with pytest.raises(registers.NotANumber):
                registers.siren("318990892"[:place] + digit + "318990892"[place + 1 :])

    def test_an_rna_is_w_and_nine_signs(self) -> None:
        assert registers.rna("w 751 123 456") == "W751123456"
        assert registers.rna("W9C1000123") == "W9C1000123"
        for written in ("751123456", "W75112345", "W7511234567", "W75112345é"):
            with pytest.raises(registers.NotANumber):
                registers.rna(written)


@pytest.mark.django_db
class TestFound:
    def test_makes_an_account_that_nobody_can_sign_in_to(self, lea: User) -> None:
        organisation = organisations.found(facts(), by=lea)
        account = organisation.account
        assert (account.phone, account.email, account.has_usable_password()) == (None, "", False)
        assert organisation.slug == "action-contre-la-faim"
        assert [(seat.user, seat.role) for seat in seats.at(organisation)] == [(lea, Role.OWNER)]
        assert not organisations.is_reviewed(organisation)
        assert organisations.public(organisation.slug) is None

    def test_gives_it_an_identity_by_which_it_is_paid(self, lea: User) -> None:
        identity = organisations.identity(organisations.found(facts(), by=lea))
        assert (identity.network, identity.title) == ("site", "Action contre la Faim")

    def test_gives_each_an_address_of_its_own(self, lea: User, armand: User) -> None:
        slugs = [organisations.found(facts(), by=member).slug for member in (lea, armand)]
        assert slugs == ["action-contre-la-faim", "action-contre-la-faim-2"]

    def test_lets_three_of_a_member_wait(self, lea: User) -> None:
        for _ in range(3):
            organisations.found(facts(), by=lea)
        with pytest.raises(organisations.TooMany):
            organisations.found(facts(), by=lea)

    def test_counts_none_that_staff_have_refused(self, lea: User, odile: User) -> None:
        theirs = [organisations.found(facts(), by=lea) for _ in range(3)]
        dossiers.add(theirs[0].account, name="statuts.png", content=PNG)
        dossier = dossiers.send(theirs[0].account)
        dossiers.open_documents(dossier, by=odile, reason="Next in the queue")
        dossiers.refuse(dossier, by=odile, problem=Dossier.Problem.UNREADABLE)
        organisations.found(facts(), by=lea)
        dossiers.add(theirs[0].account, name="statuts.png", content=PNG)
        with pytest.raises(organisations.TooMany):
            organisations.found(facts(), by=lea)

    def test_refuses_a_number_that_was_reviewed(self, acf: Organisation, armand: User) -> None:
        with pytest.raises(organisations.KnownAlready) as refusal:
            organisations.found(facts(siren="318990892"), by=armand)
        assert refusal.value.organisation == acf

    def test_refuses_none_at_all(self, lea: User) -> None:
        with pytest.raises(IntegrityError, match="organisation_is_in_a_register"), transaction.atomic():
            organisations.found(facts(siren=""), by=lea)

    def test_gives_only_associations_an_rna(self, lea: User) -> None:
        company = facts(kind=Organisation.Kind.COMPANY, rna="W751123456")
        with pytest.raises(IntegrityError, match="associations_alone_have_an_rna"), transaction.atomic():
            organisations.found(company, by=lea)


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_two_of_a_name_have_addresses_of_their_own(
        self, lea: User, armand: User, at_once: Callable[..., list[Any]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        meet(monkeypatch, 2)
        made = at_once(2, lambda number: organisations.found(facts(), by=(lea, armand)[number]).slug)
        assert sorted(made) == ["action-contre-la-faim", "action-contre-la-faim-2"]

    def test_one_of_a_number_is_accepted(
        self, lea: User, armand: User, odile: User, at_once: Callable[..., list[Any]]
    ) -> None:
        sent = []
        for account in [organisations.found(facts(), by=member).account for member in (lea, armand)]:
            dossiers.add(account, name="statuts.png", content=PNG)
            sent.append(dossiers.send(account))
            dossiers.open_documents(sent[-1], by=odile, reason="Next in the queue")
        made = at_once(2, lambda number: dossiers.accept(sent[number], by=odile))
        assert {type(each) for each in made} == {Dossier, tiers.NumberTaken}


@pytest.mark.django_db
class TestAccount:
    @pytest.mark.parametrize(
        "change", [{"phone": "+33612349999"}, {"email": "a@acf.fr"}, {"password": "x"}, {"is_staff": True}]
    )
    def test_stays_shut(self, acf: Organisation, change: dict[str, object]) -> None:
        with pytest.raises(IntegrityError, match="nobody signs in as an organisation"), transaction.atomic():
            User.objects.filter(pk=acf.account_id).update(**change)

    def test_has_no_secret_code(self, acf: Organisation) -> None:
        with pytest.raises(IntegrityError, match="nobody signs in as an organisation"), transaction.atomic():
            codes.choose(acf.account, "270914")

    def test_keeps_the_numbers_that_were_reviewed(self, acf: Organisation) -> None:
        with (
            pytest.raises(IntegrityError, match="was reviewed with these numbers"),
            transaction.atomic(),
        ):
            Organisation.objects.filter(pk=acf.pk).update(siren="552100554")

    def test_keeps_who_it_is(self, acf: Organisation, armand: User) -> None:
        with pytest.raises(IntegrityError, match="accounts_organisation is kept"), transaction.atomic():
            Organisation.objects.filter(pk=acf.pk).update(founded_by=armand)

    def test_is_founded_by_a_person(self, acf: Organisation) -> None:
        with pytest.raises(IntegrityError, match="organisation_is_founded_by_a_person"), transaction.atomic():
            Organisation.objects.create(
                account=acf.founded_by, founded_by=acf.founded_by, slug="x", siren="1"
            )


@pytest.mark.django_db
class TestReview:
    def test_makes_it_public(self, acf: Organisation) -> None:
        assert acf.account.tier == User.Tier.ORGANISATION
        assert organisations.public(acf.slug) == acf

    def test_is_not_skipped(self, lea: User) -> None:
        account = organisations.found(facts(), by=lea).account
        with (
            pytest.raises(IntegrityError, match="only an organisation that staff have accepted"),
            transaction.atomic(),
        ):
            tiers.admit(account)

    @pytest.mark.parametrize("numbers", [{}, {"siren": "552 100 554", "rna": "W751123456"}])
    def test_is_of_one_of_each_number(
        self, lea: User, armand: User, odile: User, numbers: dict[str, str]
    ) -> None:
        first = organisations.found(facts(**({"rna": "W751123456"} if numbers else {})), by=lea)
        second = organisations.found(facts(**numbers), by=armand)
        accept(first, odile)
        with pytest.raises(tiers.NumberTaken):
            accept(second, odile)
        second.account.refresh_from_db()
        assert not organisations.is_reviewed(second)

    def test_is_not_by_who_founded_it(self, lea: User) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT appoint(%s, %s, %s)", [lea.pk, True, ["Staff"]])
        organisation = organisations.found(facts(), by=lea)
        with (
            pytest.raises(IntegrityError, match="only an organisation that staff have accepted"),
            transaction.atomic(),
        ):
            accept(organisation, User.objects.get(pk=lea.pk))

    def test_makes_no_person_an_organisation(self, armand: User, odile: User) -> None:
        User.objects.filter(pk=armand.pk).update(tier="PHONE")
        dossiers.add(armand, name="recto.png", content=PNG)
        dossier = dossiers.send(armand)
        dossiers.open_documents(dossier, by=odile, reason="Next in the queue")
        dossiers.accept(dossier, by=odile)
        with (
            pytest.raises(IntegrityError, match="only an organisation that staff have accepted"),
            transaction.atomic(),
        ):
            User.objects.filter(pk=armand.pk).update(tier="ORGANISATION")

    def test_makes_no_organisation_a_person(self, acf: Organisation) -> None:
        with (
            pytest.raises(IntegrityError, match="only an organisation that staff have accepted"),
            transaction.atomic(),
        ):
            User.objects.filter(pk=acf.account_id).update(tier="PHONE")


@pytest.mark.django_db
class TestPaying:
    def test_it_may_be_five_hundred_euros(self, claire: User, acf: Organisation) -> None:
        assert place(claire, organisations.identity(acf), 500_00).payee_user == acf.account
        with pytest.raises(limits.OverLimit, match="ORDER_TO_ORGANISATION"):
            place(claire, organisations.identity(acf), 500_01)

    def test_a_person_may_be_paid_half_of_that(self, claire: User, armand: User) -> None:
        with pytest.raises(limits.OverLimit, match="ORDER_TO_PERSON"):
            place(claire, armand, 250_01)

    def test_nobody_waits_to_pay_it_for_the_first_time(self, claire: User, acf: Organisation) -> None:
        limits.check_order(place(claire, organisations.identity(acf), 400_00))

    def test_it_orders_nothing(self, acf: Organisation, claire: User) -> None:
        with pytest.raises(limits.OverLimit):
            orders.place(
                acf.account,
                payee=claire.identities.get(),
                amount=1_00,
                note="",
                words="",
                channel="site",
                channel_id="1",
                at=timezone.now(),
                kind=Order.Kind.GIFT,
            )


@pytest.mark.django_db
class TestSeats:
    def test_an_invitation_gives_a_seat_once(
        self, acf: Organisation, lea: User, armand: User, claire: User
    ) -> None:
        token = seats.invite(acf, Role.TREASURER, by=lea)
        seat = seats.accept(token, by=armand)
        assert (seat.user, seat.role) == (armand, Role.TREASURER)
        with pytest.raises(seats.Unknown):
            seats.accept(token, by=claire)

    def test_an_invitation_ends(self, acf: Organisation, lea: User, armand: User) -> None:
        token = seats.invite(acf, Role.READER, by=lea)
        later = Invitation.objects.get()
        with pytest.raises(IntegrityError, match="accounts_invitation is kept"), transaction.atomic():
            Invitation.objects.filter(pk=later.pk).update(expires_at=timezone.now() + timedelta(days=99))
        seats.withdraw(acf, later.pk, by=lea)
        with pytest.raises(seats.Unknown):
            seats.accept(token, by=armand)

    def test_only_its_owner_invites(self, acf: Organisation, lea: User, armand: User) -> None:
        seats.accept(seats.invite(acf, Role.TREASURER, by=lea), by=armand)
        with pytest.raises(seats.NoSeat):
            seats.invite(acf, Role.OWNER, by=armand)

    def test_somebody_owns_it(self, acf: Organisation, lea: User) -> None:
        (seat,) = seats.at(acf)
        with pytest.raises(seats.LastOwner):
            seats.leave(acf, seat.pk, by=lea)
        with pytest.raises(seats.LastOwner):
            seats.change(acf, seat.pk, Role.READER, by=lea)

    def test_a_role_changes_with_its_history(self, acf: Organisation, lea: User, armand: User) -> None:
        seat = seats.accept(seats.invite(acf, Role.READER, by=lea), by=armand)
        seats.change(acf, seat.pk, Role.OWNER, by=lea)
        history = Seat.objects.filter(user=armand).order_by("pk")
        assert [(each.role, each.left_at is None) for each in history] == [("READER", False), ("OWNER", True)]

    def test_what_was_given_stays(self, acf: Organisation) -> None:
        with pytest.raises(IntegrityError, match="accounts_seat is kept"), transaction.atomic():
            Seat.objects.update(role="READER")

    def test_nobody_has_two(self, acf: Organisation, lea: User) -> None:
        with pytest.raises(seats.HasSeat), transaction.atomic():
            seats.take(acf, lea, Role.READER)


def test_an_identity_of_ours_is_no_handle(acf: Organisation) -> None:
    assert str(organisations.identity(acf)) == "Action contre la Faim"
    assert Identity.objects.get(user=acf.account).handles.count() == 1
