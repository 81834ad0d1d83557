"""The staff's site: Django admin, open to staff with a second factor only."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django_otp import devices_for_user
from django_otp.admin import OTPAdminAuthenticationForm, OTPAdminSite
from django_otp.models import Device

from accounts.models import User


class StaffLoginForm(OTPAdminAuthenticationForm):  # type: ignore[misc]  # untyped
    """Number, password and the authenticator's code, in one go for whoever has one authenticator."""

    def _chosen_device(self, user: User) -> Device | None:
        chosen = super()._chosen_device(user)
        own = list(devices_for_user(user, for_verify=True)) if chosen is None else []
        return own[0] if len(own) == 1 else chosen


class StaffSite(OTPAdminSite):  # type: ignore[misc]  # untyped
    site_header = "S-Money"
    site_title = _("S-Money staff")
    index_title = _("Staff")
    login_form = StaffLoginForm

    def __init__(self, name: str = "admin") -> None:
        # OTPAdminSite takes its own default name, on which the admin's templates cannot reverse.
        super().__init__(name)
