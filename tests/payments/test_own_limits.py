"""What members allow themselves: lower at once, higher by their code and a day later."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import Error, IntegrityError, connection, transaction
from django.db.models.functions import Now
from django.test import Client

from accounts import codes, prepared, tries
from accounts.models import TRIES, SecretCode, User
from payments import limits, orders, own_limits
from payments.models import Limit, Notification, Order, OwnLimit
from tests.people import CODE, place, set_limit

Name = OwnLimit.Name
DAY = timedelta(hours=24)


@pytest.fixture
def trusted(claire: User, monkeypatch: pytest.MonkeyPatch) -> User:
    """Claire, whose code is CODE; it is not hashed."""

    def verified(user: User, code: str, **_until: object) -> prepared.Call:
        if code != CODE:
            raise codes.WrongCode(4)
        return tries.clearing(SecretCode, user, tries.Try(0, "-"))

    monkeypatch.setattr(codes, "verified", verified)
    return claire


def allows(user: User, after: timedelta = timedelta()) -> int:
    """What the member may pay in a day."""
    at = limits.standing(user).at + after
    return limits.standing(user, at=at).figure(Limit.Name.DAY)


@pytest.mark.django_db
class TestAsk:
    def test_lowers_at_once_without_a_code(self, trusted: User) -> None:
        [wish] = own_limits.ask(trusted, {Name.DAY: 80_00})
        assert wish.effective_at == wish.asked_at
        assert allows(trusted) == 80_00
        [wish] = own_limits.ask(trusted, {Name.DAY: 0})
        assert (wish.before, allows(trusted)) == (80_00, 0)

    def test_raises_after_24_hours(self, trusted: User) -> None:
        own_limits.ask(trusted, {Name.DAY: 80_00})
        [wish] = own_limits.ask(trusted, {Name.DAY: 200_00}, code=CODE)
        assert wish.effective_at == wish.asked_at + DAY
        assert allows(trusted) == 80_00
        assert allows(trusted, DAY - timedelta(seconds=5)) == 80_00
        assert allows(trusted, DAY + timedelta(seconds=5)) == 200_00

    def test_to_have_none_any_more_is_a_raise(self, trusted: User) -> None:
        own_limits.ask(trusted, {Name.DAY: 80_00})
        own_limits.ask(trusted, {Name.DAY: None}, code=CODE)
        assert allows(trusted) == 80_00
        assert allows(trusted, 2 * DAY) == 500_00

    def test_wants_the_code_to_raise(self, trusted: User) -> None:
        own_limits.ask(trusted, {Name.DAY: 80_00})
        with pytest.raises(own_limits.CodeWanted):
            own_limits.ask(trusted, {Name.DAY: 90_00})
        with pytest.raises(codes.WrongCode):
            own_limits.ask(trusted, {Name.DAY: 90_00}, code="000000")
        assert OwnLimit.objects.count() == 1

    @pytest.mark.django_db(transaction=True)
    def test_tells_of_a_code_that_a_raise_has_locked(
        self, claire: User, with_code: Callable[[User], User]
    ) -> None:
        own_limits.ask(with_code(claire), {Name.DAY: 80_00})
        for _ in range(TRIES):
            assert not Notification.objects.filter(kind="CODE_LOCKED").exists()
            with pytest.raises(codes.WrongCode):
                own_limits.ask(claire, {Name.DAY: 90_00}, code="000000")
        with pytest.raises(codes.CodeLocked):
            own_limits.ask(claire, {Name.DAY: 90_00}, code=CODE)
        assert Notification.objects.get(kind="CODE_LOCKED").user == claire
        assert (allows(claire), OwnLimit.objects.count()) == (80_00, 1)

    def test_lowers_nothing_either_while_the_code_is_wanted(self, trusted: User) -> None:
        own_limits.ask(trusted, {Name.DAY: 80_00, Name.MONTH: 300_00})
        with pytest.raises(own_limits.CodeWanted):
            own_limits.ask(trusted, {Name.DAY: 90_00, Name.MONTH: 200_00})
        assert limits.standing(trusted).figure(Limit.Name.MONTH) == 300_00

    def test_lower_takes_the_place_of_a_raise_that_waits(self, trusted: User) -> None:
        own_limits.ask(trusted, {Name.DAY: 80_00})
        own_limits.ask(trusted, {Name.DAY: 200_00}, code=CODE)
        own_limits.ask(trusted, {Name.DAY: 50_00})
        assert own_limits.pending(trusted) == []
        assert allows(trusted, 2 * DAY) == 50_00

    def test_a_second_raise_starts_its_own_day(self, trusted: User) -> None:
        own_limits.ask(trusted, {Name.DAY: 80_00})
        own_limits.ask(trusted, {Name.DAY: 90_00}, code=CODE)
        [wish] = own_limits.ask(trusted, {Name.DAY: 400_00}, code=CODE)
        assert own_limits.pending(trusted) == [wish]
        assert (wish.before, wish.effective_at) == (80_00, wish.asked_at + DAY)

    def test_leaves_alone_what_is_as_it_was(self, trusted: User) -> None:
        own_limits.ask(trusted, {Name.DAY: 80_00, Name.MONTH: 300_00})
        own_limits.ask(trusted, {Name.MONTH: 400_00, Name.DAY: 80_00}, code=CODE)
        assert own_limits.ask(trusted, {Name.DAY: 80_00, Name.MONTH: 300_00}) == []
        assert len(own_limits.pending(trusted)) == 1

    def test_refuses_what_would_limit_nothing(self, trusted: User) -> None:
        with pytest.raises(own_limits.AbovePolicy) as refusal:
            own_limits.ask(trusted, {Name.DAY: 500_01})
        assert (refusal.value.name, refusal.value.figure) == (Name.DAY, 500_00)

    def test_of_one_order_counts_for_each_order(self, trusted: User, armand: User) -> None:
        own_limits.ask(trusted, {Name.ORDER: 10_00})
        with pytest.raises(limits.OverLimit) as refusal:
            place(trusted, armand, 10_01)
        over = refusal.value
        assert (over.limit, over.allowed, over.is_own) == (Limit.Name.ORDER_TO_PERSON, 10_00, True)
        orders.confirm(place(trusted, armand, 10_00), code=CODE)

    def test_stays_below_a_policy_that_was_lowered(self, trusted: User) -> None:
        own_limits.ask(trusted, {Name.DAY: 400_00})
        set_limit("DAY", 100_00)
        standing = limits.standing(trusted)
        assert (standing.figure(Limit.Name.DAY), standing.is_own(Limit.Name.DAY)) == (100_00, False)


@pytest.mark.django_db
class TestCancel:
    def test_lets_it_stay_as_it_is(self, trusted: User) -> None:
        own_limits.ask(trusted, {Name.DAY: 80_00})
        [wish] = own_limits.ask(trusted, {Name.DAY: 200_00}, code=CODE)
        own_limits.cancel(wish)
        assert allows(trusted, 2 * DAY) == 80_00
        with pytest.raises(own_limits.CountsAlready):
            own_limits.cancel(wish)

    def test_never_undoes_a_limit_that_counts(self, trusted: User) -> None:
        [wish] = own_limits.ask(trusted, {Name.DAY: 80_00})
        with pytest.raises(own_limits.CountsAlready):
            own_limits.cancel(wish)
        assert allows(trusted) == 80_00


@pytest.mark.django_db
class TestTable:
    """Around the domain."""

    def test_dates_a_raise_whatever_it_is_told(self, trusted: User) -> None:
        own_limits.ask(trusted, {Name.DAY: 80_00})
        row = OwnLimit.objects.create(
            user=trusted, name=Name.DAY, amount=500_00, asked_at=Now() - DAY, effective_at=Now() - DAY
        )
        row.refresh_from_db()
        assert (row.before, row.effective_at - row.asked_at) == (80_00, DAY)
        assert allows(trusted) == 80_00

    @pytest.mark.parametrize(
        "change",
        [
            "effective_at = now()",
            "amount = 50000",
            "name = 'MONTH'",
            "asked_at = now() - interval '2 days'",
            "before = NULL",
            "cancelled_at = now(), effective_at = now()",
        ],
    )
    def test_changes_nothing_of_a_wish(self, trusted: User, change: str) -> None:
        own_limits.ask(trusted, {Name.DAY: 80_00})
        own_limits.ask(trusted, {Name.DAY: 200_00}, code=CODE)
        with pytest.raises(Error, match="only cancelled, before it counts"), transaction.atomic():
            run(f"UPDATE payments_ownlimit SET {change} WHERE effective_at > asked_at")

    def test_cancels_nothing_that_counts(self, trusted: User) -> None:
        own_limits.ask(trusted, {Name.DAY: 80_00})
        with pytest.raises(Error, match="only cancelled, before it counts"), transaction.atomic():
            run("UPDATE payments_ownlimit SET cancelled_at = now()")

    def test_revives_nothing_that_was_cancelled(self, trusted: User) -> None:
        own_limits.ask(trusted, {Name.DAY: 80_00})
        own_limits.cancel(own_limits.ask(trusted, {Name.DAY: 200_00}, code=CODE)[0])
        with pytest.raises(Error, match="only cancelled, before it counts"), transaction.atomic():
            run("UPDATE payments_ownlimit SET cancelled_at = NULL WHERE cancelled_at IS NOT NULL")

    def test_forgets_nothing(self, trusted: User) -> None:
        own_limits.ask(trusted, {Name.DAY: 80_00})
        with pytest.raises(Error, match="permission denied"), transaction.atomic():
            run("DELETE FROM payments_ownlimit")

    @pytest.mark.parametrize(
        ("row", "constraint"),
        [({"amount": -1}, "own_limit_is_not_negative"), ({"name": "YEAR"}, "own_limit_is_known")],
    )
    def test_is_guarded(self, trusted: User, row: dict[str, object], constraint: str) -> None:
        wish = {"user": trusted, "name": "DAY", "amount": 1, "asked_at": Now(), "effective_at": Now()}
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            OwnLimit.objects.create(**wish | row)


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_one_raise_of_ten_waits(self, trusted: User, at_once: Callable[..., list[object]]) -> None:
        own_limits.ask(trusted, {Name.DAY: 80_00})
        at_once(10, lambda number: own_limits.ask(trusted, {Name.DAY: 100_00 + number}, code=CODE))
        assert len(own_limits.pending(trusted)) == 1

    def test_no_raise_gets_past_the_code_when_it_is_lowered_meanwhile(
        self, trusted: User, at_once: Callable[..., list[object]]
    ) -> None:
        """Without a code, each is lower than what counted when it looked; some no more when it wrote."""
        own_limits.ask(trusted, {Name.DAY: 80_00})
        outcomes = at_once(8, lambda number: own_limits.ask(trusted, {Name.DAY: 10_00 * number}))
        assert {type(outcome) for outcome in outcomes} <= {list, own_limits.CodeWanted}
        assert own_limits.pending(trusted) == []


@pytest.mark.django_db
class TestPage:
    @pytest.fixture
    def page(self, trusted: User, client: Client) -> Client:
        codes.choose(trusted, CODE)
        client.force_login(trusted)
        return client

    def test_shows_what_is_used_and_left(self, page: Client, trusted: User, armand: User) -> None:
        orders.confirm(place(trusted, armand, 60_00), code=CODE)
        words = page.get("/settings/limits/", secure=True).content.decode().replace("\u00a0", " ")
        for said in ("Utilisé : 60,00 €", "Reste : 440,00 €", "Reste : 1\u202f940,00 €", "500 €"):
            assert said in words, said

    def test_lowers_and_says_so(self, page: Client, trusted: User) -> None:
        answer = page.post("/settings/limits/", {"DAY": "80"}, secure=True, follow=True)
        assert "80" in answer.content.decode()
        assert allows(trusted) == 80_00

    def test_asks_for_the_code_to_raise_and_lets_it_be_cancelled(self, page: Client, trusted: User) -> None:
        own_limits.ask(trusted, {Name.DAY: 80_00})
        answer = page.post("/settings/limits/", {"DAY": "200"}, secure=True)
        assert (answer.status_code, "code" in answer.context["form"].errors) == (422, True)
        page.post("/settings/limits/", {"DAY": "200", "code": CODE}, secure=True)
        [wish] = own_limits.pending(trusted)
        page.post(f"/settings/limits/{wish.pk}/cancel/", secure=True)
        assert own_limits.pending(trusted) == []

    @pytest.mark.parametrize("said", ["-1", "1.000", "abc", "٢٠", "1e3", "999999", "99999999999999999999"])
    def test_refuses_what_is_no_limit(self, page: Client, said: str) -> None:
        answer = page.post("/settings/limits/", {"DAY": said}, secure=True)
        assert (answer.status_code, bool(answer.context["form"].errors["DAY"])) == (422, True)
        assert not OwnLimit.objects.exists()

    def test_cancels_nothing_of_somebody_elses(self, page: Client, armand: User) -> None:
        own_limits.ask(armand, {Name.DAY: 80_00})
        [wish] = own_limits.ask(armand, {Name.DAY: 200_00}, code=CODE)
        assert page.post(f"/settings/limits/{wish.pk}/cancel/", secure=True).status_code == 404
        assert own_limits.pending(armand) == [wish]

    def test_of_confirming_says_from_when_on_a_first_payee_may_have_that_much(
        self, page: Client, trusted: User, armand: User
    ) -> None:
        order = place(trusted, armand, 200_00)
        words = page.get(f"/orders/{order.reference}/confirm/", secure=True).content.decode()
        assert "@armanddossantos" in words
        assert "4\u00a0heures" in words
        assert 'name="code"' not in words
        assert Order.objects.get().status == Order.Status.PENDING


def run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
