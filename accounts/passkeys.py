"""A passkey's yes to one thing: what it signs is the digest of that thing, not a random number.

allauth asks passkeys to sign in; there the challenge is random and kept in the session. Here it is made
of what is confirmed, so that the answer is good for that alone (PSD2 RTS, article 5).
"""

from __future__ import annotations

import json
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth
from django.core.exceptions import ValidationError
from fido2.utils import websafe_encode
from fido2.webauthn import UserVerificationRequirement

from accounts.models import User

_VERIFIED = UserVerificationRequirement.REQUIRED


class NotShown(Exception):
    """It is no answer of a passkey of the user's to that challenge."""


def ask(user: User, *, challenge: bytes) -> dict[str, Any]:
    """What the browser passes to the user's passkeys, for them to sign the challenge."""
    options, _state = auth.get_server().authenticate_begin(
        credentials=auth.get_credentials(user), user_verification=_VERIFIED, challenge=challenge
    )
    return dict(options)


def shown(user: User, answer: str, *, challenge: bytes) -> Authenticator:
    """The user's passkey that signed the challenge.

    :raises NotShown: if none did
    """
    state = {"challenge": websafe_encode(challenge), "user_verification": _VERIFIED}
    try:
        credential = json.loads(answer)
        bound = auth.get_server().authenticate_complete(state, auth.get_credentials(user), credential)
    except (ValueError, TypeError, KeyError, AttributeError, ValidationError) as problem:
        raise NotShown from problem
    passkey = auth.get_authenticator_by_credential_id(user, bound.credential_id)
    if passkey is None:
        raise NotShown
    passkey.record_usage()
    return passkey
