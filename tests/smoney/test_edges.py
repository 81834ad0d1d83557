"""Every address of the product × who asks × how: never a 500, never another's, never without a token."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from accounts.models import SecretCode, User
from payments import payouts, strong
from payments.models import BankAccount, Card, Funding, Order, Payout, Transfer
from tests.people import CODE, bank_account, known_device, place

# Signed by who calls, so without a token of ours.
SIGNED = ("/webhooks/x", "/webhooks/acquirer")
STREAMS = ("/live/",)
OWNED = re.compile(r"^/(orders|cards|bank-accounts|wallet/load|wallet/payouts)/<")
NONSENSE = (
    "",
    " ",
    "0",
    "-1",
    "-20",
    "1e3",
    "1.000",
    "99999999999999999999999999",
    "٢٠",
    "２０",
    "12²",
    "1_0",
    "20\x00",
    "0x14",
    "NaN",
    "∞",
    "' OR 1=1 --",
    "<script>alert(1)</script>",
    "é" * 5000,
    "\ud7ff\U0010ffff",
    "../../etc/passwd",
    "\r\nSet-Cookie: a=b",
)


def addresses(patterns: Any = None, start: str = "/") -> Iterator[str]:
    """Every route of the product as Django writes it; the staff's admin has its own tests."""
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        route = start + str(entry.pattern).removeprefix("^").removesuffix("$")
        if isinstance(entry, URLPattern):
            yield route
        elif isinstance(entry, URLResolver) and not route.startswith("/staff"):
            yield from addresses(entry.url_patterns, route)


ROUTES = sorted({re.sub(r"\(\?P<(\w+)>[^)]*\)", r"<\1>", route) for route in addresses()})


@pytest.fixture
def order(claire: User, armand: User) -> Order:
    """It waits for Claire's code."""
    return place(claire, armand)


@pytest.fixture
def visitors(order: Order, armand: User, lea: User) -> dict[str, Client]:
    """Nobody, the payer, the payee, and a member who has nothing to do with it."""
    clients = {"nobody": browser()}
    for name, user in {"payer": order.payer, "payee": armand, "other": lea}.items():
        give_code(user)
        clients[name] = browser(user)
    return clients


def give_code(user: User) -> None:
    """One that nothing opens: hashing takes its time."""
    SecretCode.objects.create(user=user, digest="none that any code has", changed_at=timezone.now())


def browser(user: User | None = None, *, minds_tokens: bool = False) -> Client:
    client = Client(raise_request_exception=False, enforce_csrf_checks=minds_tokens)
    if user:
        client.force_login(user)
    return client


@pytest.fixture
def fill(order: Order) -> Callable[[str], str]:
    """The route with the payer's own order, card and funding in it."""
    own = {
        "reference": order.reference,
        "cards/<int:pk>": Card.objects.get(user=order.payer).pk,
        "load/<uuid:pk>": Funding.objects.get(user=order.payer).pk,
        "bank-accounts/<int:pk>": bank_account(order.payer, outcome="CLOSE").pk,
        "payouts/<uuid:pk>": _payout(order.payer).pk,
    }

    def run(route: str) -> str:
        route = route.replace("cards/<int:pk>", f"cards/{own['cards/<int:pk>']}")
        route = route.replace("load/<uuid:pk>", f"load/{own['load/<uuid:pk>']}")
        for name in ("bank-accounts/<int:pk>", "payouts/<uuid:pk>"):
            route = route.replace(name, f"{name.partition('/')[0]}/{own[name]}")
        route = re.sub(r"<(\w+:)?reference>", order.reference, route)
        return re.sub(r"<(\w+:)?\w+>", "1", route)

    return run


def _payout(user: User) -> Payout:
    """One that waits for its file; hashing the code takes its time."""
    account = bank_account(user, number="FR7630004000310001010000158")
    shown = strong.Shown(shown_at=timezone.now(), device_id=known_device(user).pk)
    return payouts._reserve(account, amount=5_00, key=uuid4(), shown=shown)  # noqa: SLF001  # round the code


def money() -> tuple[object, ...]:
    """All that money is, and what waits to move it."""
    return (
        list(Transfer.objects.order_by("pk").values_list("pk", "amount")),
        list(Order.objects.order_by("pk").values_list("pk", "status")),
        list(Card.objects.order_by("pk").values_list("pk", "removed_at")),
        Funding.objects.count(),
        list(Payout.objects.order_by("pk").values_list("pk", "status")),
        list(BankAccount.objects.order_by("pk").values_list("pk", "accepted_at", "removed_at")),
    )


each_route = pytest.mark.parametrize("route", [route for route in ROUTES if route not in STREAMS])


class TestEveryAddress:
    def test_are_all_walked(self) -> None:
        assert {
            "/wallet/",
            "/orders/<slug:reference>/confirm/",
            "/cards/<int:pk>/remove/",
            "/account/login/",
            "/account/2fa/webauthn/add/",
            "/language/setlang/",
            "/webhooks/x",
            "/health/live",
        } <= set(ROUTES)

    @each_route
    def test_answers_anybody_and_looking_moves_nothing(
        self, visitors: dict[str, Client], fill: Callable[[str], str], route: str
    ) -> None:
        before = money()
        payer = visitors["payer"]
        asked: list[Callable[..., Any]] = [
            *(client.get for client in visitors.values()),
            payer.head,
            payer.put,
            payer.delete,
        ]
        for ask in asked:
            assert ask(fill(route), secure=True).status_code < 500, ask
        assert money() == before

    @each_route
    def test_takes_no_form_without_its_token(
        self, order: Order, fill: Callable[[str], str], route: str
    ) -> None:
        give_code(order.payer)
        before = money()
        for user in (None, order.payer):
            answer = browser(user, minds_tokens=True).post(fill(route), secure=True)
            assert answer.status_code in ({400, 403} if route in SIGNED else {403, 404, 405}), user
        assert money() == before

    @pytest.mark.parametrize("route", [route for route in ROUTES if OWNED.search(route)])
    def test_of_somebody_elses_is_not_there(
        self, visitors: dict[str, Client], fill: Callable[[str], str], route: str
    ) -> None:
        """The payee too learns of an order only when it is paid."""
        before = money()
        for who in ("payee", "other"):
            for method in (visitors[who].get, visitors[who].post):
                answer = method(fill(route), {"code": CODE}, secure=True)
                assert answer.status_code in {404, 405}, (who, method.__name__)
        assert money() == before


class TestNonsense:
    @pytest.fixture
    def payer(self, visitors: dict[str, Client]) -> Client:
        return visitors["payer"]

    def test_is_no_code(self, payer: Client, order: Order) -> None:
        before = money()
        for said in NONSENSE:
            answer = payer.post(f"/orders/{order.reference}/confirm/", {"code": said}, secure=True)
            assert (answer.status_code, bool(answer.context["form"].errors["code"])) == (422, True), said
        assert (money(), SecretCode.objects.get(user=order.payer).tries) == (before, 0)

    @pytest.mark.parametrize("field", ["amount", "card"])
    def test_loads_nothing(self, payer: Client, order: Order, field: str) -> None:
        before, sound = money(), {"amount": "20", "card": Card.objects.get(user=order.payer).pk}
        for said in NONSENSE:
            answer = payer.post("/wallet/load/", sound | {field: said}, secure=True)
            assert (answer.status_code, bool(answer.context["form"].errors[field])) == (422, True), said
        assert money() == before

    def test_anothers_card_loads_nothing(self, visitors: dict[str, Client], order: Order) -> None:
        before, card = money(), Card.objects.get(user=order.payer).pk
        answer = visitors["other"].post("/wallet/load/", {"amount": "20", "card": card}, secure=True)
        assert answer.status_code == 422
        assert money() == before

    @pytest.mark.parametrize(
        "address",
        ["/wallet/history/?q={}", "/wallet/history/?before={}", "/wallet/load/?amount={}&order={}"],
    )
    def test_in_an_address_is_looked_over(self, payer: Client, address: str) -> None:
        for said in NONSENSE:
            answer = payer.get(address.replace("{}", quote(said)), secure=True)
            assert answer.status_code == 200, said

    @pytest.mark.parametrize(
        "address",
        [
            "/orders/{}/",
            "/wallet/load/{}/",
            "/wallet/payouts/{}/",
            "/bank-accounts/{}/",
            "/cards/{}/remove/",
            "/{}/",
        ],
    )
    def test_is_no_address(self, payer: Client, address: str) -> None:
        for said in NONSENSE:
            answer = payer.get(address.replace("{}", quote(said, safe="")), secure=True, follow=True)
            assert answer.status_code in {200, 404, 405}, said

    @pytest.mark.parametrize(
        ("address", "names"),
        [
            ("/account/signup/", ("name", "phone")),
            ("/account/login/", ("login", "password")),
            ("/account/login/code/", ("phone",)),
            ("/account/password/reset/", ("email",)),
            ("/language/setlang/", ("language", "next")),
        ],
    )
    def test_from_nobody_is_refused(
        self, visitors: dict[str, Client], address: str, names: tuple[str, ...]
    ) -> None:
        people = User.objects.count()
        for said in NONSENSE:
            answer = visitors["nobody"].post(address, dict.fromkeys(names, said), secure=True)
            assert answer.status_code < 500, said
        assert User.objects.count() == people
