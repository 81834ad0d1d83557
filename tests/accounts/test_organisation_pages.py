"""The pages of an organisation, for those who act for it; to all others they are not there."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accounts import browsers, organisations, seats
from accounts.models import Dossier, Invitation, Organisation, Role, Seat, SecretCode, User
from tests.bodies import PNG, facts

pytestmark = pytest.mark.django_db
PageOf = Callable[..., Client]
FORM = {
    "name": "Les Amis du pont",
    "kind": "ASSOCIATION",
    "siren": "",
    "rna": "w751 234 567",
    "purpose": "Garder le pont de Bercy.",
    "street": "3 quai de Bercy",
    "postcode": "75012",
    "city": "Paris",
    "website": "lesamisdupont.fr",
}


@pytest.fixture
def page_of() -> PageOf:
    """A browser of theirs, who have just shown who they are; their code opens nothing: hashing takes time."""

    def open_browser(user: User, *, has_proved: bool = True) -> Client:
        SecretCode.objects.get_or_create(
            user=user, defaults={"digest": "none that any code has", "changed_at": timezone.now()}
        )
        client = Client()
        client.force_login(user)
        if has_proved:
            session = client.session
            session["account_authentication_methods"] = [{"method": "password", "at": int(time.time())}]
            session["account_authentication_methods_user"] = str(user.pk)
            session.save()
        return client

    return open_browser


def says(client: Client, path: str) -> str:
    return client.get(path).content.decode()


class TestList:
    def test_leads_to_signing_up_where_there_is_none(self, claire: User, page_of: PageOf) -> None:
        assert "/organisations/new/" in says(page_of(claire), "/organisations/")

    def test_holds_those_that_the_member_acts_for(
        self, acf: Organisation, lea: User, claire: User, page_of: PageOf
    ) -> None:
        assert f"/organisations/{acf.slug}/" in says(page_of(lea), "/organisations/")
        assert f"/organisations/{acf.slug}/" not in says(page_of(claire), "/organisations/")


class TestSigningUp:
    def test_goes_on_to_the_documents(self, lea: User, page_of: PageOf) -> None:
        answer = page_of(lea).post("/organisations/new/", FORM)
        founded = Organisation.objects.get()
        assert answer["Location"] == f"/organisations/{founded.slug}/documents/"
        assert (founded.rna, founded.siren, founded.founded_by) == ("W751234567", "", lea)
        assert founded.website == "https://lesamisdupont.fr"

    @pytest.mark.parametrize(
        "wrong",
        [
            {"siren": "318990893"},
            {"rna": "W75"},
            {"rna": "", "siren": ""},
            {"kind": "COMPANY"},
            {"kind": "BANK"},
            {"postcode": "7501A"},
            {"website": "javascript:alert(1)"},
            {"name": ""},
        ],
    )
    def test_is_refused_with_words_at_the_field(
        self, lea: User, page_of: PageOf, wrong: dict[str, str]
    ) -> None:
        answer = page_of(lea).post("/organisations/new/", FORM | wrong)
        assert (answer.status_code, Organisation.objects.count()) == (422, 0)
        assert answer.context["form"].errors

    def test_names_the_one_that_is_here_already(
        self, acf: Organisation, claire: User, page_of: PageOf
    ) -> None:
        answer = page_of(claire).post("/organisations/new/", FORM | {"siren": "318 990 892"})
        assert answer.status_code == 422
        assert str(acf) in str(answer.context["form"].non_field_errors())

    def test_says_how_many_may_wait(self, lea: User, page_of: PageOf) -> None:
        for _ in range(organisations.MOST_UNREVIEWED):
            organisations.found(facts(), by=lea)
        answer = page_of(lea).post("/organisations/new/", FORM)
        assert (answer.status_code, bool(answer.context["form"].non_field_errors())) == (422, True)


class TestAccess:
    def test_is_not_there_for_others(self, acf: Organisation, claire: User, page_of: PageOf) -> None:
        browser, home = page_of(claire), f"/organisations/{acf.slug}/"
        for page in ("", "details/", "documents/", "members/"):
            assert browser.get(home + page).status_code == 404
        assert browser.get("/organisations/nowhere/").status_code == 404

    def test_is_as_far_as_the_role_goes(
        self, acf: Organisation, lea: User, armand: User, page_of: PageOf
    ) -> None:
        seats.accept(seats.invite(acf, Role.READER, by=lea), by=armand)
        browser, home = page_of(armand), f"/organisations/{acf.slug}/"
        answers = {page: browser.get(home + page).status_code for page in ("", "members/", "details/")}
        assert answers == {"": 200, "members/": 200, "details/": 404}
        assert browser.post(f"{home}members/invite/", {"role": "OWNER"}).status_code == 404

    def test_ends_with_the_seat(self, acf: Organisation, lea: User, armand: User, page_of: PageOf) -> None:
        seat = seats.accept(seats.invite(acf, Role.TREASURER, by=lea), by=armand)
        seats.leave(acf, seat.pk, by=lea)
        assert page_of(armand).get(f"/organisations/{acf.slug}/").status_code == 404

    def test_asks_whoever_was_away_before_anything_is_done(
        self, acf: Organisation, lea: User, page_of: PageOf, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(browsers, "is_attended", lambda _request: False)
        browser, home = page_of(lea), f"/organisations/{acf.slug}/"
        assert browser.get(home).status_code == 200
        answer = browser.post(f"{home}members/invite/", {"role": "READER"})
        assert answer["Location"].startswith("/account/reauthenticate/")
        assert not Invitation.objects.exists()


class TestDetails:
    def test_change_what_may_change(self, acf: Organisation, lea: User, page_of: PageOf) -> None:
        said = {**FORM, "purpose": "Autre chose.", "siren": "552100554", "name": "Autre", "website": ""}
        page_of(lea).post(f"/organisations/{acf.slug}/details/", said)
        changed = Organisation.objects.get()
        assert (changed.purpose, changed.city, changed.siren) == ("Autre chose.", "Paris", "318990892")
        assert str(changed) == "Action contre la Faim"


class TestDocuments:
    def test_are_added_and_sent_by_an_owner(self, lea: User, page_of: PageOf) -> None:
        founded = organisations.found(facts(), by=lea)
        browser, home = page_of(lea), f"/organisations/{founded.slug}/documents/"
        answer = browser.post(home, {"document": SimpleUploadedFile("statuts.png", PNG)})
        assert answer["Location"] == home
        assert "statuts.png" in says(browser, home)
        browser.post(f"{home}send/")
        assert Dossier.objects.get().status == "WAITING"
        assert Dossier.objects.get().user == founded.account

    def test_can_be_taken_out_before(self, lea: User, page_of: PageOf) -> None:
        founded = organisations.found(facts(), by=lea)
        browser, home = page_of(lea), f"/organisations/{founded.slug}/documents/"
        browser.post(home, {"document": SimpleUploadedFile("statuts.png", PNG)})
        browser.post(f"{home}{Dossier.objects.get().documents.get().pk}/remove/")
        assert not Dossier.objects.get().documents.exists()

    def test_that_are_none_are_refused(self, lea: User, page_of: PageOf) -> None:
        founded = organisations.found(facts(), by=lea)
        home = f"/organisations/{founded.slug}/documents/"
        answer = page_of(lea).post(home, {"document": SimpleUploadedFile("statuts.doc", b"PK")})
        assert answer.status_code == 422


class TestMembers:
    def test_are_invited_by_a_link_that_is_shown_once(
        self, acf: Organisation, lea: User, armand: User, page_of: PageOf
    ) -> None:
        owner, home = page_of(lea), f"/organisations/{acf.slug}/"
        answer = owner.post(f"{home}members/invite/", {"role": "TREASURER"})
        link = answer.context["link"]
        assert link in answer.content.decode()
        assert link not in says(owner, f"{home}members/")
        guest = page_of(armand)
        assert str(acf) in says(guest, link)
        assert not Seat.objects.filter(user=armand).exists()
        assert guest.post(link)["Location"] == home
        assert Seat.objects.get(user=armand).role == Role.TREASURER
        assert page_of(lea).post(link).status_code == 404

    def test_are_not_invited_twice(self, acf: Organisation, lea: User, page_of: PageOf) -> None:
        token = seats.invite(acf, Role.READER, by=lea)
        assert page_of(lea).post(f"/organisations/join/{token}/")["Location"] == "/organisations/"
        assert Invitation.objects.get().seat is None

    def test_are_invited_as_something(self, acf: Organisation, lea: User, page_of: PageOf) -> None:
        answer = page_of(lea).post(f"/organisations/{acf.slug}/members/invite/", {"role": "KING"})
        assert (answer.status_code, Invitation.objects.count()) == (422, 0)

    def test_are_invited_ten_at_a_time(self, acf: Organisation, lea: User, page_of: PageOf) -> None:
        for _ in range(seats.MOST_OPEN):
            seats.invite(acf, Role.READER, by=lea)
        answer = page_of(lea).post(f"/organisations/{acf.slug}/members/invite/", {"role": "READER"})
        assert (answer.status_code, Invitation.objects.count()) == (422, seats.MOST_OPEN)

    def test_a_withdrawn_link_gives_nothing(
        self, acf: Organisation, lea: User, armand: User, page_of: PageOf
    ) -> None:
        token = seats.invite(acf, Role.READER, by=lea)
        home = f"/organisations/{acf.slug}/invitations/{Invitation.objects.get().pk}/withdraw/"
        page_of(lea).post(home)
        assert page_of(armand).post(f"/organisations/join/{token}/").status_code == 404

    def test_an_old_link_gives_nothing(
        self, acf: Organisation, lea: User, armand: User, page_of: PageOf
    ) -> None:
        token = seats.invite(acf, Role.READER, by=lea)
        known = Invitation.objects.get()
        assert known.expires_at - known.invited_at == timedelta(days=7)
        assert page_of(armand).get(f"/organisations/join/{token}x/").status_code == 404

    def test_get_another_role_by_an_owner(
        self, acf: Organisation, lea: User, armand: User, page_of: PageOf
    ) -> None:
        seat = seats.accept(seats.invite(acf, Role.READER, by=lea), by=armand)
        owner, home = page_of(lea), f"/organisations/{acf.slug}/members/"
        assert owner.get(f"{home}{seat.pk}/").status_code == 200
        owner.post(f"{home}{seat.pk}/", {"role": "TREASURER"})
        assert Seat.objects.get(user=armand, left_at=None).role == Role.TREASURER

    def test_always_have_an_owner_among_them(self, acf: Organisation, lea: User, page_of: PageOf) -> None:
        (seat,) = seats.at(acf)
        browser, home = page_of(lea), f"/organisations/{acf.slug}/members/{seat.pk}/"
        assert browser.post(home, {"role": "READER"}).status_code == 422
        browser.post(f"{home}leave/")
        assert [(each.user, each.role) for each in seats.at(acf)] == [(lea, Role.OWNER)]

    def test_leave_by_themselves(self, acf: Organisation, lea: User, armand: User, page_of: PageOf) -> None:
        seat = seats.accept(seats.invite(acf, Role.READER, by=lea), by=armand)
        theirs = page_of(armand).post(f"/organisations/{acf.slug}/members/{seat.pk}/leave/")
        assert theirs["Location"] == "/organisations/"
        assert not seats.of(armand).exists()

    def test_change_only_by_who_has_just_shown_who_they_are(
        self, acf: Organisation, lea: User, armand: User, page_of: PageOf, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A session that was left open is not enough."""
        seat, home = seats.take(acf, armand, Role.READER), f"/organisations/{acf.slug}/members/"
        monkeypatch.setattr(browsers, "is_attended", lambda _request: True)
        browser = page_of(lea, has_proved=False)
        for act in ("invite/", f"{seat.pk}/", f"{seat.pk}/leave/"):
            answer = browser.post(home + act, {"role": "OWNER"})
            assert answer["Location"].startswith("/account/reauthenticate/"), act
        assert not Invitation.objects.exists()
        assert seats.of(armand).get() == seat

    def test_do_not_send_others_away(
        self, acf: Organisation, lea: User, armand: User, page_of: PageOf
    ) -> None:
        seats.accept(seats.invite(acf, Role.TREASURER, by=lea), by=armand)
        owners = seats.of(lea).get()
        answer = page_of(armand).post(f"/organisations/{acf.slug}/members/{owners.pk}/leave/")
        assert (answer.status_code, seats.of(lea).count()) == (404, 1)
