"""Who may speak for whom: OAuth 2.0 with PKCE, as X does it.

A code lives 30 s and is exchanged once; an access token lives two hours; a refresh token comes only with
`offline.access` and is spent by its use. Whoever shows a spent code
ends all that came of its consent (RFC 6749, 4.1.2).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from sandbox.x import events
from sandbox.x.models import AuthorizationCode, Person, Token

CODE_LIFETIME = timedelta(seconds=30)
ACCESS_LIFETIME = timedelta(seconds=7200)
SCOPES = frozenset(
    {
        "tweet.read",
        "tweet.write",
        "tweet.moderate.write",
        "users.read",
        "users.email",
        "follows.read",
        "follows.write",
    }
    | {
        "offline.access",
        "space.read",
        "mute.read",
        "mute.write",
        "like.read",
        "like.write",
        "list.read",
        "list.write",
    }
    | {"block.read", "block.write", "bookmark.read", "bookmark.write", "dm.read", "dm.write", "media.write"}
)
SERVICE_SCOPE = "tweet.read tweet.write users.read dm.read dm.write offline.access"


class Refused(Exception):
    """The token endpoint says no, in the words of X."""


@dataclass(frozen=True)
class Pair:
    """What the token endpoint answers with."""

    access: str
    refresh: str | None
    scope: str


def consent(person: Person, *, redirect_uri: str, scope: str, challenge: str) -> str:
    """The code for the app that the person let in."""
    code = secrets.token_urlsafe(45)
    AuthorizationCode.objects.create(
        code=code,
        person=person,
        redirect_uri=redirect_uri,
        scope=scope,
        challenge=challenge,
        expires_at=timezone.now() + CODE_LIFETIME,
    )
    return code


def exchange(code: str, *, redirect_uri: str, verifier: str) -> Pair:
    """Tokens for the code.

    :raises Refused: if the code is unknown, old or spent, or was given for something else
    """
    row = AuthorizationCode.objects.select_related("person").filter(code=code).first()
    now = timezone.now()
    if row is None or row.expires_at < now:
        raise Refused("Value passed for the authorization code was invalid.")
    if row.redirect_uri != redirect_uri:
        raise Refused("Value passed for the redirect uri did not match the uri of the authorization code.")
    if not hmac.compare_digest(row.challenge, challenge_of(verifier)):
        raise Refused("Value passed for the code verifier did not match the code challenge.")
    if not AuthorizationCode.objects.filter(code=code, used_at__isnull=True).update(used_at=now):
        end_grant(code)
        raise Refused("Value passed for the authorization code was invalid.")
    return _issue(row.person, scope=row.scope, grant=code)


def refresh(value: str) -> Pair:
    """New tokens for a refresh token, which is spent by this.

    :raises Refused: if it is unknown or spent
    """
    with transaction.atomic():
        row = Token.objects.select_related("person").filter(value=value, kind=Token.Kind.REFRESH).first()
        living = Token.objects.filter(value=value, kind=Token.Kind.REFRESH, ended_at__isnull=True)
        if row is None or not living.update(ended_at=timezone.now()):
            raise Refused("Value passed for the token was invalid.")
        return _issue(row.person, scope=row.scope, grant=row.grant)


def revoke(value: str) -> None:
    """End the token; a refresh token takes all tokens of its grant with it."""
    row = Token.objects.filter(value=value).first()
    if row is None:
        return
    if row.kind == Token.Kind.REFRESH:
        end_grant(row.grant)
    else:
        Token.objects.filter(value=value, ended_at__isnull=True).update(ended_at=timezone.now())


def withdraw(person: Person) -> None:
    """The person takes back, on X, all that they let the app do."""
    with transaction.atomic():
        Token.objects.filter(person=person, ended_at__isnull=True).update(ended_at=timezone.now())
        events.access_revoked(person)


def end_grant(grant: str) -> None:
    Token.objects.filter(grant=grant, ended_at__isnull=True).update(ended_at=timezone.now())


def bearer(value: str) -> Token | None:
    """The living access token, with its person."""
    rows = Token.objects.filter(value=value, kind=Token.Kind.ACCESS, ended_at__isnull=True)
    row = rows.select_related("person").first()
    return row if row and row.expires_at and row.expires_at > timezone.now() else None


def has_let_us_in(person: Person) -> bool:
    """Whether the person's consent to the app still stands."""
    living = Token.objects.filter(person=person, ended_at__isnull=True)
    return (
        living.filter(kind=Token.Kind.REFRESH).exists()
        or living.filter(expires_at__gt=timezone.now()).exists()
    )


def challenge_of(verifier: str) -> str:
    """S256 of RFC 7636."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def is_client(client_id: str, client_secret: str) -> bool:
    ours = f"{settings.X_CLIENT_ID}:{settings.X_CLIENT_SECRET}"
    return hmac.compare_digest(ours.encode(), f"{client_id}:{client_secret}".encode())


def is_app_bearer(value: str) -> bool:
    return hmac.compare_digest(settings.X_BEARER_TOKEN.encode(), value.encode())


def _issue(person: Person, *, scope: str, grant: str) -> Pair:
    access = secrets.token_urlsafe(60)
    rows = [_token(Token.Kind.ACCESS, access, person, scope=scope, grant=grant)]
    renewal = None
    if "offline.access" in scope.split():
        renewal = secrets.token_urlsafe(60)
        rows.append(_token(Token.Kind.REFRESH, renewal, person, scope=scope, grant=grant))
    Token.objects.bulk_create(rows)
    return Pair(access, renewal, scope)


def _token(kind: Token.Kind, value: str, person: Person, *, scope: str, grant: str) -> Token:
    expires_at = timezone.now() + ACCESS_LIFETIME if kind == Token.Kind.ACCESS else None
    return Token(value=value, kind=kind, person=person, scope=scope, grant=grant, expires_at=expires_at)
