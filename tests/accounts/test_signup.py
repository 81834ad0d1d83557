"""Signing up and in, through the pages."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from allauth.account import forms
from django.conf import settings as project
from django.test import Client

from accounts import codes, members
from accounts.models import SecretCode, User
from tests.accounts.conftest import PASSWORD, PHONE, Outside
from tests.people import CODE

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("outside")]

SIGNUP, VERIFY = "/account/signup/", "/account/phone/verify/"
LOGIN, LOGIN_SMS, CONFIRM_SMS = "/account/login/", "/account/login/code/", "/account/login/code/confirm/"
NEW_PASSWORD = "douze ponts de paris"
NEW_PHONE = "+33612349999"


def sign_up(client: Client, *, phone: str = PHONE, name: str = "Camille Roux", lang: str = "fr") -> Any:
    return client.post(SIGNUP, {"name": name, "phone": phone}, HTTP_ACCEPT_LANGUAGE=lang)


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was compared with the code that was sent."""
    compared: list[str] = []

    def note(*, actual: str, expected: str) -> bool:
        compared.append(actual)
        return actual == expected

    monkeypatch.setattr(forms, "compare_user_code", note)
    return compared


def guess(client: Client, where: str, sent: str) -> Callable[[int], Any]:
    """Another wrong code each time, from a browser that has the same session."""
    session = client.cookies[project.SESSION_COOKIE_NAME].value

    def post(number: int) -> Any:
        other = Client()
        other.cookies[project.SESSION_COOKIE_NAME] = session
        return other.post(where, {"code": f"{(int(sent) + 1 + number) % 10**6:06}"})

    return post


def shown(response: Any) -> str:
    """A page without what differs by nature."""
    return re.sub(r'(csrfmiddlewaretoken" value=|nonce=)"[^"]*"', "", response.content.decode())


class TestSignUp:
    def test_goes_from_number_to_wallet(self, client: Client, outside: Outside) -> None:
        assert sign_up(client).headers["Location"] == VERIFY
        assert outside.texts[-1]["To"] == PHONE
        verified = client.post(VERIFY, {"code": outside.last_code()}, follow=True)
        assert verified.redirect_chain[-1][0] == "/welcome/sign-in/"
        user = User.objects.get()
        assert (user.name, str(user.phone), user.language) == ("Camille Roux", PHONE, "fr")
        chosen = client.post("/welcome/sign-in/", {"password1": PASSWORD, "password2": PASSWORD}, follow=True)
        assert chosen.redirect_chain[-1][0] == "/welcome/code/"
        done = client.post("/welcome/code/", {"code": CODE, "again": CODE}, follow=True)
        assert done.redirect_chain[-1][0] == "/wallet/"
        codes.verify(user, CODE)

    @pytest.mark.guarded
    def test_leaves_them_free_to_act_at_once(self, client: Client, outside: Outside) -> None:
        """Nobody is asked for the password that they have just chosen."""
        sign_up(client)
        client.post(VERIFY, {"code": outside.last_code()})
        client.post("/welcome/sign-in/", {"password1": PASSWORD, "password2": PASSWORD})
        client.post("/welcome/code/", {"code": CODE, "again": CODE})
        assert client.get("/wallet/load/").status_code == 200

    def test_writes_the_text_in_the_language_of_the_page(self, client: Client, outside: Outside) -> None:
        sign_up(client, lang="en")
        assert outside.texts[-1]["Body"].startswith("S-Money: your code is ")
        assert User.objects.get().language == "en"

    @pytest.mark.parametrize("phone", ["01 42 68 53 00", "+44 7911 123456", "06 39 98 12 34", "0612"])
    def test_says_what_a_number_must_be(self, client: Client, phone: str) -> None:
        page = sign_up(client, phone=phone, lang="en")
        assert page.status_code == 200
        assert page.context["form"].errors["phone"]
        assert not User.objects.exists()

    def test_resumes_where_it_was_left_after_signing_in_by_sms(
        self, client: Client, outside: Outside, settings: Any
    ) -> None:
        settings.ACCOUNT_RATE_LIMITS = {"verify_phone": None}
        sign_up(client)
        client.post(VERIFY, {"code": outside.last_code()})
        again = Client()
        assert again.post(LOGIN_SMS, {"phone": PHONE}).headers["Location"] == CONFIRM_SMS
        landed = again.post(CONFIRM_SMS, {"code": outside.last_code()}, follow=True)
        assert landed.wsgi_request.user == User.objects.get()
        assert again.get("/welcome/", follow=True).redirect_chain[-1][0] == "/welcome/sign-in/"

    def test_may_be_started_again(self, client: Client, outside: Outside, settings: Any) -> None:
        settings.ACCOUNT_RATE_LIMITS = {"verify_phone": None}
        sign_up(client, name="Camile")
        client.post("/account/logout/")
        sign_up(client, name="Camille")
        client.post(VERIFY, {"code": outside.last_code()})
        assert User.objects.get().name == "Camille"

    def test_looks_at_three_of_twenty_codes_at_once(
        self, client: Client, outside: Outside, looks: list[str], at_once: Callable[..., list[Any]]
    ) -> None:
        sign_up(client)
        at_once(20, guess(client, VERIFY, outside.last_code()))
        assert len(looks) == 3

    def test_of_a_form_that_was_sent_twice_goes_on_with_the_first(
        self, client: Client, outside: Outside
    ) -> None:
        sign_up(client)
        sign_up(client)
        assert len(outside.texts) == 1
        client.post(VERIFY, {"code": outside.last_code()})
        assert members.by_phone(PHONE) is not None

    def test_sends_a_text_every_half_minute_at_most(self, client: Client, outside: Outside) -> None:
        sign_up(client)
        other = sign_up(Client(), lang="en")
        assert other.headers["Location"] == SIGNUP
        assert len(outside.texts) == 1

    def test_gives_the_number_to_whom_reads_its_texts(
        self, client: Client, outside: Outside, settings: Any
    ) -> None:
        settings.ACCOUNT_RATE_LIMITS = {"verify_phone": None}
        squatter = Client()
        sign_up(squatter, name="Squatter")
        first = outside.last_code()
        sign_up(client, name="Camille")
        client.post(VERIFY, {"code": outside.last_code()})
        squatter.post(VERIFY, {"code": first}, follow=True)
        assert "_auth_user_id" not in squatter.session
        assert User.objects.get() == members.by_phone(PHONE) == User.objects.get(name="Camille")

    def test_ends_after_three_wrong_codes(self, client: Client, outside: Outside) -> None:
        sign_up(client)
        wrong = f"{(int(outside.last_code()) + 1) % 10**6:06}"
        for _ in range(2):
            assert client.post(VERIFY, {"code": wrong}).status_code == 200
        assert client.post(VERIFY, {"code": wrong}).headers["Location"] == LOGIN
        client.post(VERIFY, {"code": outside.last_code()})
        assert "_auth_user_id" not in client.session
        assert members.by_phone(PHONE) is None

    @pytest.mark.parametrize("answer", [(500, {}), (400, {"code": 21211})])
    def test_says_so_when_the_text_cannot_be_sent(
        self, client: Client, outside: Outside, answer: tuple[int, Any]
    ) -> None:
        outside.carrier_answers = answer
        page = client.post(
            SIGNUP, {"name": "Camille", "phone": PHONE}, follow=True, HTTP_ACCEPT_LANGUAGE="en"
        )
        assert page.redirect_chain == [(SIGNUP, 302)]
        assert "could not send you a text message" in page.content.decode()
        outside.carrier_answers = None
        assert sign_up(client).headers["Location"] == VERIFY  # At once: it was not their doing.

    def test_keeps_what_was_counted_when_a_text_cannot_be_sent(self, outside: Outside, settings: Any) -> None:
        """Else whoever owns a number that the carrier refuses would send from one address without end."""
        settings.ACCOUNT_RATE_LIMITS = {"text": "3/d/key,5/h/ip", "verify_phone": None}
        for phone in (PHONE, PHONE, "+33612349998", "+33612349999", "+33612349999"):
            outside.carrier_answers = (400, {"code": 21211}) if phone == "+33612349998" else None
            sign_up(Client(), phone=phone)
        assert len(outside.texts) == 4
        for phone in (PHONE, "+33612349999", "+33612349997"):
            sign_up(Client(), phone=phone)
        assert [text["To"] for text in outside.texts].count(PHONE) == 3
        assert len(outside.texts) == 5

    def test_sends_ten_texts_a_day_to_a_number(self, outside: Outside, settings: Any) -> None:
        settings.ACCOUNT_RATE_LIMITS = {"text": "10/d/key", "verify_phone": None}
        for number in range(12):
            sign_up(Client(REMOTE_ADDR=f"192.0.2.{number}"))
        assert len(outside.texts) == 10


class TestWhoHasAnAccount:
    """Answers are the same for a number that is a member's and for one that is not."""

    STRANGER = "+33612349999"

    def test_signing_up_does_not_tell(self, member: User, outside: Outside) -> None:
        pages = []
        for phone in (PHONE, self.STRANGER):
            client = Client()
            first = sign_up(client, phone=phone)
            wrong = client.post(VERIFY, {"code": "000000"})
            pages.append(
                (
                    first.status_code,
                    first.headers["Location"],
                    shown(client.get(VERIFY)).replace(phone, ""),
                    wrong.status_code,
                    shown(wrong).replace(phone, ""),
                )
            )
        assert pages[0] == pages[1]
        assert [text["To"] for text in outside.texts] == [PHONE, self.STRANGER]
        assert not re.search(r"[0-9]{6}$", outside.texts[0]["Body"])

    def test_asking_for_a_code_does_not_tell(self, member: User, outside: Outside) -> None:
        pages = []
        for phone in (PHONE, self.STRANGER):
            client = Client()
            first = client.post(LOGIN_SMS, {"phone": phone})
            wrong = client.post(CONFIRM_SMS, {"code": "000000"})
            resent = client.post(CONFIRM_SMS, {"action": "resend"})
            pages.append(
                (
                    first.headers["Location"],
                    wrong.status_code,
                    shown(wrong).replace(phone, ""),
                    resent.status_code,
                )
            )
        assert pages[0] == pages[1]
        assert [text["To"] for text in outside.texts] == [PHONE, self.STRANGER]

    def test_an_empty_code_is_not_a_strangers(self, outside: Outside) -> None:
        client = Client()
        client.post(LOGIN_SMS, {"phone": self.STRANGER})
        for code in ("", "000000", " "):
            assert "_auth_user_id" not in client.session
            client.post(CONFIRM_SMS, {"code": code})
        assert "_auth_user_id" not in client.session

    def test_a_wrong_password_does_not_tell(self, member: User) -> None:
        pages = [
            shown(Client().post(LOGIN, {"login": phone, "password": "something wrong"})).replace(phone, "")
            for phone in (PHONE, self.STRANGER)
        ]
        assert pages[0] == pages[1]


class TestSignIn:
    def test_takes_number_and_password(self, at_home: Client, member: User) -> None:
        assert at_home.get("/settings/").status_code == 200

    def test_changes_the_session(self, client: Client, member: User) -> None:
        client.get("/account/login/")
        client.session.save()
        before = client.session.session_key
        client.post(LOGIN, {"login": PHONE, "password": PASSWORD})
        assert client.session.session_key != before

    def test_five_wrong_passwords_stop_the_number_and_nobody_else(self, member: User, armand: User) -> None:
        armand.set_password(PASSWORD)
        armand.save()
        for number in range(6):
            Client(REMOTE_ADDR=f"192.0.2.{number}").post(LOGIN, {"login": PHONE, "password": "wrong"})
        stopped, other = Client(), Client(REMOTE_ADDR="192.0.2.99")
        stopped.post(LOGIN, {"login": PHONE, "password": PASSWORD})
        assert "_auth_user_id" not in stopped.session
        other.post(LOGIN, {"login": str(armand.phone), "password": PASSWORD})
        assert other.session["_auth_user_id"] == str(armand.pk)

    def test_by_sms_asks_for_the_secret_code_too(
        self, client: Client, member: User, outside: Outside
    ) -> None:
        client.post(LOGIN_SMS, {"phone": PHONE})
        first = client.post(CONFIRM_SMS, {"code": outside.last_code()})
        assert first.headers["Location"] == "/account/login/code/secret/"
        assert "_auth_user_id" not in client.session
        assert client.get("/settings/").status_code == 302
        assert client.post("/account/login/code/secret/", {"code": "804913"}).status_code == 200
        assert SecretCode.objects.get().tries == 1
        client.post("/account/login/code/secret/", {"code": CODE})
        assert client.session["_auth_user_id"] == str(member.pk)

    def test_by_sms_does_not_make_the_number_new(
        self, client: Client, member: User, outside: Outside
    ) -> None:
        """A new one is looked at more closely for a day."""
        client.post(LOGIN_SMS, {"phone": PHONE})
        client.post(CONFIRM_SMS, {"code": outside.last_code()})
        assert User.objects.get().phone_verified_at == member.phone_verified_at

    def test_by_sms_does_not_bring_back_a_number_that_was_given_up(
        self, client: Client, member: User, outside: Outside
    ) -> None:
        client.post(LOGIN_SMS, {"phone": PHONE})
        User.objects.update(phone=NEW_PHONE)
        assert client.post(CONFIRM_SMS, {"code": outside.last_code()}).headers["Location"] == LOGIN
        assert str(User.objects.get().phone) == NEW_PHONE
        assert "_auth_user_id" not in client.session

    def test_a_number_is_changed_by_whoever_is_signed_in(
        self, at_home: Client, member: User, outside: Outside
    ) -> None:
        at_home.post("/account/reauthenticate/", {"password": PASSWORD})
        at_home.post("/account/phone/change/", {"phone": NEW_PHONE})
        at_home.post(VERIFY, {"code": outside.last_code()})
        changed = User.objects.get()
        assert str(changed.phone) == NEW_PHONE
        assert changed.phone_verified_at not in {None, member.phone_verified_at}

    def test_by_sms_is_no_way_round_a_locked_code(
        self, client: Client, member: User, outside: Outside
    ) -> None:
        SecretCode.objects.update(tries=5)
        client.post(LOGIN_SMS, {"phone": PHONE})
        client.post(CONFIRM_SMS, {"code": outside.last_code()})
        page = client.post("/account/login/code/secret/", {"code": CODE})
        assert page.context["form"].errors
        assert "_auth_user_id" not in client.session

    def test_by_sms_looks_at_three_of_twenty_codes_at_once(
        self,
        client: Client,
        member: User,
        outside: Outside,
        looks: list[str],
        at_once: Callable[..., list[Any]],
    ) -> None:
        client.post(LOGIN_SMS, {"phone": PHONE})
        at_once(20, guess(client, CONFIRM_SMS, outside.last_code()))
        assert len(looks) == 3

    def test_by_sms_and_secret_code_replaces_a_lost_password(
        self, client: Client, member: User, outside: Outside
    ) -> None:
        client.post(LOGIN_SMS, {"phone": PHONE})
        client.post(CONFIRM_SMS, {"code": outside.last_code()})
        client.post("/account/login/code/secret/", {"code": CODE})
        client.post("/account/password/change/", {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})
        member.refresh_from_db()
        assert member.check_password(NEW_PASSWORD)
        assert client.get("/settings/").status_code == 200

    def test_the_stage_of_the_secret_code_is_not_reached_without_the_sms(
        self, client: Client, member: User
    ) -> None:
        page = client.post("/account/login/code/secret/", {"code": CODE})
        assert page.headers["Location"] == LOGIN_SMS
        assert SecretCode.objects.get().tries == 0

    def test_password_change_ends_the_other_sessions(self, at_home: Client, member: User) -> None:
        elsewhere = Client()
        elsewhere.post(LOGIN, {"login": PHONE, "password": PASSWORD})
        at_home.post("/account/reauthenticate/", {"password": PASSWORD})
        at_home.post("/account/password/change/", {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})
        assert at_home.get("/settings/").status_code == 200
        assert elsewhere.get("/settings/").status_code == 302

    def test_a_session_alone_sets_no_password(self, at_home: Client, member: User) -> None:
        for address in ("/account/password/change/", "/account/password/set/"):
            page = at_home.post(address, {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})
            assert page.headers["Location"].startswith("/account/reauthenticate/")
        member.refresh_from_db()
        assert member.check_password(PASSWORD)

    def test_a_session_alone_adds_no_passkey(self, at_home: Client) -> None:
        assert (
            at_home.get("/account/2fa/webauthn/add/")
            .headers["Location"]
            .startswith("/account/reauthenticate/")
        )
