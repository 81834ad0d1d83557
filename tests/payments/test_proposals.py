"""What takes two of staff is done once, by two, with the terms that were proposed: the database says so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.db.models.functions import Now
from django.utils import timezone

from accounts import audit, freezes
from accounts.models import AuditEntry, User
from payments import approvals, proposals
from payments.models import Limit, Proposal
from tests import database
from tests.people import set_limit

KIND = Proposal.Kind


def unfreezing(by: User, user: User) -> Proposal:
    return proposals.propose(by, KIND.UNFREEZE, about=user, terms={}, reason="It was a mistake")


@pytest.fixture
def frozen(claire: User, agathe: User) -> User:
    freezes.freeze(claire, reason="Her phone was stolen", by=agathe)
    return claire


@pytest.fixture
def proposal(frozen: User, odile: User) -> Proposal:
    return unfreezing(odile, frozen)


@pytest.mark.django_db
class TestApprove:
    def test_does_it_when_a_second_person_agrees(self, proposal: Proposal, frozen: User, bruno: User) -> None:
        decided = proposals.approve(proposal, bruno)
        assert (decided.status, decided.decided_by) == (Proposal.Status.APPROVED, bruno)
        assert not freezes.is_frozen(frozen)
        assert [entry.act for entry in AuditEntry.objects.order_by("number")] == [
            "member.frozen",
            "proposal.made",
            "member.unfrozen",
            "proposal.approved",
        ]
        assert audit.verify() is None

    def test_takes_another_person(self, proposal: Proposal, odile: User, frozen: User) -> None:
        with pytest.raises(proposals.OwnProposal):
            proposals.approve(proposal, odile)
        assert freezes.is_frozen(frozen)

    def test_takes_somebody_who_may_decide(
        self, proposal: Proposal, agathe: User, armand: User, frozen: User
    ) -> None:
        for person in (agathe, armand):
            with pytest.raises(proposals.NotAllowed):
                proposals.approve(proposal, person)
            with pytest.raises(proposals.NotAllowed):
                unfreezing(person, frozen)
        assert freezes.is_frozen(frozen)

    def test_happens_once(self, proposal: Proposal, bruno: User, frozen: User) -> None:
        proposals.approve(proposal, bruno)
        freezes.freeze(frozen, reason="Again")
        with pytest.raises(proposals.ProposalClosed):
            proposals.approve(proposal, bruno)
        assert freezes.is_frozen(frozen)

    def test_is_undone_when_the_effect_fails(
        self, odile: User, bruno: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        limit = Limit.objects.get(tier="IDENTIFIED", name="TOP_UP")
        terms = {"before": limit.amount, "amount": -1}
        proposal = proposals.propose(odile, KIND.LIMIT, about=limit, terms=terms, reason="Test")
        with pytest.raises(IntegrityError, match="limit_is_not_negative"), transaction.atomic():
            proposals.approve(proposal, bruno)
        proposal.refresh_from_db()
        assert proposal.status == Proposal.Status.OPEN

    def test_is_too_late_after_a_week(self, odile: User, bruno: User, frozen: User) -> None:
        proposal = Proposal.objects.create(
            kind=KIND.UNFREEZE,
            about=audit.name(frozen),
            terms={},
            reason="Late",
            proposed_by=odile,
            proposed_at=timezone.now() - timedelta(days=8),
        )
        with pytest.raises(proposals.ProposalClosed):
            proposals.approve(proposal, bruno)
        assert proposals.expire_due() == 1
        assert proposals.expire_due() == 0
        proposal.refresh_from_db()
        assert proposal.status == Proposal.Status.EXPIRED

    @pytest.mark.django_db(transaction=True)
    def test_two_at_once_have_one_effect(
        self, odile: User, bruno: User, claire: User, at_once: Callable[..., list[Any]]
    ) -> None:
        limit = Limit.objects.get(tier="IDENTIFIED", name="TOP_UP")
        kept = limit.amount
        terms = {"before": kept, "amount": 400_00}
        proposal = proposals.propose(odile, KIND.LIMIT, about=limit, terms=terms, reason="Prudence")
        results = at_once(8, lambda _n: proposals.approve(proposal, bruno))
        assert sum(isinstance(result, Proposal) for result in results) == 1
        assert sum(isinstance(result, proposals.ProposalClosed) for result in results) == 7
        assert AuditEntry.objects.filter(act="limit.changed").count() == 1
        set_limit("TOP_UP", kept, tier="IDENTIFIED")


@pytest.mark.django_db
class TestReject:
    def test_does_nothing_and_ends_it(self, proposal: Proposal, bruno: User, frozen: User) -> None:
        proposals.reject(proposal, bruno, reason="Ask her first")
        assert freezes.is_frozen(frozen)
        with pytest.raises(proposals.ProposalClosed):
            proposals.approve(proposal, bruno)

    def test_takes_back_ones_own(self, proposal: Proposal, odile: User, frozen: User) -> None:
        assert proposals.reject(proposal, odile).decided_by == odile
        unfreezing(odile, frozen)


@pytest.mark.django_db
class TestPropose:
    def test_asks_once_for_the_same(self, proposal: Proposal, bruno: User, frozen: User) -> None:
        with pytest.raises(proposals.AlreadyProposed):
            unfreezing(bruno, frozen)

    def test_every_kind_that_is_ours_has_an_effect(self) -> None:
        ours = {KIND.UNFREEZE, KIND.RIGHTS, KIND.LIMIT, KIND.TIER, KIND.RESUME}
        assert ours <= set(proposals.EFFECTS)


@pytest.mark.django_db
class TestRules:
    """Round the domain, as the application's role."""

    def change(self, proposal: Proposal, **values: Any) -> None:
        with transaction.atomic():
            Proposal.objects.filter(pk=proposal.pk).update(**values)

    def test_nobody_approves_their_own(self, proposal: Proposal, odile: User) -> None:
        with pytest.raises(IntegrityError, match="nobody_approves_their_own"):
            self.change(proposal, status="APPROVED", decided_by=odile, decided_at=Now())

    @pytest.mark.parametrize("decided", [{"status": "APPROVED"}, {"status": "OPEN", "decided_at": Now()}])
    def test_proposal_is_decided_by_somebody(self, proposal: Proposal, decided: dict[str, Any]) -> None:
        with pytest.raises(IntegrityError, match="proposal_is_decided_by_somebody"):
            self.change(proposal, **({"decided_at": Now()} | decided))

    def test_only_staff_decide(self, proposal: Proposal, armand: User) -> None:
        with pytest.raises(IntegrityError, match="only staff propose and decide"):
            self.change(proposal, status="APPROVED", decided_by=armand, decided_at=Now())

    def test_only_staff_propose(self, armand: User) -> None:
        with pytest.raises(IntegrityError, match="only staff propose and decide"), transaction.atomic():
            Proposal.objects.create(kind="LIMIT", about="x:1", terms={}, reason="x", proposed_by=armand)

    def test_a_proposal_begins_open(self, odile: User, bruno: User) -> None:
        with pytest.raises(IntegrityError, match="begins open"), transaction.atomic():
            Proposal.objects.create(
                kind="LIMIT",
                about="x:1",
                terms={},
                reason="x",
                proposed_by=odile,
                status="APPROVED",
                decided_by=bruno,
                decided_at=Now(),
            )

    def test_a_decision_is_made_now(self, proposal: Proposal, bruno: User) -> None:
        self.change(proposal, status="REJECTED", decided_by=bruno, decided_at="2020-01-01T00:00Z")
        proposal.refresh_from_db()
        assert proposal.decided_at
        assert proposal.decided_at > timezone.now() - timedelta(hours=1)

    @pytest.mark.parametrize(
        "values", [{"terms": {"amount": 1}}, {"amount": 5}, {"reason": "y"}, {"about": "accounts.user:0"}]
    )
    def test_terms_never_change(self, proposal: Proposal, values: dict[str, Any]) -> None:
        with pytest.raises(IntegrityError, match="append-only"):
            self.change(proposal, **values)

    def test_what_was_decided_stays_so(self, proposal: Proposal, bruno: User) -> None:
        proposals.reject(proposal, bruno)
        with pytest.raises(IntegrityError, match="append-only"):
            self.change(proposal, status="APPROVED", decided_by=bruno, decided_at=Now())

    @pytest.mark.parametrize(
        ("values", "rule"),
        [({"reason": ""}, "proposal_says_why"), ({"amount": 0}, "proposal_moves_something")],
    )
    def test_a_proposal_says_why_and_how_much(self, odile: User, values: dict[str, Any], rule: str) -> None:
        terms = {"kind": "LIMIT", "about": "x:1", "terms": {}, "reason": "x", "proposed_by": odile}
        with pytest.raises(IntegrityError, match=rule), transaction.atomic():
            Proposal.objects.create(**(terms | values))

    def test_thing_waits_for_one_decision(self, proposal: Proposal, odile: User) -> None:
        with pytest.raises(IntegrityError, match="thing_waits_for_one_decision"), transaction.atomic():
            Proposal.objects.create(
                kind=proposal.kind, about=proposal.about, terms={}, reason="x", proposed_by=odile
            )

    def test_proposals_are_kept(self, proposal: Proposal) -> None:
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            Proposal.objects.all().delete()


@pytest.mark.django_db
class TestApproved:
    """`needs_approval`, for tables of what two of staff did."""

    def is_approved(self, proposal: Proposal, kind: str) -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT proposal_is_approved(%s, %s)", [proposal.pk, kind])
            return bool(cursor.fetchone()[0])

    def test_counts_when_it_was_approved_for_that(self, proposal: Proposal, bruno: User) -> None:
        assert not self.is_approved(proposal, "UNFREEZE")
        proposals.approve(proposal, bruno)
        assert self.is_approved(proposal, "UNFREEZE")
        assert not self.is_approved(proposal, "REFUND")

    @pytest.mark.django_db(transaction=True)
    def test_counts_in_its_own_transaction_only(self, proposal: Proposal, bruno: User) -> None:
        proposals.approve(proposal, bruno)
        assert not self.is_approved(proposal, "UNFREEZE")

    @pytest.mark.django_db(transaction=True)
    def test_a_table_can_ask_for_it(
        self, proposal: Proposal, bruno: User, as_owner: Callable[[str], None]
    ) -> None:
        as_owner("CREATE TABLE payments_twice (proposal_id bigint UNIQUE)")
        try:
            as_owner(
                "CREATE TRIGGER act_takes_two BEFORE INSERT ON payments_twice"
                " FOR EACH ROW EXECUTE FUNCTION needs_approval('UNFREEZE');"
                f"GRANT INSERT ON payments_twice TO {connection.settings_dict['USER']}"
            )
            insert = f"INSERT INTO payments_twice VALUES ({proposal.pk})"
            with pytest.raises(IntegrityError, match="takes two"), connection.cursor() as cursor:
                cursor.execute(insert)
            with transaction.atomic(), connection.cursor() as cursor:
                proposals.approve(proposal, bruno)
                cursor.execute(insert)
        finally:
            connection.close()
            as_owner("DROP TABLE payments_twice")


@pytest.mark.django_db
class TestRights:
    """Nobody of staff grants anybody rights alone, least of all to themselves."""

    ALL = {"is_staff": True, "is_superuser": True, "groups": ["Staff", "Decisions"]}

    def test_are_changed_by_two_others(self, odile: User, bruno: User, agathe: User) -> None:
        proposal = proposals.propose(odile, KIND.RIGHTS, about=agathe, terms=self.ALL, reason="Promotion")
        proposals.approve(proposal, bruno)
        assert approvals.rights(User.objects.get(pk=agathe.pk)) == self.ALL | {
            "groups": ["Decisions", "Staff"]
        }
        entry = AuditEntry.objects.get(act="rights.changed")
        assert entry.before == {"is_staff": True, "is_superuser": False, "groups": ["Staff"]}

    def test_are_not_ones_own_to_decide(self, odile: User, bruno: User) -> None:
        for person in (odile, bruno):
            proposal = proposals.propose(odile, KIND.RIGHTS, about=person, terms=self.ALL, reason="More")
            with pytest.raises(IntegrityError, match="nobody decides on their own"), transaction.atomic():
                proposals.approve(proposal, bruno)
        assert not User.objects.filter(is_superuser=True).exists()

    @pytest.mark.parametrize("right", ["is_staff", "is_superuser"])
    def test_are_not_the_applications_to_give(self, claire: User, right: str) -> None:
        with pytest.raises(IntegrityError, match="take two of staff"), transaction.atomic():
            User.objects.filter(pk=claire.pk).update(**{right: True})
        with pytest.raises(IntegrityError, match="take two of staff"), transaction.atomic():
            User.objects.create(phone="+33612340099", name="Intrus", **{right: True})

    def test_nor_its_groups(self, agathe: User) -> None:
        for statement in (
            "INSERT INTO accounts_user_groups (user_id, group_id) SELECT %s, min(id) FROM auth_group",
            "DELETE FROM accounts_user_groups WHERE user_id = %s",
            "INSERT INTO accounts_user_user_permissions (user_id, permission_id) VALUES (%s, 1)",
        ):
            with (
                pytest.raises(IntegrityError, match="take two of staff"),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute(statement, [agathe.pk])

    def test_nor_those_of_a_group(self, agathe: User) -> None:
        with (
            pytest.raises(ProgrammingError, match="permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(
                "INSERT INTO auth_group_permissions (group_id, permission_id)"
                " SELECT g.id, p.id FROM auth_group g, auth_permission p"
            )

    def test_an_old_approval_is_good_for_nothing(self, proposal: Proposal) -> None:
        with (
            pytest.raises(IntegrityError, match="take two of staff"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute("SELECT apply_rights(%s)", [proposal.pk])

    @pytest.mark.django_db(transaction=True)
    def test_are_the_owners_to_give(self, claire: User) -> None:
        owner = database.as_owner()
        with owner.cursor() as cursor:
            cursor.execute("UPDATE accounts_user SET is_staff = true WHERE id = %s", [claire.pk])
        owner.close()
        assert User.objects.get(pk=claire.pk).is_staff
