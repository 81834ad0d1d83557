"""Lists of objects: newest first, by cursor, filtered, and Stripe's search in the small."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.db.models import F, Func, Q, QuerySet, TextField, Value

from sandbox.processor import problems, shapes
from sandbox.processor.params import Params

MOST = 100
CLAUSE = re.compile(
    r"""\s*(?:metadata\[(?P<q>['"])(?P<key>.+?)(?P=q)\]|(?P<field>customer|status))"""
    r"""\s*:\s*(?P<p>['"])(?P<value>.*?)(?P=p)\s*"""
)


def page(
    params: Params, rows: QuerySet[Any], shape: Callable[[Any], shapes.Shape], *, url: str
) -> shapes.Shape:
    """Return a page of the rows, as the parameters ask: limit, created, starting_after or ending_before."""
    limit = params.integer("limit", 10)
    if not 1 <= limit <= MOST:
        raise problems.Refused(f"Invalid integer: limit is 1 to {MOST}", param="limit")
    rows = _created(params, rows)
    if params.has("ending_before"):
        newer = rows.filter(_beyond(rows, params.text("ending_before"), "gt"))
        found = list(newer.order_by("created_at", "pk")[: limit + 1])
        kept = found[:limit][::-1]
    else:
        if params.has("starting_after"):
            rows = rows.filter(_beyond(rows, params.text("starting_after"), "lt"))
        found = list(rows.order_by("-created_at", "-pk")[: limit + 1])
        kept = found[:limit]
    return shapes.page([shape(row) for row in kept], url=url, has_more=len(found) > limit)


def only(params: Params, rows: QuerySet[Any], *names: str) -> QuerySet[Any]:
    """Keep the rows that have what the parameters name, where they name it."""
    return rows.filter(**{name: params.text(name) for name in names if params.has(name)})


def search(rows: QuerySet[Any], query: str) -> QuerySet[Any]:
    """Keep the rows that meet each clause: `customer:'…' AND metadata['…']:'…'`.

    :raises Refused: if a clause is none that we know
    """
    for place, clause in enumerate(re.split(r"\s+AND\s+", query, flags=re.IGNORECASE)):
        met = CLAUSE.fullmatch(clause)
        if met is None:
            raise problems.Refused(f"We were unable to parse your search query: {clause}", param="query")
        name = met["field"] or f"held_{place}"
        if met["key"]:
            place_in_json = Value(f"$.{json.dumps(met['key'])}")
            held = Func(F("metadata"), place_in_json, function="JSON_EXTRACT", output_field=TextField())
            rows = rows.alias(**{name: held})
        rows = rows.filter(**{name: met["value"]})
    return rows


def _beyond(rows: QuerySet[Any], id: str, side: str) -> Q:
    edge = rows.model.objects.filter(pk=id).first()
    if edge is None:
        raise problems.no_such("object", id, param="starting_after")
    same_time = Q(**{"created_at": edge.created_at, f"pk__{side}": id})
    return Q(**{f"created_at__{side}": edge.created_at}) | same_time


def _created(params: Params, rows: QuerySet[Any]) -> QuerySet[Any]:
    bounds = params.mapping("created") and [f"created[{side}]" for side in params.mapping("created")]
    for name in bounds or (["created"] if params.has("created") else []):
        side = name.removeprefix("created").strip("[]") or "exact"
        if side not in {"gt", "gte", "lt", "lte", "exact"}:
            raise problems.unknown(name)
        rows = rows.filter(**{f"created_at__{side}": datetime.fromtimestamp(params.integer(name), tz=UTC)})
    return rows
