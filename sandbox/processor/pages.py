"""The pages of the processor and of the cardholder's bank, and the log of what happened."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sandbox.processor import disputes, events, refunds, sessions, wording
from sandbox.processor.cards import CARDS
from sandbox.processor.forms import CardForm
from sandbox.processor.models import Charge, Dispute, Event, PaymentIntent, Refund, Session, SetupIntent
from sandbox.processor.problems import Refused

ROWS = 25


@require_http_methods(["GET", "HEAD", "POST"])
def checkout(request: HttpRequest, id: str) -> HttpResponse:
    session = get_object_or_404(Session, pk=id)
    words = wording.choose(request, session.locale)
    if session.status == Session.Status.COMPLETE:
        return redirect(session.success_url.replace("{CHECKOUT_SESSION_ID}", session.pk))
    if session.status == Session.Status.EXPIRED:
        return _show(request, "processor/expired.html", session, words, status=410)
    if sessions.is_processing(session):
        return _show(request, "processor/waiting.html", session, words)
    form = CardForm(request.POST or None, words=words)
    if form.is_valid():
        return _submit(request, session, form)
    problem = words.get(request.GET.get("problem", ""), "")
    return _show(request, "processor/checkout.html", session, words, form=form, problem=problem)


@require_http_methods(["GET", "HEAD", "POST"])
def bank(request: HttpRequest, secret: str) -> HttpResponse:
    if request.method == "POST":
        sessions.authenticate(secret, is_approved=request.POST.get("answer") == "approve")
    intent = sessions.to_authenticate(secret)
    if intent is None:
        return render(request, "processor/unknown.html", {"words": wording.choose(request)}, status=404)
    if intent.status != "requires_action":
        return redirect(_way_back(intent))
    session: Session | None = getattr(intent, "session", None)
    words = wording.choose(request, session.locale if session else "")
    cents = intent.amount if isinstance(intent, PaymentIntent) else None
    amount = _amount(cents, words)
    question = words["bank_pay"].replace("{amount}", amount) if amount else words["bank_register"]
    shown = {"intent": intent, "amount": amount, "question": question, "now": timezone.now()}
    return render(request, "processor/bank.html", {"words": words, "merchant": wording.MERCHANT} | shown)


@require_safe
def log(request: HttpRequest) -> HttpResponse:
    payments = PaymentIntent.objects.select_related("method").prefetch_related(
        "charges__refunds", "charges__dispute"
    )
    visits = Session.objects.select_related("setup_intent__method", "payment_intent__method")
    shown = {
        "payments": payments.order_by("-created_at")[:ROWS],
        "visits": visits.order_by("-created_at")[:ROWS],
        "events": Event.objects.prefetch_related("deliveries").order_by("-created_at", "-pk")[:ROWS],
        "cards": _test_cards(wording.ENGLISH),
    }
    return render(request, "processor/log.html", shown)


@require_safe
def event(request: HttpRequest, id: str) -> HttpResponse:
    found = get_object_or_404(Event.objects.prefetch_related("deliveries"), pk=id)
    return render(request, "processor/event.html", {"event": found})


@require_POST
def send_again(_request: HttpRequest, id: str) -> HttpResponse:
    events.send_again(get_object_or_404(Event, pk=id))
    return redirect("processor")


@require_POST
def dispute(_request: HttpRequest, id: str) -> HttpResponse:
    with transaction.atomic():
        disputes.open(get_object_or_404(Charge, pk=id, is_paid=True))
    return redirect("processor")


@require_POST
def decide(_request: HttpRequest, id: str, outcome: str) -> HttpResponse:
    if outcome not in {"won", "lost"}:
        raise Http404
    with transaction.atomic():
        disputes.close(get_object_or_404(Dispute, pk=id), is_won=outcome == "won")
    return redirect("processor")


@require_POST
def fail_refund(_request: HttpRequest, id: str) -> HttpResponse:
    with transaction.atomic():
        refunds.fail(get_object_or_404(Refund, pk=id))
    return redirect("processor")


def _submit(request: HttpRequest, session: Session, form: CardForm) -> HttpResponse:
    try:
        done = sessions.submit(session.pk, form.entry())
    except sessions.SessionClosed:
        return redirect("checkout", session.pk)
    except (sessions.Declined, Refused) as refused:
        words = form.words
        problem = words.get(getattr(refused, "code", ""), words["generic_decline"])
        return _show(
            request, "processor/checkout.html", session, words, form=form, problem=problem, status=402
        )
    intent = done.setup_intent or done.payment_intent
    if intent is not None and intent.status == "requires_action":
        return redirect("bank", intent.secret)
    return redirect("checkout", session.pk)


def _way_back(intent: SetupIntent | PaymentIntent) -> str:
    """Return where the bank sends the cardholder: the hosted page, or where the payment's merchant said."""
    session: Session | None = getattr(intent, "session", None)
    is_done = intent.status == "succeeded"
    if session is not None:
        return reverse("checkout", args=[session.pk]) + ("" if is_done else "?problem=authentication")
    assert isinstance(intent, PaymentIntent)
    outcome = {
        "payment_intent": intent.pk,
        "payment_intent_client_secret": f"{intent.pk}_secret_{intent.secret}",
        "redirect_status": "succeeded" if is_done else "failed",
    }
    return f"{intent.return_url}{'&' if '?' in intent.return_url else '?'}{urlencode(outcome)}"


def _show(
    request: HttpRequest, template: str, session: Session, words: dict[str, str], **more: Any
) -> HttpResponse:
    status = more.pop("status", 200)
    amount = _amount(session.amount, words)
    items = [it | {"total": _amount(it["amount"] * it["quantity"], words)} for it in session.items]
    shown = {
        "session": session,
        "words": words | {"pay": words["pay"].replace("{amount}", amount)},
        "amount": amount,
        "items": items,
        "merchant": wording.MERCHANT,
        "cards": _test_cards(words),
    }
    return render(request, template, shown | more, status=status)


def _amount(cents: int | None, words: dict[str, str]) -> str:
    return "" if cents is None else wording.amount(cents, words["language"])


def _test_cards(words: dict[str, str]) -> list[dict[str, Any]]:
    return [{"card": card, "about": words[f"card_{card.number}"]} for card in CARDS]
