"""Members for a benchmark, as far as one comes before the first order. Django must be set up first."""

from __future__ import annotations

import contextlib
import os
from urllib.parse import urljoin

import urllib3
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import connection
from django.utils import timezone

from accounts import codes, identities
from accounts.models import Identity, User
from accounts.sessions import SessionStore
from payments import cards, fundings

CODE = "270914"
CARD = {"number": "4000002500000003", "expiry": "12 / 39", "cvc": "123", "holder": "Bench"}
SITE, SANDBOX = os.environ["SITE_URL"], os.environ["X_API_URL"]


def join(http: urllib3.PoolManager, number: int, *, handle: str, is_payer: bool) -> dict[str, str]:
    """Sign up, choose the code, link an X account, and for a payer load 50 € from a card; their cookies."""
    names = {"handle": handle, "name": handle}
    person = http.request("POST", f"{SANDBOX}/sandbox/x/people", json=names).json()
    user = User.objects.create_user(f"+336200{number:05}", name=handle, phone_verified_at=timezone.now())
    codes.choose(user, CODE)
    identities.link(
        user,
        network=Identity.Network.X,
        external_id=str(person["id"]),
        handle=handle,
        name=handle,
        picture_url="",
        joined_network_at=None,
        at=timezone.now(),
    )
    if is_payer:
        _load(http, user)
    cookies = signed_in(user)
    connection.close()
    return cookies


def _load(http: urllib3.PoolManager, user: User) -> None:
    page = cards.begin(user, success_url=f"{SITE}/cards/back/", cancel_url=f"{SITE}/cards/")
    http.request("POST", page.url, fields=CARD, encode_multipart=False, redirect=False)
    with contextlib.suppress(cards.AlreadyRegistered):  # The processor's webhook may have been here first.
        cards.finish(user, page_id=page.id)
    fundings.load(cards.of(user)[0], amount=50_00, return_url=urljoin(SITE, "/wallet/load/{funding}/"))


def signed_in(user: User) -> dict[str, str]:
    store = SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.create()
    return {settings.SESSION_COOKIE_NAME: str(store.session_key)}
