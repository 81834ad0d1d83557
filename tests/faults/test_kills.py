"""`kill -9` of each part, and of all at once: what was acknowledged stays, and nothing is paid twice."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from launch.browser import Page
from launch.people import Person, until
from tests.journeys.test_orders import LEA, ordered
from tests.whole import Whole

ALL = ("web", "worker", "sender", "beat", "stream", "valkey", "postgres")
EUROS = 40
MOST = 8  # Of ten that a member may place in a day.
BEFORE, AFTER = "4000", "3500"


@pytest.mark.parametrize(
    "names", [("web",), ("worker",), ("sender",), ("valkey",), ("postgres",), ALL], ids="+".join
)
def test_what_was_acknowledged_outlives(whole: Whole, names: tuple[str, ...]) -> None:
    """An order waits, a code is on its way, a post is written: in this moment they die."""
    payer = whole.newcomer(euros=EUROS)
    post_id, reference = ordered(whole, payer, f"@Smoneyfr #envoyer 5€ @{LEA}")
    confirmation = payer.browser.open(f"{whole.at.site}/orders/{reference}/confirm/")

    with ThreadPoolExecutor(1) as pool:
        telling = pool.submit(is_told_paid, payer, confirmation)
        whole.kill(*names)
        whole.post(payer, f"@Smoneyfr #envoyer 7€ @{LEA}")
        was_told = telling.result()
    whole.revive()

    left = payer.balance()
    assert left in ({AFTER} if was_told else {BEFORE, AFTER})
    assert is_told_paid(payer, confirmation)  # As one who reloads the page sends the form again.
    assert payer.balance() == AFTER
    until(lambda: whole.replies(post_id), "no reply under the post", seconds=40)
    (second,) = until(payer.waiting, "the post written meanwhile is no order", seconds=40)
    assert whole.orders(payer) == [(reference, "PAID"), (second, "PENDING")]


def test_many_orders_through_kills_of_everything(whole: Whole) -> None:
    """Each payer sends a euro again and again, repeating what fails, while one part after the other dies."""
    payers, payee = [whole.newcomer(euros=10) for _ in range(3)], whole.payee()
    before, is_over = int(payee.balance()), threading.Event()

    def pay(payer: Person) -> int:
        for number in range(MOST):
            if is_over.is_set():
                return number
            pay_a_euro(whole, payer, number)
        return MOST

    with ThreadPoolExecutor(len(payers)) as pool:
        paying = [pool.submit(pay, payer) for payer in payers]
        for name in ALL:
            whole.kill(name)
            whole.revive()
        is_over.set()
        told = [future.result() for future in paying]
    assert [payer.balance() for payer in payers] == [str(10_00 - 1_00 * number) for number in told]
    assert int(payee.balance()) == before + 1_00 * sum(told)
    assert {status for payer in payers for _, status in whole.orders(payer)} == {"PAID"}


def pay_a_euro(whole: Whole, payer: Person, number: int) -> None:
    whole.post(payer, f"@Smoneyfr #envoyer 1€ @{LEA} n° {number}")
    (reference,) = until(lambda: patiently(payer), "the wallet shows no order", seconds=60)
    until(lambda: is_paid(whole, payer, reference), "it cannot be paid", seconds=60)


def is_told_paid(payer: Person, confirmation: Page) -> bool:
    """Send the code; whether the answer says that it is paid."""
    form = confirmation.form("code")
    try:
        return payer.browser.submit(confirmation, form, code=payer.code).url.endswith("/paid/")
    except requests.RequestException:
        return False


def is_paid(whole: Whole, payer: Person, reference: str) -> bool:
    """Go to the order and pay it, if it is not paid."""
    try:
        page = payer.browser.open(f"{whole.at.site}/orders/{reference}/confirm/")
    except requests.RequestException:
        return False
    if page.url.endswith("/confirm/"):
        return page.status == requests.codes.ok and is_told_paid(payer, page)
    return page.url.endswith(f"/orders/{reference}/")


def patiently(payer: Person) -> list[str]:
    """What waits for their code, once the site answers."""
    try:
        return payer.waiting()
    except requests.RequestException:
        return []


def test_a_web_that_is_killed_takes_its_workers_with_it(whole: Whole) -> None:
    """They would keep its port, and serve yesterday's code beside the next one."""
    (web,) = (child for child in whole.stack.processes.children if child.program.name == "web")
    workers = Path(f"/proc/{web.process.pid}/task/{web.process.pid}/children").read_text().split()
    serving = [pid for pid in workers if "spawn_main" in Path(f"/proc/{pid}/cmdline").read_text()]
    assert len(serving) == 2
    whole.kill("web")
    until(
        lambda: not any(Path(f"/proc/{pid}").exists() for pid in serving), "its workers live on", seconds=10
    )
    whole.revive()
