"""X's API on the rules of the filtered stream, /2/tweets/search/stream/rules: each a mention, `@Smoneyfr`."""

from __future__ import annotations

import re
from typing import Any

from sandbox.x import api
from sandbox.x.limits import Family
from sandbox.x.models import Rule

VALUE = re.compile("@[A-Za-z0-9_]{1,15}")


def _rules(_call: api.Call) -> dict[str, Any]:
    rows = [_rule(row) for row in Rule.objects.order_by("pk")]
    return ({"data": rows} if rows else {}) | {"meta": {"result_count": len(rows)}}


def _change(call: api.Call) -> dict[str, Any]:
    for wish in _list(call.body.get("add")):
        value = str(wish.get("value") or "")
        if not VALUE.fullmatch(value):
            raise api.invalid("This sandbox knows rules that are one mention", value=[value])
        Rule.objects.get_or_create(value=value, defaults={"tag": str(wish.get("tag") or "")[:200]})
    for number in (call.body.get("delete") or {}).get("ids") or ():
        Rule.objects.filter(pk=api.number(str(number), name="ids")).delete()
    return _rules(call)


def _list(said: object) -> list[dict[str, Any]]:
    return [row for row in said if isinstance(row, dict)] if isinstance(said, list) else []


def _rule(row: Rule) -> dict[str, str]:
    return {"id": str(row.pk), "value": row.value, "tag": row.tag}


rules = api.serve(
    GET=api.Endpoint(Family("GET stream/rules", app=450), _rules),
    POST=api.Endpoint(Family("POST stream/rules", app=100), _change),
)
