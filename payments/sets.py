"""Many rows of one model by one statement that takes a list for each column, prepared for any number of them.

What `rows` does for the few that a payment writes, this does for the many of a page of posts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from django.db import connection, models

from accounts import arrays, prepared
from accounts.prepared import Prepared
from payments import rows

_SIZE = re.compile(r"\([0-9]+\)")


def insert(new: Sequence[models.Model], *, first: Sequence[prepared.Call] = ()) -> None:
    """Keep new rows of one model, and set the keys that the database gives; `first` goes ahead of them."""
    if not new:
        return
    for row, (key,) in zip(new, prepared.run(*first, insertion(new)), strict=True):
        row.pk = key


def insertion(new: Sequence[models.Model], *, leaves_known: bool = False) -> prepared.Call:
    """What keeps new rows, for `prepared.run`, and gives their keys; of those that are known, or none."""
    model = type(new[0])
    statement = _insert(model, leaves_known=leaves_known)
    names = [field.attname for field in rows.given(model)]
    return statement(**{name: arrays.written([getattr(row, name) for row in new]) for name in names})


@cache
def _insert(model: type[models.Model], *, leaves_known: bool) -> Prepared:
    given = rows.given(model)
    table, key = model._meta.db_table, model._meta.pk.column  # noqa: SLF001  # documented
    columns = ", ".join(str(field.column) for field in given)
    lists = ", ".join(f"%({field.attname})s" for field in given)
    conflict = "ON CONFLICT DO NOTHING" if leaves_known else ""
    return Prepared(
        f"insert_{'unknown' if leaves_known else 'all'}_{table}",
        f"INSERT INTO {table} ({columns}) SELECT * FROM unnest({lists}) {conflict} RETURNING {key}",  # noqa: S608  # our own names
        **{field.attname: f"{_SIZE.sub('', str(field.db_type(connection)))}[]" for field in given},
    )
