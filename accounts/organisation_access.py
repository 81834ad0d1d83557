"""Pages of an organisation: for those who act for it in a role that may; for all others, not there."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.http import Http404, HttpRequest, HttpResponseBase

from accounts import access, seats
from accounts.models import Role, Seat

P = ParamSpec("P")
SeatView = Callable[Concatenate[HttpRequest, Seat, P], HttpResponseBase]
PageView = Callable[Concatenate[HttpRequest, str, P], HttpResponseBase]


def seat_required(*roles: Role, to_look: bool = False) -> Callable[[SeatView[P]], PageView[P]]:
    """Give the view the member's seat at the organisation of the address (`<slug:slug>`); without roles, any.

    What is sent asks whoever was away who they are; `to_look`, what is opened does, too.
    """
    allowed = frozenset(roles or Role)

    def decorate(view: SeatView[P]) -> PageView[P]:
        @wraps(view)
        def guarded(request: HttpRequest, slug: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            try:
                seat = seats.held(slug, by=access.member(request), roles=allowed)
                return view(request, seat, *args, **kwargs)
            except seats.NoSeat:  # Also where it was lost, or another is not there, meanwhile.
                raise Http404 from None

        attended = access.attended_required(to_look=to_look)(cast("PageView[P]", guarded))
        return access.member_required(attended)

    return decorate
