"""All that runs is killed, frozen, delayed and cut at random while people pay; nothing is lost or double.

A seed makes the schedule. What each payer posted must be paid once, within a minute of the last fault.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from launch import place, servers, stack
from launch.processes import Child, Program
from tests.faults import proxy
from tests.faults.servers import GIVEN
from tests.faults.test_kills import ALL
from tests.trial import Trial
from tests.whole import Whole

LONG_MINUTES = 120  # At most: it ends when its figures are reached.
SHORT_SECONDS, SHORT_PAYERS = 12, 3
FAULTS, ORDERS = 500, 50_000
PAYERS = 36
# X's own limits, and what we would spend there, are not what is tried here: replies are many thousands.
OUTSIDE_ALLOWS = {"X_POLL_SECONDS": "30", "SANDBOX_RATE_FACTOR": "1000", "X_BUDGET_CENTS": "0"}
OUTSIDE = ("X_API_URL", "ACQUIRER_API_URL", "SMS_API_URL")
# What people may place in a day is not what is tried here: what was paid was so a day ago.
A_DAY_GOES_BY = (
    "UPDATE payments_order SET created_at = created_at - interval '1 day'"
    " WHERE status = 'PAID' AND created_at > now() - interval '1 day'"
)
ENOUGH = f"SELECT count(*) >= {ORDERS} FROM payments_order WHERE status = 'PAID'"
LEFT = """
    SELECT (SELECT count(*) FROM social_message WHERE handled_at IS NULL),
           (SELECT count(*) FROM payments_order WHERE status = 'PENDING'),
           (SELECT count(*) FROM payments_delivery WHERE status = 'DUE' AND due_at < now() - interval '30 s')
"""


class Storm:
    """S-Money behind two proxies, and what befalls it."""

    def __init__(
        self, whole: Whole, database: proxy.Proxy, outside: proxy.Proxy, dice: random.Random
    ) -> None:
        self.whole, self.database, self.outside, self.dice = whole, database, outside, dice
        self.counts: Counter[str] = Counter()
        self.ended: Counter[str] = Counter()
        self.acts = (self.kill, self.freeze, self.cut, self.delay, self.close)

    def strike(self) -> None:
        self.supervise()
        self.dice.choice(self.acts)()
        self.let_a_day_go_by()

    def is_enough(self) -> bool:
        """Whether the figures of its long form are reached; it lasts no longer then."""
        if self.counts.total() < FAULTS:
            return False
        return bool(self.whole.rows(ENOUGH)[0][0])

    def supervise(self) -> None:
        """What ended by itself is started again, as an operator's supervisor does."""
        for child in self.whole.children(*ALL):
            if not child.is_alive:
                self.ended[f"{child.program.name} ended by itself"] += 1
                child.start()

    def kill(self) -> None:
        name = self.dice.choice(ALL)
        self.counts[f"{name} killed"] += 1
        self.whole.kill(name)
        time.sleep(self.dice.random())
        self.whole.revive()

    def freeze(self) -> None:
        (child,) = self.whole.children(self.dice.choice(ALL))
        self.counts[f"{child.program.name} frozen"] += 1
        _signal(child, signal.SIGSTOP)
        time.sleep(1 + 2 * self.dice.random())
        _signal(child, signal.SIGCONT)

    def cut(self) -> None:
        self._any().cut()

    def delay(self) -> None:
        one = self._any("delayed")
        one.delay_seconds = 0.05 + 0.1 * self.dice.random()
        time.sleep(1)
        one.delay_seconds = 0.0

    def close(self) -> None:
        one = self._any("closed")
        one.is_closed = True
        one.cut()
        time.sleep(2 * self.dice.random())
        one.is_closed = False

    def _any(self, what: str = "cut") -> proxy.Proxy:
        name = self.dice.choice(("database", "outside"))
        self.counts[f"{name} {what}"] += 1
        return self.database if name == "database" else self.outside

    def let_a_day_go_by(self) -> None:
        with contextlib.closing(
            psycopg2.connect(self.whole.stack.environment["DATABASE_OWNER_URL"])
        ) as owner:
            owner.autocommit = True
            owner.cursor().execute(A_DAY_GOES_BY)


@pytest.fixture
def storm(trial: Trial) -> Iterator[Storm]:
    folder = Path(tempfile.mkdtemp(prefix="s-money-storm-"))
    (folder / stack.MEMBERS).write_text("[]", encoding="utf-8")  # The demo's people are not wanted.
    try:
        with contextlib.ExitStack() as opened:
            patch = opened.enter_context(pytest.MonkeyPatch.context())
            for name in GIVEN:
                patch.delenv(name, raising=False)
            for name, value in OUTSIDE_ALLOWS.items():
                patch.setenv(name, value)
            proxies: list[proxy.Proxy] = []

            def between(variables: dict[str, str]) -> dict[str, str]:
                """The product finds its database and the outside behind our proxies."""
                targets = [_port(variables[name]) for name in ("DATABASE_URL", OUTSIDE[0])]
                proxies.extend(opened.enter_context(proxy.before(target)) for target in targets)
                database, outside = proxies
                changed = {"DATABASE_URL": _at(variables["DATABASE_URL"], database.port)}
                return variables | changed | {name: _at(variables[name], outside.port) for name in OUTSIDE}

            standing = opened.enter_context(stack.running(folder, between=between))
            database, outside = proxies
            yield Storm(Whole(standing), database, outside, trial.dice)
    finally:
        servers.forget(folder)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.timeout(9000)  # Its long form takes as long.
def test_everything_posted_is_paid_once(storm: Storm, trial: Trial, tmp_path: Path) -> None:
    whole = storm.whole
    payers = trial.times(short=SHORT_PAYERS, long=PAYERS)
    command = [str(place.PYTHON), "-m", "tests.faults.storm", str(payers), str(tmp_path)]
    told = dict(whole.stack.environment) | {"PYTHONPATH": str(place.ROOT)}
    whole.stack.processes.start(Program("payers", command, told, cwd=place.ROOT))
    (people,) = whole.children("payers")
    while not (tmp_path / "here").exists():
        assert people.is_alive, people.log.last_words()
        time.sleep(0.2)
    until = time.monotonic() + trial.seconds(short=SHORT_SECONDS)
    _say(tmp_path / "until", until)
    while time.monotonic() < until and not storm.is_enough():
        storm.strike()
        _wait_a_moment(storm, until)
    until = min(until, time.monotonic())
    _say(tmp_path / "until", until)
    storm.supervise()
    whole.revive()
    while people.is_alive:
        storm.let_a_day_go_by()
        time.sleep(0.5)
    judge(storm, trial, json.loads(people.log.path.read_text(encoding="utf-8").splitlines()[-1]), until)


def judge(storm: Storm, trial: Trial, told: dict[str, float], until: float) -> None:
    whole = storm.whole
    ((paid, sent, most),) = whole.rows(
        "SELECT count(*), coalesce(sum(amount), 0), count(DISTINCT channel_id)"
        " FROM payments_order WHERE status = 'PAID'"
    )
    left = whole.rows(LEFT)[0]
    while any(left) and time.monotonic() < until + 90:
        time.sleep(0.5)
        storm.supervise()
        left = whole.rows(LEFT)[0]
    drained = time.monotonic() - until
    trial.reached("faults", storm.counts.total(), at_least=FAULTS, **dict(sorted(storm.counts.items())))
    trial.saw("ended by themselves", storm.ended.total(), **dict(sorted(storm.ended.items())))
    trial.reached("orders", paid, at_least=ORDERS, slowest_seconds=round(told["slowest"], 1))
    trial.found("lost", told["posted"] - paid, posted=told["posted"], problems=told["problems"])
    trial.found("double", paid - most, cents=int(sent))
    trial.found("left over", sum(left), messages=left[0], orders=left[1], deliveries=left[2])
    trial.within("seconds until all was done", drained, at_most=60)
    trial.found("breaches of the books", len(whole.breaches()), rules=whole.breaches())
    assert paid > 0


def _say(file: Path, until: float) -> None:
    """Whoever reads it meanwhile reads one moment or the other."""
    new = file.with_suffix(".new")
    new.write_text(str(until), encoding="utf-8")
    new.replace(file)


def _wait_a_moment(storm: Storm, until: float) -> None:
    pause = time.monotonic() + 3 + 4 * storm.dice.random()
    time.sleep(max(0.0, min(pause, until) - time.monotonic()))


def _signal(child: Child, number: signal.Signals) -> None:
    """To all of its processes: a web has workers."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.process.pid, number)


def _port(address: str) -> int:
    return int(address.rsplit(":", 1)[1].split("/", maxsplit=1)[0])


def _at(address: str, port: int) -> str:
    before, after = address.rsplit(":", 1)
    _, slash, path = after.partition("/")
    return f"{before}:{port}{slash}{path}"
