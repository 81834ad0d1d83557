"""Many rows of one model by one statement that takes a list for each column, prepared for any number of them.

What `rows` does for the few that a payment writes, this does for the many of a page of posts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from operator import attrgetter

from django.db import connection, models

from accounts import arrays, prepared
from accounts.prepared import Prepared
from payments import rows

_SIZE = re.compile(r"\([0-9]+\)")


def insertion(new: Sequence[models.Model], *, leaves_known: bool = False) -> prepared.Call:
    """What keeps new rows of one model, for `prepared.run`; those that are known are an error, or left."""
    model = type(new[0])
    names = tuple(field.attname for field in rows.given(model))
    statement = _insert(model, names, leaves_known=leaves_known)
    columns = zip(*map(attrgetter(*names), new), strict=True)
    return statement(**dict(zip(names, map(arrays.written, columns), strict=True)))


def insertion_of(
    model: type[models.Model], columns: dict[str, Sequence[object]], **shared: object
) -> prepared.Call:
    """What keeps new rows that were never objects: their columns, and what is the same in all of them.

    What is not said is the model's default. It gives the rows' keys, in their order.
    """
    rest = {field.attname: field.get_default() for field in rows.given(model)}
    facts = {name: arrays.written(values) for name, values in columns.items()}
    return _insert(model, tuple(columns))(**{**rest, **shared, **facts})


@cache
def _insert(model: type[models.Model], listed: tuple[str, ...], *, leaves_known: bool = False) -> Prepared:
    """The columns that are `listed` come as lists; the others have one value for all rows."""
    fields = {field.attname: field for field in rows.given(model)}
    types = {name: _SIZE.sub("", str(field.db_type(connection))) for name, field in fields.items()}
    values = ", ".join(f"new.{name}" if name in listed else f"%({name})s" for name in fields)
    lists = ", ".join(f"%({name})s" for name in listed)
    table, key = model._meta.db_table, model._meta.pk.column  # noqa: SLF001  # documented
    return Prepared(
        f"insert_{len(listed)}_{'unknown' if leaves_known else 'all'}_{table}",
        f"""
        INSERT INTO {table} ({", ".join(str(field.column) for field in fields.values())})
        SELECT {values} FROM unnest({lists}) AS new ({", ".join(listed)})
        {"ON CONFLICT DO NOTHING" if leaves_known else ""} RETURNING {key}
        """,  # noqa: S608  # our own names
        **{name: f"{type_}[]" if name in listed else type_ for name, type_ in types.items()},
    )
