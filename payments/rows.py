"""Whole rows of our tables by plain SQL, for what every payment does: the ORM takes several times the CPU.

The columns are the model's, so a field that is added is kept and read too. `save` and signals are passed by.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from functools import cache
from typing import Any, TypeVar, cast

from django.db import DEFAULT_DB_ALIAS, connection, models
from django.db.models.base import ModelState
from django.db.models.query_utils import DeferredAttribute

from accounts import prepared
from accounts.prepared import Prepared

Row = TypeVar("Row", bound=models.Model)

_numbers = itertools.count(1)


def insert(*rows: models.Model, first: Sequence[prepared.Call] = ()) -> None:
    """Keep new rows of one model, and set the keys that the database gives; `first` goes ahead of them."""
    if not rows:
        return
    for row, (key,) in zip(rows, prepared.run(*first, insertion(*rows)), strict=True):
        row.pk = key


def insertion(*rows: models.Model) -> prepared.Call:
    """What keeps new rows of one model, for `prepared.run`; it gives their keys."""
    model = type(rows[0])
    names = [field.attname for field in given(model)]
    facts = {f"{name}_{place}": getattr(row, name) for place, row in enumerate(rows) for name in names}
    return _insert(model, len(rows))(**facts)


def update(row: models.Model, *fields: str) -> prepared.Call:
    """What keeps these fields of a row that is locked, for `prepared.run`."""
    model = type(row)
    names = [_field(model, name).attname for name in fields]
    return _update(model, fields)(key=row.pk, **{name: getattr(row, name) for name in names})


@cache
def columns(model: type[models.Model], alias: str) -> str:
    """The model's columns, for a SELECT whose rows `read` understands."""
    return ", ".join(f"{alias}.{field.column}" for field in _fields(model))


def read(model: type[Row], values: Sequence[Any]) -> tuple[Row, Sequence[Any]]:
    """A row of the model from the values that were selected for it, and the values after them."""
    return read_some(model, _names(model), values)


def read_some(model: type[Row], names: Sequence[str], values: Sequence[Any]) -> tuple[Row, Sequence[Any]]:
    """As `read`, where these columns alone were selected: whoever asks for another one asks the database.

    The row is as `Model.from_db` would make it, which goes through all columns of the model, one by one.
    """
    row = _blank(model)
    row._state.db, row._state.adding = DEFAULT_DB_ALIAS, False  # noqa: SLF001  # as `Model.from_db` does
    row.__dict__.update(zip(names, values, strict=False))
    for name in _converted(model):
        if name in row.__dict__:
            setattr(row, name, row.__dict__[name])
    return row, values[len(names) :]


def made(model: type[Row], **facts: Any) -> Row:
    """A new row, as `model(**facts)` makes it of columns or related rows in a fifth of the time."""
    assert not _converted(model)
    row, related = _blank(model), _related(model)
    kept, cached = row.__dict__, row._state.fields_cache  # noqa: SLF001  # as Django's descriptors do
    kept.update(_plain_defaults(model))
    for name, value in facts.items():
        if name in related:
            cached[name], kept[related[name]] = value, value and value.pk
        else:
            kept[name] = value
    for field in _made_defaults(model):
        if field.attname not in facts:
            kept[field.attname] = field.get_default()
    return row


@cache
def given(model: type[models.Model]) -> list[models.Field[Any, Any]]:
    """What we say of a new row; the rest the database does."""
    fields = _fields(model)
    return [
        field for field in fields if not field.has_db_default() and not isinstance(field, models.AutoField)
    ]


def _blank(model: type[Row]) -> Row:
    row = model.__new__(model)
    row._state = ModelState()  # noqa: SLF001  # as `Model.__init__` does
    return row


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
def _plain_defaults(model: type[models.Model]) -> dict[str, Any]:
    made = _made_defaults(model)
    return {field.attname: field.get_default() for field in _fields(model) if field not in made}


@cache
def _related(model: type[models.Model]) -> dict[str, str]:
    """The names of related rows, each with the name of its column."""
    return {field.name: field.attname for field in _fields(model) if field.is_relation}


@cache
def _made_defaults(model: type[models.Model]) -> list[models.Field[Any, Any]]:
    """The fields whose default is another one for each row, as a key or the time."""
    return [field for field in _fields(model) if field.has_default() and callable(field.default)]


@cache
def _converted(model: type[models.Model]) -> list[str]:
    """The fields that make something else of a value when it is set, as of a telephone number."""
    return [
        field.attname
        for field in _fields(model)
        if not isinstance(getattr(model, field.attname), DeferredAttribute)
    ]


@cache
def _insert(model: type[models.Model], count: int) -> Prepared:
    lines = [{f"{field.attname}_{place}": _type(field) for field in given(model)} for place in range(count)]
    values = ", ".join(f"({', '.join(f'%({fact})s' for fact in line)})" for line in lines)
    columns = ", ".join(str(field.column) for field in given(model))
    return Prepared(
        f"insert_{count}_{_table(model)}",
        f"INSERT INTO {_table(model)} ({columns}) VALUES {values} RETURNING {_key(model)}",  # noqa: S608  # our own names
        **{fact: type_ for line in lines for fact, type_ in line.items()},
    )


@cache
def _update(model: type[models.Model], fields: tuple[str, ...]) -> Prepared:
    changed = [_field(model, name) for name in fields]
    changes = ", ".join(f"{field.column} = %({field.attname})s" for field in changed)
    return Prepared(
        f"update_{next(_numbers)}_of_{_table(model)}",
        f"UPDATE {_table(model)} SET {changes} WHERE {_key(model)} = %(key)s",  # noqa: S608  # our own names
        key=_type(model._meta.pk),  # noqa: SLF001  # documented
        **{field.attname: _type(field) for field in changed},
    )


def _table(model: type[models.Model]) -> str:
    return model._meta.db_table  # noqa: SLF001  # documented


def _type(field: models.Field[Any, Any]) -> str:
    return str(field.db_type(connection))
