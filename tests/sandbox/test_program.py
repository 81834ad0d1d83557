"""The sandbox's program checks who says so, as ours tells it."""

from __future__ import annotations

import time

import pytest
import requests

from accounts.models import Organisation, User
from payments import announcements, callbacks, calls
from tests.payments.test_figures import give
from tests.sandbox.running import Sandbox


def page(sandbox: Sandbox) -> str:
    return requests.get(f"{sandbox.url}/program/", timeout=30).text


@pytest.mark.django_db
def test_a_payment_is_told_and_believed(sandbox: Sandbox, acf: Organisation, claire: User) -> None:
    url = f"{sandbox.url}/program/hook"
    _made, secret = callbacks.add(acf, url, events=["payment.received"], by=acf.founded_by)
    requests.post(f"{sandbox.url}/program/secret", data={"secret": secret}, timeout=30)
    order = give(claire, acf)
    announcements.sweep()
    assert calls.send_due() == 1
    shown = page(sandbox)
    assert order.reference in shown
    assert "signed by S-Money" in shown.replace("not signed by S-Money", "")


def test_nobody_else_is_believed(sandbox: Sandbox) -> None:
    signature = {"S-Money-Signature": f"t={int(time.time())},v1={'0' * 64}"}
    requests.post(f"{sandbox.url}/program/secret", data={"secret": "whsec_x"}, timeout=30)
    requests.post(f"{sandbox.url}/program/hook", data=b'{"canary": 1}', headers=signature, timeout=30)
    assert "not signed by S-Money" in page(sandbox)
