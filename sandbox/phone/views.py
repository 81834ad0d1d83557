"""The pages of the phone, the mailbox and the authenticator, and the same as JSON for scripts."""

from __future__ import annotations

import json
import time
from typing import Any

from django.conf import settings
from django.db.models import Count, Max
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sandbox.phone import texts, totp, twilio
from sandbox.phone.models import Mail, Secret, Stop, Text

ROWS = 200


@require_safe
def phones(request: HttpRequest) -> HttpResponse:
    if number := request.GET.get("number", "").strip():
        return redirect("phone", number)
    last = Text.objects.values("number").annotate(last=Max("at"), count=Count("sid")).order_by("-last")
    rows = [row | {"text": Text.objects.filter(number=row["number"]).latest("at")} for row in last[:ROWS]]
    return render(request, "phone/phones.html", {"phones": rows})


@require_safe
def phone(request: HttpRequest, number: str) -> HttpResponse:
    shown = list(Text.objects.filter(number=number).order_by("-at", "-sid")[:ROWS])[::-1]
    sender = shown[-1].sender if shown else settings.SMS_FROM
    stopped = Stop.objects.filter(number=number, sender=sender).exists()
    context = {"number": number, "texts": shown, "sender": sender, "is_stopped": stopped}
    return render(request, "phone/phone.html", context)


@require_POST
def write(request: HttpRequest, number: str) -> HttpResponse:
    """Send a message from a phone to the service."""
    body, sender = request.POST.get("body", "").strip(), request.POST.get("sender", "")
    if body:
        text = texts.write(number=number, sender=sender or settings.SMS_FROM, body=body)
        if problem := twilio.tell(text):
            Text.objects.filter(pk=text.pk).update(problem=problem)
    return redirect("phone", number)


@require_safe
def phone_messages(_request: HttpRequest, number: str) -> HttpResponse:
    rows = Text.objects.filter(number=number, is_inbound=False).order_by("-at", "-sid")[:ROWS]
    return _listed(
        {"sid": it.sid, "from": it.sender, "body": it.body, "at": it.at.isoformat()} for it in rows
    )


@require_safe
def mailboxes(request: HttpRequest) -> HttpResponse:
    last = Mail.objects.values("address").annotate(last=Max("pk"), count=Count("pk")).order_by("-last")[:ROWS]
    mails = Mail.objects.in_bulk([row["last"] for row in last])
    rows = [row | {"mail": mails[row["last"]]} for row in last]
    return render(request, "phone/mailboxes.html", {"mailboxes": rows})


@require_safe
def mailbox(request: HttpRequest, address: str) -> HttpResponse:
    mails = Mail.objects.filter(address=address.lower()).order_by("-pk")[:ROWS]
    return render(request, "phone/mailbox.html", {"address": address.lower(), "mails": mails})


@require_safe
def mail(request: HttpRequest, address: str, id: int) -> HttpResponse:
    found = get_object_or_404(Mail, pk=id, address=address.lower())
    return render(request, "phone/mail.html", {"address": found.address, "mail": found})


@require_safe
def mail_messages(_request: HttpRequest, address: str) -> HttpResponse:
    rows = Mail.objects.filter(address=address.lower()).order_by("-pk")[:ROWS]
    return _listed(_mail_shape(it) for it in rows)


@require_safe
def authenticator(request: HttpRequest) -> HttpResponse:
    now = time.time()
    entries = [
        {"secret": it, "code": totp.code(it.base32, at=now)} for it in Secret.objects.order_by("label")
    ]
    return render(request, "phone/authenticator.html", {"entries": entries})


@require_http_methods(["POST"])
def add_secret(request: HttpRequest) -> HttpResponse:
    """Add an entry, or replace the one of the same label; from the page's form or a script's JSON."""
    is_script = request.content_type == "application/json"
    try:
        said = json.loads(request.body) if is_script else request.POST
        label, base32 = (
            str(said["label"]).strip(),
            totp.secret(said.get("otpauth") or said.get("secret") or ""),
        )
    except (ValueError, LookupError, AttributeError, TypeError, totp.NotASecret) as problem:
        return JsonResponse({"error": f"label, and otpauth or secret: {problem}"}, status=400)
    Secret.objects.update_or_create(label=label, defaults={"base32": base32})
    return JsonResponse({"label": label}, status=201) if is_script else redirect("authenticator")


@require_safe
def code(_request: HttpRequest, label: str) -> HttpResponse:
    found = Secret.objects.filter(label=label).first()
    if found is None:
        raise Http404
    current = totp.code(found.base32, at=time.time())
    return JsonResponse({"code": current.digits, "seconds_left": current.seconds_left})


def _listed(rows: Any) -> JsonResponse:
    return JsonResponse(list(rows), safe=False)


def _mail_shape(it: Mail) -> dict[str, Any]:
    return {
        "id": it.pk,
        "from": it.sender,
        "to": it.address,
        "subject": it.subject,
        "text": it.text,
        "html": it.html,
        "at": it.at.isoformat(),
    }
