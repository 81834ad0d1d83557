"""Signing in by SMS: for a member who came through sign-up, the secret code is asked for as well.

A SIM can be swapped, so what it receives never opens an account that holds money by itself. With
the secret code it does, passkey or no passkey: that is how a lost password is replaced.
"""

from __future__ import annotations

from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.stages import LoginStage
from allauth.mfa.stages import AuthenticateStage
from django.http import HttpResponse
from django.shortcuts import redirect

from accounts import members


class SecretCodeStage(LoginStage):  # type: ignore[misc]  # untyped
    key = "secret_code"
    urlname = "login_secret_code"

    def handle(self) -> tuple[HttpResponse | None, bool]:
        user = self.login.user
        if user is None or not self._came_by_sms():
            return None, True
        if members.step(user) is members.Step.DONE:
            return redirect(self.urlname), True
        # Still signing up: there is nothing to guard yet, and they must be able to finish.
        self.replace_passkey()
        return None, True

    def replace_passkey(self) -> None:
        """Ask for no passkey after this: it may be what was lost."""
        self.controller.set_handled(AuthenticateStage.key)

    def _came_by_sms(self) -> bool:
        records = get_authentication_records(self.request, self.login.user)
        return bool(records) and records[-1]["method"] == "code"
