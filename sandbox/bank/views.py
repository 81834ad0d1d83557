"""The bank's pages: accounts and their rules, what arrived, its files; and JSON for scripts."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from sandbox.bank import books, gateway, rules
from sandbox.bank.models import Payment, Statement

ROWS = 100
REASON = "AC06"  # The account is blocked.


@require_safe
def bank(request: HttpRequest) -> HttpResponse:
    context = {
        "accounts": rules.ACCOUNTS.values(),
        "payments": Payment.objects.order_by("-pk")[:ROWS],
        "statements": Statement.objects.order_by("-pk")[:ROWS],
        "ours": rules.account(settings.BANK_IBAN).shown,
        "seconds": settings.BANK_SECONDS,
    }
    return render(request, "bank/bank.html", context)


@require_POST
def send_back(_request: HttpRequest, id: int) -> HttpResponse:
    books.send_back(get_object_or_404(Payment, pk=id), reason=REASON)
    return redirect("bank")


@require_safe
def statement(_request: HttpRequest, name: str) -> HttpResponse:
    """A file, to be carried to the customer by hand."""
    row = gateway.find(name)
    if row is None:
        raise Http404
    headers = {"Content-Disposition": f'attachment; filename="{row.name}.xml"'}
    return HttpResponse(row.body, content_type="application/xml", headers=headers)


@require_safe
def payments(request: HttpRequest) -> HttpResponse:
    """What was paid, the newest first; `iban` asks for one account's."""
    rows = Payment.objects.order_by("-pk")
    if iban := request.GET.get("iban"):
        rows = rows.filter(iban=iban)
    return JsonResponse([_shape(it) for it in rows[:ROWS]], safe=False)


def _shape(it: Payment) -> dict[str, object]:
    return {
        "id": it.pk,
        "end_to_end_id": it.end_to_end_id,
        "iban": it.iban,
        "name": it.name,
        "amount": it.amount,
        "text": it.text,
        "status": it.status,
        "reason": it.reason,
    }
