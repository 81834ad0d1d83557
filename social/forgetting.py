"""What people who have left said to us, and what others said of them: a step of `payments.erasures`.

Their own posts are found by their author. Who else named them is not indexed, so that a post costs nothing
more to record: once somebody has left, the posts are looked through, in the background.
"""

from __future__ import annotations

import re

from django.db.models import CharField, Func, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast, Concat

from accounts import numbers
from payments.forgetting import HIDDEN, Traces
from payments.models import Delivery
from social.models import Message


def forget(traces: Traces) -> bool:
    """Empty their messages, and take them out of others'; whether something waits to be handled first."""
    if not traces.external_ids:
        return False
    own = Message.objects.filter(author_id__in=traces.external_ids)
    naming = _naming(traces)
    is_left = own.filter(handled_at=None).exists() or naming.filter(handled_at=None).exists()
    is_left |= _forget_answers(own, naming, traces)
    naming.filter(handled_at__isnull=False).update(payload={}, text=_without_names("text", traces))
    own.filter(handled_at__isnull=False).update(payload={}, text="", author_id="")
    return is_left


def _naming(traces: Traces) -> QuerySet[Message]:
    """Whose words hold what they are called, or whose post says by their number that they are meant."""
    by_number = Message.objects.alias(whole=Cast("payload", TextField()))
    ids = "|".join(map(re.escape, traces.external_ids))
    said = Q(whole__regex=f'"({ids})"')
    if names := _names(traces):
        said |= Q(text__iregex=names)
    if traces.handles:
        said |= Q(whole__iregex=f'"({"|".join(traces.handles)})"')
    return by_number.filter(said).exclude(author_id__in=traces.external_ids)


def _names(traces: Traces) -> str:
    """What they are called in words."""
    handles = [rf"[@＠]({'|'.join(traces.handles)})\M"] if traces.handles else []
    return "|".join([*handles, *map(numbers.written, traces.phones)])


def _without_names(column: str, traces: Traces) -> Func | Value:
    if not (names := _names(traces)):
        return Value("")
    return Func(
        column,
        Value(names),
        Value(HIDDEN),
        Value("gi"),
        function="regexp_replace",
        output_field=TextField(),
    )


def _forget_answers(own: QuerySet[Message], naming: QuerySet[Message], traces: Traces) -> bool:
    """What we replied to these messages, and the keys that hold an author's number; whether one is due."""
    keys = [f"answer:{key}" for key in own.values_list("pk", flat=True)]
    keys += [f"answer:{key}" for key in naming.values_list("pk", flat=True)]
    keys += [f"answer:edited:{root}" for root in own.values_list("root_id", flat=True)]
    once = Q()
    for number in traces.external_ids:
        once |= Q(key__startswith="answer:") & Q(key__contains=f":{number}:")
    answers = Delivery.objects.filter(Q(key__in=keys) | once)
    is_due = answers.filter(status=Delivery.Status.DUE).exists()
    settled = answers.exclude(status=Delivery.Status.DUE)
    renamed = Concat(Value("answer:erased:"), Cast("pk", CharField()))
    Delivery.objects.filter(once).exclude(status=Delivery.Status.DUE).update(key=renamed, text="", problem="")
    settled.update(text="", problem="")
    return is_due
