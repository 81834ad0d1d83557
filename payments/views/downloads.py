"""Sheets as files to keep: so many a minute for a member, since each keeps a thread that makes pages."""

from __future__ import annotations

from collections.abc import Iterable
from functools import wraps
from typing import ParamSpec

from allauth.core.internal import ratelimit
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse

from accounts.models import Seat
from accounts.organisation_access import SeatView

P = ParamSpec("P")


def rationed(view: SeatView[P]) -> SeatView[P]:
    """Answer 429 to a member who took as many sheets as there are to be had (`ACCOUNT_RATE_LIMITS`)."""

    @wraps(view)
    def counted(request: HttpRequest, seat: Seat, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        refused: HttpResponseBase | None = ratelimit.consume_or_429(
            request, app="allauth.account", action="sheet", limit_get=True
        )
        return refused or view(request, seat, *args, **kwargs)

    return counted


def sheet(content: Iterable[str], *, name: str) -> StreamingHttpResponse:
    """The text of a sheet (`payments.sheets`), as a file of that name."""
    return StreamingHttpResponse(
        content,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )
