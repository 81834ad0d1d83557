"""The pages of direct messages, read and written by whoever one says one is; and the same for scripts."""

from __future__ import annotations

import json

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from sandbox.x import messages, session
from sandbox.x.models import Person

ROWS = 200
ORDERS = ["envoyer 5€ @armanddossantos", "envoyer 12,99€ 0612345678", "solde", "aide"]


@require_http_methods(["GET", "POST"])
def conversation(request: HttpRequest, handle: str = "") -> HttpResponse:
    """With the service, if nobody else is named."""
    me = session.person(request)
    other = get_object_or_404(Person, handle=handle or settings.X_SERVICE_HANDLE)
    problem = ""
    if request.method == "POST" and me is not None:
        try:
            messages.write(me, other, request.POST.get("text", ""))
        except messages.NotAMessage:
            problem = "Write something, and to somebody else."
        else:
            return redirect("x-messages-with", other.handle)
    rows = list(messages.between(me, other)[:ROWS])[::-1] if me else []
    others = Person.objects.exclude(pk=me.pk if me else 0).order_by("joined_at")[:12]
    context = {"me": me, "other": other, "rows": rows, "others": others, "problem": problem, "orders": ORDERS}
    return render(request, "x/messages.html", context, status=400 if problem else 200)


@require_POST
def script(request: HttpRequest) -> HttpResponse:
    """{"as": handle, "to": handle, "text": …}: write without a page."""
    said = json.loads(request.body or b"{}")
    sender = get_object_or_404(Person, handle=said.get("as", ""))
    recipient = get_object_or_404(Person, handle=said.get("to") or settings.X_SERVICE_HANDLE)
    try:
        message = messages.write(sender, recipient, str(said.get("text", "")))
    except messages.NotAMessage:
        return JsonResponse({"error": "NotAMessage"}, status=400)
    return JsonResponse({"id": str(message.pk)})


def listed(_request: HttpRequest, handle: str) -> HttpResponse:
    """What the service wrote to them, the newest first."""
    person = get_object_or_404(Person, handle=handle)
    service = get_object_or_404(Person, handle=settings.X_SERVICE_HANDLE)
    rows = messages.between(person, service).filter(sender=service)[:ROWS]
    return JsonResponse([messages.shape(row) for row in rows], safe=False)
