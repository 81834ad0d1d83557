"""The staff's site: Django admin, open to staff with a second factor only."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django_otp.admin import OTPAdminSite


class StaffSite(OTPAdminSite):
    site_header = "S-Money"
    site_title = _("S-Money staff")
    index_title = _("Staff")

    def __init__(self, name: str = "admin") -> None:
        # OTPAdminSite takes its own default name, on which the admin's templates cannot reverse.
        super().__init__(name)
