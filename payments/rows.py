"""Whole rows of our tables by plain SQL, for what every payment does: the ORM takes several times the CPU.

The columns are the model's, so a field that is added is kept and read too. `save` and signals are passed by.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, TypeVar, cast

from django.db import connection, models

Row = TypeVar("Row", bound=models.Model)


def insert(*rows: models.Model) -> None:
    """Keep new rows of one model by one statement; a key that the database gives is set on them."""
    if not rows:
        return
    model = type(rows[0])
    names = _given(model)
    line = f"({', '.join(['%s'] * len(names))})"
    sql = f"{_insert(model)} VALUES {', '.join([line] * len(rows))} RETURNING {_key(model)}"
    with connection.cursor() as cursor:
        cursor.execute(sql, [getattr(row, name) for row in rows for name in names])
        for row, (key,) in zip(rows, cursor.fetchall(), strict=True):
            row.pk = key


def update(row: models.Model, *fields: str) -> None:
    """Keep these fields of a row that is locked."""
    model = type(row)
    columns = [_field(model, name) for name in fields]
    changes = ", ".join(f"{field.column} = %s" for field in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {model._meta.db_table} SET {changes} WHERE {_key(model)} = %s",  # noqa: S608, SLF001  # our own names; documented
            [*(getattr(row, field.attname) for field in columns), row.pk],
        )


@cache
def columns(model: type[models.Model], alias: str) -> str:
    """The model's columns, for a SELECT whose rows `read` understands."""
    return ", ".join(f"{alias}.{field.column}" for field in _fields(model))


def read(model: type[Row], values: Sequence[Any]) -> tuple[Row, Sequence[Any]]:
    """A row of the model from the values that were selected for it, and the values after them."""
    names = _names(model)
    row = model.from_db(connection.alias, names, values[: len(names)])
    return row, values[len(names) :]


def _fields(model: type[models.Model]) -> list[models.Field[Any, Any]]:
    return cast("list[models.Field[Any, Any]]", model._meta.concrete_fields)  # noqa: SLF001  # documented


def _field(model: type[models.Model], name: str) -> models.Field[Any, Any]:
    return cast("models.Field[Any, Any]", model._meta.get_field(name))  # noqa: SLF001  # documented


def _key(model: type[models.Model]) -> str:
    return str(model._meta.pk.column)  # noqa: SLF001  # documented


@cache
def _names(model: type[models.Model]) -> list[str]:
    return [field.attname for field in _fields(model)]


@cache
def _given(model: type[models.Model]) -> list[str]:
    """What we say of a new row; the rest the database does."""
    return [
        field.attname
        for field in _fields(model)
        if not field.has_db_default() and not isinstance(field, models.AutoField)
    ]


@cache
def _insert(model: type[models.Model]) -> str:
    table = model._meta.db_table  # noqa: SLF001  # documented
    given = set(_given(model))
    names = [str(field.column) for field in _fields(model) if field.attname in given]
    return f"INSERT INTO {table} ({', '.join(names)})"
