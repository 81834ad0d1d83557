"""What the card processor tells us, signed."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from payments import acquirer, news, outside


@csrf_exempt
@require_POST
def acquirer_(request: HttpRequest) -> HttpResponse:
    """400 for what is not the processor's, 503 so that it sends again, 200 when it took effect."""
    try:
        event = outside.acquirer().read_event(
            request.body, signature=request.headers.get("Stripe-Signature", "")
        )
        news.take(event)
    except acquirer.Refused as refused:
        return HttpResponse(f"Not accepted: {refused}.\n", status=400, content_type="text/plain")
    except acquirer.Unreachable:
        return HttpResponse("Send it again.\n", status=503, content_type="text/plain")
    return HttpResponse("ok\n", content_type="text/plain")
