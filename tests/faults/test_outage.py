"""Three calls in ten of the outside fail for minutes, in every way; nothing is lost, all is done soon after.

People post, confirm and pay meanwhile. X, the card processor and the SMS carrier fail by turns: refused,
broken before and after, slow, cut, senseless, unpaid.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from launch import place, servers, stack
from launch.people import until
from launch.processes import Program
from tests.faults.servers import GIVEN
from tests.trial import Trial
from tests.whole import Whole

LONG_MINUTES = 5
SHORT_SECONDS, SHORT_PAYERS = 10, 2
PAYERS = 4
SHARE = 30  # per cent
SERVICES = ("x", "processor", "sms")
KINDS = {
    "429": {}, "500": {}, "500_after": {}, "slow": {"seconds": 0.7}, "timeout": {"seconds": 1.0},
    "half_body": {}, "bad_json": {}, "402": {},
}  # fmt: skip
TURN_SECONDS = 2
A_DAY_GOES_BY = "UPDATE payments_order SET created_at = created_at - interval '1 day' WHERE status = 'PAID'"
A_DAY_GOES_BY += " AND created_at > now() - interval '1 day'"
LEFT = """
    SELECT (SELECT count(*) FROM social_message WHERE handled_at IS NULL),
           (SELECT count(*) FROM payments_order WHERE status = 'PENDING'),
           (SELECT count(*) FROM payments_delivery WHERE status = 'DUE')
"""
MADE = """
    SELECT (SELECT count(*) FROM payments_order WHERE status = 'PAID'),
           (SELECT count(DISTINCT channel_id) FROM payments_order),
           (SELECT count(*) FROM payments_delivery WHERE status = 'FAILED'),
           (SELECT count(*) FROM payments_delivery WHERE status = 'SENT' AND channel = 'X')
"""


@pytest.fixture
def faulty() -> Iterator[Whole]:
    """All of S-Money, with a stream, and an X that counts no calls."""
    folder = Path(tempfile.mkdtemp(prefix="s-money-outage-"))
    (folder / stack.MEMBERS).write_text("[]", encoding="utf-8")  # The demo's people are not wanted.
    told = {"X_POLL_SECONDS": "2", "X_STREAM": "1", "SANDBOX_RATE_FACTOR": "1000", "X_BUDGET_CENTS": "0"}
    try:
        with pytest.MonkeyPatch.context() as patch:
            for name in GIVEN:
                patch.delenv(name, raising=False)
            for name, value in told.items():
                patch.setenv(name, value)
            with stack.running(folder) as standing:
                yield Whole(standing)
    finally:
        servers.forget(folder)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.timeout(1200)
def test_nothing_is_lost(faulty: Whole, trial: Trial, tmp_path: Path) -> None:
    until(
        lambda: faulty.rows("SELECT 1 FROM social_credential WHERE expires_at > now()"),
        "nobody got a token: X gives the next one once, and its answer may be lost",
    )
    payers = trial.times(short=SHORT_PAYERS, long=PAYERS)
    command = [str(place.PYTHON), "-m", "tests.faults.storm", str(payers), str(tmp_path)]
    told = dict(faulty.stack.environment) | {"PYTHONPATH": str(place.ROOT)}
    faulty.stack.processes.start(Program("payers", command, told, cwd=place.ROOT))
    (people,) = faulty.children("payers")
    while not (tmp_path / "here").exists():
        assert people.is_alive, people.log.last_words()
        time.sleep(0.2)
    end = time.monotonic() + trial.seconds(short=SHORT_SECONDS)
    (tmp_path / "until").write_text(str(end), encoding="utf-8")
    turns = _fail_until(faulty, trial, end)
    while people.is_alive:
        _let_a_day_go_by(faulty)
        time.sleep(0.5)
    said = json.loads(people.log.path.read_text(encoding="utf-8").splitlines()[-1])
    _judge(faulty, trial, said, end, turns)


def _fail_until(faulty: Whole, trial: Trial, end: float) -> Counter[str]:
    dice, turns = trial.dice, Counter[str]()
    while time.monotonic() < end:
        for service in SERVICES:
            kind = dice.choice(list(KINDS))
            faulty.fail(service, kind, share=SHARE, **KINDS[kind])
            turns[f"{service} {kind}"] += 1
        _let_a_day_go_by(faulty)
        time.sleep(max(0, min(TURN_SECONDS, end - time.monotonic())))
    for service in SERVICES:
        faulty.fail(service, "none")
    return turns


def _judge(faulty: Whole, trial: Trial, said: dict[str, float], end: float, turns: Counter[str]) -> None:
    left = faulty.rows(LEFT)[0]
    while any(left) and time.monotonic() < end + 120:
        time.sleep(0.5)
        left = faulty.rows(LEFT)[0]
    drained = time.monotonic() - end
    ((paid, made, failed, replied),) = faulty.rows(MADE)
    trial.reached("orders", paid, at_least=300, slowest_seconds=round(said["slowest"], 1))
    trial.saw("turns of faults", turns.total(), **dict(sorted(turns.items())))
    trial.found("lost", said["posted"] - paid, posted=said["posted"], problems=said["problems"])
    trial.found("double", paid - made)
    trial.found("replies that are missing", paid - replied)
    trial.found("messages given up", failed)
    trial.found("left over", sum(left), messages=left[0], orders=left[1], deliveries=left[2])
    trial.within("seconds until all was done", drained, at_most=60)
    trial.found("breaches of the books", len(faulty.breaches()), rules=faulty.breaches())
    assert paid > 0


def _let_a_day_go_by(faulty: Whole) -> None:
    """What people may place in a day is not what is tried here."""
    with contextlib.closing(psycopg2.connect(faulty.stack.environment["DATABASE_OWNER_URL"])) as owner:
        owner.autocommit = True
        owner.cursor().execute(A_DAY_GOES_BY)
