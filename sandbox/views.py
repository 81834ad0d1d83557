"""The frame's own pages: the index, and the faults."""

from __future__ import annotations

import json
import time
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from sandbox import faults, parts


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    return render(request, "sandbox/index.html", {"pages": parts.pages()})


@require_http_methods(["GET", "POST"])
def fault_switch(request: HttpRequest) -> HttpResponse:
    """Show the faults, or set one: by the page's form, or by a script's JSON."""
    is_script = request.content_type == "application/json"
    if request.method == "POST":
        try:
            fault = faults.set_fault(**_wish(request, is_script=is_script))
        except (faults.NotAFault, ValueError, TypeError, KeyError) as problem:
            return JsonResponse({"error": str(problem)}, status=400)
        return JsonResponse(faults.as_json(fault)) if is_script else redirect("faults")
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse({"faults": [faults.as_json(fault) for fault in faults.current()]})
    return render(request, "sandbox/faults.html", {"faults": faults.current(), "kinds": faults.ABOUT})


@require_safe
def usage(_request: HttpRequest) -> JsonResponse:
    """What the outside has taken of the machine so far: whoever measures the product takes it off."""
    return JsonResponse({"processor_seconds": time.process_time()})


def _wish(request: HttpRequest, *, is_script: bool) -> dict[str, Any]:
    said = json.loads(request.body) if is_script else request.POST
    seconds = said.get("seconds")
    return {
        "service": said["service"],
        "kind": said["kind"],
        "share": int(said.get("share", 100)),
        "seconds": None if seconds in {None, ""} else float(seconds),
    }
