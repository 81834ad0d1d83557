"""The member's wallet, its history, and what they were told."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import access
from accounts.models import Identity, User
from payments import activity, cards, ledger, notices, orders, requests
from payments.forms import HistoryForm
from payments.views import notice_pages


@dataclass(frozen=True)
class Task:
    """A step of setting up, for the list on a new member's wallet."""

    done: bool
    title: str
    text: str
    url: str


@access.member_required
def wallet(request: HttpRequest) -> HttpResponse:
    user = access.member(request)
    return render(request, "wallet.html", _summary(user) | {"tasks": _tasks(user)})


@access.member_required
def wallet_summary(request: HttpRequest) -> HttpResponse:
    """The part of the wallet that an open page gets again when something changed."""
    return render(request, "partials/wallet_summary.html", _summary(access.member(request)))


@access.member_required
def history(request: HttpRequest) -> HttpResponse:
    form = HistoryForm(request.GET)
    wanted = form.cleaned_data if form.is_valid() else {}
    before: int | None = wanted.get("before")
    query: str = wanted.get("q") or ""
    wallet = ledger.wallet(access.member(request))
    entries = activity.page(wallet, before=before, query=query, limit=activity.PAGE + 1)
    older = entries[activity.PAGE - 1].number if len(entries) > activity.PAGE else None
    shown = entries[: activity.PAGE]
    return render(request, "history.html", {"entries": shown, "q": query, "older": older})


@access.member_required
def notices_(request: HttpRequest) -> HttpResponse:
    """The latest notices; looking at them marks them as seen."""
    latest = notices.latest(access.member(request))
    shown = [(notice, words, notice_pages.address(notice)) for notice, words in latest]
    page = render(request, "notices.html", {"notices": shown})
    notices.mark_seen(access.member(request))
    return page


def _summary(user: User) -> dict[str, object]:
    wallet = ledger.wallet(user)
    return {
        "balance": ledger.balance(wallet),
        "waiting": orders.waiting(user),
        "asked": requests.asked_of(user),
        "entries": activity.page(wallet, limit=10),
    }


def _tasks(user: User) -> list[Task]:
    """What is left to set up; empty when all is done."""
    tasks = [
        Task(
            hasattr(user, "secret_code"),
            _("Choose your secret code"),
            _("Six digits that confirm each payment."),
            reverse("onboarding"),
        ),
        Task(
            user.identities.filter(network=Identity.Network.X).exists(),
            _("Link your X account"),
            _("So that your posts can pay, and others can pay you."),
            reverse("settings"),
        ),
        Task(bool(cards.of(user)), _("Register a card"), _("To load your wallet."), reverse("cards")),
        Task(
            bool(user.email),
            _("Add your e-mail address"),
            _("For receipts, and to be told of orders that wait."),
            reverse("account_email"),
        ),
    ]
    return [] if all(task.done for task in tasks) else tasks
