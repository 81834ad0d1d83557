"""Twilio's API, the part that S-Money uses, and the webhook that tells it of a message written on a phone."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping
from email.utils import format_datetime
from hashlib import sha1
from typing import Any

import requests
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from sandbox.phone import texts
from sandbox.phone.models import Text

API = "/2010-04-01"
SEGMENT = 160
DELIVERED_AFTER_SECONDS = 1
TIMEOUT_SECONDS = 15  # Twilio's own


@require_POST
def create(request: HttpRequest, account: str) -> HttpResponse:
    try:
        _check_key(request, account)
        said = request.POST
        text = texts.send(to=said.get("To", ""), sender=said.get("From", ""), body=said.get("Body", ""))
    except texts.Refused as refused:
        return _problem(refused)
    return JsonResponse(shape(text) | {"status": "queued", "date_sent": None}, status=201)


@require_safe
def retrieve(request: HttpRequest, account: str, sid: str) -> HttpResponse:
    try:
        _check_key(request, account)
    except texts.Refused as refused:
        return _problem(refused)
    text = Text.objects.filter(pk=sid).first()
    if text is None:
        return _problem(texts.Refused(20404, f"The requested resource {request.path} was not found", 404))
    return JsonResponse(shape(text))


def shape(text: Text) -> dict[str, Any]:
    account = settings.SMS_ACCOUNT_SID
    here, there = (text.number, text.sender) if text.is_inbound else (text.sender, text.number)
    uri = f"{API}/Accounts/{account}/Messages/{text.sid}"
    return {
        "account_sid": account,
        "api_version": API[1:],
        "body": text.body,
        "date_created": format_datetime(text.at),
        "date_sent": format_datetime(text.at),
        "date_updated": format_datetime(text.at),
        "direction": "inbound" if text.is_inbound else "outbound-api",
        "error_code": None,
        "error_message": None,
        "from": here,
        "messaging_service_sid": None,
        "num_media": "0",
        "num_segments": str(-(-len(text.body) // SEGMENT)),
        "price": None,
        "price_unit": "USD",
        "sid": text.sid,
        "status": _status(text),
        "subresource_uris": {"media": f"{uri}/Media.json"},
        "to": there,
        "uri": f"{uri}.json",
    }


def tell(text: Text) -> str:
    """Tell the service of a message from a phone. Returns what went wrong, or nothing."""
    url = settings.SMS_WEBHOOK_URL
    form = {
        "AccountSid": settings.SMS_ACCOUNT_SID,
        "ApiVersion": API[1:],
        "Body": text.body,
        "From": text.number,
        "FromCountry": "FR",
        "MessageSid": text.sid,
        "NumMedia": "0",
        "NumSegments": "1",
        "SmsMessageSid": text.sid,
        "SmsStatus": "received",
        "To": text.sender,
    }
    with requests.Session() as session:
        session.trust_env = False  # a proxy has no business between two services on loopback
        headers = {"X-Twilio-Signature": sign(url, form)}
        try:
            answer = session.post(url, data=form, headers=headers, timeout=TIMEOUT_SECONDS)
        except requests.RequestException as broken:
            return type(broken).__name__
    return "" if answer.ok else f"HTTP {answer.status_code}"


def sign(url: str, form: Mapping[str, str]) -> str:
    """Sign as Twilio signs: HMAC-SHA1 over the address and every name with its value, sorted."""
    signed = url + "".join(f"{name}{form[name]}" for name in sorted(form))
    digest = hmac.new(settings.SMS_AUTH_TOKEN.encode(), signed.encode(), sha1).digest()
    return base64.b64encode(digest).decode()


def _check_key(request: HttpRequest, account: str) -> None:
    given = request.headers.get("Authorization", "")
    pair = f"{settings.SMS_ACCOUNT_SID}:{settings.SMS_AUTH_TOKEN}".encode()
    wanted = f"Basic {base64.b64encode(pair).decode()}"
    if account != settings.SMS_ACCOUNT_SID or not hmac.compare_digest(given.encode(), wanted.encode()):
        raise texts.Refused(20003, "Authenticate", 401)


def _problem(refused: texts.Refused) -> HttpResponse:
    more_info = f"https://www.twilio.com/docs/errors/{refused.code}"
    body = {
        "code": refused.code,
        "message": refused.message,
        "more_info": more_info,
        "status": refused.status,
    }
    return JsonResponse(body, status=refused.status)


def _status(text: Text) -> str:
    if text.is_inbound:
        return "received"
    age = (timezone.now() - text.at).total_seconds()
    return "delivered" if age >= DELIVERED_AFTER_SECONDS else "sent"
