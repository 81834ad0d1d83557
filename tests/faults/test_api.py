"""The API as its document has it: every operation, by every key, fit and unfit; nothing else, nobody else's.

schemathesis draws the cases from the document that a real web process serves, and judges each answer by it.
What each organisation alone may know is marked, and looked for in all that other keys are shown.
"""

from __future__ import annotations

import functools
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
import redis
import requests
import schemathesis
from django.conf import settings
from django.db import connection
from hypothesis import HealthCheck, Phase, given, seed
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from schemathesis.core.failures import FailureGroup
from schemathesis.generation.modes import GenerationMode
from schemathesis.specs.openapi.checks import ignored_auth

from accounts import organisations
from accounts.models import Organisation, User
from launch import ports, procfile, stack
from launch.processes import Processes, Program
from payments import api_keys, horizon
from payments.models import Payout
from tests.bodies import accept, facts
from tests.payments.receiving import payout
from tests.payments.test_figures import give
from tests.staff import hire
from tests.trial import Trial

__all__ = ["payout"]

LONG_MINUTES = 30
CASES, SHORT_CASES = 10_000, 100
MOST = 120  # In a minute, with one key.
COUNTED = "*allauth:rl:payments.api:*"
DRAWING = functools.partial(
    hypothesis_settings,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@dataclass(frozen=True)
class Role:
    """Who asks, and whose payments they may be shown."""

    key: str
    own: str = ""

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"} if self.key else {}


@dataclass
class Asking:
    """Asks the site, and notes what came of it; `marks` is what each organisation alone may know."""

    site: str
    marks: dict[str, list[str]]
    session: requests.Session = field(default_factory=requests.Session)
    by: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    shown_own: int = 0
    broken: list[str] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    def ask(self, name: str, role: Role, case: Any) -> int:
        """The status of its answer."""
        answer = case.call(base_url=self.site, session=self.session, headers=role.headers)
        self.by[name] += 1
        self.statuses[answer.status_code] += 1
        said = f"{name} {case.method} {answer.request.url} → {answer.status_code}"
        if answer.status_code >= 500:
            self.broken.append(said)
        try:
            # That a key is asked for at all is what the roles are for.
            case.validate_response(answer, headers=role.headers, excluded_checks=[ignored_auth])
        except FailureGroup as problems:
            self.strange.append(f"{said}: {[str(problem)[:300] for problem in problems.exceptions]}")
        for whose, marks in self.marks.items():
            if any(mark in answer.text for mark in marks):
                if whose == role.own:
                    self.shown_own += 1
                else:
                    self.told.append(said)
        return int(answer.status_code)


@pytest.fixture
def site(tmp_path: Path, db: None) -> Iterator[str]:
    """Where a web process answers, as in production, from the test's own database."""
    port = str(ports.choose(18600))
    at = f"http://localhost:{port}"
    database = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    told = dict(os.environ) | {"DATABASE_URL": urlunsplit(database), "SITE_URL": at, "HOST": "127.0.0.1"}
    (web,) = (
        program
        for program in procfile.programs(told | {"PORT": port, "WEB_CONCURRENCY": "1"})
        if program.name == "web"
    )
    ready = Program(
        web.name,
        web.command,
        web.environment,
        cwd=web.cwd,
        is_ready=lambda _pid: stack.answers(f"{at}/health/live"),
    )
    with Processes(tmp_path / "logs") as processes:
        processes.start(ready)
        processes.wait("web", timeout_seconds=300)  # Beside other work it takes a while.
        yield at


@dataclass(frozen=True)
class Received:
    """What one organisation alone may know: payments with its mark in their notes, payouts."""

    organisation: Organisation
    references: list[str]
    payouts: list[str]

    @property
    def marks(self) -> list[str]:
        return [_mark(self.organisation), *self.references, *self.payouts]


@pytest.fixture
def received(
    acf: Organisation,
    claire: User,
    armand: User,
    payout: Callable[[Organisation, int], Payout],
    own_horizon: None,
) -> list[Received]:
    """Of two organisations, the charity's first."""
    autre = organisations.found(facts(name="Autre", siren="552100554"), by=armand)
    made = []
    for each in (acf, accept(autre, hire("Zoé Contrôle", "+33612340022"))):
        orders = [give(claire, each, 3_00, note=f"{_mark(each)} {number}") for number in range(4)]
        payouts = [str(payout(each, 2_00).pk) for _ in range(2)]
        made.append(Received(each, [order.reference for order in orders], payouts))
    for _ in range(3):
        horizon.advance()
    return made


@pytest.mark.django_db(transaction=True)
@pytest.mark.timeout(7200)
def test_answers_as_its_document_says(
    trial: Trial, received: list[Received], armand: User, site: str
) -> None:
    document: Any = schemathesis.openapi.from_url(f"{site}/api/v1/openapi.json")
    found = [result.ok() for result in document.get_all_operations()]
    operations = {operation.definition.raw["operationId"]: operation for operation in found}
    roles = _roles(*received, founder=armand)
    asking = Asking(site, {each.organisation.slug: each.marks for each in received})
    counts = redis.Redis.from_url(settings.REDIS_URL)

    def ask(name: str, case: Any) -> None:
        if keys := counts.keys(COUNTED):
            counts.delete(*keys)  # So many from one address, with one key, would be stopped.
        asking.ask(name, roles[name], case)

    for name in roles:
        for case in _systematic(document, found):
            ask(name, case)

    @seed(trial.seed)
    @DRAWING(max_examples=trial.times(short=SHORT_CASES, long=CASES - asking.by.total()))
    @given(st.sampled_from(sorted(roles)), _cases(operations, received))
    def draw(name: str, case: Any) -> None:
        ask(name, case)

    draw()
    hurry = [asking.ask("acf", roles["acf"], operations["balance"].Case()) for _ in range(2 * MOST)]
    assert set(hurry) == {200, 429}
    statuses = {str(status): count for status, count in sorted(asking.statuses.items())}
    trial.reached("cases", asking.by.total(), at_least=10_000, **asking.by, statuses=statuses)
    trial.reached("answers that showed one's own", asking.shown_own, at_least=100)
    trial.found("server errors", len(asking.broken), cases=asking.broken[:10])
    trial.found("answers that are not the document's", len(asking.strange), cases=asking.strange[:10])
    trial.found("told what is another's", len(asking.told), cases=asking.told[:10])
    assert asking.shown_own


def _mark(organisation: Organisation) -> str:
    return f"canari-{organisation.slug}"


def _roles(own: Received, another: Received, *, founder: User) -> dict[str, Role]:
    def key(organisation: Organisation) -> str:
        return api_keys.make(organisation, name="x", by=founder)[1]

    fresh = organisations.found(facts(name="Neuve", siren="732829320"), by=founder)
    revoked, opened_once = api_keys.make(own.organisation, name="x", by=founder)
    api_keys.revoke(revoked)
    return {
        "nobody": Role(""),
        "acf": Role(key(own.organisation), own=own.organisation.slug),
        "another": Role(key(another.organisation), own=another.organisation.slug),
        "revoked": Role(opened_once),
        "not reviewed": Role(key(fresh)),
    }


def _systematic(document: Any, operations: Iterable[Any]) -> Iterator[Any]:
    """Each operation at the bounds of its parameters, without them, with others, by methods it has not."""
    for operation in operations:
        config = document.config.generation_for(operation=operation, phase="coverage")
        yield from document.iter_coverage_cases(
            operation, generation_modes=list(GenerationMode), generation_config=config
        )


def _cases(operations: dict[str, Any], received: list[Received]) -> st.SearchStrategy[Any]:
    """Anything that fits the document, anything that does not, and what there is, of both organisations."""
    references = st.sampled_from(list(chain.from_iterable(each.references for each in received)))
    payouts = st.sampled_from(list(chain.from_iterable(each.payouts for each in received)))
    cursors = st.integers(0, 20).map(str)
    payment, payments, paid_out = (operations[name] for name in ("payment", "payments", "payouts"))
    there = (
        references.flatmap(lambda it: payment.as_strategy(path_parameters={"reference": it})),
        cursors.flatmap(lambda it: payments.as_strategy(query={"after": it})),
        payouts.flatmap(lambda it: paid_out.as_strategy(query={"before": it})),
    )
    fit = (operation.as_strategy() for operation in operations.values())
    asked = (payment, payments, paid_out)
    unfit = (each.as_strategy(GenerationMode.NEGATIVE).filter(_is_sent) for each in asked)
    return st.one_of(*there, *fit, *unfit)


def _is_sent(case: Any) -> bool:
    """Whether all of its query stands in its address: an empty list does not."""
    return all(value not in (None, [], {}) for value in (case.query or {}).values())
