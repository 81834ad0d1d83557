"""A member's own pages, the guard before the pages of money, and words."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.account.internal import flows
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.core import mail
from django.test import Client
from django.utils import timezone, translation

from accounts import codes, forms, tasks
from accounts.models import SecretCode, UnlockCode, User
from tests.accounts.conftest import PASSWORD, Outside
from tests.people import CODE

pytestmark = pytest.mark.django_db(transaction=True)

UNLOCK, NEW = "/settings/code/unlock/", "736251"


def reauthenticate(client: Client) -> None:
    client.post("/account/reauthenticate/", {"password": PASSWORD})


class TestGuard:
    @pytest.mark.parametrize("address", ["/settings/", "/settings/code/", UNLOCK])
    def test_sends_whom_it_does_not_know_to_sign_in(self, client: Client, address: str, db: None) -> None:
        assert client.get(address).headers["Location"].startswith("/account/login/")

    @pytest.mark.parametrize("address", ["/settings/", "/wallet/", UNLOCK])
    def test_sends_whom_has_no_code_to_choose_one(self, client: Client, camille: User, address: str) -> None:
        client.force_login(camille)
        assert client.get(address).headers["Location"] == "/welcome/"

    def test_does_not_let_sign_up_be_done_twice(self, at_home: Client, member: User) -> None:
        at_home.post("/welcome/code/", {"code": NEW, "again": NEW})
        at_home.post(
            "/welcome/sign-in/", {"password1": "something else 12", "password2": "something else 12"}
        )
        codes.verify(member, CODE)
        member.refresh_from_db()
        assert member.check_password(PASSWORD)


class TestCodeChange:
    def test_needs_the_old_one(self, at_home: Client, member: User) -> None:
        page = at_home.post("/settings/code/", {"old": "804913", "code": NEW, "again": NEW})
        assert page.context["form"].errors["old"]
        assert SecretCode.objects.get().tries == 1
        assert at_home.post("/settings/code/", {"old": CODE, "code": NEW, "again": NEW}).status_code == 302
        codes.verify(member, NEW)

    @pytest.mark.parametrize(
        ("new", "again", "wrong"),
        [("111111", "111111", "code"), (NEW, "736252", "again"), ("12a456", "12a456", "code")],
    )
    def test_says_what_is_wrong_with_the_new_one(
        self, at_home: Client, new: str, again: str, wrong: str
    ) -> None:
        page = at_home.post("/settings/code/", {"old": CODE, "code": new, "again": again})
        assert page.context["form"].errors[wrong]
        assert SecretCode.objects.get().tries == 0

    def test_shows_no_code_again(self, at_home: Client) -> None:
        page = at_home.post("/settings/code/", {"old": "804913", "code": NEW, "again": NEW}).content.decode()
        assert "804913" not in page
        assert NEW not in page


class TestUnlock:
    def test_takes_password_and_sms(self, at_home: Client, member: User, outside: Outside) -> None:
        SecretCode.objects.update(tries=5)
        reauthenticate(at_home)
        at_home.post(UNLOCK, {"action": "send"})
        assert outside.texts[-1]["To"] == str(member.phone)
        at_home.post(UNLOCK, {"sent": outside.last_code(), "code": NEW, "again": NEW})
        codes.verify(member, NEW)

    def test_begins_with_the_password(self, at_home: Client, outside: Outside) -> None:
        for page in (at_home.get(UNLOCK), at_home.post(UNLOCK, {"action": "send"})):
            assert page.headers["Location"].startswith("/account/reauthenticate/")
        assert not outside.texts

    def test_does_not_go_without_the_sms(self, at_home: Client, member: User, outside: Outside) -> None:
        reauthenticate(at_home)
        at_home.post(UNLOCK, {"sent": "000000", "code": NEW, "again": NEW})
        codes.verify(member, CODE)

    def test_says_what_is_wrong(self, at_home: Client, outside: Outside) -> None:
        reauthenticate(at_home)
        at_home.post(UNLOCK, {"action": "send"})
        wrong = f"{(int(outside.last_code()) + 1) % 10**6:06}"
        for left in (2, 1, 0):
            page = at_home.post(UNLOCK, {"sent": wrong, "code": NEW, "again": NEW})
            assert str(left) in page.context["form"].errors["sent"][0]
        page = at_home.post(UNLOCK, {"sent": outside.last_code(), "code": NEW, "again": NEW})
        assert not page.context["is_sent"]

    def test_says_so_when_the_text_cannot_be_sent(self, at_home: Client, outside: Outside) -> None:
        User.objects.update(language="en")
        reauthenticate(at_home)
        outside.carrier_answers = (500, {})
        page = at_home.post(UNLOCK, {"action": "send"}, follow=True)
        assert "could not send you a text message" in page.content.decode()
        outside.carrier_answers = None
        at_home.post(UNLOCK, {"action": "send"})
        assert len(outside.texts) == 1

    def test_leaves_nothing_to_guess_at_when_the_text_cannot_be_sent(
        self, at_home: Client, outside: Outside
    ) -> None:
        reauthenticate(at_home)
        outside.carrier_answers = (500, {})
        at_home.post(UNLOCK, {"action": "send"})
        page = at_home.post(UNLOCK, {"sent": "000000", "code": NEW, "again": NEW})
        assert not page.context["is_sent"]
        assert not UnlockCode.objects.exists()

    def test_sends_a_text_every_half_minute_at_most(self, at_home: Client, outside: Outside) -> None:
        reauthenticate(at_home)
        for _ in range(3):
            at_home.post(UNLOCK, {"action": "send"})
        assert len(outside.texts) == 1


class TestSettings:
    def test_keeps_name_and_language(self, at_home: Client, member: User) -> None:
        at_home.post(
            "/settings/", {"name": "Camille R.", "language": "en", "phone": "+33600000000", "is_staff": "1"}
        )
        kept = User.objects.get(pk=member.pk)
        assert (kept.name, kept.language, kept.phone, kept.is_staff) == (
            "Camille R.",
            "en",
            member.phone,
            False,
        )

    def test_leaves_alone_what_is_not_in_the_form(self, member: User) -> None:
        form = forms.ProfileForm({"name": "Camille R.", "language": "en"}, instance=member)
        User.objects.update(phone="+33612349999", password="another")
        assert form.is_valid()
        form.save()
        kept = User.objects.get()
        assert (kept.name, kept.language) == ("Camille R.", "en")
        assert (str(kept.phone), kept.password) == ("+33612349999", "another")

    def test_a_new_password_changes_nothing_else(self, member: User) -> None:
        User.objects.update(phone="+33612349999", name="Camille R.")
        flows.password_change.change_password(member, "douze ponts de paris")
        kept = User.objects.get()
        assert (kept.name, str(kept.phone)) == ("Camille R.", "+33612349999")
        assert kept.check_password("douze ponts de paris")
        assert kept.password_changed_at == member.password_changed_at

    def test_changes_the_address_once_it_is_confirmed(self, at_home: Client, member: User) -> None:
        reauthenticate(at_home)
        at_home.post("/account/email/", {"action_add": "", "email": "camille@example.org"})
        member.refresh_from_db()
        assert member.email == ""
        link = next(word for word in mail.outbox[0].body.split() if "/confirm-email/" in word)
        at_home.post(link.partition("testserver")[2])
        member.refresh_from_db()
        assert member.email == "camille@example.org"

    def test_writes_of_a_lost_password_to_confirmed_addresses_only(
        self, client: Client, member: User
    ) -> None:
        mistyped = EmailAddress.objects.create(
            user=member, email="somebody@example.org", verified=False, primary=True
        )
        client.post("/account/password/reset/", {"email": mistyped.email})
        assert not any("/password/reset/key/" in str(message.body) for message in mail.outbox)
        EmailAddress.objects.update(verified=True)
        client.post("/account/password/reset/", {"email": mistyped.email})
        assert any("/password/reset/key/" in str(message.body) for message in mail.outbox)

    def test_keeps_the_last_passkey_of_whom_has_no_password(self, client: Client, member: User) -> None:
        client.force_login(member)
        reauthenticate(client)
        key = Authenticator.objects.create(
            user=member, type="webauthn", data={"name": "Phone", "credential": {}}
        )
        User.objects.update(password="!unusable")
        client.force_login(User.objects.get())
        session = client.session
        session["account_authentication_methods"] = [
            {"method": "mfa", "type": "webauthn", "at": 9e9, "reauthenticated": True}
        ]
        session["account_authentication_methods_user"] = str(member.pk)
        session.save()
        client.post(f"/account/2fa/webauthn/keys/{key.pk}/remove/")
        assert Authenticator.objects.filter(pk=key.pk).exists()

    def test_sessions_elsewhere_can_be_ended(self, at_home: Client, member: User) -> None:
        elsewhere = Client()
        elsewhere.post("/account/login/", {"login": str(member.phone), "password": PASSWORD})
        at_home.post("/account/sessions/")
        assert at_home.get("/settings/").status_code == 200
        assert elsewhere.get("/settings/").status_code == 302

    def test_sessions_that_are_over_are_forgotten(self, at_home: Client) -> None:
        Session.objects.create(session_key="over", session_data="", expire_date=timezone.now())
        tasks.purge_sessions()
        assert Session.objects.get().session_key == at_home.session.session_key


class TestLanguage:
    def test_is_the_members_own(self, at_home: Client, member: User) -> None:
        User.objects.update(language="en")
        page = at_home.get("/settings/", HTTP_ACCEPT_LANGUAGE="fr")
        assert page.headers["Content-Language"] == "en"
        assert "Cookie" in page.headers["Vary"]

    def test_is_the_browsers_for_whom_is_not_signed_in(self, client: Client, db: None) -> None:
        for language in ("fr", "en"):
            page = client.get("/account/login/", HTTP_ACCEPT_LANGUAGE=language)
            assert page.headers["Content-Language"] == language
            assert {"Cookie", "Accept-Language"} <= set(page.headers["Vary"].split(", "))

    def test_does_not_stay_for_the_next_request(self, at_home: Client, client: Client) -> None:
        User.objects.update(language="en")
        at_home.get("/settings/")
        assert Client().get("/account/login/", HTTP_ACCEPT_LANGUAGE="fr").headers["Content-Language"] == "fr"
        translation.activate("fr")

    @pytest.mark.parametrize(("chosen", "kept"), [("en", "en"), ("xx", "fr"), ("", "fr")])
    def test_is_kept_with_the_member(self, at_home: Client, member: User, chosen: str, kept: str) -> None:
        at_home.post("/language/setlang/", {"language": chosen})
        member.refresh_from_db()
        assert member.language == kept

    def test_is_kept_in_a_cookie_for_others(self, client: Client, db: None, settings: Any) -> None:
        client.post("/language/setlang/", {"language": "en"})
        assert client.cookies[settings.LANGUAGE_COOKIE_NAME].value == "en"
