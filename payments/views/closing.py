"""Leaving: what happens, what stands in the way and how to mend it, then the code and something they have."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.contrib.auth import logout
from django.core.signing import BadSignature, Signer
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET

from accounts import access, browsers, members, passkeys
from accounts.models import User
from payments import erasures
from payments.forms import CodeForm
from payments.views.codes import REFUSED, refusal


class NotShown(Exception):
    """Neither a known device nor a passkey's answer to what was asked."""


@dataclass(frozen=True)
class _Step:
    """What is asked for on no known device; `options` are for a passkey, if there is one."""

    asked: str
    options: dict[str, Any] | None


@access.member_required
@sensitive_post_parameters("code", "passkey")
def close(request: HttpRequest) -> HttpResponse:
    user = access.member(request)
    form = CodeForm(request.POST or None)
    if form.is_valid() and _closed(request, user, form):
        logout(request)
        return redirect("account_closed")
    about = {"form": form, "obstacles": erasures.in_the_way(user), "step": _step(request, user)}
    return render(request, "close_account.html", about, status=422 if form.errors else 200)


@require_GET
@never_cache
def closed(request: HttpRequest) -> HttpResponse:
    return render(request, "account_closed.html")


def _closed(request: HttpRequest, user: User, form: CodeForm) -> bool:
    """Close it, and put what stands against it in words."""
    said = form.cleaned_data
    try:
        proof = _shown(request, user, answer=said["passkey"], asked=said["asked"])
        erasures.close(user, code=said["code"], proof=proof)
    except erasures.HasLeft:
        return True  # In another tab.
    except erasures.InTheWay:
        form.add_error(None, _("Something stands in the way now: see above."))
    except (NotShown, erasures.ProofRejected):
        form.add_error(None, _("Show that it is you: by a passkey, or on a device that we know."))
    except REFUSED as problem:
        form.add_error("code", refusal(problem))
    else:
        return True
    return False


def _step(request: HttpRequest, user: User) -> _Step | None:
    if browsers.device(request):
        return None
    nonce = f"{int(timezone.now().timestamp())}.{secrets.token_urlsafe(16)}"
    has_passkey = bool(members.passkeys(user))
    challenge = erasures.challenge(user, nonce=nonce)
    options = passkeys.ask(user, challenge=challenge) if has_passkey else None
    return _Step(asked=_signer(request).sign(nonce), options=options)


def _shown(request: HttpRequest, user: User, *, answer: str, asked: str) -> erasures.Proof:
    """:raises NotShown: if nothing was, or not to what was asked"""
    if device := browsers.device(request):
        return erasures.Proof(shown_at=timezone.now(), device_id=device.pk)
    try:
        nonce = _signer(request).unsign(asked)
        passkey = passkeys.shown(user, answer, challenge=erasures.challenge(user, nonce=nonce))
    except (BadSignature, passkeys.NotShown) as problem:
        raise NotShown from problem
    asked_at = datetime.fromtimestamp(int(nonce.partition(".")[0]), tz=UTC)
    return erasures.Proof(shown_at=asked_at, passkey_id=passkey.pk)


def _signer(request: HttpRequest) -> Signer:
    """Signs for one session."""
    return Signer(salt=f"payments.closing:{request.session.session_key}")
