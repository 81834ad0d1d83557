"""What takes two of staff: one proposes, another approves, and it is done in the approval's transaction.

The module that owns an act says what approving it does, with `@proposals.does(Kind.…)`. The database
holds the two apart (`nobody_approves_their_own`) and the terms as they were proposed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import Model
from django.db.models.functions import Now

from accounts import audit
from accounts.models import User
from payments.models import Proposal

Effect = Callable[[Proposal, User], None]

LIFETIME = timedelta(days=7)
EFFECTS: dict[Proposal.Kind, Effect] = {}


class OwnProposal(Exception):
    """Who proposed it cannot approve it."""


class ProposalClosed(Exception):
    """It was decided or has expired: `proposal` says which."""

    def __init__(self, proposal: Proposal) -> None:
        super().__init__(proposal.status)
        self.proposal = proposal


class AlreadyProposed(Exception):
    """The same was proposed for the same thing, and waits."""


class NotAllowed(Exception):
    """This member of staff has no right to propose or decide."""


def does(kind: Proposal.Kind) -> Callable[[Effect], Effect]:
    """Register what approving that kind does: `effect(proposal, who_approved)`, in the same transaction."""

    def register(effect: Effect) -> Effect:
        EFFECTS[kind] = effect
        return effect

    return register


def propose(  # noqa: PLR0913  # each is a column
    staff: User,
    kind: Proposal.Kind,
    *,
    about: Model,
    terms: Mapping[str, object],
    reason: str,
    amount: int | None = None,
) -> Proposal:
    """Ask a second person.

    :raises NotAllowed: if this member of staff may not
    :raises AlreadyProposed: if it was asked for and not decided yet
    """
    _check_right(staff)
    try:
        with transaction.atomic():
            proposal = Proposal.objects.create(
                kind=kind,
                about=audit.name(about),
                terms=dict(terms),
                amount=amount,
                reason=reason,
                proposed_by=staff,
            )
            _record(proposal, staff, "proposal.made")
    except IntegrityError as refusal:
        if "thing_waits_for_one_decision" in str(refusal):
            raise AlreadyProposed from refusal
        raise
    return proposal


@transaction.atomic
def approve(proposal: Proposal, staff: User) -> Proposal:
    """Allow it, and do it; what the effect raises undoes the approval.

    :raises NotAllowed: if this member of staff may not
    :raises OwnProposal: if they proposed it themselves
    :raises ProposalClosed: if it was decided or has expired
    """
    locked = _open(proposal, staff)
    if locked.proposed_by_id == staff.pk:
        raise OwnProposal
    _decide(locked, staff, Proposal.Status.APPROVED)
    EFFECTS[Proposal.Kind(locked.kind)](locked, staff)
    _record(locked, staff, "proposal.approved")
    return locked


@transaction.atomic
def reject(proposal: Proposal, staff: User, *, reason: str = "") -> Proposal:
    """Refuse it, or take back one's own.

    :raises NotAllowed: if this member of staff may not
    :raises ProposalClosed: if it was decided or has expired
    """
    locked = _open(proposal, staff)
    _decide(locked, staff, Proposal.Status.REJECTED)
    _record(locked, staff, "proposal.rejected", reason=reason)
    return locked


def expire_due() -> int:
    """Close what nobody decided in time; return how many."""
    due = Proposal.objects.filter(status=Proposal.Status.OPEN, proposed_at__lt=Now() - LIFETIME)
    return due.update(status=Proposal.Status.EXPIRED, decided_at=Now())


def waiting_for(row: Model) -> list[Proposal]:
    """What was proposed about the row and not decided yet."""
    return list(Proposal.objects.filter(about=audit.name(row), status=Proposal.Status.OPEN))


def may_decide(staff: User) -> bool:
    return staff.is_active and staff.is_staff and staff.has_perm("payments.decide_proposal")


def _check_right(staff: User) -> None:
    if not may_decide(staff):
        raise NotAllowed


def _open(proposal: Proposal, staff: User) -> Proposal:
    """The proposal, locked, as long as it can be decided."""
    _check_right(staff)
    locked = Proposal.objects.select_for_update(of=("self",), no_key=True).get(pk=proposal.pk)
    is_late = Proposal.objects.filter(pk=proposal.pk, proposed_at__lt=Now() - LIFETIME).exists()
    if locked.status != Proposal.Status.OPEN or is_late:
        raise ProposalClosed(locked)
    return locked


def _decide(proposal: Proposal, staff: User, status: Proposal.Status) -> None:
    proposal.status, proposal.decided_by = status, staff
    Proposal.objects.filter(pk=proposal.pk).update(status=status, decided_by=staff, decided_at=Now())
    proposal.refresh_from_db()


def _record(proposal: Proposal, staff: User, act: str, *, reason: str = "") -> None:
    state = {"kind": proposal.kind, "about": proposal.about, "terms": proposal.terms}
    audit.record(
        staff,
        act,
        about=proposal,
        before=None,
        after=state | {"amount": proposal.amount, "status": proposal.status},
        reason=reason or proposal.reason,
    )
