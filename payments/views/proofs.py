"""The second factor where much of a wallet goes at once: a known device, or a passkey that signs the terms.

On a device that is not known the terms are filled in first, so that the passkey can sign them.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any, Protocol

from django.core.signing import BadSignature, Signer
from django.http import HttpRequest
from django.utils import timezone

from accounts import access, browsers, codes, members, passkeys
from payments import proofs
from payments.views.factors import NotShown, asked_at


class Agreed(Protocol):
    """A form of terms, the code and what a passkey answered: a `payments.forms.AgreedForm` with terms."""

    cleaned_data: dict[str, Any]

    def has_terms(self) -> bool:
        """Whether all but the code is filled in as it should be."""

    def terms(self) -> str:
        """What is agreed to, as `payments.proofs` words it, of a form that has them."""


@dataclass(frozen=True)
class Way:
    """How the member can show that it is them: on this device, or with a passkey; else by an SMS first."""

    is_known: bool
    has_passkey: bool
    is_signing: bool

    @property
    def wants_code(self) -> bool:
        return self.is_known or self.is_signing


@dataclass(frozen=True)
class Step:
    """What a passkey is asked for, for terms that are filled in."""

    asked: str
    options: dict[str, Any]


def way(request: HttpRequest) -> Way:
    user = access.member(request)
    return Way(
        is_known=browsers.device(request) is not None,
        has_passkey=bool(members.passkeys(user)),
        is_signing=bool(request.POST.get("asked")),
    )


def page(request: HttpRequest, form: Agreed, way: Way) -> dict[str, object]:
    """What a page is drawn of whose form takes terms, code and factor (components/agree.html)."""
    is_asked = form.has_terms() and way.has_passkey and not way.is_known
    return {
        "form": form,
        "way": way,
        "step": step(request, terms=form.terms()) if is_asked else None,
        "is_locked": codes.is_locked(access.member(request)),
    }


def shown(request: HttpRequest, form: Agreed) -> proofs.Proof | None:
    """What was shown with the code for the terms of the form, if anything.

    :raises NotShown: if the passkey's answer is not to what was asked
    """
    terms, said = form.terms(), form.cleaned_data
    if device := browsers.device(request):
        return proofs.by_device(terms, device, at=timezone.now())
    if not said["passkey"]:
        return None
    try:
        nonce = _signer(request, terms).unsign(said["asked"])
        passkey = passkeys.shown(
            access.member(request), said["passkey"], challenge=proofs.challenge(terms, nonce=nonce)
        )
    except (BadSignature, passkeys.NotShown) as problem:
        raise NotShown from problem
    return proofs.by_passkey(terms, passkey.pk, at=asked_at(nonce))


def step(request: HttpRequest, *, terms: str) -> Step:
    """Ask the member's passkeys for these terms."""
    nonce = f"{int(timezone.now().timestamp())}.{secrets.token_urlsafe(16)}"
    options = passkeys.ask(access.member(request), challenge=proofs.challenge(terms, nonce=nonce))
    return Step(asked=_signer(request, terms).sign(nonce), options=options)


def _signer(request: HttpRequest, terms: str) -> Signer:
    """Signs for these terms in one session."""
    return Signer(salt=f"payments.proofs:{request.session.session_key}:{terms}")
