"""How members show who they are: documents nobody opens without a reason, decided on, and forgotten."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from accounts import audit, dossiers
from accounts.evidence import LARGEST
from accounts.forms import ProfileForm
from accounts.models import Document, Dossier, User
from payments.models import Notification
from tests.staff import at_desk, list_of, page_of, read

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64
JPEG = b"\xff\xd8\xff\xe0" + b"J" * 64
PDF = b"%PDF-1.7\n" + b"P" * 64
REASON = "Her dossier is next in the queue"


def act_of(row: Dossier, name: str) -> str:
    return page_of(row).replace("/change/", f"/act/{name}/")


@pytest.fixture
def waiting(claire: User) -> Dossier:
    dossiers.add(claire, name="recto.png", content=PNG)
    return dossiers.send(claire)


@pytest.fixture
def opened(waiting: Dossier, odile: User) -> Dossier:
    dossiers.open_documents(waiting, by=odile, reason=REASON)
    return waiting


@pytest.mark.django_db
class TestName:
    """What is sealed of a member is their name: it is the one that was looked at."""

    def rename(self, member: User, name: str = "Somebody Else") -> set[str]:
        form = ProfileForm({"name": name, "language": "en"}, instance=User.objects.get(pk=member.pk))
        if form.is_valid():
            form.save()
        return set(form.errors)

    @pytest.fixture
    def by_number(self, claire: User) -> User:
        User.objects.filter(pk=claire.pk).update(tier="PHONE")
        return User.objects.get(pk=claire.pk)

    def test_is_the_members_own_until_a_dossier_is_sent(self, by_number: User) -> None:
        dossiers.add(by_number, name="recto.png", content=PNG)
        assert self.rename(by_number) == set()
        dossiers.send(by_number)
        assert "name" in self.rename(by_number, "A Third")
        assert User.objects.get(pk=by_number.pk).name == "Somebody Else"

    def test_stays_once_it_was_checked(self, claire: User) -> None:
        assert "name" in self.rename(claire)
        assert self.rename(claire, claire.name) == set(), "the language is theirs"
        kept = User.objects.get(pk=claire.pk)
        assert (kept.name, kept.language) == ("Claire Martin", "en")

    def test_is_the_members_again_when_it_was_refused(self, by_number: User, odile: User) -> None:
        dossiers.add(by_number, name="recto.png", content=PNG)
        sent = dossiers.send(by_number)
        dossiers.open_documents(sent, by=odile, reason=REASON)
        dossiers.refuse(sent, by=odile, problem=Dossier.Problem.UNREADABLE)
        assert self.rename(by_number) == set()

    def test_is_kept_by_the_database(self, claire: User, lea: User) -> None:
        User.objects.filter(pk=lea.pk).update(tier="PHONE")
        dossiers.add(lea, name="recto.png", content=PNG)
        dossiers.send(lea)
        for member in (claire, lea):
            with pytest.raises(IntegrityError, match="the name that was checked"), transaction.atomic():
                User.objects.filter(pk=member.pk).update(name="Somebody Else")

    @pytest.mark.django_db(transaction=True)
    def test_is_put_right_by_the_owner(self, claire: User, as_owner: Callable[[str], None]) -> None:
        as_owner(f"UPDATE accounts_user SET name = 'Claire Petit' WHERE id = {claire.pk}")
        assert User.objects.get(pk=claire.pk).name == "Claire Petit"


@pytest.mark.django_db
class TestAdd:
    @pytest.mark.parametrize(
        ("content", "media_type"), [(PNG, "image/png"), (JPEG, "image/jpeg"), (PDF, "application/pdf")]
    )
    def test_knows_a_document_by_its_content(self, claire: User, content: bytes, media_type: str) -> None:
        assert dossiers.add(claire, name="x.exe", content=content).media_type == media_type

    @pytest.mark.parametrize("content", [b"", b"<html>", b"GIF89a", b"\xff\xd8", b" %PDF-", b"MZ\x90"])
    def test_refuses_what_is_none_whatever_its_name(self, claire: User, content: bytes) -> None:
        with pytest.raises(dossiers.NotADocument):
            dossiers.add(claire, name="passport.png", content=content)
        assert not Dossier.objects.exists()

    def test_refuses_what_is_too_large_or_too_many(self, claire: User) -> None:
        with pytest.raises(dossiers.TooLarge):
            dossiers.add(claire, name="big.png", content=PNG + b"\0" * LARGEST)
        for number in range(dossiers.MOST_DOCUMENTS):
            dossiers.add(claire, name=f"{number}.png", content=PNG)
        with pytest.raises(dossiers.TooMany):
            dossiers.add(claire, name="5.png", content=PNG)

    @pytest.mark.django_db(transaction=True)
    def test_takes_no_more_than_so_many_at_once(
        self, claire: User, at_once: Callable[..., list[Any]]
    ) -> None:
        at_once(8, lambda n: dossiers.add(claire, name=f"{n}.png", content=PNG))
        assert Document.objects.filter(dossier__user=claire).count() == dossiers.MOST_DOCUMENTS
        assert Dossier.objects.count() == 1

    def test_keeps_it_encrypted(self, claire: User) -> None:
        document = dossiers.add(claire, name="recto.png", content=PNG)
        with connection.cursor() as cursor:
            cursor.execute("SELECT content FROM accounts_document WHERE id = %s", [document.pk])
            kept = bytes(cursor.fetchone()[0])
        assert PNG[:8] not in kept
        assert PNG[-16:] not in kept

    def test_adds_nothing_to_what_was_sent(self, waiting: Dossier, claire: User) -> None:
        for act in (
            lambda: dossiers.add(claire, name="x.png", content=PNG),
            lambda: dossiers.send(claire),
            lambda: dossiers.remove(claire, waiting.documents.get().pk),
        ):
            with pytest.raises(dossiers.DossierClosed):
                act()

    def test_takes_out_ones_own_only(self, claire: User, armand: User) -> None:
        document = dossiers.add(claire, name="recto.png", content=PNG)
        dossiers.remove(armand, document.pk)
        assert Document.objects.count() == 1
        dossiers.remove(claire, document.pk)
        with pytest.raises(dossiers.NothingToSend):
            dossiers.send(claire)


@pytest.mark.django_db
class TestLooking:
    def test_without_a_reason_shows_nothing(self, waiting: Dossier, odile: User) -> None:
        with pytest.raises(dossiers.NotOpened):
            dossiers.read(waiting.documents.get(), by=odile)

    def test_is_an_act_with_its_reason(self, opened: Dossier, odile: User, bruno: User) -> None:
        assert dossiers.read(opened.documents.get(), by=odile) == PNG
        (entry,) = audit.of(opened)
        assert (entry.staff, entry.act, entry.reason) == (odile, "documents.opened", REASON)
        with pytest.raises(dossiers.NotOpened):
            dossiers.read(opened.documents.get(), by=bruno)

    def test_ends_after_a_while(self, opened: Dossier, odile: User, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(dossiers, "OPEN_FOR", timedelta(seconds=-60))
        with pytest.raises(dossiers.NotOpened):
            dossiers.read(opened.documents.get(), by=odile)


@pytest.mark.django_db
class TestDecide:
    def test_takes_who_has_looked(self, waiting: Dossier, odile: User) -> None:
        with pytest.raises(dossiers.NotOpened):
            dossiers.accept(waiting, by=odile)

    def test_refusal_lets_the_member_try_again(self, opened: Dossier, odile: User, claire: User) -> None:
        dossiers.refuse(opened, by=odile, problem=Dossier.Problem.UNREADABLE)
        dossiers.add(claire, name="recto.png", content=JPEG)
        assert dossiers.send(claire) != opened

    def test_acceptance_raises_the_tier_and_is_the_end(
        self, opened: Dossier, odile: User, claire: User
    ) -> None:
        User.objects.filter(pk=claire.pk).update(tier="PHONE")
        dossiers.accept(opened, by=odile)
        claire.refresh_from_db()
        assert claire.tier == "IDENTIFIED"
        with pytest.raises(dossiers.DossierClosed):
            dossiers.add(claire, name="recto.png", content=JPEG)

    @pytest.mark.django_db(transaction=True)
    def test_happens_once(self, opened: Dossier, odile: User, at_once: Callable[..., list[Any]]) -> None:
        results = at_once(
            6,
            lambda n: (
                dossiers.accept(opened, by=odile)
                if n % 2
                else dossiers.refuse(opened, by=odile, problem=Dossier.Problem.INCOMPLETE)
            ),
        )
        assert sum(isinstance(result, Dossier) for result in results) == 1
        assert audit.of(opened).filter(act__startswith="dossier.").count() == 1


@pytest.mark.django_db
class TestPurge:
    def test_forgets_the_documents_some_time_after_the_decision(
        self, opened: Dossier, odile: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert dossiers.purge_due() == 0
        dossiers.accept(opened, by=odile)
        assert dossiers.purge_due() == 0
        monkeypatch.setattr(dossiers, "KEPT_FOR", timedelta(seconds=-60))
        assert dossiers.purge_due() == 1
        assert dossiers.purge_due() == 0
        document = Document.objects.get()
        assert (document.content, document.name) == (None, "")
        with pytest.raises(Document.DoesNotExist):
            dossiers.read(document, by=odile)


@pytest.mark.django_db
class TestRules:
    def make(self, user: User, **values: Any) -> Dossier:
        with transaction.atomic():
            return Dossier.objects.create(user=user, **values)

    def test_member_is_checked_once_at_a_time(self, waiting: Dossier, claire: User) -> None:
        with pytest.raises(IntegrityError, match="member_is_checked_once_at_a_time"):
            self.make(claire)

    def test_nobody_checks_their_own_identity(self, odile: User) -> None:
        with pytest.raises(IntegrityError, match="nobody_checks_their_own_identity"):
            self.make(odile, status="ACCEPTED", decided_by=odile, decided_at=timezone.now())

    @pytest.mark.parametrize(
        ("values", "rule"),
        [
            ({"status": "ACCEPTED"}, "dossier_is_decided_by_somebody"),
            ({"problem": "INCOMPLETE"}, "refused_dossier_says_why"),
            ({"purged_at": timezone.now()}, "dossier_is_purged_after_its_decision"),
        ],
    )
    def test_a_dossier_is_whole(self, claire: User, values: dict[str, Any], rule: str) -> None:
        with pytest.raises(IntegrityError, match=rule):
            self.make(claire, **values)

    @pytest.mark.parametrize(
        ("values", "rule"),
        [
            ({"media_type": "text/html", "size": 5}, "document_is_of_a_known_type"),
            ({"media_type": "image/png", "size": LARGEST + 1}, "document_is_not_too_large"),
        ],
    )
    def test_a_document_is_one(self, waiting: Dossier, values: dict[str, Any], rule: str) -> None:
        with pytest.raises(IntegrityError, match=rule), transaction.atomic():
            Document.objects.create(dossier=waiting, name="x", content=b"x", **values)

    def test_what_was_uploaded_and_decided_stands(self, opened: Dossier, odile: User) -> None:
        dossiers.accept(opened, by=odile)
        for rows, values in (
            (Document.objects.all(), {"content": b"other"}),
            (Dossier.objects.all(), {"status": "REFUSED", "problem": "INCOMPLETE"}),
        ):
            with pytest.raises(IntegrityError, match="kept as it was written"), transaction.atomic():
                rows.update(**values)


@pytest.mark.django_db
class TestMemberPages:
    @pytest.fixture
    def home(self, client: Client, claire: User, with_code: Callable[[User], User]) -> Client:
        client.force_login(with_code(claire))
        return client

    def upload(self, home: Client, name: str, content: bytes) -> Any:
        return home.post("/settings/identity/", {"document": SimpleUploadedFile(name, content)})

    def test_lead_from_nothing_to_waiting(self, home: Client, claire: User) -> None:
        assert self.upload(home, "recto.png", PNG).status_code == 302
        self.upload(home, "verso.pdf", PDF)
        page = home.get("/settings/identity/").content.decode()
        assert "recto.png" in page
        assert "verso.pdf" in page
        home.post("/settings/identity/send/")
        assert dossiers.latest(claire).status == "WAITING"  # type: ignore[union-attr]  # it is there
        assert 'type="file"' not in home.get("/settings/identity/").content.decode()

    def test_say_what_is_wrong(self, home: Client) -> None:
        answer = self.upload(home, "recto.png", b"<svg onload=alert(1)>")
        assert answer.status_code == 422
        assert answer.context["form"].errors["document"]
        assert home.post("/settings/identity/send/").status_code == 302
        assert not Dossier.objects.exists()

    def test_say_why_it_was_refused(self, home: Client, claire: User, odile: User) -> None:
        self.upload(home, "recto.png", PNG)
        dossier = dossiers.send(claire)
        desk = at_desk(odile)
        desk.post(act_of(dossier, "open"), {"reason": REASON})
        desk.post(act_of(dossier, "refuse"), {"problem": "NAME_DIFFERS"})
        page = home.get("/settings/identity/").content.decode()
        assert "Le nom n’est pas celui de votre compte." in page
        assert 'type="file"' in page
        assert Notification.objects.get(kind="IDENTITY_REFUSED").user == claire


@pytest.mark.django_db
class TestStaffPages:
    def address(self, dossier: Dossier) -> str:
        return f"/staff/accounts/dossier/documents/{dossier.documents.get().pk}/"

    def test_show_documents_to_reviewers_with_a_reason(self, waiting: Dossier, odile: User) -> None:
        desk = at_desk(odile)
        assert "recto.png" not in desk.get(page_of(waiting)).content.decode()
        assert desk.get(self.address(waiting)).status_code == 403
        desk.post(act_of(waiting, "open"), {"reason": REASON})
        assert "recto.png" in desk.get(page_of(waiting)).content.decode()
        answer = desk.get(self.address(waiting))
        assert answer.content == PNG
        assert answer["Content-Type"] == "image/png"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Content-Disposition"].startswith("attachment")
        assert "sandbox" in answer["Content-Security-Policy"]
        assert "no-store" in answer["Cache-Control"]

    def test_show_them_to_nobody_else(
        self, opened: Dossier, desk: Client, bruno: User, claire: User, client: Client
    ) -> None:
        """Neither staff that look, nor staff that decide on money, nor the member's browser."""
        for other in (desk, at_desk(bruno)):
            assert other.get(self.address(opened)).status_code == 403
            for name in ("open", "accept", "refuse"):
                assert other.post(act_of(opened, name), {"reason": REASON}).status_code == 403
            read(other, page_of(opened))
            read(other, list_of(Dossier))
        client.force_login(claire)
        assert client.get(self.address(opened)).status_code == 302

    def test_decide_once(self, opened: Dossier, odile: User, claire: User) -> None:
        desk = at_desk(odile)
        assert desk.post(act_of(opened, "accept")).status_code == 302
        assert desk.post(act_of(opened, "refuse"), {"problem": "INCOMPLETE"}).status_code == 403
        assert Notification.objects.get(kind="IDENTITY_ACCEPTED").user == claire
