"""The second factor on the page of the code: a known device shows itself, a passkey signs the order."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.core.signing import BadSignature, Signer
from django.http import HttpRequest
from django.utils import timezone

from accounts import browsers, members, passkeys
from payments import risk, strong
from payments.models import Order


class NotShown(Exception):
    """The passkey's answer is none, or is of another order, or too old."""


@dataclass(frozen=True)
class Step:
    """What the page asks for beside the code, and why; `options` are for a passkey, if there is one."""

    reason: strong.Reason
    asked: str
    options: dict[str, Any] | None


def step(request: HttpRequest, order: Order, assessment: risk.Assessment) -> Step | None:
    """What to ask for on no known device; nothing, if the code is enough. `strong` decides in the end."""
    reason = _reason(request, order, assessment)
    if reason is None:
        return None
    nonce = f"{int(timezone.now().timestamp())}.{secrets.token_urlsafe(16)}"
    has_passkey = bool(members.passkeys(order.payer))
    challenge = strong.challenge(order, nonce=nonce)
    options = passkeys.ask(order.payer, challenge=challenge) if has_passkey else None
    return Step(reason=reason, asked=_signer(request, order).sign(nonce), options=options)


def shown(request: HttpRequest, order: Order, *, answer: str, asked: str) -> strong.Proof | None:
    """What was shown with the code, if anything.

    :raises NotShown: if the passkey's answer is not to what was asked
    :raises strong.ProofNeeded: if nobody was at the page for too long, and nothing was shown
    """
    if device := browsers.device(request):
        return strong.prove_by_device(order, device, at=timezone.now())
    if answer:
        return _by_passkey(request, order, answer=answer, asked=asked)
    if not browsers.is_attended(request):
        raise strong.ProofNeeded(strong.Reason.IDLE)
    return None


def asked_at(nonce: str) -> datetime:
    """When the page was made: the answer is not older."""
    return datetime.fromtimestamp(int(nonce.partition(".")[0]), tz=UTC)


def _by_passkey(request: HttpRequest, order: Order, *, answer: str, asked: str) -> strong.Proof:
    try:
        nonce = _signer(request, order).unsign(asked)
        passkey = passkeys.shown(order.payer, answer, challenge=strong.challenge(order, nonce=nonce))
    except (BadSignature, passkeys.NotShown) as problem:
        raise NotShown from problem
    return strong.prove_by_passkey(order, passkey.pk, at=asked_at(nonce))


def _reason(request: HttpRequest, order: Order, assessment: risk.Assessment) -> strong.Reason | None:
    if not browsers.is_attended(request):
        return strong.Reason.IDLE
    is_asked = risk.Verdict.FACTOR in assessment.fired.values()
    return strong.required(order) or (strong.Reason.RISK if is_asked else None)


def _signer(request: HttpRequest, order: Order) -> Signer:
    """Signs for one order in one session."""
    return Signer(salt=f"payments.factors:{request.session.session_key}:{order.pk}")
