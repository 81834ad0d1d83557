"""Signing in and linking with X: the consent page, and the token endpoint (OAuth 2.0, PKCE with S256)."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from sandbox.x import people, session, tokens
from sandbox.x.models import Person

_LISTED = 60
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
MEANINGS = {
    "tweet.read": "See posts and timelines that you can see",
    "users.read": "See your profile: number, handle, name, picture",
    "tweet.write": "Post, reply and repost for you",
    "dm.read": "Read your direct messages",
    "dm.write": "Send direct messages for you",
    "offline.access": "Stay connected until you revoke it",
}


class BadRequest(Exception):
    """The authorization request is not one that X would show to a person."""


@dataclass(frozen=True)
class Request:
    """A sound authorization request."""

    redirect_uri: str
    scope: str
    state: str
    challenge: str


@require_http_methods(["GET", "POST"])
def authorize(request: HttpRequest) -> HttpResponse:
    """Ask the person for consent, and go back to the app with a code or with access_denied."""
    try:
        wanted = _read(request)
    except BadRequest as problem:
        return render(request, "x/authorize_error.html", {"problem": str(problem)}, status=400)
    person = _chosen(request)
    if request.method == "POST" and person:
        response = _back(wanted, person, is_granted=request.POST.get("decision") == "authorize")
        session.be(response, person)
        return response
    return _ask(request, wanted, person)


def _ask(request: HttpRequest, wanted: Request, person: Person | None) -> HttpResponse:
    """The page of consent: as the person who is there, somebody who joined lately, or anybody by handle."""
    is_nobody = request.method == "POST"
    context = {
        "me": person,
        "people": [row for row in Person.objects.order_by("-joined_at")[:_LISTED] if row != person],
        "scopes": [MEANINGS.get(scope, scope) for scope in wanted.scope.split()],
        "handle": request.POST.get("handle", ""),
        "is_nobody": is_nobody,
    }
    return render(request, "x/authorize.html", context, status=400 if is_nobody else 200)


@require_POST
def token(request: HttpRequest) -> JsonResponse:
    """Exchange a code, or a refresh token."""
    if not _is_client(request):
        return _refusal("unauthorized_client", "Missing valid authorization header", status=401)
    said = request.POST
    try:
        match said.get("grant_type"):
            case "authorization_code":
                pair = tokens.exchange(
                    said.get("code", ""),
                    redirect_uri=said.get("redirect_uri", ""),
                    verifier=said.get("code_verifier", ""),
                )
            case "refresh_token":
                pair = tokens.refresh(said.get("refresh_token", ""))
            case _:
                return _refusal("unsupported_grant_type", "grant_type is authorization_code or refresh_token")
    except tokens.Refused as problem:
        return _refusal("invalid_request", str(problem))
    return JsonResponse(_shown(pair), headers={"Cache-Control": "no-store"})


@require_POST
def revoke(request: HttpRequest) -> JsonResponse:
    if not _is_client(request):
        return _refusal("unauthorized_client", "Missing valid authorization header", status=401)
    tokens.revoke(request.POST.get("token", ""))
    return JsonResponse({"revoked": True})


def _read(request: HttpRequest) -> Request:
    """:raises BadRequest: with a sentence for the developer, if anything is missing or wrong"""
    query = request.GET
    redirect_uri, scope = query.get("redirect_uri", ""), query.get("scope", "")
    if query.get("response_type") != "code":
        raise BadRequest("response_type must be code.")
    if query.get("client_id") != settings.X_CLIENT_ID:
        raise BadRequest("There is no app with this client_id.")
    if not redirect_uri.startswith(tuple(settings.X_REDIRECT_PREFIXES)):
        raise BadRequest("redirect_uri is not one of the app's callback addresses.")
    if not scope or (unknown := set(scope.split()) - tokens.SCOPES):
        raise BadRequest(f"scope is missing or unknown: {' '.join(sorted(unknown)) if scope else ''}")
    if not query.get("state"):
        raise BadRequest("state is missing.")
    if query.get("code_challenge_method") != "S256" or not _CHALLENGE.fullmatch(
        query.get("code_challenge", "")
    ):
        raise BadRequest("code_challenge with code_challenge_method=S256 is required (PKCE).")
    return Request(redirect_uri, scope, query["state"], query["code_challenge"])


def _chosen(request: HttpRequest) -> Person | None:
    """By a written handle, else the account that was chosen, else who is there in this browser."""
    if handle := request.POST.get("handle", "").strip().removeprefix("@"):
        return people.by_handle(handle)
    number = request.POST.get("person", "")
    if number.isascii() and number.isdigit():
        return Person.objects.filter(pk=number).first()
    return session.person(request)


def _back(wanted: Request, person: Person, *, is_granted: bool) -> HttpResponseRedirect:
    answer = {"state": wanted.state}
    if is_granted:
        answer["code"] = tokens.consent(
            person, redirect_uri=wanted.redirect_uri, scope=wanted.scope, challenge=wanted.challenge
        )
    else:
        answer["error"] = "access_denied"
    separator = "&" if "?" in wanted.redirect_uri else "?"
    return HttpResponseRedirect(f"{wanted.redirect_uri}{separator}{urlencode(answer)}")


def _is_client(request: HttpRequest) -> bool:
    """HTTP Basic (RFC 6749, 2.3.1): both halves are form-encoded."""
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return False
    try:
        name, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return False
    return tokens.is_client(unquote(name), unquote(secret))


def _shown(pair: tokens.Pair) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "token_type": "bearer",
        "expires_in": int(tokens.ACCESS_LIFETIME.total_seconds()),
        "access_token": pair.access,
        "scope": pair.scope,
    }
    return answer | ({"refresh_token": pair.refresh} if pair.refresh else {})


def _refusal(error: str, description: str, *, status: int = 400) -> JsonResponse:
    return JsonResponse({"error": error, "error_description": description}, status=status)
