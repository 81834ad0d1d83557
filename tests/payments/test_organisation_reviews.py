"""Staff and organisations: they read what it says of itself beside its documents, and its owners are told."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from accounts import dossiers, organisations, seats
from accounts.models import Dossier, Organisation, Role, User
from payments import ledger
from payments.models import Balance, Notification
from tests.bodies import PNG, facts
from tests.staff import at_desk, list_of, page_of, read

pytestmark = pytest.mark.django_db


def act_of(row: Dossier, name: str) -> str:
    return reverse("admin:accounts_dossier_act", args=[row.pk, name])


@pytest.fixture
def waiting(lea: User, armand: User) -> Dossier:
    """The dossier of an organisation that léa signed up, and of which armand is treasurer."""
    founded = organisations.found(facts(), by=lea)
    seats.take(founded, armand, Role.TREASURER)
    dossiers.add(founded.account, name="statuts.png", content=PNG)
    return dossiers.send(founded.account)


class TestReview:
    def test_shows_what_it_says_of_itself(self, waiting: Dossier, odile: User) -> None:
        page = read(at_desk(odile), page_of(waiting))
        for fact in ("318990892", "93100 Montreuil", "Léa Petit", "Lutter contre la faim"):
            assert fact in page

    def test_opens_it_to_payments_of_many_and_tells_its_owners(self, waiting: Dossier, odile: User) -> None:
        desk = at_desk(odile)
        desk.post(act_of(waiting, "open"), {"reason": "Next in the queue"})
        desk.post(act_of(waiting, "accept"))
        organisation = Organisation.objects.get()
        assert organisations.is_reviewed(organisation)
        assert Balance.objects.get(account=ledger.wallet(organisation.account)).mode == "APPEND"
        told = Notification.objects.values_list("user__name", "kind")
        assert list(told) == [("Léa Petit", "ORGANISATION_OPEN")]

    def test_that_refuses_tells_its_owners(self, waiting: Dossier, odile: User) -> None:
        desk = at_desk(odile)
        desk.post(act_of(waiting, "open"), {"reason": "Next in the queue"})
        desk.post(act_of(waiting, "refuse"), {"problem": "UNREADABLE"})
        assert not organisations.is_reviewed(Organisation.objects.get())
        assert Notification.objects.get().kind == "ORGANISATION_REFUSED"

    def test_says_that_its_number_was_accepted_before(
        self, waiting: Dossier, acf: Organisation, odile: User
    ) -> None:
        desk = at_desk(odile)
        desk.post(act_of(waiting, "open"), {"reason": "Next in the queue"})
        answer = desk.post(act_of(waiting, "accept"), follow=True)
        assert "SIREN" in answer.content.decode()
        waiting.refresh_from_db()
        assert waiting.status == Dossier.Status.WAITING

    def test_is_not_by_who_acts_for_it(self, waiting: Dossier, odile: User) -> None:
        seat = seats.take(Organisation.objects.get(), odile, Role.READER)
        seats.leave(Organisation.objects.get(), seat.pk, by=odile)
        desk = at_desk(odile)
        assert desk.post(act_of(waiting, "open"), {"reason": "Next in the queue"}).status_code == 403


class TestAdmin:
    def test_shows_each_with_who_acts_for_it(self, waiting: Dossier, desk: Client) -> None:
        organisation = Organisation.objects.get()
        assert "318990892" in read(desk, list_of(Organisation))
        page = read(desk, page_of(organisation))
        for fact in ("Léa Petit", "Armand Dos Santos", "102 rue de Paris"):
            assert fact in page

    def test_finds_one_by_its_number(self, waiting: Dossier, acf: Organisation, desk: Client) -> None:
        assert acf.slug in read(desk, page_of(acf))
        assert "Montreuil" in read(desk, f"{list_of(Organisation)}?q=318990892")
        assert "Montreuil" not in read(desk, f"{list_of(Organisation)}?q=552100554")
