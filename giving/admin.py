"""What staff see of gifts, pots and loans."""

from __future__ import annotations

from giving import admin_loans as admin_loans  # registered with the rest
from giving import admin_receipts as admin_receipts  # the same
