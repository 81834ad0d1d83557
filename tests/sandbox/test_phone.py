"""The phone, the mailbox and the authenticator, by Twilio's API, SMTP and a script's JSON."""

from __future__ import annotations

import base64
import hmac
import smtplib
import time
from email.message import EmailMessage
from hashlib import sha1
from typing import Any

import pytest
import requests

from sandbox.phone import totp
from tests.sandbox.outside import Outside

KEY = ("AC_demo", "demo-sms-token")
SENDER = "+33644600000"
API = "/2010-04-01/Accounts/AC_demo/Messages"
RFC_SECRET = base64.b32encode(b"12345678901234567890").decode()


def send(outside: Outside, **changed: str) -> requests.Response:
    form = {"To": "+33612345678", "From": SENDER, "Body": "Votre code est 482913."} | changed
    return outside.post(f"{API}.json", data=form, auth=KEY)


class TestTexts:
    def test_message_reaches_its_phone(self, outside_world: Outside) -> None:
        sent = send(outside_world, To="+33611111111")
        assert sent.status_code == 201
        said = sent.json()
        assert (said["status"], said["to"], said["direction"]) == ("queued", "+33611111111", "outbound-api")
        (there,) = outside_world.get("/sandbox/phone/+33611111111/messages").json()
        assert (there["sid"], there["from"], there["body"]) == (said["sid"], SENDER, "Votre code est 482913.")
        again = outside_world.get(f"{API}/{said['sid']}.json", auth=KEY).json()
        assert again["status"] in {"sent", "delivered"}

    def test_newest_comes_first(self, outside_world: Outside) -> None:
        for body in ("one", "two", "three"):
            send(outside_world, To="+33622222222", Body=body)
        listed = outside_world.get("/sandbox/phone/+33622222222/messages").json()
        assert [it["body"] for it in listed] == ["three", "two", "one"]

    @pytest.mark.parametrize(
        ("changed", "code"),
        [
            ({"To": "0612345678"}, 21211),
            ({"To": "+3312"}, 21211),
            ({"To": ""}, 21604),
            ({"Body": ""}, 21602),
            ({"Body": "x" * 1601}, 21617),
            ({"From": "not a number!"}, 21212),
        ],
    )
    def test_refusal_is_twilios(self, outside_world: Outside, changed: dict[str, str], code: int) -> None:
        refused = send(outside_world, **changed)
        said = refused.json()
        assert (refused.status_code, said["status"], said["code"]) == (400, 400, code)
        assert said["more_info"].endswith(str(code))

    @pytest.mark.parametrize("key", [("AC_demo", "wrong"), ("AC_other", "demo-sms-token"), None])
    def test_wrong_key_is_refused(self, outside_world: Outside, key: Any) -> None:
        refused = outside_world.post(f"{API}.json", data={}, auth=key)
        assert (refused.status_code, refused.json()["code"]) == (401, 20003)

    def test_stop_is_heeded_until_start(self, outside_world: Outside) -> None:
        number = "+33633333333"

        def write(body: str) -> None:
            outside_world.post(f"/phone/{number}/write", data={"body": body, "sender": SENDER})

        write(" stop ")
        assert send(outside_world, To=number).json()["code"] == 21610
        write("START")
        assert send(outside_world, To=number).status_code == 201

    def test_what_is_written_on_a_phone_is_told_and_signed(self, outside_world: Outside) -> None:
        body = "ENVOYER 10€ 0612345678"
        outside_world.post("/phone/+33644444444/write", data={"body": body, "sender": SENDER})
        (told,) = outside_world.listener.wait_for(
            lambda it: it.path == "/sms" and it.form["From"] == "+33644444444"
        )
        assert (told.form["To"], told.form["Body"]) == (SENDER, body)
        signed = f"{outside_world.listener.url}/sms" + "".join(
            f"{k}{v}" for k, v in sorted(told.form.items())
        )
        digest = hmac.new(b"demo-sms-token", signed.encode(), sha1).digest()
        assert told.headers["X-Twilio-Signature"] == base64.b64encode(digest).decode()

    def test_page_shows_words_and_makes_codes_touchable(self, outside_world: Outside) -> None:
        send(outside_world, To="+33655555555", Body="<b>482913</b> pour 1250 € http://localhost:8000/o/77")
        page = outside_world.get("/phone/+33655555555").text
        assert "&lt;b&gt;" in page
        assert 'data-copy="482913"' in page
        assert "data-copy" not in page.partition("pour")[2].partition("</div>")[0]
        assert 'href="http://localhost:8000/o/77"' in page


class TestMail:
    def test_e_mail_reaches_every_recipient(self, outside_world: Outside) -> None:
        mail = EmailMessage()
        mail["From"], mail["To"] = "S-Money <bonjour@s-money.example>", "Camille@example.fr, bob@example.fr"
        mail["Subject"] = "Vous avez reçu 12,99 €"
        mail.set_content("Bonjour Camille,\nBob vous a envoyé 12,99 €.")
        mail.add_alternative("<p>Bob vous a envoyé <b>12,99 €</b>.</p>", subtype="html")
        with smtplib.SMTP("127.0.0.1", outside_world.smtp_port) as server:
            server.send_message(mail)
        ids = {}
        for address in ("camille@example.fr", "BOB@example.fr"):
            (there,) = outside_world.get(f"/sandbox/mail/{address}/messages").json()
            assert there["subject"] == "Vous avez reçu 12,99 €"
            assert there["from"] == "S-Money <bonjour@s-money.example>"
            assert "Bob vous a envoyé 12,99 €." in there["text"]
            assert "<b>12,99 €</b>" in there["html"]
            ids[address] = there["id"]
        page = outside_world.get(f"/mail/camille@example.fr/{ids['camille@example.fr']}").text
        assert '<iframe class="mail-frame" sandbox srcdoc="&lt;p&gt;' in page

    def test_mail_without_text_is_read_from_its_html(self, outside_world: Outside) -> None:
        mail = EmailMessage()
        mail["To"] = "html@example.fr"
        mail.set_content("<p>Un code&nbsp;: <b>123456</b></p>", subtype="html")
        with smtplib.SMTP("127.0.0.1", outside_world.smtp_port) as server:
            server.sendmail("bonjour@s-money.example", ["html@example.fr"], mail.as_bytes())
        (there,) = outside_world.get("/sandbox/mail/html@example.fr/messages").json()
        assert there["text"] == "Un code\u00a0: 123456"


class TestAuthenticator:
    # RFC 6238, appendix B: the last 6 of the 8 digits, SHA-1.
    @pytest.mark.parametrize(
        ("at", "digits"),
        [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")],
    )
    def test_codes_are_the_rfcs(self, at: int, digits: str) -> None:
        assert totp.code(RFC_SECRET, at=at).digits == digits

    def test_code_is_given_by_label(self, outside_world: Outside) -> None:
        uri = f"otpauth://totp/S-Money:agnes?secret={RFC_SECRET}&algorithm=SHA1&digits=6&period=30"
        for _ in range(2):
            added = outside_world.post(
                "/sandbox/authenticator", json={"label": "S-Money:agnes", "otpauth": uri}
            )
            assert added.status_code == 201
        before = totp.code(RFC_SECRET, at=time.time()).digits
        said = outside_world.get("/sandbox/authenticator/S-Money:agnes").json()
        assert said["code"] in {before, totp.code(RFC_SECRET, at=time.time()).digits}
        assert 1 <= said["seconds_left"] <= 30
        assert outside_world.get("/authenticator/").text.count("S-Money:agnes") == 1

    @pytest.mark.parametrize(
        "said", [{"label": "x"}, {"label": "x", "secret": "not base32!"}, {"secret": RFC_SECRET}, []]
    )
    def test_senseless_entry_is_refused(self, outside_world: Outside, said: Any) -> None:
        assert outside_world.post("/sandbox/authenticator", json=said).status_code == 400

    def test_unknown_label_is_not_found(self, outside_world: Outside) -> None:
        assert outside_world.get("/sandbox/authenticator/nobody").status_code == 404
