"""What becomes of a seat is told, once: to whose it is, and to the owners but for the one who does it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from accounts import organisations, seats
from accounts.models import Invitation, Organisation, Role, Seat, User
from payments import erasures, notices, wording
from payments.models import Delivery, Notification
from tests.bodies import facts
from tests.people import CODE, known_device

Kind = Notification.Kind
pytestmark = pytest.mark.django_db


@pytest.fixture
def claires(acf: Organisation, lea: User, claire: User) -> Seat:
    """She owns acf beside léa."""
    return seats.take(acf, claire, Role.OWNER)


def told(*kinds: Kind) -> dict[str, str]:
    """Who was told what, or what of these, by first name; each was told once."""
    rows = list(Notification.objects.filter(kind__in=kinds or Kind).select_related("user"))
    said = {row.user.get_short_name(): row.kind for row in rows}
    assert len(said) == len(rows)
    return said


def texts() -> dict[str, str]:
    """What went out by SMS, by first name."""
    sent = Delivery.objects.filter(channel="SMS").select_related("notification__user")
    return {row.notification.user.get_short_name(): row.text for row in sent if row.notification}


def _shown(user: User) -> erasures.Proof:
    return erasures.Proof(shown_at=timezone.now(), device_id=known_device(user).pk)


def texts_in(language: str, name: str) -> str:
    """What somebody reads of the newest news, in that language."""
    row = Notification.objects.select_related("user", "seat__user").filter(user__name__startswith=name)
    return wording.of(row.latest("pk"), language=language).text


class TestOwners:
    def test_are_told_of_a_link_by_e_mail_but_for_who_made_it(
        self, acf: Organisation, lea: User, claires: Seat
    ) -> None:
        User.objects.filter(pk=claires.user_id).update(email="claire@exemple.fr")
        seats.invite(acf, Role.TREASURER, by=lea)
        assert told() == {"Claire": Kind.SEAT_OFFERED}
        assert Delivery.objects.get().channel == "EMAIL"

    def test_are_told_all_of_who_takes_a_seat(
        self, acf: Organisation, lea: User, claires: Seat, armand: User
    ) -> None:
        """Whoever made the link has not done it: the link may have gone astray."""
        seats.accept(seats.invite(acf, Role.TREASURER, by=lea), by=armand)
        assert told(Kind.SEAT_TAKEN) == dict.fromkeys(("Armand", "Claire", "Léa"), Kind.SEAT_TAKEN)
        assert "Armand acts for Action contre la Faim now. Role: treasurer" in texts_in("en", "Léa")
        assert "you act for Action contre la Faim now. Role: treasurer" in texts_in("en", "Armand")

    def test_of_an_organisation_that_was_not_accepted_read_no_name_of_it(
        self, claire: User, armand: User
    ) -> None:
        """Till then anybody may have called it anything, and asked them to act for it."""
        made = organisations.found(facts(name="Appelez le 0899 00 00 00", siren="552 100 554"), by=claire)
        seats.accept(seats.invite(made, Role.READER, by=claire), by=armand)
        assert not [text for text in texts().values() if "0899" in text]

    def test_are_told_by_no_means_as_they_found_one(self, claire: User) -> None:
        organisations.found(facts(siren="552 100 554"), by=claire)
        assert told() == {}


class TestMember:
    def test_is_told_of_their_new_role_with_the_other_owners(
        self, acf: Organisation, lea: User, claires: Seat, armand: User
    ) -> None:
        seat = seats.take(acf, armand, Role.READER)
        seats.change(acf, seat.pk, Role.OWNER, by=lea)
        assert told() == dict.fromkeys(("Armand", "Claire"), Kind.SEAT_CHANGED)
        assert {row.seat for row in Notification.objects.all()} == {seats.at(acf).get(user=armand)}

    def test_is_told_that_they_own_it_no_more(self, acf: Organisation, lea: User, claires: Seat) -> None:
        seats.change(acf, claires.pk, Role.READER, by=lea)
        assert told() == {"Claire": Kind.SEAT_CHANGED}
        assert "reader" in texts_in("en", "Claire")

    def test_is_told_that_their_seat_was_taken_away(
        self, acf: Organisation, lea: User, claires: Seat, armand: User
    ) -> None:
        seat = seats.take(acf, armand, Role.TREASURER)
        seats.leave(acf, seat.pk, by=lea)
        assert told() == dict.fromkeys(("Armand", "Claire"), Kind.SEAT_ENDED)
        assert "you no longer act for Action contre la Faim" in texts_in("en", "Armand")
        assert "Armand no longer acts for Action contre la Faim" in texts_in("en", "Claire")

    def test_is_told_that_they_left_as_somebody_else_may_have_done_it(
        self, acf: Organisation, claires: Seat, claire: User
    ) -> None:
        seats.leave(acf, claires.pk, by=claire)
        assert told() == dict.fromkeys(("Claire", "Léa"), Kind.SEAT_ENDED)

    def test_who_leaves_us_is_a_former_member_to_the_owners(
        self, acf: Organisation, lea: User, armand: User, with_code: Callable[[User], User]
    ) -> None:
        seats.take(acf, with_code(armand), Role.READER)
        erasures.close(armand, code=CODE, proof=_shown(armand))
        (row,) = Notification.objects.filter(kind=Kind.SEAT_ENDED)
        assert row.user == lea
        assert "ancien membre" in texts()["Léa"]


class TestNobody:
    def test_is_told_of_what_was_refused(self, acf: Organisation, lea: User, armand: User) -> None:
        seat = seats.take(acf, armand, Role.READER)
        for refused in (
            lambda: seats.invite(acf, Role.READER, by=armand),
            lambda: seats.change(acf, seat.pk, Role.OWNER, by=armand),
            lambda: seats.leave(acf, seats.of(lea).get().pk, by=armand),
            lambda: seats.leave(acf, seats.of(lea).get().pk, by=lea),
        ):
            with pytest.raises((seats.NoSeat, seats.LastOwner)):
                refused()
        assert told() == {}

    def test_is_told_what_was_not_kept(
        self, acf: Organisation, lea: User, claires: Seat, armand: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """They are one: what cannot be told of has not happened either."""
        token = seats.invite(acf, Role.READER, by=lea)
        seat = seats.take(acf, armand, Role.TREASURER)
        count = Invitation.objects.count()

        def fail(*_args: object, **_facts: object) -> None:
            raise IntegrityError

        monkeypatch.setattr(notices, "tell_all", fail)
        for act in (
            lambda: seats.invite(acf, Role.READER, by=lea),
            lambda: seats.change(acf, seat.pk, Role.READER, by=lea),
            lambda: seats.leave(acf, seat.pk, by=lea),
        ):
            with pytest.raises(IntegrityError):
                act()
        assert Invitation.objects.count() == count
        assert seats.at(acf).get(user=armand) == seat
        assert seats.invitation(token).seat is None

    def test_is_told_twice_of_a_seat(self, acf: Organisation, lea: User, claires: Seat) -> None:
        notices.tell(lea, Kind.SEAT_TAKEN, seat=claires)
        with pytest.raises(IntegrityError, match="seat_is_told_once"), transaction.atomic():
            notices.tell(lea, Kind.SEAT_TAKEN, seat=claires)


class TestBell:
    def test_says_who_it_was_and_leads_to_the_organisations(  # noqa: PLR0913, PLR0917  # fixtures
        self,
        client: Client,
        acf: Organisation,
        lea: User,
        claires: Seat,
        armand: User,
        with_code: Callable[[User], User],
    ) -> None:
        seats.accept(seats.invite(acf, Role.READER, by=lea), by=armand)
        client.force_login(with_code(claires.user))
        page = client.get("/wallet/notices/").content.decode()
        assert page.count('href="/organisations/"') == 2
        assert "Armand" in page
