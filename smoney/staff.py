"""The staff's site: Django admin behind a second factor, with the figures that matter first."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django_otp import devices_for_user
from django_otp.admin import OTPAdminAuthenticationForm, OTPAdminSite
from django_otp.models import Device

from accounts import access
from accounts.models import Dossier, Freeze, User
from accounts.staff_pages import label, rows
from payments import self_check
from payments.models import Delivery, HeldOrder, Order, Proposal
from social.models import Message

LATE = timedelta(minutes=5)
LATELY = timedelta(days=7)
SHIFT = timedelta(hours=8)


class Figure(NamedTuple):
    """Something that staff want to know when they come in."""

    what: object
    says: SafeString


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
    enable_nav_sidebar = False  # It leaves a list too little room; the first page is one click away.

    def __init__(self, name: str = "admin") -> None:
        # OTPAdminSite takes its own default name, on which the admin's templates cannot reverse.
        super().__init__(name)

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        response: HttpResponse = super().index(
            request, {"figures": figures(access.member(request))} | (extra_context or {})
        )
        return response

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        response: HttpResponse = super().login(request, extra_context)
        if request.method == "POST" and isinstance(response, HttpResponseRedirect):  # They are in.
            request.session.set_expiry(
                SHIFT
            )  # A member's session of 30 days is for looking; this one decides.
        return response


def figures(staff: User) -> list[Figure]:
    """Each is counted in an index, never by reading the history."""
    now = timezone.now()
    waiting = Order.objects.filter(status=Order.Status.PENDING)
    reviews = HeldOrder.objects.filter(status=Order.Status.REVIEW)
    proposed = Proposal.objects.filter(status=Proposal.Status.OPEN)
    frozen = Freeze.objects.filter(ended_at=None)
    given_up = Delivery.objects.filter(status=Delivery.Status.FAILED, pk__gte=first_id(now - LATELY))
    late = Delivery.objects.filter(status=Delivery.Status.DUE, due_at__lt=now - LATE)
    unhandled = Message.objects.filter(handled_at=None, received_at__lt=now - LATE)
    return [
        Figure(_("Orders to review"), _count(reviews, "warn", status__exact="REVIEW")),
        Figure(_("Proposals that wait for a second person"), _count(proposed, "warn", status__exact="OPEN")),
        *_dossiers(staff),
        Figure(_("Frozen members"), _count(frozen, "warn", ended_at__isnull=True)),
        Figure(_("Orders that wait for a code"), _count(waiting, "plain", status__exact="PENDING")),
        Figure(_("Deliveries given up in 7 days"), _count(given_up, "bad", status__exact="FAILED")),
        Figure(_("Deliveries that are late"), _count(late, "bad", status__exact="DUE")),
        Figure(_("Messages that nobody handled"), _count(unhandled, "bad", outcome__exact="")),
        Figure(_("The books"), _books()),
    ]


def _dossiers(staff: User) -> list[Figure]:
    """For those who may open them."""
    if not staff.has_perm("accounts.review_dossier"):
        return []
    waiting = Dossier.objects.filter(status=Dossier.Status.WAITING)
    return [Figure(_("Identities to verify"), _count(waiting, "warn", status__exact="WAITING"))]


def _count(found: QuerySet[Any], tone: str, **conditions: object) -> SafeString:
    """How many, coloured where there are any, with the way to them."""
    count = found.count()
    return rows(found.model, label(count, tone if count else "good"), **conditions)


def _books() -> SafeString:
    match self_check.latest():
        case None:
            return label(_("not checked lately"), "warn")
        case 0:
            return label(_("they balance"), "good")
        case broken:
            return label(ngettext("%d rule is broken", "%d rules are broken", broken) % broken, "bad")


def first_id(moment: datetime) -> UUID:
    """The smallest id (UUID version 7) that a row of that moment can have."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)
