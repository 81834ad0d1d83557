"""X's API on webhooks and on subscriptions to activity: /2/webhooks…, /2/activity/subscriptions…"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils import timezone

from sandbox.x import api, events, objects, tokens, webhooks
from sandbox.x.limits import Family
from sandbox.x.models import Person, Subscription, Webhook

REASONS: dict[type[Exception], str] = {
    webhooks.BadUrl: "UrlValidationFailed",
    webhooks.AlreadyThere: "DuplicateUrlFailed",
    webhooks.CrcFailed: "CrcValidationFailed",
}
WRITE = frozenset({"tweet.read", "users.read"})


# --- Webhooks ----------------------------------------------------------------------------------------


def _register(call: api.Call) -> dict[str, Any]:
    url = str(call.body.get("url") or "")
    try:
        return {"data": _webhook(webhooks.register(url))}
    except tuple(REASONS) as problem:
        raise api.invalid(REASONS[type(problem)], url=[url]) from problem


def _registered(_call: api.Call) -> dict[str, Any]:
    rows = [_webhook(row) for row in Webhook.objects.order_by("pk")]
    return {"data": rows, "meta": {"result_count": len(rows)}}


def _validate(_call: api.Call, webhook_id: str) -> dict[str, Any]:
    row = _known(webhook_id)
    if not webhooks.check(row):
        raise api.invalid("CrcValidationFailed", webhook_id=[webhook_id])
    return {"data": {"valid": True, "attempted": True}}


def _unregister(_call: api.Call, webhook_id: str) -> dict[str, Any]:
    _known(webhook_id).delete()
    return {"data": {"deleted": True}}


def _replay(call: api.Call) -> dict[str, Any]:
    row = _known(str(call.body.get("webhook_id") or ""))
    first, last = (_minute(call.body.get(name), name=name) for name in ("from_date", "to_date"))
    webhooks.replay(row, first=first, last=last + timedelta(minutes=1))
    return {"data": {"job_id": str(secrets.randbits(60)), "created_at": objects.stamp(timezone.now())}}


def _minute(value: object, *, name: str) -> datetime:
    try:
        return datetime.strptime(str(value), "%Y%m%d%H%M").replace(tzinfo=UTC)
    except ValueError as problem:
        raise api.invalid(f"`{name}` is not yyyymmddhhmm", **{name: [str(value)]}) from problem


def _known(webhook_id: str) -> Webhook:
    row = (
        Webhook.objects.filter(pk=webhook_id).first()
        if webhook_id.isascii() and webhook_id.isdigit()
        else None
    )
    if row is None:
        raise api.invalid("WebhookIdInvalid", webhook_id=[webhook_id])
    return row


def _webhook(row: Webhook) -> dict[str, Any]:
    return {
        "id": str(row.pk),
        "url": row.url,
        "valid": row.is_valid,
        "created_at": objects.stamp(row.created_at),
    }


# --- Subscriptions -----------------------------------------------------------------------------------


def _subscribe(call: api.Call) -> dict[str, Any]:
    event_type = str(call.body.get("event_type") or "")
    if event_type not in events.TYPES:
        raise api.invalid(f"`event_type` [{event_type}] is not one that we know", event_type=[event_type])
    person, webhook = _subject(call.body.get("filter")), None
    if event_type in events.PRIVATE and not tokens.has_let_us_in(person):
        raise api.forbidden("This event is private: the user has not authorized your application.")
    if webhook_id := call.body.get("webhook_id"):
        webhook = _known(str(webhook_id))
    row, is_new = Subscription.objects.get_or_create(
        person=person,
        event_type=event_type,
        webhook=webhook,
        defaults={"tag": str(call.body.get("tag") or "")[:200]},
    )
    if not is_new:
        raise api.invalid("DuplicateSubscriptionFailed", event_type=[event_type])
    return {"data": {"subscription": _subscription(row)}, "meta": _total()}


def _subject(wanted: object) -> Person:
    user_id = str(wanted.get("user_id") or "") if isinstance(wanted, dict) else ""
    person = Person.objects.filter(pk=api.number(user_id, name="filter.user_id")).first()
    if person is None:
        raise api.invalid(f"There is no user [{user_id}]", **{"filter.user_id": [user_id]})
    return person


def _subscribed(_call: api.Call) -> dict[str, Any]:
    rows = [_subscription(row) for row in Subscription.objects.order_by("pk")]
    return {"data": rows, "meta": {"result_count": len(rows)} | _total()}


def _change(call: api.Call, subscription_id: str) -> dict[str, Any]:
    row = _own(subscription_id)
    if "webhook_id" in call.body:
        row.webhook = _known(str(call.body["webhook_id"]))
    row.tag, row.updated_at = str(call.body.get("tag", row.tag))[:200], timezone.now()
    row.save()
    return {"data": {"subscription": _subscription(row)}, "meta": _total()}


def _unsubscribe(_call: api.Call, subscription_id: str) -> dict[str, Any]:
    _own(subscription_id).delete()
    return {"data": {"deleted": True}, "meta": _total()}


def _own(subscription_id: str) -> Subscription:
    row = Subscription.objects.filter(pk=api.number(subscription_id, name="subscription_id")).first()
    if row is None:
        problem = api.not_found(subscription_id, resource="subscription", parameter="subscription_id")
        raise api.Problem(404, "Not Found Error", problem["detail"], kind=problem["type"])
    return row


def _total() -> dict[str, int]:
    return {"total_subscriptions": Subscription.objects.count()}


def _subscription(row: Subscription) -> dict[str, Any]:
    shown = {
        "subscription_id": str(row.pk),
        "event_type": row.event_type,
        "filter": {"user_id": str(row.person_id)},
        "webhook_id": str(row.webhook_id) if row.webhook_id else None,
        "tag": row.tag,
        "created_at": objects.stamp(row.created_at),
        "updated_at": objects.stamp(row.updated_at),
    }
    return {name: value for name, value in shown.items() if value}


hooks = api.serve(
    GET=api.Endpoint(Family("GET webhooks", app=450), _registered),
    POST=api.Endpoint(Family("POST webhooks", app=450), _register),
)
hook = api.serve(
    PUT=api.Endpoint(Family("PUT webhooks/:id", app=450), _validate),
    DELETE=api.Endpoint(Family("DELETE webhooks/:id", app=450), _unregister),
)
replay = api.serve(POST=api.Endpoint(Family("POST webhooks/replay", app=50), _replay))
subscriptions = api.serve(
    GET=api.Endpoint(Family("GET activity/subscriptions", app=500, person=500), _subscribed),
    POST=api.Endpoint(Family("POST activity/subscriptions", app=500, person=500), _subscribe, WRITE),
)
subscription = api.serve(
    PUT=api.Endpoint(Family("PUT activity/subscriptions/:id", app=500, person=500), _change, WRITE),
    DELETE=api.Endpoint(
        Family("DELETE activity/subscriptions/:id", app=500, person=500), _unsubscribe, WRITE
    ),
)
