"""The protocol around every call: the key of the account, forms in and JSON out, idempotency, errors.

An idempotency key is taken first, in a transaction of its own, so that a second request with it is told to
wait; what is answered is stored with the key in the transaction of its effect.
"""

from __future__ import annotations

import base64
import hmac
import json
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from sandbox.processor import problems
from sandbox.processor.expanding import expand
from sandbox.processor.models import Reply, new_id
from sandbox.processor.params import Params
from sandbox.processor.shapes import API_VERSION, Shape

log = logging.getLogger(__name__)

LONGEST_KEY = 255  # characters
# How long a request that was broken off keeps its key.
AT_WORK = timedelta(seconds=60)
A_MOMENT = timedelta(seconds=2)


@dataclass(frozen=True)
class Answer:
    """What a handler answers. With `wait_until`, `then` makes the final answer at that time."""

    body: Shape
    status: int = 200
    wait_until: datetime | None = None
    then: Callable[[], Answer] | None = None


Handler = Callable[..., Answer]
Responder = Callable[..., HttpResponse]


def route(**handlers: Handler) -> Responder:
    """Make a view of one handler for each HTTP method."""

    def view(request: HttpRequest, **parts: str) -> HttpResponse:
        request_id = new_id("req")
        try:
            _check_key(request)
            handler = handlers.get(request.method or "") or unrecognised
            response = _answer(request, handler, parts, request_id)
        except problems.Refused as refused:
            response = JsonResponse(refused.body, status=refused.status)
        except Exception:
            log.exception("processor broke", extra={"request_id": request_id})
            error = {"type": "api_error", "message": "The sandbox's processor broke; its log says why."}
            response = JsonResponse({"error": error}, status=500)
        if "Request-Id" not in response:
            response["Request-Id"] = request_id
        response["Stripe-Version"] = API_VERSION
        return response

    return csrf_exempt(view)


def unrecognised(_params: Params, *, path: str = "", **_parts: str) -> Answer:
    raise problems.Refused(f"Unrecognized request URL ({path or 'this method'}).", status=404)


def _check_key(request: HttpRequest) -> None:
    scheme, _, said = request.headers.get("Authorization", "").partition(" ")
    key = said.strip()
    if scheme.lower() == "basic":
        try:
            key = base64.b64decode(key, validate=True).decode().partition(":")[0]
        except ValueError:
            key = ""
    if not hmac.compare_digest(key.encode(), settings.ACQUIRER_API_KEY.encode()):
        raise problems.no_key(key)


def _answer(request: HttpRequest, handler: Handler, parts: dict[str, str], request_id: str) -> HttpResponse:
    is_post = request.method == "POST"
    params = Params(request.body.decode() if is_post else request.META["QUERY_STRING"])
    key = request.headers.get("Idempotency-Key", "") if is_post else ""

    def act() -> Answer:
        return _expanded(handler(params, **parts), params)

    if not is_post:
        return JsonResponse(act().body)
    if not key:
        with transaction.atomic():
            answer = act()
        answer = _waited(answer, lambda later: later)
        return JsonResponse(answer.body, status=answer.status)
    if len(key) > LONGEST_KEY:
        raise problems.Refused("Idempotency keys have 255 characters at most.", type="idempotency_error")
    return _answer_once(key, _hash(request.path, params), act, request_id)


def _answer_once(key: str, asked: str, act: Callable[[], Answer], request_id: str) -> HttpResponse:
    stored = _take(key, asked, request_id)
    if stored is not None:
        response = JsonResponse(stored.body, status=stored.status or 500)
        response["Idempotent-Replayed"] = "true"
        response["Request-Id"] = stored.request_id
    else:
        answer = _act_and_store(key, act)
        response = JsonResponse(answer.body, status=answer.status)
    response["Idempotency-Key"] = key
    return response


def _take(key: str, asked: str, request_id: str) -> Reply | None:
    """Take the key for this request. Returns what was answered to it before.

    :raises Refused: if another request has it, or had it with other parameters
    """
    now = timezone.now()
    with transaction.atomic():
        try:
            with transaction.atomic():
                Reply.objects.create(key=key, asked=asked, request_id=request_id, busy_until=now + AT_WORK)
        except IntegrityError:
            pass
        else:
            return None
        reply = Reply.objects.get(pk=key)
        if reply.asked != asked:
            raise problems.other_request(key)
        if reply.busy_until and reply.busy_until > now:
            raise problems.busy_key(key)
        if reply.status is not None:
            return reply
        # Whoever had the key was broken off before anything was done.
        Reply.objects.filter(pk=key).update(busy_until=now + AT_WORK, request_id=request_id)
    return None


def _act_and_store(key: str, act: Callable[[], Answer]) -> Answer:
    def store(answer: Answer) -> Answer:
        busy_until = answer.wait_until and answer.wait_until + A_MOMENT
        Reply.objects.filter(pk=key).update(status=answer.status, body=answer.body, busy_until=busy_until)
        return answer

    try:
        with transaction.atomic():
            answer = store(act())
    except BaseException:
        # Nothing was done: as at Stripe, a request that was never carried out leaves its key free.
        Reply.objects.filter(pk=key, status__isnull=True).delete()
        raise
    return _waited(answer, store)


def _waited(answer: Answer, store: Callable[[Answer], Answer]) -> Answer:
    """Wait for a slow bank, outside of any transaction."""
    while answer.wait_until is not None and answer.then is not None:
        time.sleep(max(0.0, (answer.wait_until - timezone.now()).total_seconds()))
        with transaction.atomic():
            answer = store(answer.then())
    return answer


def _expanded(answer: Answer, params: Params) -> Answer:
    for path in params.items("expand"):
        expand(answer.body, str(path))
    then = answer.then
    if then is None:
        return answer
    return Answer(answer.body, answer.status, answer.wait_until, lambda: _expanded(then(), params))


def _hash(path: str, params: Params) -> str:
    return sha256(json.dumps([path, sorted(params.pairs)]).encode()).hexdigest()
