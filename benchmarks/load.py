"""Confirmations over HTTP beside what hashing the codes alone allows; then three times as many as it takes.

The yardstick is the hash of a secret code in as many threads as one web process has, on the same cores in the
same run. Every confirmation is a form of an order of one cent; each member sends a few, never two at once.

The outside and those who send the forms run on these cores too, and are neither the product nor hashing:
`of_the_rest` is the ratio beside what hashing would do with the processor time that they left.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http import HTTPStatus

import django
import urllib3

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "smoney.settings")
django.setup()

from benchmarks import _crowd  # noqa: E402  # Django must be set up first

NEEDS = "demo"
CLIENTS = 16
EACH = 4  # Orders a member sends: with the fifth, a second factor would be asked for.
TOO_MANY = 3  # Times what was reached.
RUSH_SECONDS = 10
PATIENCE_SECONDS = 30

SITE = os.environ["SITE_URL"]
HTTP = urllib3.PoolManager(maxsize=400, timeout=PATIENCE_SECONDS, retries=False)


@dataclass(frozen=True)
class Answer:
    """What became of a form, and how many seconds it took."""

    status: int
    seconds: float


def main() -> int:
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    hashes = _crowd.hashes_a_second(seconds=5)
    forms = int(hashes * (seconds + TOO_MANY * RUSH_SECONDS))
    print(f"{forms // EACH + 1} members join …", file=sys.stderr, flush=True)
    queue = iter(_crowd.senders(forms // EACH + 1, orders_each=EACH))
    print(f"{CLIENTS} confirm for {seconds} s …", file=sys.stderr, flush=True)
    before = _others()
    steady = _steadily(queue, seconds=seconds)
    others = (_others() - before) / seconds / len(os.sched_getaffinity(0))
    pace = len(steady) / seconds
    rush = _all_at_once(queue, pace=TOO_MANY * pace)
    beside = {"others": round(others, 3), "of_the_rest": round(pace / hashes / (1 - others), 3)}
    _say("confirmations", pace / hashes, pace, "1/s", hashes=round(hashes, 1), p99=_p99(steady), **beside)
    taken = [answer for answer in rush if answer.status == HTTPStatus.FOUND]
    refused = sum(answer.status == HTTPStatus.SERVICE_UNAVAILABLE for answer in rush)
    _say("rush", len(taken) / RUSH_SECONDS / pace, refused, "refused", of=len(rush), p99=_p99(taken))
    lost = _crowd.lost(sum(answer.status == HTTPStatus.FOUND for answer in steady + rush))
    _say("lost", None, lost, "orders", breaches=_crowd.breaches())
    strange = len(steady + rush) - len(taken) - refused - len(steady)
    return 1 if lost or strange or any(answer.status != HTTPStatus.FOUND for answer in steady) else 0


def _others() -> float:
    """Seconds of processor time that the outside and we, who send the forms, have taken so far."""
    used = HTTP.request("GET", f"{os.environ['SANDBOX_URL']}/sandbox/usage").json()
    return float(used["processor_seconds"]) + time.process_time()


def _steadily(queue: Iterator[_crowd.Sender], *, seconds: int) -> list[Answer]:
    """As many clients as there are, each sending its next form when the last is answered."""
    end = time.monotonic() + seconds

    def client(_number: int) -> list[Answer]:
        answers = []
        while time.monotonic() < end:
            answers.append(_send(next(queue)))
        return answers

    with ThreadPoolExecutor(CLIENTS) as pool:
        return [answer for answers in pool.map(client, range(CLIENTS)) for answer in answers]


def _all_at_once(queue: Iterator[_crowd.Sender], *, pace: float) -> list[Answer]:
    """Forms at a pace that nobody can keep up with, whatever became of those before."""
    start = time.monotonic()
    with ThreadPoolExecutor(400) as pool:
        sent = []
        for number in range(int(pace * RUSH_SECONDS)):
            time.sleep(max(0, start + number / pace - time.monotonic()))
            sent.append(pool.submit(_send, next(queue)))
        return [future.result() for future in sent]


def _send(sender: _crowd.Sender) -> Answer:
    begun = time.monotonic()
    answer = HTTP.request(
        "POST",
        f"{SITE}/orders/{sender.reference}/confirm/",
        headers={"Cookie": sender.cookies},
        fields={"csrfmiddlewaretoken": sender.token, "code": sender.code},
        encode_multipart=False,
        redirect=False,
    )
    return Answer(answer.status, time.monotonic() - begun)


def _p99(answers: list[Answer]) -> float:
    return round(statistics.quantiles([answer.seconds for answer in answers], n=100)[98], 3)


def _say(case: str, ratio: float | None, value: float, unit: str, **more: object) -> None:
    line = {"bench": "load", "case": case, "ratio": ratio and round(ratio, 3), "value": round(value, 1)}
    print(json.dumps(line | {"unit": unit, "yardstick": "hashes a second"} | more))


if __name__ == "__main__":
    sys.exit(main())
