"""What staff see of campaigns, gifts, pots and loans."""

from __future__ import annotations

from giving import admin_campaigns as admin_campaigns  # registered with the rest
from giving import admin_loans as admin_loans  # the same
from giving import admin_pots as admin_pots  # the same
from giving import admin_receipts as admin_receipts  # the same
