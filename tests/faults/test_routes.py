"""Every address, asked by everybody in every way: it never breaks, and tells nobody what is another's.

The dice choose the address, who asks, the method, the fields and what is in them; what Claire alone may know
is marked, and looked for in all that others are shown.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from urllib.parse import quote

import pytest
from django.core.cache import cache
from django.test import Client

from accounts.models import SecretCode, User
from payments.models import Card, Funding, Order
from tests.people import place
from tests.smoney.test_edges import NONSENSE, ROUTES, STREAMS, browser, give_code
from tests.staff import hire
from tests.trial import Trial

LONG_MINUTES = 10
CASES = 11_200  # One in ten is of no use here: it would sign somebody out, or decline what is asked for.
SHORT_CASES = 300
METHODS = ("get", "get", "post", "post", "post", "put", "patch", "delete", "head", "options")
FIELDS = (
    "amount", "card", "code", "key", "order", "q", "before", "page", "name", "phone", "email", "login",
    "password", "password1", "password2", "oldpassword", "language", "next", "action_add", "credential",
    "wish", "code_new", "state", "crc_token", "error", "id", "pk", "user", "is_staff", "payee", "status",
)  # fmt: skip
SECRET = "canari-5f1e"
KNOWN_TO_CLAIRE = (SECRET, "7391", "6 12 34 00 01", "+33612340001")


@pytest.mark.django_db
@pytest.mark.timeout(1800)
def test_no_address_breaks_or_tells(trial: Trial, claire: User, armand: User, lea: User) -> None:
    Card.objects.filter(user=claire).update(last4="7391")
    order = place(claire, armand, note=SECRET, words=f"@Smoneyfr #envoyer 12,99€ @armanddossantos {SECRET}")
    clients = _visitors(claire, armand, lea)
    dice, told, broken = trial.dice, list[str](), list[str]()
    asked: Counter[str] = Counter()
    for _ in range(trial.times(short=SHORT_CASES, long=CASES)):
        who = dice.choice(list(clients))
        route = dice.choice([route for route in ROUTES if route not in STREAMS])
        method, address = dice.choice(METHODS), _filled(route, order, dice)
        if "logout" in route or (who == "claire" and "decline" in route):
            continue  # There would be nobody, or nothing, left to ask for.
        answer = getattr(clients[who], method)(address, _fields(dice), secure=True)
        asked[who] += 1
        case = f"{who} {method} {address} → {answer.status_code}"
        if answer.status_code >= 500:
            broken.append(case)
        shown = b"".join(answer).decode(errors="replace") if method != "head" else ""
        if who != "claire" and any(secret in shown for secret in KNOWN_TO_CLAIRE):
            told.append(case)
        cache.clear()  # So many from one address would be stopped.
    trial.reached("cases", sum(asked.values()), at_least=10_000, **asked)
    trial.found("server errors", len(broken), cases=broken[:10])
    trial.found("told what is another's", len(told), cases=told[:10])


def _visitors(claire: User, armand: User, lea: User) -> dict[str, Client]:
    staff = hire("Zoé Staff", "+33612349999")
    people = {"claire": claire, "the payee": armand, "somebody else": lea, "staff without a factor": staff}
    for user in (claire, armand, lea):
        if not SecretCode.objects.filter(user=user).exists():
            give_code(user)
    return {"nobody": browser()} | {name: browser(user) for name, user in people.items()}


def _filled(route: str, order: Order, dice: random.Random) -> str:
    """With what is Claire's in it, more often than not, or with anything."""
    own = {
        "reference": order.reference,
        "int": str(Card.objects.get(user=order.payer).pk),
        "uuid": str(Funding.objects.filter(user=order.payer).values_list("pk", flat=True)[0]),
    }

    def fill(found: re.Match[str]) -> str:
        kind, name = found[1] or "", found[2]
        if dice.random() < 0.2:
            return quote(dice.choice(NONSENSE)[:50], safe="")
        return own.get(name) or own.get(kind.rstrip(":")) or "1"

    return re.sub(r"<(\w+:)?(\w+)>", fill, route)


def _fields(dice: random.Random) -> dict[str, str]:
    names = dice.sample(FIELDS, dice.randint(0, 6))
    return {name: dice.choice((*NONSENSE, "270914", "20", "12,99", "a@b.fr", "0612340001")) for name in names}
