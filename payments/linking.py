"""What linking an account on X, or verifying a number, means: what waits for its owner is theirs at once."""

from __future__ import annotations

from accounts import adapter
from accounts.models import User
from payments import claims, requests


class SocialAccountAdapter(adapter.SocialAccountAdapter):
    def after_linking(self, user: User) -> None:
        claims.release_due(user)
        requests.tell_joined(user)


class AccountAdapter(adapter.AccountAdapter):
    def after_verifying(self, user: User) -> None:
        claims.release_due(user)
        requests.tell_joined(user)
