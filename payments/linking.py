"""What linking an account on X means for money: what waits for its owner is theirs at once."""

from __future__ import annotations

from accounts import adapter
from accounts.models import User
from payments import claims, requests


class SocialAccountAdapter(adapter.SocialAccountAdapter):
    def after_linking(self, user: User) -> None:
        claims.release_due(user)
        requests.tell_joined(user)
