"""The program's address, and the page of what it was told."""

from __future__ import annotations

import hashlib
import hmac
import re

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from sandbox.program.models import LONGEST_SIGNATURE, Secret, Told

ROWS = 100
TOLERANCE_SECONDS = 300
_SIGNATURE = re.compile(r"t=([0-9]{1,12})((?:,v1=[0-9a-f]{64})+)", re.ASCII)


@require_POST
def hook(request: HttpRequest) -> HttpResponse:
    """Keep it, whoever says so: the page shows whether it was S-Money."""
    told = Told.objects.create(
        signature=request.headers.get("S-Money-Signature", "")[:LONGEST_SIGNATURE],
        body=request.body.decode("utf-8", "replace"),
    )
    return HttpResponse(f"kept as {told.pk}\n", content_type="text/plain")


@require_safe
def program(request: HttpRequest) -> HttpResponse:
    secret = Secret.objects.order_by("-pk").first()
    rows = [{"told": each, "is_good": secret and is_good(each, secret.text)} for each in _latest()]
    url = f"{settings.PUBLIC_URL}/program/hook"
    return render(request, "program/program.html", {"rows": rows, "secret": secret, "url": url})


@require_POST
def keep_secret(request: HttpRequest) -> HttpResponse:
    if text := request.POST.get("secret", "").strip()[:120]:
        Secret.objects.create(text=text)
    return redirect("program")


def is_good(told: Told, secret: str) -> bool:
    """Whether S-Money said it, within five minutes of when it came; one of several signatures is enough."""
    parts = _SIGNATURE.fullmatch(told.signature)
    if not parts or abs(int(parts[1]) - int(told.at.timestamp())) > TOLERANCE_SECONDS:
        return False
    wanted = hmac.new(secret.encode(), f"{parts[1]}.{told.body}".encode(), hashlib.sha256).hexdigest()
    return any(hmac.compare_digest(wanted, one) for one in parts[2].removeprefix(",v1=").split(",v1="))


def _latest() -> list[Told]:
    return list(Told.objects.order_by("-pk")[:ROWS])
