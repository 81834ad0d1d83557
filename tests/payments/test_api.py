"""What programs read by a key: theirs alone, as JSON; problems as RFC 9457; keys kept as digests."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.db import IntegrityError, connections, transaction
from django.test import Client
from django.utils import timezone

from accounts import organisations, seats
from accounts.models import Organisation, Role, User
from payments import api_keys, horizon, ledger
from payments.api import access, views
from payments.models import ApiKey
from tests.bodies import accept, facts
from tests.browsers import PageOf
from tests.payments.receiving import payout
from tests.payments.test_figures import give, refund
from tests.staff import hire

__all__ = ["payout"]

PATHS = ("/api/v1/payments/", "/api/v1/payments/ABCDEFGH/", "/api/v1/balance/", "/api/v1/payouts/")


@pytest.fixture
def key(acf: Organisation) -> str:
    return api_keys.make(acf, name="comptabilité", by=acf.founded_by)[1]


@pytest.fixture(autouse=True)
def _all_is_settled(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A test's transaction goes on, so nothing before it would be; `TestCursor` has none around it."""
    if "late" not in request.fixturenames:
        monkeypatch.setattr(horizon, "settled", horizon.drawn)


def ask(path: str, key: str = "", **more: Any) -> Any:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return Client().get(path, headers=headers, **more)


@pytest.mark.django_db
class TestReading:
    def test_tells_of_a_payment_in_cents_and_iso_times(
        self, acf: Organisation, claire: User, key: str
    ) -> None:
        order = give(claire, acf, 20_00, note="pour l’eau")
        refund(order, 5_00)
        answer = ask("/api/v1/payments/", key)
        assert answer.headers["Content-Type"] == "application/json"
        assert {"private", "no-store"} <= set(answer.headers["Cache-Control"].split(", "))
        (whole,) = answer.json()["payments"]
        payment = dict(whole)
        at = datetime.fromisoformat(payment.pop("paid_at"))
        assert at.tzinfo is not None
        assert abs(at - timezone.now()).total_seconds() < 60
        assert payment.pop("cursor") == answer.json()["next"]
        assert payment == {
            "reference": order.reference,
            "kind": "send",
            "amount": 20_00,
            "refunded": 5_00,
            "currency": "EUR",
            "payer": {"name": "Claire Martin"},
            "note": "pour l’eau",
            "channel": "site",
        }
        one = ask(f"/api/v1/payments/{order.reference.lower()}/", key).json()
        assert one == whole

    def test_goes_on_from_a_cursor_and_misses_none(
        self, acf: Organisation, claire: User, key: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(views, "MOST", 2)
        given = [give(claire, acf, 1_00).reference for _ in range(5)]
        read, cursor, more = [], "0", True
        while more:
            page = ask(f"/api/v1/payments/?after={cursor}", key).json()
            read += [each["reference"] for each in page["payments"]]
            cursor, more = page["next"], page["has_more"]
        assert read == given
        assert ask(f"/api/v1/payments/?after={cursor}", key).json()["next"] == cursor

    def test_tells_the_balance(self, acf: Organisation, claire: User, key: str) -> None:
        give(claire, acf, 20_00)
        said = ask("/api/v1/balance/", key).json()
        assert said["balance"] == ledger.balance(ledger.wallet(acf.account)) == 20_00

    def test_tells_of_payouts(
        self, acf: Organisation, claire: User, key: str, payout: Callable[..., Any]
    ) -> None:
        give(claire, acf, 20_00)
        paid = payout(acf, 15_00)
        (said,) = ask("/api/v1/payouts/", key).json()["payouts"]
        assert (said["id"], said["amount"], said["status"]) == (str(paid.pk), 15_00, "settled")
        assert "iban" not in str(said).lower()
        assert ask(f"/api/v1/payouts/?before={paid.pk}", key).json()["payouts"] == []

    def test_tells_nothing_of_anothers(self, acf: Organisation, claire: User, armand: User, key: str) -> None:
        other = accept(
            organisations.found(facts(name="Autre", siren="552100554"), by=armand),
            hire("Zoé Contrôle", "+33612340022"),
        )
        order = give(claire, other)
        assert ask(f"/api/v1/payments/{order.reference}/", key).status_code == 404
        assert ask("/api/v1/payments/", key).json()["payments"] == []
        assert ask("/api/v1/balance/", key).json()["balance"] == 0

    def test_is_all_that_it_does(self, key: str) -> None:
        for path in PATHS:
            for method in ("post", "put", "patch", "delete"):
                answer = getattr(Client(enforce_csrf_checks=True), method)(
                    path, headers={"Authorization": f"Bearer {key}"}
                )
                assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD")


@pytest.mark.django_db
class TestProblems:
    @pytest.mark.parametrize("path", PATHS)
    @pytest.mark.parametrize(
        "said", ["", "Bearer ", "Bearer smk_wrong", "Basic YTpi", "smk_wrong", "Bearer é"]
    )
    def test_of_no_key_are_401(self, path: str, said: str, db: None) -> None:
        answer = Client().get(path, headers={"Authorization": said.encode().decode("latin-1")})
        assert answer.status_code == 401
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert {"type", "title", "status", "detail"} == set(answer.json())

    def test_of_a_revoked_key_are_401(self, acf: Organisation, key: str) -> None:
        assert ask("/api/v1/balance/", key).status_code == 200
        api_keys.revoke(ApiKey.objects.get())
        assert ask("/api/v1/balance/", key).status_code == 401

    def test_of_an_organisation_that_is_not_accepted_are_403(self, lea: User) -> None:
        fresh = organisations.found(facts(), by=lea)
        _made, key = api_keys.make(fresh, name="x", by=lea)
        answer = ask("/api/v1/balance/", key)
        assert (answer.status_code, answer.json()["status"]) == (403, 403)

    @pytest.mark.parametrize("cursor", ["-1", "x", "1e3", "٢٠", "9" * 30, "1 OR 1=1", "%00"])
    def test_of_a_cursor_that_is_none_are_400(self, key: str, cursor: str) -> None:
        assert ask(f"/api/v1/payments/?after={cursor}", key).status_code == 400
        assert ask(f"/api/v1/payouts/?before={cursor}", key).status_code == 400

    @pytest.mark.parametrize("query", ["after=1&after=2", "befor=1", "=1", "after=1&x=", "before=1"])
    def test_of_a_parameter_that_is_none_or_comes_twice_are_400(self, key: str, query: str) -> None:
        """A program with a slip in it would read the first page for ever."""
        for path in ("payments", "balance"):
            assert ask(f"/api/v1/{path}/?{query}", key).status_code == 400

    def test_of_no_such_payment_are_404(self, key: str) -> None:
        answer = ask("/api/v1/payments/ZZZZZZZZ/", key)
        assert (answer.status_code, answer.json()["title"]) == (404, "Not Found")

    def test_of_too_many_are_429(self, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(access, "PER_KEY", {"api": "3/m/key"})
        statuses = [ask("/api/v1/balance/", key).status_code for _ in range(4)]
        assert statuses == [200, 200, 200, 429]
        assert ask("/api/v1/balance/", key).headers["Retry-After"]

    def test_of_too_many_guesses_are_429(self, monkeypatch: pytest.MonkeyPatch, db: None) -> None:
        monkeypatch.setattr(access, "PER_ADDRESS", {"api_guess": "2/m/ip"})
        assert [ask("/api/v1/balance/", f"smk_{n}").status_code for n in range(3)] == [401, 401, 429]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("own_horizon")
class TestCursor:
    @pytest.fixture
    def late(self) -> None:
        """With the horizon as it is."""

    def test_waits_for_what_could_still_appear(
        self, late: None, acf: Organisation, claire: User, key: str
    ) -> None:
        give(claire, acf)
        for _ in range(3):
            horizon.advance()
        assert len(ask("/api/v1/payments/", key).json()["payments"]) == 1
        slow = connections.create_connection("default")
        try:
            slow.set_autocommit(False)
            with slow.cursor() as cursor:
                cursor.execute("SELECT pg_current_xact_id(), nextval('payments_transfer_number_seq')")
            give(claire, acf)
            for _ in range(3):
                horizon.advance()
            assert len(ask("/api/v1/payments/", key).json()["payments"]) == 1
            slow.rollback()
        finally:
            slow.close()
        for _ in range(3):
            horizon.advance()
        assert len(ask("/api/v1/payments/", key).json()["payments"]) == 2


@pytest.mark.django_db
class TestKeys:
    def test_are_kept_as_digests(self, acf: Organisation, key: str) -> None:
        made = ApiKey.objects.get()
        assert key.startswith(made.prefix)
        assert len(made.prefix) == api_keys.SHOWN
        assert key not in str(ApiKey.objects.values())

    def test_note_when_they_were_used(self, key: str) -> None:
        assert ApiKey.objects.get().last_used_at is None
        ask("/api/v1/balance/", key)
        first = ApiKey.objects.get().last_used_at
        ask("/api/v1/balance/", key)
        assert ApiKey.objects.get().last_used_at == first is not None

    def test_are_ten_at_most(self, acf: Organisation) -> None:
        for number in range(api_keys.MOST):
            api_keys.make(acf, name=str(number), by=acf.founded_by)
        with pytest.raises(api_keys.TooMany):
            api_keys.make(acf, name="x", by=acf.founded_by)

    def test_only_read(self, acf: Organisation, lea: User) -> None:
        with pytest.raises(IntegrityError, match="api_key_only_reads"), transaction.atomic():
            ApiKey.objects.create(
                organisation=acf, name="x", digest="d", prefix="p", scope="PAY", made_by=lea
            )

    @pytest.mark.parametrize("change", [{"digest": "x"}, {"scope": "PAY"}, {"name": "x"}, {"prefix": "x"}])
    def test_stay_what_they_are(self, key: str, change: dict[str, Any]) -> None:
        with (
            pytest.raises(IntegrityError, match=r"payments_apikey is kept|api_key_only_reads"),
            transaction.atomic(),
        ):
            ApiKey.objects.update(**change)

    def test_stay_revoked(self, key: str) -> None:
        api_keys.revoke(ApiKey.objects.get())
        with pytest.raises(IntegrityError, match="payments_apikey is kept"), transaction.atomic():
            ApiKey.objects.update(revoked_at=None)


@pytest.mark.django_db
class TestPage:
    def test_shows_a_key_once(self, acf: Organisation, lea: User, page_of: PageOf) -> None:
        browser, there = page_of(lea), f"/organisations/{acf.slug}/api/"
        page = browser.post(f"{there}make/", {"name": "comptabilité"}).content.decode()
        made = ApiKey.objects.get()
        key = next(word for word in page.replace("<", " ").replace(">", " ").split() if "smk_" in word)
        assert api_keys.opened(key) == made
        later = browser.get(there).content.decode()
        assert key not in later
        assert made.prefix in later
        assert "curl" in later

    def test_takes_no_key_without_a_name(self, acf: Organisation, lea: User, page_of: PageOf) -> None:
        assert page_of(lea).post(f"/organisations/{acf.slug}/api/make/", {"name": ""}).status_code == 422

    def test_lets_an_owner_revoke(self, acf: Organisation, lea: User, page_of: PageOf, key: str) -> None:
        page_of(lea).post(f"/organisations/{acf.slug}/api/{ApiKey.objects.get().pk}/revoke/")
        assert ApiKey.objects.get().revoked_at

    @pytest.mark.parametrize("role", [Role.READER, Role.TREASURER, None])
    def test_is_an_owners_to_change(
        self, acf: Organisation, armand: User, page_of: PageOf, key: str, role: Role | None
    ) -> None:
        if role:
            seats.take(acf, armand, role)
        browser, there = page_of(armand), f"/organisations/{acf.slug}/api/"
        assert browser.post(f"{there}make/", {"name": "x"}).status_code == 404
        assert browser.post(f"{there}{ApiKey.objects.get().pk}/revoke/").status_code == 404
        assert browser.get(there).status_code == (200 if role else 404)
        assert ApiKey.objects.get().revoked_at is None

    def test_of_another_organisation_revokes_nothing(
        self, acf: Organisation, armand: User, page_of: PageOf, key: str
    ) -> None:
        other = organisations.found(facts(name="Autre", siren="552100554"), by=armand)
        path = f"/organisations/{other.slug}/api/{ApiKey.objects.get().pk}/revoke/"
        assert page_of(armand).post(path).status_code == 404
        assert ApiKey.objects.get().revoked_at is None
