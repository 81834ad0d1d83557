"""Signing in with the sandbox's X: it refuses what X refuses."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from tests.sandbox.running import APP, CALLBACK, SERVICE_ID, Sandbox, authorization


class TestAuthorize:
    def test_shows_who_is_asked_and_for_what(self, sandbox: Sandbox) -> None:
        page = requests.get(f"{sandbox.url}/i/oauth2/authorize", params=authorization(), timeout=10)
        assert page.status_code == 200
        assert "to access your account?" in page.text
        assert "Claire Martin" in page.text

    def test_somebody_who_joined_last_is_listed_however_many_there_are(self, sandbox: Sandbox) -> None:
        handles = [sandbox.person()["handle"] for _ in range(61)]
        page = requests.get(f"{sandbox.url}/i/oauth2/authorize", params=authorization(), timeout=10)
        assert f"@{handles[-1]}" in page.text

    def test_anybody_can_be_named_by_their_handle(self, sandbox: Sandbox) -> None:
        handle = sandbox.person()["handle"]
        assert "code" in sandbox.consent("", "users.read tweet.read", handle=f"@{handle}")

    def test_handle_that_nobody_has_is_said(self, sandbox: Sandbox) -> None:
        form = {"handle": "nobody_at_all", "decision": "authorize"}
        page = requests.post(
            f"{sandbox.url}/i/oauth2/authorize", params=authorization(), data=form, timeout=10
        )
        assert page.status_code == 400
        assert "Choose an account, or write the handle" in page.text

    @pytest.mark.parametrize(
        "changed",
        [
            {"response_type": "token"},
            {"client_id": "somebody-else"},
            {"redirect_uri": "https://evil.example/callback"},
            {"scope": ""},
            {"scope": "users.read bank.rob"},
            {"state": ""},
            {"code_challenge": ""},
            {"code_challenge": "short"},
            {"code_challenge_method": "plain"},
        ],
    )
    def test_refuses_an_unsound_request_without_redirecting(
        self, sandbox: Sandbox, changed: dict[str, str]
    ) -> None:
        page = requests.get(
            f"{sandbox.url}/i/oauth2/authorize",
            params=authorization(**changed),
            timeout=10,
            allow_redirects=False,
        )
        assert page.status_code == 400

    def test_refusal_of_the_person_is_told_to_the_app(self, sandbox: Sandbox) -> None:
        back = sandbox.consent(sandbox.person()["id"], "users.read tweet.read", decision="cancel")
        assert back == {"error": "access_denied", "state": "st4te"}


class TestToken:
    def test_code_and_verifier_become_a_token_of_that_person(self, sandbox: Sandbox) -> None:
        person = sandbox.person(name="Ada")
        answer = sandbox.tokens(person["id"])
        assert answer["token_type"] == "bearer"
        assert answer["expires_in"] == 7200
        assert "refresh_token" not in answer  # not without offline.access
        me = sandbox.get("/2/users/me", {"Authorization": f"Bearer {answer['access_token']}"})
        assert me.json() == {"data": {"id": person["id"], "name": "Ada", "username": person["handle"]}}

    @pytest.mark.parametrize(
        "changed",
        [{"code_verifier": "another-verifier"}, {"redirect_uri": CALLBACK + "x"}, {"code": "never-given"}],
    )
    def test_refuses_what_does_not_fit_the_consent(self, sandbox: Sandbox, changed: dict[str, str]) -> None:
        back = sandbox.consent(sandbox.person()["id"], "users.read tweet.read")
        answer = sandbox.exchange(back, **changed)
        assert answer.status_code == 400
        assert answer.json()["error"] == "invalid_request"

    def test_code_used_twice_ends_what_came_of_it(self, sandbox: Sandbox) -> None:
        back = sandbox.consent(sandbox.person()["id"], "users.read tweet.read")
        first = sandbox.exchange(back).json()["access_token"]
        assert sandbox.exchange(back).status_code == 400
        assert sandbox.get("/2/users/me", {"Authorization": f"Bearer {first}"}).status_code == 401

    def test_refresh_token_is_spent_by_its_use(self, sandbox: Sandbox) -> None:
        first = sandbox.tokens(sandbox.person()["id"], "users.read tweet.read offline.access")
        said = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
        second = sandbox.token(said).json()
        assert second["refresh_token"] != first["refresh_token"]
        assert sandbox.token(said).status_code == 400
        third = sandbox.token({"grant_type": "refresh_token", "refresh_token": second["refresh_token"]})
        assert third.status_code == 200

    def test_wants_the_client_to_show_its_secret(self, sandbox: Sandbox) -> None:
        answer = sandbox.token({"grant_type": "refresh_token"}, auth=("demo-x-client", "wrong"))
        assert (answer.status_code, answer.json()["error"]) == (401, "unauthorized_client")

    def test_revoked_tokens_open_nothing(self, sandbox: Sandbox) -> None:
        answer: dict[str, Any] = sandbox.tokens(
            sandbox.person()["id"], "users.read tweet.read offline.access"
        )
        requests.post(
            f"{sandbox.url}/2/oauth2/revoke",
            data={"token": answer["refresh_token"]},
            auth=("demo-x-client", "demo-x-client-secret"),
            timeout=10,
        )
        header = {"Authorization": f"Bearer {answer['access_token']}"}
        assert sandbox.get("/2/users/me", header).status_code == 401

    def test_service_speaks_with_its_first_refresh_token(
        self, sandbox: Sandbox, service: dict[str, str]
    ) -> None:
        assert sandbox.get("/2/users/me", service).json()["data"]["id"] == SERVICE_ID


class TestAdmission:
    def test_wants_a_token(self, sandbox: Sandbox) -> None:
        answer = sandbox.get("/2/users/me", {"Authorization": "Bearer nobody"})
        assert answer.status_code == 401
        assert answer.headers["Content-Type"] == "application/problem+json"

    def test_app_alone_is_nobody(self, sandbox: Sandbox) -> None:
        answer = sandbox.get("/2/users/me", APP)
        assert answer.status_code == 403
        assert answer.json()["type"].endswith("/unsupported-authentication")

    def test_scope_is_what_the_person_allowed(self, sandbox: Sandbox) -> None:
        reader = sandbox.user(sandbox.person()["id"], "users.read tweet.read")
        assert sandbox.send("POST", "/2/tweets", {"text": "hello"}, reader).status_code == 403
