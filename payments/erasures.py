"""A member leaves: what stands in the way, the act, and what is forgotten after it, until nothing is left.

In one transaction who they are is sealed, then forgotten, and their wallet closed while it is empty: whoever
pays them in that moment is either before it, and stands in the way, or refused. What lies with others (their
orders, messages on their way, the processor's cards) is forgotten by rounds that follow. The books stay.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256

from allauth.mfa.models import Authenticator
from django.db import connection, transaction
from django.db.models import DurationField, ExpressionWrapper, F, Value
from django.db.models.functions import Least, Now
from django.utils.translation import gettext_lazy as _

from accounts import audit, crypto, freezes, identities, leaving, sealing, seats
from accounts.models import Device, Identity, User
from payments import (
    bank_accounts,
    cards,
    clock,
    consent,
    feed,
    forgetting,
    hints,
    ledger,
    life,
    notices,
    proposals,
)
from payments.forgetting import Traces
from payments.models import Erasure, Notification, Proposal

logger = logging.getLogger(__name__)

FRESH = timedelta(minutes=5)  # A proof, as for an order.
BATCH = 20
FIRST_ROUND = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=6)

# What is forgotten after the act; each says whether something is left, and is harmless when repeated.
Step = Callable[[Traces], bool]
STEPS: list[Step] = [*forgetting.STEPS]


@dataclass(frozen=True)
class Obstacle:
    """What stands in the way, in words for the member, and the page where they mend it, if they can."""

    words: object
    page: str = ""


_WALLET = "payments_balance b JOIN payments_ledgeraccount a ON a.id = b.account_id AND a.owner_id = %(user)s"
_ORDER = "payments_order o WHERE o.payer_id = %(user)s AND o.status"
_THEIR_FUNDING = "JOIN payments_funding f ON f.id = x.funding_id AND f.user_id = %(user)s"
_REPAID = "(SELECT coalesce(sum(r.amount), 0) FROM payments_repayment r WHERE r.chargeback_id = x.id)"
# Also one that they gave up: it is forgotten with them, and whoever has that number now would not be paid.
_THEIR_IDENTITY = """(i.user_id = %(user)s OR i.user_id IS NULL AND i.id IN
         (SELECT l.identity_id FROM accounts_identitylink l WHERE l.user_id = %(user)s))"""
OBSTACLES: dict[str, Obstacle] = {
    f"""{_WALLET} WHERE b.mode = 'STORED' AND b.amount <> 0""": Obstacle(
        _("There is money in your wallet. Cash it out, or send it to somebody."), "cash_out"
    ),
    f"""{_WALLET} WHERE b.mode <> 'STORED'""": Obstacle(
        _("Your wallet is an organisation’s. Write to us: we close it with you.")
    ),
    f"""{_ORDER} IN ('PENDING', 'FUNDING')""": Obstacle(
        _("An order waits for your secret code. Confirm or decline it."), "wallet"
    ),
    f"""{_ORDER} IN ('HELD', 'REVIEW')""": Obstacle(
        _("Money that you sent has not arrived yet. Wait for it, or take it back."), "wallet"
    ),
    f"""payments_order o JOIN accounts_identity i ON i.id = o.payee_id AND {_THEIR_IDENTITY}
         WHERE o.status IN ('HELD', 'REVIEW')""": Obstacle(
        _("Money is on its way to you. Wait until it has arrived."), "wallet"
    ),
    """payments_payout p WHERE p.user_id = %(user)s AND p.status IN ('REQUESTED', 'EXPORTED')""": Obstacle(
        _("Money is on its way to your bank. Wait until it has arrived, or cancel it."), "history"
    ),
    """payments_funding f
         WHERE f.user_id = %(user)s AND f.status IN ('CREATED', 'ACTION', 'UNKNOWN')""": Obstacle(
        _("Your card is being asked for money. Wait until your bank has answered."), "wallet"
    ),
    f"""payments_refund x {_THEIR_FUNDING} WHERE x.status IN ('REQUESTED', 'UNKNOWN')""": Obstacle(
        _("Money goes back to your card. Wait until your bank has taken it.")
    ),
    f"""payments_chargeback x {_THEIR_FUNDING} WHERE x.status = 'OPEN'""": Obstacle(
        _("Your bank contests a top-up. We write to you once it has decided.")
    ),
    f"""payments_chargeback x {_THEIR_FUNDING} WHERE x.status <> 'WON' AND x.owed > {_REPAID}""": Obstacle(
        _("You owe us what your bank took back. Write to us.")
    ),
    """accounts_freeze z WHERE z.user_id = %(user)s AND z.ended_at IS NULL""": Obstacle(
        _("Your account is frozen. Write to us.")
    ),
    """accounts_seat s WHERE s.user_id = %(user)s AND s.role = 'OWNER' AND s.left_at IS NULL AND NOT EXISTS (
         SELECT FROM accounts_seat o WHERE o.organisation_id = s.organisation_id AND o.role = 'OWNER'
            AND o.left_at IS NULL AND o.user_id <> s.user_id)""": Obstacle(
        _("You alone own an organisation. Make somebody else its owner first."), "organisations"
    ),
    """accounts_user u WHERE u.id = %(user)s AND (u.is_staff OR u.is_superuser)""": Obstacle(
        _("You work here. Two others take your rights first.")
    ),
}


class InTheWay(Exception):
    """They cannot leave yet; `obstacles` say why."""

    def __init__(self, obstacles: list[Obstacle]) -> None:
        super().__init__([str(obstacle.words) for obstacle in obstacles])
        self.obstacles = obstacles


class ProofRejected(Exception):
    """What was shown is too old, or not theirs."""


class HasLeft(Exception):
    """They have left already."""


@dataclass(frozen=True, kw_only=True)
class Proof:
    """Something that the member has, shown for this and when: a known device, or a passkey that signed it."""

    shown_at: datetime
    device_id: int | None = None
    passkey_id: int | None = None


def in_the_way(user: User) -> list[Obstacle]:
    """What keeps the member from leaving, exact under their lock."""
    looks = ", ".join(f"EXISTS (SELECT FROM {where})" for where in OBSTACLES)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {looks}", {"user": user.pk})
        found = cursor.fetchone()
    return [obstacle for obstacle, is_there in zip(OBSTACLES.values(), found, strict=True) if is_there]


def challenge(user: User, *, nonce: str) -> bytes:
    """What a passkey signs: that this member leaves, and nothing else."""
    return sha256(f"{nonce}|close account|{user.pk}".encode()).digest()


def close(user: User, *, code: str, proof: Proof) -> Erasure:
    """The member leaves, by their code and what they have shown beside it.

    :raises InTheWay: before the code is tried
    :raises codes.WrongCode, codes.CodeLocked, codes.NoCode: as `consent.check`
    :raises ProofRejected: if what was shown is too old, or not theirs
    """
    if found := in_the_way(user):
        raise InTheWay(found)
    consent.check(user, code=code)
    _check(user, proof)
    return _erase(user)


def propose(staff: User, user: User, *, reason: str) -> Proposal:
    """One of staff wants to close it for the member, who has asked; another has to allow it.

    :raises InTheWay: if they could not leave now
    :raises proposals.NotAllowed, proposals.AlreadyProposed: as `proposals.propose`
    """
    if found := in_the_way(user):
        raise InTheWay(found)
    return proposals.propose(staff, Proposal.Kind.ERASE, about=user, terms={}, reason=reason)


def finish_due() -> int:
    """Forget what is still there of those who have left; return of how many nothing is."""
    return sum(_finish(erasure) for erasure in _claimed())


@proposals.does(Proposal.Kind.ERASE)
def _erase_as_decided(proposal: Proposal, staff: User) -> None:
    member = User.objects.get(pk=proposal.about.partition(":")[2])
    _erase(member, proposal=proposal, by=staff)


@transaction.atomic
def _erase(user: User, *, proposal: Proposal | None = None, by: User | None = None) -> Erasure:
    """:raises InTheWay: also for money that came in this instant"""
    life.lock_payer(user)
    user.refresh_from_db()
    if user.erased_at is not None:
        raise HasLeft
    seats.lock_all(user)
    if found := in_the_way(user):
        raise InTheWay(found)
    forgetting.own_words(user)
    feed.withdraw(user)
    try:
        ledger.close(user)
    except ledger.WalletClosed as refusal:
        raise InTheWay([next(iter(OBSTACLES.values()))]) from refusal
    more = {"cards": cards.known_of(user), "bank_accounts": bank_accounts.known_of(user)}
    sealing.seal(user, more=more)
    notices.tell(user, Notification.Kind.ACCOUNT_CLOSED)
    forgetting.keep_addresses(user)
    bank_accounts.erase(user)
    phone, handles = str(user.phone or ""), identities.handles(user, network=Identity.Network.X)
    theirs = leaving.forget(user)
    traces = Traces.of(user, theirs, handles=handles, phone=phone)
    erasure = Erasure.objects.create(
        user=user, proposal=proposal, traces=crypto.encrypt(json.dumps(traces.plain()))
    )
    freezes.freeze(user, reason="has left")
    audit.record(by, "member.erased", about=user, before=None, after=None)
    hints.run("payments.finish_erasures")
    # Who restores an older backup has to know whom to forget again.
    transaction.on_commit(partial(logger.info, "A member has left", extra={"user": user.pk}))
    return erasure


def _check(user: User, proof: Proof) -> None:
    device = Device.objects.filter(user=user, pk=proof.device_id or 0, removed_at=None)
    passkey = Authenticator.objects.filter(
        user=user, pk=proof.passkey_id or 0, type=Authenticator.Type.WEBAUTHN
    )
    if proof.shown_at + FRESH < clock.now() or not (device.exists() or passkey.exists()):
        raise ProofRejected


def _claimed() -> list[Erasure]:
    """Take what is due, each round a longer while after the one before."""
    wait = ExpressionWrapper(Value(FIRST_ROUND) * (F("rounds") + 1), output_field=DurationField())
    with transaction.atomic():
        due = Erasure.objects.select_for_update(skip_locked=True, no_key=True)
        claimed = list(due.filter(finished_at=None, due_at__lte=Now()).order_by("due_at")[:BATCH])
        Erasure.objects.filter(pk__in=[row.pk for row in claimed]).update(
            due_at=Now() + Least(wait, Value(LONGEST_WAIT)), rounds=F("rounds") + 1
        )
    return claimed


def _finish(erasure: Erasure) -> bool:
    """One round; whether nothing is left."""
    assert erasure.traces is not None
    traces = Traces.read(json.loads(crypto.decrypt(erasure.traces)))
    is_left = [_is_left(step, traces) for step in STEPS]  # Each of them, whatever the others left.
    if any(is_left):
        return False
    return bool(
        Erasure.objects.filter(pk=erasure.pk, finished_at=None).update(traces=None, finished_at=Now())
    )


def _is_left(step: Step, traces: Traces) -> bool:
    try:
        return step(traces)
    except Exception:
        logger.exception("An erasure goes on later", extra={"user": traces.user})
        return True
