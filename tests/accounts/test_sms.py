from __future__ import annotations

from base64 import b64encode
from typing import Any

import pytest

from accounts import sms, texts
from tests.accounts.conftest import PHONE, Outside


@pytest.fixture
def carrier(outside: Outside) -> sms.SMS:
    return sms.SMS(outside.url, account="AC1", token="secret-token", sender="+33644600000")


class TestSend:
    def test_speaks_twilios_protocol(self, carrier: sms.SMS, outside: Outside) -> None:
        assert carrier.send(PHONE, "Bonjour €") == sms.Sent("SM1")
        assert outside.texts == [
            {
                "From": "+33644600000",
                "To": PHONE,
                "Body": "Bonjour €",
                "Authorization": f"Basic {b64encode(b'AC1:secret-token').decode()}",
            }
        ]

    def test_is_refused_with_the_carriers_code(self, carrier: sms.SMS, outside: Outside) -> None:
        outside.carrier_answers = (400, {"code": 21211, "message": f"{PHONE} is not a phone number"})
        with pytest.raises(sms.Refused) as refused:
            carrier.send(PHONE, "Bonjour")
        assert refused.value.code == 21211
        assert PHONE not in str(refused.value)

    @pytest.mark.parametrize(
        "answer",
        [
            (500, {}),
            (503, b"busy"),
            (429, {"code": 20429}),
            (402, {"code": 20402}),
            (201, b"half a bo"),
            (201, {}),
            (201, []),
            (302, b""),
        ],
    )
    def test_is_unreachable_when_no_answer_counts(
        self, carrier: sms.SMS, outside: Outside, answer: tuple[int, Any]
    ) -> None:
        outside.carrier_answers = answer
        with pytest.raises(sms.Unreachable):
            carrier.send(PHONE, "Bonjour")

    def test_is_unreachable_when_nobody_listens(self) -> None:
        with pytest.raises(sms.Unreachable) as away:
            sms.SMS("http://127.0.0.1:9", account="AC1", token="t", sender="+1").send(PHONE, "Bonjour")
        assert "AC1" not in str(away.value)


class TestCode:
    def test_ends_in_the_line_that_binds_it_to_our_site(self) -> None:
        assert texts.code("123456", site="s-money.example:8000").endswith("\n\n@s-money.example #123456")
