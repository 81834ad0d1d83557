"""Staff ask and answer each other on pages: who may do what, and what the pages say."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts import audit, freezes
from accounts.models import AuditEntry, Freeze, User
from payments import money
from payments.models import Limit, Proposal
from tests.people import set_limit
from tests.staff import at_desk, list_of, page_of, read

pytestmark = pytest.mark.django_db


def act_of(row: User | Proposal | Limit, name: str) -> str:
    return page_of(row).replace("/change/", f"/act/{name}/")


@pytest.fixture
def proposal(claire: User, odile: User) -> Proposal:
    freezes.freeze(claire, reason="Stolen")
    at_desk(odile).post(act_of(claire, "unfreeze"), {"reason": "She has a new number"})
    return Proposal.objects.get()


class TestFreezing:
    def test_is_one_persons_act_with_its_reason(self, desk: Client, agathe: User, claire: User) -> None:
        assert "/act/freeze/" in desk.get(page_of(claire)).content.decode()
        assert desk.post(act_of(claire, "freeze"), {"reason": " "}).status_code == 200
        assert not freezes.is_frozen(claire)
        desk.post(act_of(claire, "freeze"), {"reason": "Stolen"})
        assert Freeze.objects.get().by == agathe

    def test_ends_by_two(self, proposal: Proposal, bruno: User, claire: User) -> None:
        assert freezes.is_frozen(claire)
        at_desk(bruno).post(act_of(proposal, "approve"))
        assert not freezes.is_frozen(claire)

    def test_does_not_end_by_one(self, proposal: Proposal, odile: User, claire: User) -> None:
        own = at_desk(odile)
        assert "/act/approve/" not in own.get(page_of(proposal)).content.decode()
        assert own.post(act_of(proposal, "approve")).status_code == 403
        assert own.post(act_of(claire, "unfreeze"), {"reason": "Again"}).status_code == 200
        assert freezes.is_frozen(claire)

    def test_is_not_offered_twice(self, proposal: Proposal, bruno: User, claire: User) -> None:
        other = at_desk(bruno)
        other.post(act_of(proposal, "reject"), {"reason": "Ask her first"})
        assert other.post(act_of(proposal, "approve")).status_code == 403
        assert freezes.is_frozen(claire)


class TestRights:
    def test_are_proposed_and_shown(self, odile: User, bruno: User, agathe: User) -> None:
        form = {"is_staff": "on", "groups": ["Staff", "Identity"], "reason": "She checks identities now"}
        at_desk(odile).post(act_of(agathe, "rights"), form)
        proposal = Proposal.objects.get()
        page = at_desk(bruno).get(page_of(proposal)).content.decode()
        assert "Identity" in page
        at_desk(bruno).post(act_of(proposal, "approve"))
        assert User.objects.get(pk=agathe.pk).has_perm("accounts.review_dossier")

    def test_refuse_who_they_are_of(self, odile: User, bruno: User) -> None:
        form = {"is_staff": "on", "is_superuser": "on", "reason": "More"}
        at_desk(odile).post(act_of(bruno, "rights"), form)
        answer = at_desk(bruno).post(act_of(Proposal.objects.get(), "approve"))
        assert answer.status_code == 200
        assert not User.objects.get(pk=bruno.pk).is_superuser
        assert at_desk(odile).post(act_of(odile, "rights"), form).status_code == 403


class TestRoles:
    """Who looks sees all of it, and only who decides has something to press."""

    def test_looking_is_for_staff(
        self, desk: Client, proposal: Proposal, client: Client, claire: User
    ) -> None:
        for row in (proposal, Freeze.objects.get(), AuditEntry.objects.first()):
            assert row
            read(desk, page_of(row))
            read(desk, list_of(type(row)))
            for user in (None, claire):
                if user:
                    client.force_login(user)
                assert client.get(page_of(row)).status_code == 302

    def test_deciding_is_for_who_decides(self, desk: Client, proposal: Proposal, claire: User) -> None:
        for row, name in (
            (proposal, "approve"),
            (proposal, "reject"),
            (claire, "unfreeze"),
            (claire, "rights"),
        ):
            assert desk.post(act_of(row, name), {"reason": "x"}).status_code == 403
            assert f"/act/{name}/" not in desk.get(page_of(row)).content.decode()

    def test_switching_a_member_off_is_kept(self, claire: User) -> None:
        from tests.staff import hire  # noqa: PLC0415  # this test's alone

        chief = hire("Chef", "+33612340012", is_superuser=True)
        rows = (
            f"{name}-{count}_FORMS" for name in ("identities", "devices") for count in ("TOTAL", "INITIAL")
        )
        at_desk(chief).post(page_of(claire), dict.fromkeys(rows, 0))
        assert [(entry.act, entry.before, entry.after) for entry in audit.of(claire)] == [
            ("member.switched_off", {"is_active": True}, {"is_active": False})
        ]


class TestPolicy:
    def test_changes_by_two_with_its_history(self, odile: User, bruno: User, desk: Client) -> None:
        limit = Limit.objects.get(tier="IDENTIFIED", name="ORDER_TO_PERSON")
        before = money.show(limit.amount)
        at_desk(odile).post(act_of(limit, "change"), {"amount": "123,45", "reason": "A quiet start"})
        assert Limit.objects.get(pk=limit.pk).amount == limit.amount
        at_desk(bruno).post(act_of(Proposal.objects.get(), "approve"))
        assert Limit.objects.get(pk=limit.pk).amount == 123_45
        page = read(desk, page_of(limit))
        for words in (before, money.show(123_45), "Odile Chef", "Bruno Adjoint", "A quiet start"):
            assert words in page

    def test_lets_nothing_pass_where_two_set_nought(self, odile: User, bruno: User) -> None:
        """Where the law wants no money between people who are known by their number alone."""
        limit = Limit.objects.get(tier="PHONE", name="ORDER_TO_PERSON")
        at_desk(odile).post(act_of(limit, "change"), {"amount": "0", "reason": "The law of the country"})
        at_desk(bruno).post(act_of(Proposal.objects.get(), "approve"))
        assert Limit.objects.get(pk=limit.pk).amount == 0

    @pytest.mark.parametrize("amount", ["", "-5", "1.000", "٢٠", "1e3"])
    def test_takes_amounts_only(self, odile: User, amount: str) -> None:
        limit = Limit.objects.get(tier="IDENTIFIED", name="ORDER_TO_PERSON")
        at_desk(odile).post(act_of(limit, "change"), {"amount": amount, "reason": "Test"})
        assert not Proposal.objects.exists()

    def test_refuses_what_was_overtaken(self, odile: User, bruno: User) -> None:
        limit = Limit.objects.get(tier="IDENTIFIED", name="ORDER_TO_PERSON")
        at_desk(odile).post(act_of(limit, "change"), {"amount": "200", "reason": "Test"})
        set_limit(limit.name, 1, tier=limit.tier)
        assert at_desk(bruno).post(act_of(Proposal.objects.get(), "approve")).status_code == 200
        assert Limit.objects.get(pk=limit.pk).amount == 1


class TestTier:
    def test_is_raised_by_two(self, odile: User, bruno: User, claire: User) -> None:
        form = {"tier": "ENHANCED", "reason": "Proof of means seen"}
        at_desk(odile).post(act_of(claire, "tier"), form)
        at_desk(bruno).post(act_of(Proposal.objects.get(), "approve"))
        claire.refresh_from_db()
        assert claire.tier == "ENHANCED"
